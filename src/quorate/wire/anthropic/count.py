"""POST /v1/messages/count_tokens: how many tokens a request would read."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.types.work import CountReply, CountRequest
from quorate.wire.json_fields import a_list
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .failure import JSON_HEADERS, broken
from .fields import Fields, Json, Misshapen, own, vendor
from .question import read_request
from .quirks import headers_for, path_for
from .request import write_request

_PATH = "/v1/messages/count_tokens"
_OF_ANSWERS = frozenset(
    "max_tokens temperature top_p top_k stop_sequences stream metadata service_tier".split()
)
"""Fields that say nothing of what is read: the counting refuses them."""

_WEIGHED = frozenset(("messages", "tools", "tool_choice", "output", "thinking"))
"""Settings of ours that change how much is read: only of these a departure counts."""

_read = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class CountCodec:
    """Asks the provider to count."""

    def write_request(self, request: CountRequest, target: Target) -> WireRequest:
        written = write_request(request.request, target, stream=False)
        body = {name: value for name, value in _read(written.body).items() if name not in _OF_ANSWERS}
        if "{model}" not in target.quirks.paths.get("count", ""):
            body["model"] = msgspec.Raw(msgspec.json.encode(target.model))
        return WireRequest(
            path=path_for("count", target, _PATH),
            body=msgspec.json.encode(body),
            query=written.query,
            headers=headers_for(target, _betas(request)),
            fidelity=_weighed(written.fidelity),
        )

    def read_reply(self, answer: WireAnswer) -> CountReply:
        try:
            fields = Fields(answer.body)
            tokens = fields.whole("input_tokens")
            if tokens is None or tokens < 0:
                raise broken(answer, "the answer tells no number of tokens")
            return CountReply(tokens=tokens, vendor=vendor(fields.left()))
        except Misshapen as error:
            raise broken(answer, f"the answer makes no sense ({error})") from error


def _betas(request: CountRequest) -> list[str]:
    return [each for each in a_list(own(request.request.vendor).get("betas")) if isinstance(each, str)]


def _weighed(departures: Sequence[Departure]) -> tuple[Departure, ...]:
    return tuple(each for each in departures if each.setting.split(".")[0] in _WEIGHED)


class CountFront:
    """Tells clients how many tokens their request would read."""

    routes: Sequence[Route] = tuple(
        Route(method="POST", path=base + _PATH, operation="count") for base in ("", "/v1")
    )

    def read_request(self, call: Call) -> CountRequest:
        request = read_request(call)
        return CountRequest(model=request.model, request=request)

    def write_reply(self, reply: CountReply, call: Call) -> WireAnswer:
        body: Json = {"input_tokens": reply.tokens} | own(reply.vendor)
        return WireAnswer(headers=JSON_HEADERS, body=msgspec.json.encode(body))
