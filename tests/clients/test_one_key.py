"""One provider's key in the environment, no settings: five SDKs need nothing but another base URL."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from quorate.sim import Simulator, simulated
from tests.gateway.served import served

from .test_sdks import ORACLES, ROOT

ASK = {
    "openai": """
import openai
with openai.OpenAI(base_url=URL + "/v1", api_key=KEY) as client:
    reply = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hello"}])
print(reply.choices[0].message.content)
""",
    "openai responses": """
import openai
with openai.OpenAI(base_url=URL + "/v1", api_key=KEY) as client:
    print(client.responses.create(model=MODEL, input="Hello").output_text)
""",
    "anthropic": """
import anthropic
with anthropic.Anthropic(base_url=URL, api_key=KEY) as client:
    turn = [{"role": "user", "content": "Hello"}]
    print(client.messages.create(model=MODEL, messages=turn, max_tokens=100).content[0].text)
""",
    "google-genai": """
from google import genai
client = genai.Client(api_key=KEY, http_options={"base_url": URL})
print(client.models.generate_content(model=MODEL, contents="Hello").text)
""",
    "ollama": """
import ollama
client = ollama.Client(host=URL, headers={"Authorization": "Bearer " + KEY})
print(client.chat(model=MODEL, messages=[{"role": "user", "content": "Hello"}]).message.content)
""",
}


@pytest.mark.long
def test_one_key_in_the_environment_is_enough_for_five_sdks(tmp_path: Path):
    if not ORACLES.exists():
        pytest.skip("the SDKs are not installed")
    with simulated(Simulator(seed=1, speed=0)) as sim:
        environment = {"OPENAI_API_KEY": "sk-of-the-tests", "OPENAI_BASE_URL": sim.base_url("openai_chat")}
        with served(tmp_path, environment=environment) as server:
            (key,) = re.findall(r"for clients +(qk-\S+)", server.notes_until("Try it"))
            answers = {name: said(script, server.url, key, tmp_path) for name, script in ASK.items()}

    assert {name: answer for name, answer in answers.items() if "“Hello”" not in answer} == {}
    assert sim.stats.requests == len(ASK)


def said(script: str, url: str, key: str, home: Path) -> str:
    names = f"URL, KEY, MODEL = {json.dumps(url)}, {json.dumps(key)}, 'openai/sim-swift'\n"
    ended = subprocess.run(
        [str(ORACLES), "-c", names + script],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.stdout or ended.stderr
