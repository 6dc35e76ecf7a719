"""Which protocol and operation an exchange belongs to: by its path, or by the shape of its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from quorate.types.value import Value
from quorate.types.work import Operation
from quorate.wire.seam import Framing

from .exchange import Exchange


class Kind(Value):
    """What an exchange is, and how its answer came."""

    protocol: str
    """A wire's name where a wire of ours speaks it."""
    operation: str
    framing: Framing = "json"

    @property
    def label(self) -> str:
        return f"{self.protocol} {self.operation}"

    @property
    def is_stream(self) -> bool:
        return self.framing != "json"


OURS: Mapping[str, Mapping[str, Operation]] = {
    "openai_chat": {
        "chat": "chat",
        "completion": "chat",
        "embed": "embed",
        "models": "models",
        "rerank": "rerank",
    },
    "openai_responses": {"chat": "chat", "count": "count"},
    "anthropic": {"chat": "chat", "count": "count", "models": "models"},
    "gemini": {"chat": "chat", "count": "count", "embed": "embed", "models": "models"},
    "ollama": {"chat": "chat", "embed": "embed", "models": "models"},
    "bedrock": {"chat": "chat", "embed": "embed", "count": "count"},
    "cohere": {"chat": "chat", "embed": "embed", "rerank": "rerank"},
}
"""What the wires speak; everything else is counted as not yet spoken."""

BY_PATH: tuple[tuple[str, str, str], ...] = (
    (r"/publishers/(?!google/)[\w-]+/models/[^/]+:\w+$", "vertex-partner", "chat"),
    (r"^/model/.+/converse(?:-stream)?$", "bedrock", "chat"),
    (r"^/model/[^/]*(?:titan-embed|cohere\.embed)[^/]*/invoke$", "bedrock", "embed"),
    (r"^/model/.+/count-tokens$", "bedrock", "count"),
    (r"^/model/", "bedrock-invoke", "chat"),
    (r":(?:stream)?[gG]enerateContent$", "gemini", "chat"),
    (r":(?:embedContent|batchEmbedContents)$", "gemini", "embed"),
    (r"/models/[^/]+:countTokens$", "gemini", "count"),
    (r"/publishers/google/models/[^/]+:predict$", "gemini", "embed"),
    (r"/models/[^/]+:\w+$", "gemini", "other"),
    (r"^/(?:upload/)?v1beta/(?!openai/|models$)", "gemini", "other"),
    (r"/prompts/[^/]+/completions$", "portkey", "prompts"),
    (r"/chat/completions$", "openai_chat", "chat"),
    (r"/v1/embeddings$|/embeddings$", "openai_chat", "embed"),
    (r"/responses/input_tokens$", "openai_responses", "count"),
    (r"/responses/compact$|/responses/[^/]+/\w+$", "openai_responses", "other"),
    (r"/responses(?:/[^/]+)?$", "openai_responses", "chat"),
    (r"/v1/messages$", "anthropic", "chat"),
    (r"/v1/messages/count_tokens$", "anthropic", "count"),
    (r"/v1/messages/", "anthropic", "other"),
    (r"/api/(?:chat|generate)$", "ollama", "chat"),
    (r"/api/(?:embed|embeddings)$", "ollama", "embed"),
    (r"/api/tags$", "ollama", "models"),
    (r"/v2/chat$", "cohere", "chat"),
    (r"/v1/chat$", "cohere-v1", "chat"),
    (r"/v[12]/embed$", "cohere", "embed"),
    (r"/v2/rerank$", "cohere", "rerank"),
    (r"/rerank$", "openai_chat", "rerank"),
    (r"/completions$", "openai_chat", "completion"),
    (
        r"/(images|audio|files|batch|batches|moderations|threads|assistants|vector_stores|predictions)\b",
        "other",
        "\\1",
    ),
)
"""Asked in this order; the first that fits decides."""

MODELS_OF: Mapping[str, str] = {"anthropic": "anthropic", "gemini": "gemini", "vertex": "gemini"}
"""Providers whose model list is not shaped as OpenAI's."""

