"""Every SDK against every target: a program for the oracles' Python.

Arguments are the gateway's URL, its key, and the providers; what comes out is JSON: SDK → target → check → '' or
what was wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from . import anthropic_client, gemini_client, ollama_client, openai_client

CLIENTS: dict[str, Any] = {
    "openai": openai_client.Client,
    "anthropic": anthropic_client.Client,
    "google-genai": gemini_client.Client,
    "ollama": ollama_client.Client,
}


def outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 whatever it was, it is told
        return f"{type(error).__name__}: {error}"[:500]
    return ""


def main(url: str, key: str, *providers: str) -> None:
    told: dict[str, Any] = {}
    for name, client in CLIENTS.items():
        told[name] = {
            provider: {check: outcome(run) for check, run in client(url, key, provider).checks().items()}
            for provider in providers
        }
    print(json.dumps(told))


main(*sys.argv[1:])
