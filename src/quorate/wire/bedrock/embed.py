"""POST /model/{model}/invoke: vectors for texts, asked in the form of each model's maker.

A target's `embedding` quirk says which form that is: the protocol has none of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec

from quorate.errors import Unsupported
from quorate.types.target import Target
from quorate.types.usage import MISSING, Usage
from quorate.types.work import EmbedReply, EmbedRequest
from quorate.wire.json_fields import Json, a_text, an_object, is_list, is_object
from quorate.wire.notes import Notes
from quorate.wire.seam import WireAnswer, WireRequest

from .address import path_of
from .count import document
from .failure import broken
from .fields import NAME, left, merged, own, vendor

_COUNT_HEADER = "x-amzn-bedrock-input-token-count"
_LENGTHS = ("float", "int8", "uint8", "binary", "ubinary")
_KNOWN = ("embedding", "embeddings", "embeddingsByType", "inputTextTokenCount", "texts")


class EmbedCodec:
    """Asks for vectors."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        form = _FORMS.get(target.quirks.embedding)
        if form is None:
            raise Unsupported(
                f"'{target.name}' is not known to embed; its `embedding` quirk would say in which form",
                settings=("embed",),
            )
        if request.tokens:
            raise Unsupported(f"'{target.name}' takes texts, not numbers of tokens", settings=("inputs",))
        notes = Notes()
        if request.user:
            notes.dropped("user", "the protocol has no place for it")
        body = merged(form(request, target, notes), own(request.vendor))
        return WireRequest(
            path=path_of("embed", target, "/model/{model}/invoke"),
            body=msgspec.json.encode(merged(target.quirks.defaults, body)),
            headers={"accept": "application/json"},
            fidelity=notes.all(),
        )

    def read_reply(self, answer: WireAnswer) -> EmbedReply:
        fields = document(answer)
        try:
            vectors = msgspec.convert(_vectors(fields), tuple[tuple[float, ...], ...])
        except msgspec.ValidationError as error:
            raise broken(answer, "the answer holds no vectors") from error
        if not vectors:
            raise broken(answer, "the answer holds no vectors")
        return EmbedReply(
            model="", vectors=vectors, usage=_usage(fields, answer), vendor=vendor(left(fields, _KNOWN))
        )


def _one(request: EmbedRequest, target: Target) -> str:
    if len(request.inputs) != 1:
        raise Unsupported(f"'{target.name}' takes one text a call", settings=("inputs",))
    return request.inputs[0]


def _titan(request: EmbedRequest, target: Target, notes: Notes) -> Json:
    said: Json = {"inputText": _one(request, target)}
    return said | ({} if request.dimensions is None else {"dimensions": request.dimensions})


def _titan_plain(request: EmbedRequest, target: Target, notes: Notes) -> Json:
    if request.dimensions is not None:
        notes.dropped("dimensions", "this target has one length of vectors")
    return {"inputText": _one(request, target)}


def _titan_multimodal(request: EmbedRequest, target: Target, notes: Notes) -> Json:
    said: Json = {"inputText": _one(request, target)}
    if request.dimensions is not None:
        said["embeddingConfig"] = {"outputEmbeddingLength": request.dimensions}
    return said


def _cohere(request: EmbedRequest, target: Target, notes: Notes) -> Json:
    if request.dimensions is not None:
        notes.dropped("dimensions", "this target has one length of vectors")
    return {"texts": request.inputs, "input_type": "search_document"}


def _cohere_sized(request: EmbedRequest, target: Target, notes: Notes) -> Json:
    said: Json = {
        "texts": request.inputs,
        "input_type": "search_document",
        "embedding_types": ["float"],
    }
    return said | ({} if request.dimensions is None else {"output_dimension": request.dimensions})


def _nova(request: EmbedRequest, target: Target, notes: Notes) -> Json:
    asked: Json = {
        "embeddingPurpose": "GENERIC_INDEX",
        "text": {"truncationMode": "NONE", "value": _one(request, target)},
    }
    if request.dimensions is not None:
        asked["embeddingDimension"] = request.dimensions
    return {"taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": asked}


_FORMS: Mapping[str, Callable[[EmbedRequest, Target, Notes], Json]] = {
    "titan": _titan,
    "titan_plain": _titan_plain,
    "titan_multimodal": _titan_multimodal,
    "cohere": _cohere,
    "cohere_sized": _cohere_sized,
    "nova": _nova,
}


def _vectors(fields: Json) -> Any:
    """One vector, a list of them, a list of objects that each hold one, or lists by type of number."""
    one, many = fields.get("embedding"), fields.get("embeddings")
    if is_list(one):
        return [one]
    if is_list(many):
        return [each.get("embedding") if is_object(each) else each for each in many]
    if is_object(many):
        return next((many[each] for each in _LENGTHS if each in many), None)
    typed = an_object(fields.get("embeddingsByType"))
    return next(([typed[each]] for each in _LENGTHS if each in typed), None)


def _usage(fields: Json, answer: WireAnswer) -> Usage:
    told: object = fields.get("inputTextTokenCount")
    if not isinstance(told, int):
        text = a_text(cast("object", answer.headers.get(_COUNT_HEADER)))
        told = int(text) if text.isdecimal() else None
    return MISSING if told is None else Usage(input=told, vendor={NAME: {"inputTextTokenCount": told}})
