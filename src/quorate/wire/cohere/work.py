"""Vectors, reranking and the list of models: https://docs.cohere.com/reference."""

from __future__ import annotations

import binascii
import struct
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import msgspec

from quorate.errors import Unsupported
from quorate.types.target import Target
from quorate.types.work import (
    EmbedReply,
    EmbedRequest,
    ModelInfo,
    ModelList,
    ModelsRequest,
    RerankReply,
    RerankRequest,
)
from quorate.wire.json_fields import Json, a_count, a_list, a_text, an_object, is_list, objects
from quorate.wire.notes import Notes
from quorate.wire.reranking import read_ranks, write_question
from quorate.wire.seam import WireAnswer, WireRequest

from .failure import broken, failure_of
from .fields import left, own, vendor
from .quirks import apply_quirks
from .reply import read_object
from .request import path_of
from .usage import read_usage

_INPUT_TYPE = "search_document"
"""What texts are embedded for, where nobody says: Cohere wants it told. Queries to search for are 'search_query'."""


def _asked(operation: str, usual: str, body: Json, target: Target, notes: Notes) -> WireRequest:
    apply_quirks(body, target.quirks, notes)
    return WireRequest(
        path=path_of(operation, usual, target),
        body=msgspec.json.encode(body),
        query=target.quirks.query,
        headers=target.quirks.headers,
        fidelity=notes.all(),
    )


def _told(answer: WireAnswer, name: str) -> Json:
    """The object of an answer that must have that field."""
    body = read_object(answer)
    if name not in body:
        if "message" in body or "error" in body:
            raise failure_of(body, answer)
        raise broken(answer, f"the answer has no {name}")
    return body


class EmbedCodec:
    """POST /v2/embed."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        if request.tokens:
            raise Unsupported(
                f"'{target.name}' takes texts, not token numbers: send the texts", settings=("input",)
            )
        notes = Notes()
        body: Json = {
            "model": target.model,
            "texts": list(request.inputs),
            "input_type": _INPUT_TYPE,
            "embedding_types": ["base64" if request.packed else "float"],
        }
        if request.dimensions is not None:
            body["output_dimension"] = request.dimensions
        if request.user:
            notes.dropped("user", "this protocol knows no end users")
        body |= left(own(request.vendor), ("model", "texts", "embedding_types"))
        return _asked("embed", "/v2/embed", body, target, notes)

    def read_reply(self, answer: WireAnswer) -> EmbedReply:
        body = _told(answer, "embeddings")
        told = body["embeddings"]
        packed = an_object(told).get("base64")
        vectors = told if is_list(told) else packed or an_object(told).get("float")
        if not is_list(vectors) or not vectors:
            raise broken(answer, "the answer holds no vectors")
        return EmbedReply(
            vectors=tuple(_vector(each, answer) for each in vectors),
            usage=read_usage(an_object(body.get("meta"))),
            vendor=vendor(left(body, ("embeddings", "meta", "texts", "images"))),
        )


def _vector(value: Any, answer: WireAnswer) -> tuple[float, ...]:
    """A list of numbers, or 32-bit floats packed in base64, little end first."""
    try:
        if isinstance(value, str):
            data = b64decode(value, validate=True)
            vector = struct.unpack(f"<{len(data) // 4}f", data)
        else:
            vector = tuple(map(float, a_list(value)))
    except (ValueError, TypeError, OverflowError, struct.error, binascii.Error) as error:
        raise broken(answer, "a vector cannot be read") from error
    if not vector:
        raise broken(answer, "a vector is empty")
    return vector


class RerankCodec:
    """POST /v2/rerank."""

    def write_request(self, request: RerankRequest, target: Target) -> WireRequest:
        notes = Notes()
        body = write_question(request, target.model)
        if request.max_document_tokens is not None:
            body["max_tokens_per_doc"] = request.max_document_tokens
        if request.user:
            notes.dropped("user", "this protocol knows no end users")
        body |= left(own(request.vendor), ("model", "query", "documents"))
        return _asked("rerank", "/v2/rerank", body, target, notes)

    def read_reply(self, answer: WireAnswer) -> RerankReply:
        body = _told(answer, "results")
        results = read_ranks(body["results"], vendor)
        if results is None:
            raise broken(answer, "the results cannot be read")
        return RerankReply(
            results=results,
            usage=read_usage(an_object(body.get("meta"))),
            vendor=vendor(left(body, ("results", "meta"))),
        )


_FEATURES: Mapping[str, str] = {
    "tools": "tools",
    "strict_tools": "tools",
    "json_mode": "json",
    "json_schema": "schema",
    "reasoning": "reasoning",
    "vision": "vision",
    "chat": "chat",
    "embed": "embed",
    "rerank": "rerank",
}
"""Cohere's words, of a model's features and of its endpoints → ours."""

_KNOWN = ("name", "context_length", "features", "endpoints")
_MOST = "1000"


class ModelsCodec:
    """GET /v1/models: the list has no second version."""

    def write_request(self, request: ModelsRequest, target: Target) -> WireRequest:
        page = {"page_token": request.page} if request.page else {}
        return WireRequest(
            method="GET",
            path=path_of("models", "/v1/models", target),
            query=target.quirks.query | {"page_size": _MOST} | page,
            headers=target.quirks.headers,
        )

    def read_reply(self, answer: WireAnswer) -> ModelList:
        body = _told(answer, "models")
        if not is_list(body["models"]):
            raise broken(answer, "the answer has no list of models")
        models = [_model(item) for item in objects(body["models"])]
        return ModelList(
            models=tuple(each for each in models if each.id), next_page=a_text(body.get("next_page_token"))
        )


def _model(item: Json) -> ModelInfo:
    told = [*a_list(item.get("endpoints")), *a_list(item.get("features"))]
    words = (_FEATURES[each] for each in told if isinstance(each, str) and each in _FEATURES)
    endpoints = {"endpoints": item["endpoints"]} if item.get("endpoints") else {}
    return ModelInfo(
        id=a_text(item.get("name")),
        context=a_count(item.get("context_length")) or None,
        features=tuple(dict.fromkeys(words)),
        vendor=vendor(left(item, _KNOWN) | endpoints),
    )
