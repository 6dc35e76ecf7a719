"""A real inference server answers through the library and the shell: llama.cpp's, on a tiny random model.

Runs where `llama-server` is at hand (on the PATH, or named by QUORATE_LLAMA_SERVER) and QUORATE_TINY_MODEL
names a GGUF file; what such a model says is noise, but that it says it is not.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from quorate.client.client import Quorate
from quorate.types.events import PartDelta, ReplyEnd

SERVER = os.environ.get("QUORATE_LLAMA_SERVER") or shutil.which("llama-server") or ""
MODEL = os.environ.get("QUORATE_TINY_MODEL", "")

pytestmark = pytest.mark.skipif(
    not (SERVER and MODEL),
    reason="no llama-server and GGUF model at hand (QUORATE_LLAMA_SERVER, QUORATE_TINY_MODEL)",
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [SERVER, "-m", MODEL, "--host", "127.0.0.1", "--port", str(port), "-c", "2048", "-t", "1"]
    process = subprocess.Popen(
        [*command, "--jinja", "--alias", "tiny"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}/health")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait(address: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310  # our own loopback address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail("llama-server does not become ready within ten seconds")


class Verdict(msgspec.Struct):
    good: bool


async def test_it_answers_whole_with_usage(url: str):
    async with Quorate(environment={"LLAMACPP_BASE_URL": f"{url}/v1"}) as q:
        reply = await q.chat("Name three rivers", model="llamacpp/tiny", max_output=16)
    assert reply.text
    assert reply.provider == "llamacpp"
    assert reply.finish.reason in ("stop", "length")  # random weights may end early
    assert (reply.usage.quality, 0 < reply.usage.output <= 16) == ("exact", True)


async def test_it_streams_what_it_counts(url: str):
    async with (
        Quorate(environment={"LLAMACPP_BASE_URL": f"{url}/v1"}) as q,
        q.stream("Name three rivers", model="llamacpp/tiny", max_output=16) as events,
    ):
        seen = [event async for event in events]
    assert "".join(event.text for event in seen if isinstance(event, PartDelta))
    assert isinstance(seen[-1], ReplyEnd)
    assert (seen[-1].usage.quality, 0 < seen[-1].usage.output <= 16) == ("exact", True)


async def test_a_schema_binds_even_random_weights(url: str):
    async with Quorate(environment={"LLAMACPP_BASE_URL": f"{url}/v1"}) as q:
        reply = await q.chat("Is it good?", model="llamacpp/tiny", output=Verdict, max_output=64)
    assert isinstance(reply.output, Verdict)


async def test_the_same_server_answers_in_anthropics_protocol(url: str):
    environment = {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "local"}
    async with Quorate(environment=environment) as q:
        reply = await q.chat("Name three rivers", model="anthropic/tiny", max_output=16)
    assert reply.provider == "anthropic"
    assert reply.finish.reason in ("stop", "length")  # random weights may end early
    assert (reply.usage.quality, 0 < reply.usage.output <= 16) == ("exact", True)


async def test_its_models_are_listed(url: str):
    async with Quorate(environment={"LLAMACPP_BASE_URL": f"{url}/v1"}) as q:
        assert "llamacpp/tiny" in [offer.name for offer in await q.models("llamacpp")]


def test_the_shell_asks_it(url: str, tmp_path: Path):
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LLAMACPP_BASE_URL": f"{url}/v1"}
    command = [
        shutil.which("quorate") or ".venv/bin/quorate",
        "ask",
        "-m",
        "llamacpp/tiny",
        "--max-output",
        "8",
        "Rivers?",
    ]
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.strip()
    assert " out · " in done.stderr
