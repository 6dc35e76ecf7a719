"""POST /model/{model}/count-tokens: how many tokens a conversation would read."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.types.work import CountReply, CountRequest
from quorate.wire.json_fields import Json, an_object
from quorate.wire.seam import WireAnswer, WireRequest

from .address import path_of
from .failure import broken
from .fields import left, vendor
from .request import write_request

_READ = ("messages", "system", "toolConfig", "additionalModelRequestFields")
"""Fields of a request that the counting takes."""

_WEIGHED = frozenset(("messages", "tools", "tool_choice", "output", "thinking"))
"""Settings of ours that change how much is read: only of these a departure counts."""

_read = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class CountCodec:
    """Asks the provider to count; it does so for some families of models only."""

    def write_request(self, request: CountRequest, target: Target) -> WireRequest:
        written = write_request(request.request, target, stream=False)
        told = _read(written.body)
        asked = {name: told[name] for name in _READ if name in told}
        return WireRequest(
            path=path_of("count", target, "/model/{model}/count-tokens"),
            body=msgspec.json.encode({"input": {"converse": asked}}),
            fidelity=_weighed(written.fidelity),
        )

    def read_reply(self, answer: WireAnswer) -> CountReply:
        fields = document(answer)
        tokens = fields.get("inputTokens")
        if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 0:
            raise broken(answer, "the answer tells no number of tokens")
        return CountReply(tokens=tokens, vendor=vendor(left(fields, ("inputTokens",))))


def _weighed(departures: Sequence[Departure]) -> tuple[Departure, ...]:
    return tuple(each for each in departures if each.setting.split(".")[0] in _WEIGHED)


def document(answer: WireAnswer) -> Json:
    """The body as an object. Raises `UpstreamBroken`."""
    try:
        return an_object(msgspec.json.decode(answer.body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken(answer, "the answer is no JSON") from error
