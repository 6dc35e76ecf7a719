"""Reads answers as lines of JSON, hands each to its official SDK, writes what that makes of it as lines.

One process per protocol: `python -m tests.recordings.oracle openai_chat < answers > verdicts`.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

from .scripted import Answer

JUDGES = {
    "openai_chat": "openai_judge",
    "openai_responses": "responses_judge",
    "anthropic": "anthropic_judge",
    "gemini": "gemini_judge",
    "ollama": "ollama_judge",
    "bedrock": "bedrock_judge",
    "cohere": "cohere_judge",
}


def main() -> None:
    """An SDK is imported by its own process only: together they take seconds."""
    judge = importlib.import_module(f"{__package__}.{JUDGES[sys.argv[1]]}")
    for line in sys.stdin:
        answer = Answer(**json.loads(line))
        print(json.dumps({"name": answer.name} | _verdict(judge, answer), allow_nan=False))


def _verdict(judge: Any, answer: Answer) -> dict[str, Any]:
    """An SDK may raise anything over bytes it does not expect: then it cannot judge them."""
    try:
        return judge.verdict(answer)
    except Exception as error:  # noqa: BLE001
        return {"cannot": f"{type(error).__name__}: {error}"[:300]}


main()
