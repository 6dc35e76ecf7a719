"""What the google-genai SDK makes of an answer in Gemini's protocol, from AI Studio or from Vertex."""

from __future__ import annotations

import json
from typing import Any

import google.genai as genai
import httpx2
from google.genai import errors, types

from .scripted import Answer, Script, said, strings

SCRIPT = Script(httpx2)
OPTIONS = types.HttpOptions(
    httpx_client=SCRIPT.client(),
    base_url="http://127.0.0.1",
    retry_options=types.HttpRetryOptions(attempts=1),
)
STUDIO = genai.Client(api_key="none", http_options=OPTIONS)


class Nobody:
    """Credentials that have a token and never ask for another."""

    token = "none"
    expired = False
    quota_project_id = None


VERTEX = genai.Client(
    vertexai=True, project="any", location="any", credentials=Nobody(), http_options=OPTIONS
)


def verdict(answer: Answer) -> dict[str, Any]:
    """The answer in normal form; of an error, its status, class and words."""
    SCRIPT.current = answer
    client = VERTEX if "/publishers/" in answer.path else STUDIO
    try:
        match answer.operation:
            case "embed":
                return _embedding(answer)
            case "count":
                tokens = client.models.count_tokens(model="any", contents="any").total_tokens or 0
                return {"usage": said(input=tokens, output=0, total=tokens)}
            case "models":
                page = client.models.list().page
                return {"models": [model.name for model in page]}
            case _:
                return _chat(client, answer)
    except errors.APIError as error:
        words = [error.message or "", *strings(error.details)]
        return {"failure": {"status": error.code, "kind": type(error).__name__, "words": words}}


def _chat(client: genai.Client, answer: Answer) -> dict[str, Any]:
    """The SDK has no accumulator of its own: the pieces of its chunks are put one after another."""
    ask = client.models.generate_content_stream if answer.is_stream else client.models.generate_content
    replies: Any = ask(model="any", contents="any")
    chunks = list(replies) if answer.is_stream else [replies]
    usages = [chunk.usage_metadata for chunk in chunks if chunk.usage_metadata is not None]
    return {"answers": _answers(chunks)} | (_usage(usages[-1]) if usages else {})


def _answers(chunks: list[Any]) -> list[dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for chunk in chunks:
        for candidate in chunk.candidates or []:
            answer = found.setdefault(
                candidate.index or 0, {"text": "", "reasoning": "", "tools": [], "finish": ""}
            )
            if candidate.finish_reason is not None:
                answer["finish"] = candidate.finish_reason.value
            for part in (candidate.content and candidate.content.parts) or []:
                _add(answer, part)
    return [_judged(found[index]) for index in sorted(found)]


def _judged(answer: dict[str, Any]) -> dict[str, Any]:
    """Arguments that come in pieces are left to the caller: then nothing is said of tools."""
    in_pieces = any(tool["arguments"] is None for tool in answer["tools"])
    return {name: value for name, value in answer.items() if name != "tools" or not in_pieces}


def _add(answer: dict[str, Any], part: Any) -> None:
    if part.text is not None:
        answer["reasoning" if part.thought else "text"] += part.text
    if (call := part.function_call) is not None:
        in_pieces = call.partial_args or call.will_continue is not None
        arguments = None if in_pieces else json.dumps(call.args or {})
        answer["tools"].append({"id": call.id or "", "name": call.name, "arguments": arguments})


def _usage(usage: Any) -> dict[str, Any]:
    """Tool results are read as part of the input, thoughts are written as part of the output."""
    read, written = usage.prompt_token_count, usage.candidates_token_count
    return {
        "usage": said(
            input=None if read is None else read + (getattr(usage, "tool_use_prompt_token_count", 0) or 0),
            output=(written or 0) + (usage.thoughts_token_count or 0),
            total=usage.total_token_count,
            cache_read=usage.cached_content_token_count,
            reasoning=usage.thoughts_token_count,
        )
    }


def _embedding(answer: Answer) -> dict[str, Any]:
    """One text has an answer of its own shape, which the SDK reads for Vertex's later models alone; its earlier
    ones predict.
    """
    single = b'"embeddings"' not in answer.data
    client, model = (VERTEX, "gemini-embedding-2") if single else (STUDIO, "any")
    if b'"predictions"' in answer.data:
        client, model = VERTEX, "text-embedding-005"
    reply = client.models.embed_content(model=model, contents=["any"])
    return {"vectors": [list(each.values or []) for each in reply.embeddings or []]}
