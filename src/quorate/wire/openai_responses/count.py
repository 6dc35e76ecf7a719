"""POST /responses/input_tokens: how many tokens a request would read."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.types.work import CountReply, CountRequest
from quorate.wire.json_fields import Json
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .codec import ResponsesCodec, path_of
from .fields import own, vendor
from .front import ResponsesFront
from .paths import routes
from .shapes import read_object

COUNT_PATH = "/responses/input_tokens"

_OF_ANSWERS = frozenset(
    """max_output_tokens max_tool_calls temperature top_p top_logprobs stream stream_options user service_tier
    store include background metadata prompt_cache_key prompt_cache_retention safety_identifier""".split()
)
"""Fields that say nothing of what is read: the counting does not know them."""

_WEIGHED = frozenset(("messages", "tools", "tool_choice", "parallel_tools", "output", "thinking"))
"""Settings of ours that change how much is read: only of these a departure counts."""

_JSON = {"content-type": "application/json"}
_codec, _front = ResponsesCodec(), ResponsesFront()
_read_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_dumps = msgspec.json.encode


class CountCodec:
    """Asks the provider to count."""

    def write_request(self, request: CountRequest, target: Target) -> WireRequest:
        written = _codec.write_request(request.request, target, stream=False)
        body = {name: value for name, value in _read_raw(written.body).items() if name not in _OF_ANSWERS}
        return WireRequest(
            path=path_of("count", COUNT_PATH, target),
            body=_dumps(body),
            query=written.query,
            headers=written.headers,
            fidelity=_weighed(written.fidelity),
        )

    def read_reply(self, answer: WireAnswer) -> CountReply:
        try:
            body = read_object(answer.body.strip())
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise broken("the answer cannot be read as JSON", answer) from error
        tokens = body.pop("input_tokens", None)
        if body.get("error"):
            raise error_of(body, answer)
        if not isinstance(tokens, int) or isinstance(tokens, bool) or tokens < 0:
            raise broken("the answer tells no number of tokens", answer)
        body.pop("object", None)
        return CountReply(tokens=tokens, vendor=vendor(body))


def _weighed(departures: Sequence[Departure]) -> tuple[Departure, ...]:
    return tuple(each for each in departures if each.setting.split(".")[0] in _WEIGHED)


class CountFront:
    """Tells clients how many tokens their request would read."""

    routes: Sequence[Route] = routes(COUNT_PATH, "count")

    def read_request(self, call: Call) -> CountRequest:
        request = _front.read_request(call)
        return CountRequest(model=request.model, request=request)

    def write_reply(self, reply: CountReply, call: Call) -> WireAnswer:
        body: Json = {"object": "response.input_tokens", "input_tokens": reply.tokens}
        return WireAnswer(headers=_JSON, body=_dumps(body | own(reply.vendor)))
