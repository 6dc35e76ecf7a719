"""The gateways that are measured, each set up for speed as its own documents say, with one worker."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

KEY = "sk-bench-this-is-no-secret-only-a-benchmark"
"""The load generator sends it with every request."""

PEERS = Path(".venv-peers")
PORTKEY = Path("build/peers/node_modules/@portkey-ai/gateway")

WHOLE, TRANSLATED, STREAM, TRANSLATED_STREAM = "whole", "translated", "stream", "translated stream"


@dataclass(frozen=True)
class Upstreams:
    """Ports of the mock: one answers at once, one streams a piece every 10 ms."""

    quick: int
    paced: int


@dataclass(frozen=True)
class Contestant:
    """How to start a gateway, and what to ask it for each kind of call that it is measured at."""

    name: str
    command: tuple[str, ...]
    models: Mapping[str, str]
    """Kind of call → the model to name in it."""
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Kind of call → further headers."""
    environment: Mapping[str, str] = field(default_factory=dict)


Made = Contestant | str
"""A gateway, or why it is not measured."""


def quorate(folder: Path, port: int, upstreams: Upstreams, workers: int = 1, source: str = "") -> Made:
    """Ours, as `quorate serve` runs it: key checked, usage priced, everything on that is on by default.

    `source` is the `src` of another checkout, to be measured beside this one.
    """
    providers = {
        "openai": ("openai", f"http://127.0.0.1:{upstreams.quick}/v1"),
        "anthropic": ("anthropic", f"http://127.0.0.1:{upstreams.quick}"),
        "paced-openai": ("openai", f"http://127.0.0.1:{upstreams.paced}/v1"),
        "paced-anthropic": ("anthropic", f"http://127.0.0.1:{upstreams.paced}"),
    }
    tables = ["from_environment = false", f'[server]\nkeys = ["{KEY}"]\nlog = "off"']
    tables += [
        f'[providers.{name}]\nprovider = "{row}"\napi_key = "sk-upstream"\nbase_url = "{url}"'
        for name, (row, url) in providers.items()
    ]
    (folder / "quorate.toml").write_text("\n\n".join(tables))
    more = ("--workers", str(workers)) if workers > 1 else ()
    return Contestant(
        name=("quorate" if workers == 1 else f"quorate, {workers} workers") + (" beside" if source else ""),
        environment={"PYTHONPATH": source} if source else {},
        command=(
            sys.executable,
            "-m",
            "quorate",
            "serve",
            "--config",
            "quorate.toml",
            "--port",
            str(port),
            *more,
        ),
        models={
            WHOLE: "openai/gpt-4o-mini",
            TRANSLATED: "anthropic/claude-sonnet-4-5",
            STREAM: "paced-openai/gpt-4o-mini",
            TRANSLATED_STREAM: "paced-anthropic/claude-sonnet-4-5",
        },
    )


def litellm(folder: Path, port: int, upstreams: Upstreams) -> Made:
    """LiteLLM's proxy with the settings that its documents advise for production, without a database."""
    program = PEERS.absolute() / "bin/litellm"
    if not program.is_file():
        return f"'{program.name}' is not installed (`make bench-gateway` does it)"
    (folder / "litellm.yaml").write_text(json.dumps(_litellm_settings(upstreams)))  # every JSON is YAML
    options = ("--config", "litellm.yaml", "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1")
    return Contestant(
        name="LiteLLM proxy",
        command=(str(program), *options),
        models={
            WHOLE: "gpt-4o-mini",
            TRANSLATED: "claude",
            STREAM: "paced",
            TRANSLATED_STREAM: "paced-claude",
        },
        environment={
            "LITELLM_LOG": "ERROR",
            "LITELLM_MODE": "PRODUCTION",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        },
    )


def _litellm_settings(upstreams: Upstreams) -> dict[str, object]:
    models = [
        ("gpt-4o-mini", "openai/gpt-4o-mini", f"http://127.0.0.1:{upstreams.quick}/v1"),
        ("claude", "anthropic/claude-sonnet-4-5", f"http://127.0.0.1:{upstreams.quick}"),
        ("paced", "openai/gpt-4o-mini", f"http://127.0.0.1:{upstreams.paced}/v1"),
        ("paced-claude", "anthropic/claude-sonnet-4-5", f"http://127.0.0.1:{upstreams.paced}"),
    ]
    return {
        "model_list": [
            {"model_name": name, "litellm_params": {"model": model, "api_key": "sk-x", "api_base": base}}
            for name, model, base in models
        ],
        "general_settings": {
            "master_key": KEY,
            "proxy_batch_write_at": 60,
            "disable_error_logs": True,
            "allow_requests_on_db_unavailable": True,
        },
        "litellm_settings": {
            "request_timeout": 600,
            "set_verbose": False,
            "json_logs": True,
            "callbacks": [],
        },
    }


def portkey(folder: Path, port: int, upstreams: Upstreams) -> Made:
    """Portkey's open gateway: it checks no key of its callers and keeps no account."""
    node, program = shutil.which("node"), PORTKEY.absolute() / "build/start-server.js"
    if node is None or not program.is_file():
        return "it or Node is not installed (`make bench-gateway` does it)"
    bases = {
        WHOLE: ("openai", f"http://127.0.0.1:{upstreams.quick}/v1"),
        TRANSLATED: ("anthropic", f"http://127.0.0.1:{upstreams.quick}/v1"),
        STREAM: ("openai", f"http://127.0.0.1:{upstreams.paced}/v1"),
        TRANSLATED_STREAM: ("anthropic", f"http://127.0.0.1:{upstreams.paced}/v1"),
    }
    return Contestant(
        name="Portkey gateway",
        command=(node, str(program), "--headless", f"--port={port}"),
        models={
            kind: "gpt-4o-mini" if row == "openai" else "claude-sonnet-4-5"
            for kind, (row, _) in bases.items()
        },
        headers={
            kind: (f"x-portkey-provider: {row}", f"x-portkey-custom-host: {base}")
            for kind, (row, base) in bases.items()
        },
        environment={"NODE_ENV": "production"},
    )


CONTESTANTS: Mapping[str, Callable[[Path, int, Upstreams], Made]] = {
    "quorate": quorate,
    "litellm": litellm,
    "portkey": portkey,
}
