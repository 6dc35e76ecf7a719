"""Embeddings and the list of models: our calls to providers, and clients' calls to us."""

from __future__ import annotations

import math
import struct
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.errors import UnknownModel
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.work import EmbedReply, EmbedRequest, ModelInfo, ModelList, ModelsRequest
from quorate.wire.json_fields import Fields, Json, a_count, a_list, a_text, an_object, is_list, objects
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .codec import path_of
from .features import FORM, read_features, write_features
from .fields import own, vendor
from .front import JSON, model_of, read_body
from .listed import read_listed
from .paths import routes
from .settings import bend
from .stream import tells_error
from .usage import read_usage, write_usage

_PACKED = "base64"
"""The form of vectors that is not a list of numbers."""

_dumps = msgspec.json.encode
_read = msgspec.json.Decoder(Any).decode


def _read_answer(answer: WireAnswer) -> Any:
    try:
        body = _read(answer.body.strip())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken("the answer cannot be read as JSON", answer) from error
    told = an_object(body)
    if "data" not in told and tells_error(told):
        raise error_of(told, answer)
    return body


class EmbedCodec:
    """Asks a provider for vectors."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        if target.quirks.embedding == FORM:
            return write_features(request, target)
        asked = list(request.tokens or request.inputs)
        body: Json = {**own(request.vendor), "model": target.model, "input": asked}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        if request.packed:
            body["encoding_format"] = _PACKED
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
        read = _read_answer(answer)
        if is_list(read):
            return read_features(read, answer)
        body = dict(an_object(read))
        data = objects(body.pop("data", None))
        if not data:
            raise broken("the answer has no vectors", answer)
        data = sorted(data, key=lambda item: a_count(item.get("index")))
        usage = _embed_usage(an_object(body.pop("usage", None)))
        body.pop("object", None)
        return EmbedReply(
            model=a_text(body.pop("model", None)),
            vectors=tuple(_vector(item.get("embedding"), answer) for item in data),
            usage=usage,
            vendor=vendor(body),
        )


def _vector(value: object, answer: WireAnswer) -> tuple[float, ...]:
    """A vector: a list of numbers, or numbers packed in base64."""
    try:
        packed = isinstance(value, str)
        vector = _unpacked(b64decode(value, validate=True)) if packed else tuple(map(float, a_list(value)))
    except (ValueError, TypeError, OverflowError) as error:
        raise broken("a vector cannot be read", answer) from error
    if not vector:
        raise broken("a vector is empty", answer)
    return vector


def _unpacked(data: bytes) -> tuple[float, ...]:
    """32-bit floats, little end first; or signed bytes, which some servers send without saying so.

    Bytes read as floats come out astronomical: no vector's numbers are.
    """
    floats = struct.unpack(f"<{len(data) // 4}f", data) if len(data) % 4 == 0 else (math.inf,)
    if all(abs(number) < _ASTRONOMICAL for number in floats):
        return floats
    return tuple(map(float, struct.unpack(f"{len(data)}b", data)))


_ASTRONOMICAL = 1e9


def _embed_usage(raw: Json) -> Usage:
    """Vectors are all input: some servers only tell the total."""
    return read_usage({"prompt_tokens": raw["total_tokens"]} | raw if "total_tokens" in raw else raw)


class EmbedFront:
    """Gives clients vectors."""

    routes: Sequence[Route] = routes("POST", "/embeddings", "embed", deployed=True)

    def read_request(self, call: Call) -> EmbedRequest:
        body = read_body(call)
        model = model_of(body, call)
        inputs, tokens = _read_inputs(body)
        form = body.text("encoding_format")
        if form not in ("", "float", _PACKED):
            raise body.wrong("encoding_format", "'float' or 'base64'")
        return EmbedRequest(
            model=model,
            inputs=inputs,
            tokens=tokens,
            dimensions=body.integer("dimensions"),
            packed=form == _PACKED,
            user=body.text("user"),
            vendor=vendor(body.rest),
        )

    def write_reply(self, reply: EmbedReply, call: Call) -> WireAnswer:
        packed = read_body(call).rest.get("encoding_format") == _PACKED
        data = [
            {"object": "embedding", "index": number, "embedding": _packed(vector) if packed else vector}
            for number, vector in enumerate(reply.vectors)
        ]
        body: Json = {"object": "list", "data": data, "model": reply.model}
        usage = write_usage(reply.usage)
        body["usage"] = _short(usage) if usage else {"prompt_tokens": 0, "total_tokens": 0}
        return WireAnswer(headers=JSON, body=_dumps(body | own(reply.vendor)))


def _read_inputs(body: Fields) -> tuple[tuple[str, ...], tuple[tuple[int, ...], ...]]:
    """Texts, or token numbers; one alone may stand without a list around it."""
    value = body.take("input")
    listed = value if is_list(value) else [value]
    if listed and all(isinstance(each, str) for each in listed):
        return tuple(listed), ()
    if is_list(value) and _are_numbers(listed):
        return (), (tuple(listed),)
    if is_list(value) and listed and all(is_list(each) and _are_numbers(each) for each in listed):
        return (), tuple(tuple(each) for each in listed)
    raise body.wrong("input", "a string, a list of strings, or token numbers in one list or several")


def _are_numbers(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(each, int) and not isinstance(each, bool) for each in value)


def _packed(vector: Sequence[float]) -> str:
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _short(usage: Json) -> Json:
    """Usage without the counts that vectors do not have."""
    return {name: value for name, value in usage.items() if name not in _OUTPUT_COUNTS or a_count(value)}


_OUTPUT_COUNTS = ("completion_tokens", "completion_tokens_details", "prompt_tokens_details")


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
        body = _read_answer(answer)
        told = an_object(body)
        listed = body if is_list(body) else told.get("data", told.get("models"))
        if not is_list(listed):
            raise broken("the answer has no list of models", answer)
        return ModelList(models=read_listed(objects(listed)))


class ModelsFront:
    """Tells clients which models there are."""

    routes: Sequence[Route] = (
        *routes("GET", "/models", "models"),
        *routes("GET", "/models/{id*}", "models"),
    )

    def read_request(self, call: Call) -> ModelsRequest:
        return ModelsRequest(wanted=call.path.partition("/models/")[2])

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        _, _, wanted = call.path.partition("/models/")
        if not wanted:
            listed = [_write_model(model) for model in reply.models]
            more = {"has_more": True, "last_id": reply.next_page} if reply.next_page else {}
            return WireAnswer(headers=JSON, body=_dumps({"object": "list", "data": listed, **more}))
        found = next((model for model in reply.models if model.id == wanted), None)
        if found is None:
            raise UnknownModel(f"no model is called '{wanted}'", model=wanted)
        return WireAnswer(headers=JSON, body=_dumps(_write_model(found)))


def _write_model(model: ModelInfo) -> Json:
    told: Json = {"id": model.id, "object": "model", "created": model.created, "owned_by": model.owner}
    more: Json = {"name": model.name, "context_length": model.context, "max_output_length": model.max_output}
    return told | {name: value for name, value in more.items() if value} | own(model.vendor)
