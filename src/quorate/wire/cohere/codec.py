"""Calls Cohere: our values to its JSON and back."""

from __future__ import annotations

from quorate.errors import UpstreamError
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.seam import StreamReader, WireAnswer, WireRequest

from .failure import read_failure
from .reply import read_reply
from .request import write_request
from .stream import EventReader


class CohereCodec:
    """Speaks /v2/chat."""

    def write_request(self, request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
        return write_request(request, target, stream=stream)

    def read_reply(self, answer: WireAnswer) -> ChatReply:
        return read_reply(answer)

    def read_error(self, answer: WireAnswer) -> UpstreamError:
        return read_failure(answer)

    def stream_reader(self) -> StreamReader:
        return EventReader()
