"""Embeddings: embedContent, batchEmbedContents and Vertex AI's older predict; for clients and providers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from quorate.errors import InvalidRequest, Unsupported, UpstreamBroken
from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.types.usage import MISSING, Usage
from quorate.types.work import EmbedReply, EmbedRequest
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .address import address_of, routes
from .failure import error_of, read_failure
from .fields import NAME, Fields, Json, Misshapen, decoded, own, vendor
from .request import encode, path_to
from .usage import write_usage

_VECTOR = msgspec.json.Decoder(tuple[float, ...])
_PREDICT = ":predict"


class EmbedCodec:
    """Calls Gemini for vectors. A `paths` quirk that ends in ':predict' asks Vertex AI the older way."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        if request.tokens:
            raise Unsupported(
                f"'{target.name}' takes texts, not token numbers: send the texts", settings=("input",)
            )
        single = len(request.inputs) == 1
        path = path_to(target, "embedContent" if single else "batchEmbedContents", "embed")
        notes: tuple[Departure, ...] = ()
        if request.user:
            detail = "this protocol has no field for the end user"
            notes = (Departure(setting="user", kind="dropped", detail=detail),)
        kept = dict(own(request.vendor))
        if path.endswith(_PREDICT):
            body = _instances(request, kept)
        else:
            model = target.model if "/" in target.model else f"models/{target.model}"
            asks = [_ask(text, request, model) | kept for text in request.inputs]
            body = asks[0] if path.endswith(":embedContent") else {"requests": asks}
        return WireRequest(
            path=path,
            body=encode(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            fidelity=notes,
        )

    def read_reply(self, answer: WireAnswer) -> EmbedReply:
        try:
            fields = Fields(answer.body)
            if "error" in fields.rest:
                raise read_failure(answer)
            return _read_reply(fields)
        except Misshapen as error:
            if error_of(answer.body):
                raise read_failure(answer) from error
            raise UpstreamBroken(f"no embeddings came: {error}", body=answer.body) from error


def _ask(text: str, request: EmbedRequest, model: str) -> Json:
    ask: Json = {"model": model, "content": {"parts": [{"text": text}]}}
    return ask if request.dimensions is None else ask | {"outputDimensionality": request.dimensions}


def _instances(request: EmbedRequest, kept: Json) -> Json:
    names = {"taskType": "task_type", "title": "title"}
    told = {names[name]: kept.pop(name) for name in names if name in kept}
    body: Json = {"instances": [{"content": text} | told for text in request.inputs]}
    if request.dimensions is not None:
        body["parameters"] = {"outputDimensionality": request.dimensions}
    return body | kept


def _read_reply(fields: Fields) -> EmbedReply:
    counted = fields.raw("usageMetadata")
    one = fields.inner("embedding")
    many = [one] if one else fields.items("embeddings")
    predicted = [each for item in fields.items("predictions") if (each := item.inner("embeddings"))]
    vectors = tuple(_vector(each) for each in many or predicted)
    if not vectors:
        raise Misshapen("there is no vector in the answer")
    usage = _read_usage(counted) if counted else _sum_of(predicted)
    return EmbedReply(model="", vectors=vectors, usage=usage, vendor=vendor(fields.left()))


def _vector(fields: Fields) -> tuple[float, ...]:
    raw = fields.raw("values") or Raw(b"[]")
    try:
        return _VECTOR.decode(raw)
    except msgspec.MsgspecError as error:
        raise Misshapen(f"'{fields.at}.values' must be numbers", fields.at) from error


def _read_usage(raw: Raw) -> Usage:
    """Of embeddings the prompt's count comes without a total to hold it against."""
    count = Fields(raw, "usageMetadata").integer("promptTokenCount")
    kept = {NAME: decoded(raw)}
    return MISSING if count is None else Usage(input=count, vendor=kept)


def _sum_of(predicted: Sequence[Fields]) -> Usage:
    counts = [inner.integer("token_count") for each in predicted if (inner := each.inner("statistics"))]
    known = [count for count in counts if count is not None]
    return Usage(input=sum(known)) if known and len(known) == len(predicted) else MISSING


class EmbedFront:
    """Answers clients that ask for vectors, one text at a time or many."""

    routes: Sequence[Route] = routes(("embedContent", "batchEmbedContents"), "embed")

    def read_request(self, call: Call) -> EmbedRequest:
        address = address_of(call)
        try:
            body = Fields(call.body)
            if address.method == "embedContent":
                return _read_asks([body], address.model, {})
            return _read_asks(body.items("requests"), address.model, body.left())
        except Misshapen as error:
            raise InvalidRequest(str(error), where=error.where) from error

    def write_reply(self, reply: EmbedReply, call: Call) -> WireAnswer:
        vectors: list[Json] = [{"values": vector} for vector in reply.vectors]
        single = address_of(call).method == "embedContent"
        body: Json = {"embedding": vectors[0]} if single and vectors else {"embeddings": vectors}
        if reply.usage.quality != "missing":
            body["usageMetadata"] = write_usage(reply.usage)
        headers = {"content-type": "application/json; charset=UTF-8"}
        return WireAnswer(headers=headers, body=encode(body | own(reply.vendor)))


def _read_asks(asks: Sequence[Fields], model: str, kept: Json) -> EmbedRequest:
    """All texts of one request must be wanted alike: other protocols say it once for all of them."""
    inputs: list[str] = []
    wanted: list[tuple[int | None, Json]] = []
    for ask in asks:
        ask.raw("model")
        inputs.append(_text_of(ask))
        wanted.append((ask.integer("outputDimensionality"), ask.left()))
    if not inputs:
        raise Misshapen("'requests' must not be empty", "requests")
    for number, each in enumerate(wanted):
        if each != wanted[0]:
            raise Misshapen(f"'requests.{number}' wants another form than the first", f"requests.{number}")
    dimensions, rest = wanted[0]
    return EmbedRequest(model=model, inputs=tuple(inputs), dimensions=dimensions, vendor=vendor(rest | kept))


def _text_of(ask: Fields) -> str:
    content = ask.inner("content")
    texts: list[str] = []
    for part in content.items("parts") if content else ():
        text = part.maybe_text("text")
        if text is None:
            raise Misshapen(f"'{part.at}' must be text: nothing else is embedded here", part.at)
        texts.append(text)
    if not texts:
        raise Misshapen(f"'{ask.place('content')}' must have text", ask.place("content"))
    return "".join(texts)
