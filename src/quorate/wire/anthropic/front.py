"""Answers clients that speak Anthropic messages."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.errors import InvalidRequest, QuorateError
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .failure import JSON_HEADERS, answer_for
from .question import betas_of, header_of, read_request
from .quirks import chat_path, headers_for
from .reply import write_reply
from .verbatim import refuse_departures
from .writer import EventWriter


class _Outlined(msgspec.Struct):
    model: str
    stream: bool | None = None
    max_tokens: int | None = None


_OUTLINE = msgspec.json.Decoder(_Outlined)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


class AnthropicFront:
    """Takes us for the provider: official SDKs and programs built on them."""

    routes: Sequence[Route] = (
        Route(method="POST", path="/v1/messages"),
        Route(method="POST", path="/v1/v1/messages"),  # of clients whose base URL ends in /v1 already
    )
    request_id_header = "request-id"

    def outline(self, call: Call) -> Outline:
        try:
            outlined = _OUTLINE.decode(call.body)
        except msgspec.ValidationError as error:
            raise InvalidRequest(str(error), where=_place(error)) from error
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidRequest(f"the body is no JSON: {error}") from error
        if not outlined.model:
            raise InvalidRequest("'model' must be a string that is not empty", where="model")
        return Outline(
            model=outlined.model,
            stream=bool(outlined.stream),
            max_output=outlined.max_tokens,
            size=len(call.body),
        )

    def redirect(self, call: Call, target: Target) -> WireRequest:
        outline = self.outline(call)
        refuse_departures(call.body, target.quirks)
        body = call.body
        if outline.model != target.model:
            fields = _FIELDS.decode(body)
            fields["model"] = msgspec.Raw(msgspec.json.encode(target.model))
            body = msgspec.json.encode(fields)
        headers = headers_for(target, betas_of(call))
        if version := header_of(call, "anthropic-version"):
            headers["anthropic-version"] = version
        return WireRequest(
            path=chat_path(target, stream=outline.stream),
            body=body,
            query=call.query | target.quirks.query,
            headers=headers,
            framing="sse" if outline.stream else "json",
        )

    def read_request(self, call: Call) -> ChatRequest:
        return read_request(call)

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        return WireAnswer(headers=JSON_HEADERS, body=msgspec.json.encode(write_reply(reply)))

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        return answer_for(error)

    def stream_writer(self, call: Call) -> StreamWriter:
        return EventWriter(self._asked(call))

    def _asked(self, call: Call) -> str:
        """The model's name for a stream that begins without one."""
        try:
            return self.outline(call).model
        except InvalidRequest:
            return ""


def _place(error: msgspec.ValidationError) -> str:
    """The path that msgspec tells: "… - at `$.stream`"; a field that is missing it names instead."""
    words = str(error)
    if "missing required field" in words:
        return words.split("`")[1]
    return words.partition(" - at `$.")[2].rstrip("`")
