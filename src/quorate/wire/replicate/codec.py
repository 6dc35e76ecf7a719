"""Calls models on Replicate: a prediction is made of each question."""

from __future__ import annotations

from quorate.errors import UpstreamError
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.seam import StreamReader, WireAnswer, WireRequest

from .failure import read_failure
from .following import follow_stream, follow_whole
from .prediction import read_prediction, read_reply
from .question import write_input
from .stream import OutputReader
from .submitting import submit


class ReplicateCodec:
    """Speaks POST …/predictions; the base URL ends before `/v1`."""

    def write_request(self, request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
        fields, departures = write_input(request, target.quirks)
        return submit(
            fields,
            target,
            departures,
            follow=follow_stream if stream else follow_whole,
            stream=stream,
        )

    def read_reply(self, answer: WireAnswer) -> ChatReply:
        return read_reply(read_prediction(answer), answer)

    def read_error(self, answer: WireAnswer) -> UpstreamError:
        return read_failure(answer)

    def stream_reader(self) -> StreamReader:
        return OutputReader()
