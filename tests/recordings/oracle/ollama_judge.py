"""What the Ollama SDK makes of an answer in Ollama's protocol."""

from __future__ import annotations

import json
from typing import Any

import httpx
import ollama

from .scripted import Answer, Script, said

SCRIPT = Script(httpx)
CLIENT = ollama.Client(host="http://127.0.0.1", transport=SCRIPT.transport())


def verdict(answer: Answer) -> dict[str, Any]:
    """The answer in normal form; of an error, its status, class and words."""
    SCRIPT.current = answer
    try:
        match answer.operation:
            case "embed":
                return _embedding(answer)
            case "models":
                return {"models": [model.model for model in CLIENT.list().models]}
            case _:
                return _chat(answer)
    except ollama.ResponseError as error:
        words = [error.error]
        return {"failure": {"status": error.status_code, "kind": type(error).__name__, "words": words}}


def _chat(answer: Answer) -> dict[str, Any]:
    """The SDK has no accumulator of its own: the pieces of its parts are put one after another."""
    generate = b'"response":' in answer.data and b'"message":' not in answer.data
    replies: Any
    if generate:
        replies = CLIENT.generate(model="any", prompt="any", stream=answer.is_stream)
    else:
        replies = CLIENT.chat(model="any", messages=[], stream=answer.is_stream)
    parts = list(replies) if answer.is_stream else [replies]
    last = parts[-1]
    return {
        "answers": [
            (_generated(parts) if generate else _messages(parts)) | {"finish": last.done_reason or ""}
        ]
    } | _usage(last)


def _generated(parts: list[Any]) -> dict[str, Any]:
    return {
        "text": "".join(part.response or "" for part in parts),
        "reasoning": "".join(part.thinking or "" for part in parts),
        "tools": [],
    }


def _messages(parts: list[Any]) -> dict[str, Any]:
    messages = [part.message for part in parts]
    calls = [call for message in messages for call in message.tool_calls or []]
    return {
        "text": "".join(message.content or "" for message in messages),
        "reasoning": "".join(message.thinking or "" for message in messages),
        "tools": [
            {"id": "", "name": call.function.name, "arguments": json.dumps(dict(call.function.arguments))}
            for call in calls
        ],
    }


def _usage(last: Any) -> dict[str, Any]:
    counts = said(input=last.prompt_eval_count, output=getattr(last, "eval_count", None))
    return {"usage": counts} if counts else {}


def _embedding(answer: Answer) -> dict[str, Any]:
    if b'"embeddings"' not in answer.data:
        return {"vectors": [list(CLIENT.embeddings(model="any", prompt="any").embedding)]}
    reply = CLIENT.embed(model="any", input="any")
    return {"vectors": [list(vector) for vector in reply.embeddings]} | _usage(reply)
