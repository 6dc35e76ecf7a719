"""Counting tokens (countTokens): how many a request would read, for clients and providers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from quorate.errors import InvalidRequest, UpstreamBroken
from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.types.work import CountReply, CountRequest
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .address import address_of, routes
from .ask import read_chat
from .failure import error_of, read_failure
from .fields import Fields, Json, Misshapen, own, vendor
from .request import encode, path_to, write_request

METHOD = "countTokens"

_WRAPPED = "generateContentRequest"
_BESIDE = "generate_content_request"
_WEIGHED = frozenset(("messages", "tools", "tool_choice", "output"))
"""Settings of ours that change how much is read: only of these a departure counts."""

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_HEADERS = {"content-type": "application/json; charset=UTF-8"}


class CountCodec:
    """Asks the provider to count. A `paths` quirk for 'count' is Vertex AI's way: the request is not wrapped there."""

    def write_request(self, request: CountRequest, target: Target) -> WireRequest:
        written = write_request(request.request, target, stream=False)
        body: Json = dict(_OBJECT.decode(written.body))
        model = target.model if "/" in target.model else f"models/{target.model}"
        if "count" not in target.quirks.paths:
            body = {_WRAPPED: {"model": model} | body}
        return WireRequest(
            path=path_to(target, METHOD, "count"),
            body=encode(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            fidelity=_weighed(written.fidelity),
        )

    def read_reply(self, answer: WireAnswer) -> CountReply:
        try:
            fields = Fields(answer.body)
            if "error" in fields.rest:
                raise read_failure(answer)
            # a count of nothing comes without its field
            return CountReply(tokens=fields.integer("totalTokens") or 0, vendor=vendor(fields.left()))
        except Misshapen as error:
            if error_of(answer.body):
                raise read_failure(answer) from error
            raise UpstreamBroken(f"no count came: {error}", body=answer.body) from error


def _weighed(departures: Sequence[Departure]) -> tuple[Departure, ...]:
    return tuple(each for each in departures if each.setting.split(".")[0] in _WEIGHED)


class CountFront:
    """Tells clients how many tokens their request would read: contents alone, or a whole request wrapped."""

    routes: Sequence[Route] = routes((METHOD,), "count")

    def read_request(self, call: Call) -> CountRequest:
        model = address_of(call).model
        try:
            request = read_chat(_unwrapped(call.body), model)
        except Misshapen as error:
            raise InvalidRequest(str(error), where=error.where) from error
        return CountRequest(model=model, request=request)

    def write_reply(self, reply: CountReply, call: Call) -> WireAnswer:
        body: Json = {"totalTokens": reply.tokens} | own(reply.vendor)
        return WireAnswer(headers=_HEADERS, body=encode(body))


def _unwrapped(body: bytes) -> bytes:
    """The request itself. Its own word for the model stands in the path too."""
    try:
        fields = _OBJECT.decode(body)
        inner = fields.pop(_WRAPPED, None) or fields.pop(_BESIDE, None) or Raw(b"null")
        wrapped = fields if bytes(inner) == b"null" else _OBJECT.decode(inner)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Misshapen("the body must be a JSON object, and so must the request inside it") from error
    wrapped.pop("model", None)
    return encode(wrapped)
