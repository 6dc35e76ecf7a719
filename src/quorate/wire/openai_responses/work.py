"""Embeddings and the list of models, which providers of this protocol have beside it."""

from __future__ import annotations

from base64 import b64decode
from struct import unpack

import msgspec

from quorate.types.target import Target
from quorate.types.usage import MISSING, Usage
from quorate.types.work import EmbedReply, EmbedRequest, ModelInfo, ModelList, ModelsRequest
from quorate.wire.json_fields import Json, a_count, a_list, a_text, an_object, is_list, objects
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.seam import WireAnswer, WireRequest

from .codec import path_of
from .fields import NAME, own, vendor
from .settings import bend
from .shapes import read_object

_dumps = msgspec.json.encode


def _read_answer(answer: WireAnswer) -> Json:
    try:
        body = read_object(answer.body.strip())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken("the answer cannot be read as JSON", answer) from error
    if "data" not in body and body.get("error"):
        raise error_of(body, answer)
    return body


class EmbedCodec:
    """Asks a provider for vectors."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        asked = list(request.tokens or request.inputs)
        body: Json = {**own(request.vendor), "model": target.model, "input": asked}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        if request.packed:
            body["encoding_format"] = "base64"
        if request.user:
            body["user"] = request.user
        body, lost = bend(body, target.quirks)
        return WireRequest(
            path=path_of("embed", "/embeddings", target),
            body=_dumps(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            fidelity=tuple(lost),
        )

    def read_reply(self, answer: WireAnswer) -> EmbedReply:
        body = dict(_read_answer(answer))
        data = sorted(objects(body.pop("data", None)), key=lambda item: a_count(item.get("index")))
        if not data:
            raise broken("the answer has no vectors", answer)
        usage = _read_usage(an_object(body.pop("usage", None)))
        body.pop("object", None)
        return EmbedReply(
            model=a_text(body.pop("model", None)),
            vectors=tuple(_vector(item.get("embedding"), answer) for item in data),
            usage=usage,
            vendor=vendor(body),
        )


def _vector(value: object, answer: WireAnswer) -> tuple[float, ...]:
    """A list of numbers, or 32-bit floats packed in base64, little end first."""
    try:
        if isinstance(value, str):
            packed = b64decode(value, validate=True)
            vector = unpack(f"<{len(packed) // 4}f", packed[: len(packed) // 4 * 4])
        else:
            vector = tuple(map(float, a_list(value)))
    except (ValueError, TypeError, OverflowError, ArithmeticError) as error:
        raise broken("a vector cannot be read", answer) from error
    if not vector:
        raise broken("a vector is empty", answer)
    return vector


def _read_usage(raw: Json) -> Usage:
    """Vectors are all input."""
    if not raw:
        return MISSING
    read = a_count(raw.get("prompt_tokens")) or a_count(raw.get("total_tokens"))
    exact = a_count(raw.get("total_tokens")) in (0, read)
    return Usage(input=read, quality="exact" if exact else "inconsistent", vendor={NAME: raw})


class ModelsCodec:
    """Asks a provider which models it has."""

    def write_request(self, request: ModelsRequest, target: Target) -> WireRequest:
        return WireRequest(
            method="GET",
            path=path_of("models", "/models", target),
            query=target.quirks.query | ({"after": request.page} if request.page else {}),
            headers=target.quirks.headers,
        )

    def read_reply(self, answer: WireAnswer) -> ModelList:
        listed = _read_answer(answer).get("data")
        if not is_list(listed):
            raise broken("the answer has no list of models", answer)
        models = [_read_model(dict(item)) for item in objects(listed)]
        return ModelList(models=tuple(each for each in models if each.id))


def _read_model(item: Json) -> ModelInfo:
    item.pop("object", None)
    context, most = a_count(item.get("context_length")), a_count(item.get("max_completion_tokens"))
    return ModelInfo(
        id=a_text(item.pop("id", None)),
        name=a_text(item.pop("name", None)),
        owner=a_text(item.pop("owned_by", None)),
        created=a_count(item.pop("created", None)),
        context=context or None,
        max_output=most or None,
        vendor=vendor(item),
    )
