"""Answers of providers in their own words, for clients that talk to a script."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from quorate import Quorate
from quorate.transport.scripted import Answer, Scripted, ScriptedTransport, answer
from quorate.transport.seam import Send

KEYS = {"OPENAI_API_KEY": "sk-open", "ANTHROPIC_API_KEY": "sk-ant"}


def client(
    script: Callable[[Send], Answer] | Sequence[Answer], environment: Mapping[str, str] | None = None
) -> tuple[Quorate, ScriptedTransport]:
    """A client whose network is the script, with a key for two providers unless told otherwise."""
    transport = ScriptedTransport(script)
    return Quorate(environment=KEYS if environment is None else environment, transport=transport), transport


def from_file(
    folder: Path,
    text: str,
    script: Callable[[Send], Answer] | Sequence[Answer],
    environment: Mapping[str, str] | None = None,
) -> tuple[Quorate, ScriptedTransport]:
    """A client with that settings file."""
    path = folder / "quorate.toml"
    path.write_text(text)
    transport = ScriptedTransport(script)
    keys = KEYS if environment is None else environment
    return Quorate.from_file(path, environment=keys, transport=transport), transport


def says(text: str = "Rhine, Elbe, Oder", *, model: str = "gpt-5-mini", finish: str = "stop") -> Scripted:
    """An OpenAI-shaped answer: 10 tokens in, 5 out."""
    return _chat({"role": "assistant", "content": text}, model, finish)


def calls(*wanted: tuple[str, Mapping[str, Any] | str], model: str = "gpt-5-mini") -> Scripted:
    """An OpenAI-shaped answer that calls tools: name and arguments."""
    told = [
        {
            "id": f"call_{place}",
            "type": "function",
            "function": {
                "name": name,
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }
        for place, (name, arguments) in enumerate(wanted)
    ]
    return _chat({"role": "assistant", "content": None, "tool_calls": told}, model, "tool_calls")


def _chat(message: Mapping[str, Any], model: str, finish: str) -> Scripted:
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
    return answer(json.dumps(body).encode())


def claude_says(text: str = "Rhine") -> Scripted:
    """An Anthropic answer."""
    body = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }
    return answer(json.dumps(body).encode())


def ollama_says(text: str = "Lima") -> Scripted:
    """An Ollama's answer."""
    body = {
        "model": "llama3.2",
        "created_at": "2026-01-01T00:00:00Z",
        "message": {"role": "assistant", "content": text},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 10,
        "eval_count": 5,
    }
    return answer(json.dumps(body).encode())


def streams(*words: str, pause: float = 0.0, model: str = "gpt-5-mini") -> Scripted:
    """An OpenAI-shaped stream, a chunk for each word."""
    start: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": model,
    }
    deltas: list[Any] = [{"role": "assistant", "content": ""}, *({"content": word} for word in words)]
    told = [start | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    told.append(start | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    told.append(start | {"choices": [], "usage": usage})
    lines = [f"data: {json.dumps(each)}\n\n".encode() for each in told]
    return Scripted(
        chunks=(*lines, b"data: [DONE]\n\n"), pause=pause, headers={"content-type": "text/event-stream"}
    )


def embeds(*vectors: Sequence[float]) -> Scripted:
    """OpenAI-shaped vectors."""
    body = {
        "object": "list",
        "model": "text-embedding-3-small",
        "data": [
            {"object": "embedding", "index": place, "embedding": list(vector)}
            for place, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": 4, "total_tokens": 4},
    }
    return answer(json.dumps(body).encode())


def lists(*models: str) -> Scripted:
    """An OpenAI-shaped list of models."""
    told = [{"id": model, "object": "model", "created": 1, "owned_by": "x"} for model in models]
    return answer(json.dumps({"object": "list", "data": told}).encode())


def tags(*models: str) -> Scripted:
    """An Ollama's list of models."""
    return answer(json.dumps({"models": [{"name": name, "model": name} for name in models]}).encode())


def busy(retry_after: str = "") -> Scripted:
    """Too many requests."""
    headers = {"retry_after": retry_after} if retry_after else {}
    return answer(b'{"error": {"message": "slow down", "type": "rate_limit"}}', 429, **headers)


def broken() -> Scripted:
    """A fault of the provider's."""
    return answer(b'{"error": {"message": "oops"}}', 500)


def body_of(send: Send) -> dict[str, Any]:
    """What was sent, as JSON."""
    return json.loads(send.body)


def hosts(transport: ScriptedTransport) -> list[str]:
    """Where each request went."""
    return [send.url.split("/")[2] for send in transport.sent]
