"""Other gateways, started on loopback before the simulator: LiteLLM's proxy and Portkey's open gateway."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.docs.pages import ROOT

LITELLM = ROOT / (os.environ.get("QUORATE_PEERS") or ".venv-peers") / "bin" / "litellm"
PORTKEY = ROOT / "build/peers/node_modules/@portkey-ai/gateway/build/start-server.js"
MASTER = "sk-master-of-the-tests-0123456789"
_LONGEST_START, _LONGEST_STOP = 90.0, 20.0


@contextmanager
def litellm(home: Path, upstream: str) -> Generator[str]:
    """The proxy with three models of the simulator, one of which has a price that LiteLLM knows."""
    if not LITELLM.is_file():
        pytest.skip("LiteLLM's proxy is not installed (`make test-clients` does it)")
    names = {"mini": "gpt-4o-mini", "odd": "sim-sage", "vectors": "text-embedding-3-small"}
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": f"openai/{model}", "api_key": "sk-x", "api_base": upstream},
        }
        for name, model in names.items()
    ]
    settings = {"model_list": models, "general_settings": {"master_key": MASTER}}
    (home / "litellm.yaml").write_text(json.dumps(settings))  # every JSON is YAML
    port = _free_port()
    command = (str(LITELLM), "--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(port))
    own = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR"}
    url = f"http://127.0.0.1:{port}"
    with _running(command, home, own, f"{url}/health/liveliness"):
        yield url


@contextmanager
def portkey(home: Path) -> Generator[str]:
    """The gateway; where it leads to is told by each call."""
    node = shutil.which("node")
    if node is None or not PORTKEY.is_file():
        pytest.skip("Portkey's gateway or Node is not installed (`make test-clients` does it)")
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = (node, str(PORTKEY), "--headless", f"--port={port}")
    with _running(command, home, {"NODE_ENV": "production"}, url):
        yield f"{url}/v1"


@contextmanager
def _running(
    command: Sequence[str], home: Path, environment: Mapping[str, str], address: str
) -> Generator[None]:
    """In a group of its own, without anybody's settings; what would leave this machine finds a closed door."""
    closed = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    kept = {"PATH": os.environ["PATH"], "HOME": str(home), "NO_PROXY": "127.0.0.1,localhost"}
    notes = home / "notes.txt"
    with notes.open("wb") as told:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=closed | kept | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    try:
        _wait_for(process, address, notes, Path(command[0]).name)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_LONGEST_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(_LONGEST_STOP)


def _wait_for(process: subprocess.Popen[bytes], address: str, notes: Path, name: str) -> None:
    last = time.monotonic() + _LONGEST_START
    while time.monotonic() < last and process.poll() is None:
        with suppress(URLError, OSError), urlopen(address, timeout=5):  # noqa: S310  # loopback
            return
        time.sleep(0.1)
    said = notes.read_text(errors="replace")[-800:]
    raise RuntimeError(f"'{name}' does not answer: {said}")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
