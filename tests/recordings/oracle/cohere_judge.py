"""What the Cohere SDK makes of an answer in Cohere's protocol."""

from __future__ import annotations

from typing import Any

import httpx
from cohere import ClientV2
from cohere.core.api_error import ApiError

from .scripted import Answer, Script, attribute, said, strings

SCRIPT = Script(httpx)
CLIENT = ClientV2(api_key="none", base_url="http://127.0.0.1", max_retries=0, httpx_client=SCRIPT.client())


def verdict(answer: Answer) -> dict[str, Any]:
    """The answer in normal form; of an error, its status, class and words."""
    SCRIPT.current = answer
    try:
        match answer.operation:
            case "embed":
                return _embedding()
            case "rerank":
                return _ranking()
            case "models":
                return {"models": [model.name for model in CLIENT.models.list().models]}
            case _:
                return _streamed() if answer.is_stream else _whole()
    except ApiError as error:
        words = strings(error.body)
        return {"failure": {"status": error.status_code or 0, "kind": type(error).__name__, "words": words}}


def _whole() -> dict[str, Any]:
    reply = CLIENT.chat(model="any", messages=[])
    message = reply.message
    blocks = message.content or []
    return {
        "answers": [
            {
                "text": "".join(block.text for block in blocks if block.type == "text"),
                "reasoning": _reasoned(blocks, message.tool_plan),
                "tools": [_tool(call) for call in message.tool_calls or []],
                "sources": [words for each in message.citations or [] for words in _sources(each)],
                "finish": reply.finish_reason or "",
            }
        ]
    } | _usage(reply.usage)


def _reasoned(blocks: Any, plan: str | None) -> str:
    """A plan is thought too."""
    return "".join(block.thinking for block in blocks if block.type == "thinking") + (plan or "")


def _streamed() -> dict[str, Any]:
    """The SDK has no accumulator of its own: the pieces of its events are put one after another."""
    events = list(CLIENT.chat_stream(model="any", messages=[]))
    ends = [event.delta for event in events if event.type == "message-end"]
    if not ends:
        return {"cannot": "no end"}
    pieces = [event.delta.message.content for event in events if event.type == "content-delta"]
    plans = [event.delta.message.tool_plan for event in events if event.type == "tool-plan-delta"]
    cited = [event.delta.message.citations for event in events if event.type == "citation-start"]
    return {
        "answers": [
            {
                "text": "".join(attribute(piece, "text") or "" for piece in pieces),
                "reasoning": "".join(attribute(piece, "thinking") or "" for piece in pieces) + "".join(plans),
                "tools": _called(events),
                "sources": [words for each in cited for words in _sources(each)],
                "finish": ends[-1].finish_reason or "",
            }
        ]
    } | _usage(ends[-1].usage)


def _called(events: list[Any]) -> list[dict[str, Any]]:
    calls: dict[int, dict[str, Any]] = {}
    for event in events:
        if event.type == "tool-call-start":
            calls[event.index] = _tool(event.delta.message.tool_calls)
        elif event.type == "tool-call-delta":
            calls[event.index]["arguments"] += event.delta.message.tool_calls.function.arguments
    return [_normal(calls[index]) for index in sorted(calls)]


def _tool(call: Any) -> dict[str, Any]:
    return _normal({"id": call.id, "name": call.function.name, "arguments": call.function.arguments or ""})


def _normal(call: dict[str, Any]) -> dict[str, Any]:
    """Some models write 'null' where a tool takes nothing."""
    return call | {"arguments": "{}" if call["arguments"] == "null" else call["arguments"]}


def _sources(citation: Any) -> list[str]:
    """The words of each source, under whichever of the usual keys."""
    documents = [
        attribute(each, "document") or attribute(each, "tool_output") or {} for each in citation.sources
    ]
    keys = ("text", "snippet", "content")
    return [
        next((words for key in keys if isinstance(words := document.get(key), str) and words), "")
        for document in documents or [{}]
    ]


def _usage(usage: Any) -> dict[str, Any]:
    """What is billed; where nothing is told of that, what the model handled."""
    billed, handled = attribute(usage, "billed_units"), attribute(usage, "tokens")
    if billed is None:
        return {}
    return {
        "usage": said(
            input=int(billed.input_tokens or 0),
            output=int(billed.output_tokens or 0),
            reasoning=(attribute(handled, "model_extra") or {}).get("reasoning_tokens"),
        )
    }


def _embedding() -> dict[str, Any]:
    reply = CLIENT.embed(model="any", texts=["any"], input_type="search_document", embedding_types=["float"])
    vectors = reply.embeddings if isinstance(reply.embeddings, list) else reply.embeddings.float_
    read = attribute(reply, "meta", "billed_units", "input_tokens")
    usage = {"usage": said(input=int(read), output=0)} if read else {}
    return {"vectors": vectors} | usage


def _ranking() -> dict[str, Any]:
    reply = CLIENT.rerank(model="any", query="any", documents=["any"])
    return {"ranks": [[each.index, each.relevance_score] for each in reply.results]}
