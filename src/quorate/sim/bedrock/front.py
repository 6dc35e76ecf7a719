"""Answers what Amazon's clients ask of Converse and ConverseStream."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from quorate.errors import (
    BudgetExceeded,
    InvalidRequest,
    KeyInvalid,
    ModelUnavailable,
    QuorateError,
    RateLimited,
    RequestError,
    UnknownCaller,
    UnknownModel,
    UpstreamBusy,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.bedrock.reply import write_reply
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .question import model_in, read_request
from .writer import MessageWriter

JSON = {"content-type": "application/json"}

_STREAM = "/converse-stream"

_TYPES: tuple[tuple[type[QuorateError], str], ...] = (
    (RateLimited, "ThrottlingException"),
    (BudgetExceeded, "ServiceQuotaExceededException"),
    (UnknownCaller, "UnrecognizedClientException"),
    (KeyInvalid, "AccessDeniedException"),
    (UnknownModel, "ResourceNotFoundException"),
    (ModelUnavailable, "ResourceNotFoundException"),
    (UpstreamBusy, "ServiceUnavailableException"),
    (UpstreamTimeout, "ModelTimeoutException"),
    (UpstreamRejected, "ValidationException"),
    (RequestError, "ValidationException"),
)
_BY_STATUS: Mapping[int, str] = {400: "ValidationException", 429: "ThrottlingException"}


def type_of(error: QuorateError) -> str:
    """The protocol's name for an error."""
    found = next((name for kind, name in _TYPES if isinstance(error, kind)), "")
    return found or _BY_STATUS.get(error.http_status, "InternalServerException")


class BedrockFront:
    """A provider of this protocol, played."""

    routes: Sequence[Route] = (
        Route(method="POST", path="/model/{model*}/converse"),
        Route(method="POST", path="/model/{model*}/converse-stream"),
    )
    request_id_header = "x-amzn-requestid"

    def outline(self, call: Call) -> Outline:
        return Outline(model=model_in(call.path), stream=call.path.endswith(_STREAM), size=len(call.body))

    def redirect(self, call: Call, target: Target) -> WireRequest:
        """Nobody is redirected: no client of the gateway speaks this protocol."""
        raise InvalidRequest("calls of this protocol are not forwarded")

    def read_request(self, call: Call) -> ChatRequest:
        return read_request(call)

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        headers = JSON | {"x-amzn-requestid": reply.id}
        return WireAnswer(headers=headers, body=msgspec.json.encode(write_reply(reply)))

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        wait: object = getattr(error, "retry_after", None)
        headers = JSON | {"x-amzn-errortype": type_of(error)}
        if isinstance(wait, int | float):
            headers["retry-after"] = str(math.ceil(wait))
        return WireAnswer(
            status=error.http_status,
            headers=headers,
            body=msgspec.json.encode({"message": str(error)}),
        )

    def stream_writer(self, call: Call) -> StreamWriter:
        return MessageWriter(type_of)
