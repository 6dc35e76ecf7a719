"""A simulator behind the addresses that real providers have in the examples, and a folder with files to ask about."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from quorate.sim import Simulator, simulated

from .pages import PAGES, fences

Run = Callable[[str], subprocess.CompletedProcess[str]]

FILES = {
    "server.log": "12:00 started\n12:01 error: disk full\n",
    "notes.md": "# Rivers\n\nThe Danube flows through Vienna.\n",
    "invoice.txt": "Invoice 17, two lamps, 80 euros, paid.\n",
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with simulated(Simulator(seed=0, speed=0)) as running:
        yield running


@pytest.fixture
def surroundings(simulator: Simulator) -> dict[str, str]:
    """The variables that a reader of the documents has set."""
    url = simulator.url
    return {
        "OPENAI_API_KEY": "sk-documents",
        "OPENAI_BASE_URL": f"{url}/v1",
        "ANTHROPIC_API_KEY": "sk-documents",
        "ANTHROPIC_BASE_URL": url,
        "GEMINI_API_KEY": "documents",
        "GEMINI_BASE_URL": f"{url}/v1beta",
        "CO_API_KEY": "documents",
        "CO_API_URL": simulator.base_url("cohere"),
        "AWS_BEARER_TOKEN_BEDROCK": "documents",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url,
        "VERTEX_API_KEY": "documents",
        "GOOGLE_VERTEX_BASE_URL": url,
        "AZURE_OPENAI_API_KEY": "documents",
        "AZURE_OPENAI_ENDPOINT": url,
        "AZURE_CLIENT_SECRET": "documents",
        "HF_TOKEN": "documents",
        "HUGGINGFACE_BASE_URL": f"{url}/v1",
        "REPLICATE_API_TOKEN": "documents",
        "REPLICATE_API_BASE_URL": simulator.base_url("replicate"),
        "GROQ_API_KEY": "documents",
        "GROQ_BASE_URL": f"{url}/v1",
        "OPENROUTER_API_KEY": "documents",
        "OPENROUTER_BASE_URL": f"{url}/v1",
        "LITELLM_API_KEY": "documents",
        "LITELLM_BASE_URL": f"{url}/v1",
        "PORTKEY_API_KEY": "documents",
        "PORTKEY_BASE_URL": f"{url}/v1",
        "OLLAMA_HOST": url,
        "ACME_URL": f"{url}/v1",
        "ACME_KEY": "documents",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that examples name, and the settings files that the documents show."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "chart.png").write_bytes(PNG)
    for page in PAGES:
        for fence in fences(page):
            if fence.language == "toml" and fence.told:
                (tmp_path / fence.told).write_text(fence.code, encoding="utf-8")
    return tmp_path


@pytest.fixture
def shell(folder: Path, surroundings: dict[str, str]) -> Run:
    """Runs a script with `quorate` on the path, the variables above and no others, and ends it in time."""
    home = folder / "home"
    home.mkdir()
    environment = {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "XDG_CONFIG_HOME": str(home),
        "XDG_CACHE_HOME": str(home),
    } | surroundings

    def run(script: str) -> subprocess.CompletedProcess[str]:
        command = ["bash", "-euo", "pipefail", "-c", script]
        return subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
