"""Answers what Cohere's clients ask beside chats: vectors, an order of documents, the list of models."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.types.work import (
    EmbedReply,
    EmbedRequest,
    ModelList,
    ModelsRequest,
    RerankReply,
    RerankRequest,
)
from quorate.wire.cohere.fields import own
from quorate.wire.cohere.usage import write_usage
from quorate.wire.json_fields import Fields, Json
from quorate.wire.seam import Call, Route, WireAnswer

from .paths import JSON, routes
from .question import read_body

_MOST_TEXTS = 96


def _texts(body: Fields, name: str) -> tuple[str, ...]:
    texts = body.items(name)
    if not texts or not all(isinstance(each, str) for each in texts):
        raise body.wrong(name, "a list of strings that is not empty")
    return tuple(texts)


class EmbedFront:
    """Turns texts into vectors; like Cohere, at most 96 at a time, and only told what for."""

    routes: Sequence[Route] = routes("POST", "/v2/embed", "embed")

    def read_request(self, call: Call) -> EmbedRequest:
        body = read_body(call)
        body.needed_text("input_type")
        texts = _texts(body, "texts")
        if len(texts) > _MOST_TEXTS:
            raise body.wrong("texts", f"{_MOST_TEXTS} texts at most")
        return EmbedRequest(
            model=body.needed_text("model"), inputs=texts, dimensions=body.integer("output_dimension")
        )

    def write_reply(self, reply: EmbedReply, call: Call) -> WireAnswer:
        forms: dict[str, Any] = {
            "float": list(reply.vectors),
            "base64": [b64encode(struct.pack(f"<{len(each)}f", *each)).decode() for each in reply.vectors],
        }
        wanted = read_body(call).items("embedding_types") or ["float"]
        vectors = {form: forms[form] for form in wanted if form in forms}
        body = {"id": "sim-embed", "embeddings": vectors, "meta": write_usage(reply.usage)}
        return _answer(body | own(reply.vendor))


class RerankFront:
    """Puts documents in order."""

    routes: Sequence[Route] = routes("POST", "/v2/rerank", "rerank")

    def read_request(self, call: Call) -> RerankRequest:
        body = read_body(call)
        return RerankRequest(
            model=body.needed_text("model"),
            query=body.needed_text("query"),
            documents=_texts(body, "documents"),
            top_n=body.integer("top_n"),
            max_document_tokens=body.integer("max_tokens_per_doc"),
        )

    def write_reply(self, reply: RerankReply, call: Call) -> WireAnswer:
        results = [{"index": each.index, "relevance_score": each.score} for each in reply.results]
        units = -(-len(read_body(call).items("documents")) // 100)
        body = {"id": "sim-rerank", "results": results, "meta": {"billed_units": {"search_units": units}}}
        return _answer(body | own(reply.vendor))


class ModelsFront:
    """The list of models, in one page."""

    routes: Sequence[Route] = routes("GET", "/v1/models", "models")

    def read_request(self, call: Call) -> ModelsRequest:
        return ModelsRequest(page=call.query.get("page_token", ""))

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        models = [
            {
                "name": model.id,
                "endpoints": ["embed"] if "embed" in model.features else ["chat"],
                "features": [each for each in model.features if each not in ("chat", "embed")],
                "context_length": model.context or 0,
            }
            | own(model.vendor)
            for model in reply.models
        ]
        return _answer({"models": models})


def _answer(body: Json) -> WireAnswer:
    return WireAnswer(headers=JSON, body=msgspec.json.encode(body))
