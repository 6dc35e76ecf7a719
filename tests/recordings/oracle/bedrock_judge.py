"""What botocore, by Amazon's own description of the service, makes of an answer of Bedrock's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore.exceptions import EventStreamError
from botocore.parsers import create_parser

from .scripted import Answer, said

MODEL = botocore.session.get_session().get_service_model("bedrock-runtime")
PARSER = create_parser("rest-json")
OPERATIONS = {"count": "CountTokens", "embed": "InvokeModel"}


class Body:
    """A stream's bytes as an HTTP library would hand them out."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def stream(self) -> Iterator[bytes]:
        yield self.data


def verdict(answer: Answer) -> dict[str, Any]:
    """The answer in normal form; of an error, its status, class and words."""
    name = OPERATIONS.get(answer.operation) or ("ConverseStream" if answer.is_stream else "Converse")
    response: dict[str, Any] = {
        "status_code": answer.status,
        "headers": answer.headers,
        "body": Body(answer.data) if answer.is_stream else answer.data,
        "context": {"operation_name": name},
    }
    parsed = PARSER.parse(response, MODEL.operation_model(name).output_shape)
    if "Error" in parsed:
        words = [parsed["Error"].get("Message", "")]
        return {"failure": {"status": answer.status, "kind": parsed["Error"].get("Code", ""), "words": words}}
    match answer.operation:
        case "count":
            return {"usage": {"input": parsed["inputTokens"], "output": 0, "total": parsed["inputTokens"]}}
        case "embed":
            return _embedding(parsed["body"])
        case _:
            return _streamed(parsed["stream"]) if answer.is_stream else _whole(parsed)


def _embedding(body: Any) -> dict[str, Any]:
    """The service describes the body as bytes; what is in them is the maker's."""
    document = json.loads(body)
    vectors = document["embeddings"] if "embeddings" in document else [document["embedding"]]
    return {"vectors": vectors["float"] if isinstance(vectors, dict) else vectors}


def _whole(parsed: dict[str, Any]) -> dict[str, Any]:
    found = _empty()
    for block in parsed["output"]["message"]["content"]:
        _add(found, block)
    found["finish"] = parsed["stopReason"]
    return {"answers": [found]} | _usage(parsed.get("usage"))


def _empty() -> dict[str, Any]:
    return {"text": "", "reasoning": "", "tools": [], "hosted": [], "sources": [], "finish": ""}


def _add(found: dict[str, Any], block: dict[str, Any]) -> None:
    match block:
        case {"text": text}:
            found["text"] += text
        case {"reasoningContent": {"reasoningText": {"text": text}}}:
            found["reasoning"] += text
        case {"toolUse": {"type": "server_tool_use", "name": name}}:
            found["hosted"].append(name)
        case {"toolUse": call}:
            told = {"id": call["toolUseId"], "name": call["name"], "arguments": json.dumps(call["input"])}
            found["tools"].append(told)
        case {"citationsContent": cited}:
            found["text"] += "".join(each["text"] for each in cited.get("content", []))
            found["sources"] += map(_quote, cited.get("citations", []))
        case _:
            pass


def _quote(citation: dict[str, Any]) -> str:
    return "".join(each["text"] for each in citation.get("sourceContent", []))


def _streamed(events: Any) -> dict[str, Any]:
    """Botocore hands out events and puts nothing together."""
    found, usage = _empty(), None
    calls: dict[int, dict[str, Any]] = {}
    hosted: set[int] = set()
    try:
        for event in events:
            match event:
                case {"contentBlockStart": {"contentBlockIndex": index, "start": {"toolUse": call}}}:
                    if call.get("type") == "server_tool_use":
                        hosted.add(index)
                        found["hosted"].append(call["name"])
                    calls[index] = {"id": call["toolUseId"], "name": call["name"], "arguments": ""}
                case {"contentBlockDelta": {"contentBlockIndex": index, "delta": delta}}:
                    _grow(found, calls.get(index), delta)
                case {"messageStop": end}:
                    found["finish"] = end["stopReason"]
                case {"metadata": told}:
                    usage = told.get("usage")
                case _:
                    pass
    except EventStreamError as error:
        told = error.response["Error"]
        return {"failure": {"kind": told["Code"], "words": [told["Message"]]}}
    found["tools"] = [call for index, call in calls.items() if index not in hosted]
    return {"answers": [found]} | _usage(usage)


def _grow(found: dict[str, Any], call: dict[str, Any] | None, delta: dict[str, Any]) -> None:
    match delta:
        case {"text": text}:
            found["text"] += text
        case {"reasoningContent": {"text": text}}:
            found["reasoning"] += text
        case {"citation": citation}:
            found["sources"].append(_quote(citation))
        case {"toolUse": {"input": text}} if call is not None:
            call["arguments"] += text
        case _:
            pass


def _usage(told: dict[str, Any] | None) -> dict[str, Any]:
    """What is read from a cache or written to one stands beside the input, not in it."""
    if not told or "inputTokens" not in told:
        return {}
    read, written = told.get("cacheReadInputTokens"), told.get("cacheWriteInputTokens")
    return {
        "usage": said(
            input=told["inputTokens"] + (read or 0) + (written or 0),
            output=told.get("outputTokens"),
            total=told.get("totalTokens"),
            cache_read=read,
            cache_write=written,
        )
    }