PROTOCOL_OF: Mapping[str, str] = {
    "anthropic": "anthropic",
    "gemini": "gemini",
    "vertex": "gemini",
    "ollama": "ollama",
    "bedrock": "bedrock",
    "cohere": "cohere",
}
"""Whose errors are told by nothing but their provider; of all others they are OpenAI's."""


def kind_of(exchange: Exchange) -> Kind:
    """The first rule that fits its path, else the shape of its body."""
    protocol, operation = _by_path(exchange) or _by_shape(exchange)
    return Kind(protocol=protocol, operation=operation, framing=_framing(exchange, protocol))


def is_ours(kind: Kind) -> bool:
    return kind.operation in OURS.get(kind.protocol, ())


def _by_path(exchange: Exchange) -> tuple[str, str] | None:
    path = exchange.path
    if not path:
        return None
    if exchange.method == "GET" and re.search(r"(?:/v1|/v1beta|^|/openai|/api)/models$", path):
        return MODELS_OF.get(exchange.provider, "openai_chat"), "models"
    for pattern, protocol, operation in BY_PATH:
        if found := re.search(pattern, path):
            return protocol, found.expand(operation)
    return "other", f"{exchange.provider} {exchange.method}"


def _by_shape(exchange: Exchange) -> tuple[str, str]:
    document = first_document(exchange.body)
    match document:
        case {"type": "message" | "message_start"}:
            return "anthropic", "chat"
        case {"object": "response"} | {"response": {"object": "response"}}:
            return "openai_responses", "chat"
        case {"type": str(kind)} if kind.startswith("response."):
            return "openai_responses", "chat"
        case {"object": "text_completion"}:
            return "openai_chat", "completion"
        case {"object": "list", "data": [{"embedding": _}, *_]}:
            return "openai_chat", "embed"
        case {"choices": list()}:
            return "openai_chat", "chat"
        case {"candidates": _} | {"promptFeedback": _} | {"usageMetadata": {"promptTokenCount": _}}:
            return "gemini", "chat"
        case {"embedding": {"values": _}} | {"embeddings": [{"values": _}, *_]}:
            return "gemini", "embed"
        case {"model": _, "done": bool()}:
            return "ollama", "chat"
        case {"model": _, "embeddings": list()}:
            return "ollama", "embed"
        case {"error": _}:
            return PROTOCOL_OF.get(exchange.provider, "openai_chat"), "chat"
        case _:
            return _by_rarer_shape(exchange, document)


def _by_rarer_shape(exchange: Exchange, document: Any) -> tuple[str, str]:
    match document:
        case {"output": {"message": {"content": list()}}, "stopReason": _}:
            return "bedrock", "chat"
        case {"type": "message-start"} | {"message": {"role": "assistant"}, "finish_reason": str()}:
            return "cohere", "chat"
        case {"results": [{"relevance_score": _}, *_]}:
            return PROTOCOL_OF.get(exchange.provider, "openai_chat"), "rerank"
        case _:
            return "other", f"{exchange.provider} body"


def first_document(body: bytes) -> Any:
    """The first JSON document of a body, whatever it is framed in; None where there is none."""
    text = body.decode("utf-8", "replace").lstrip()
    if not text.startswith(("{", "[")):
        found = re.search(r"^data:\s*(\{.*)$", text, re.MULTILINE)
        text = found[1] if found else ""
    try:
        document, _ = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    return document[0] if isinstance(document, list) and document else document


def _framing(exchange: Exchange, protocol: str) -> Framing:
    """How a success divides into frames. Content types lie where a recorder or a proxy wrote them."""
    if exchange.status >= 400:
        return "json"
    if protocol == "bedrock":
        return "event_stream" if exchange.path.endswith("/converse-stream") else "json"
    start = exchange.body.lstrip()[:6]
    if start.startswith((b"data:", b"event:", b":")):
        return "sse"
    if "streamGenerateContent" in exchange.path and start.startswith(b"["):
        return "json_list"
    if protocol == "ollama" and b"\n{" in exchange.body.strip():
        return "ndjson"
    return "json"
