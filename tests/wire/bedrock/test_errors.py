"""Errors: in answers, by header, type or words, and inside streams."""

from __future__ import annotations

import json

import pytest

from quorate.errors import (
    KeyInvalid,
    ModelUnavailable,
    QuotaExhausted,
    TooLong,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.wire.eventstream import write_message
from quorate.wire.seam import WireAnswer

from .making import START, WIRE, delta, streamed

TOLD: list[tuple[int, str, str, type[UpstreamError]]] = [
    (400, "ValidationException", "Malformed input request", UpstreamRejected),
    (400, "ValidationException", "Input is too long for requested model.", TooLong),
    (
        400,
        "ValidationException",
        "Input Tokens Exceeded: Number of input tokens exceeds maximum length",
        TooLong,
    ),
    (400, "ValidationException", "prompt is too long: 210000 tokens > 200000 maximum", TooLong),
    (400, "ValidationException", "The provided model identifier is invalid.", ModelUnavailable),
    (
        400,
        "ValidationException",
        "Invocation of model ID x with on-demand throughput isn’t supported.",
        ModelUnavailable,
    ),
    (
        403,
        "AccessDeniedException",
        "You don't have access to the model with the specified model ID.",
        ModelUnavailable,
    ),
    (
        403,
        "AccessDeniedException",
        "User: arn:aws:iam::1:user/x is not authorized to perform: bedrock:InvokeModel",
        KeyInvalid,
    ),
    (
        403,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        KeyInvalid,
    ),
    (403, "ExpiredTokenException", "The security token included in the request is expired", KeyInvalid),
    (403, "InvalidSignatureException", "The request signature we calculated does not match", KeyInvalid),
    (
        404,
        "ResourceNotFoundException",
        "This model version has reached the end of its life.",
        ModelUnavailable,
    ),
    (408, "ModelTimeoutException", "Model has timed out", UpstreamTimeout),
    (424, "ModelErrorException", "The model broke", UpstreamBroken),
    (429, "ThrottlingException", "Too many tokens, please wait before trying again.", UpstreamBusy),
    (429, "ThrottlingException", "Too many tokens per day, please wait before trying again.", QuotaExhausted),
    (429, "ModelNotReadyException", "Model is not ready for inference", UpstreamBusy),
    (400, "ServiceQuotaExceededException", "Your request exceeds the service quota", QuotaExhausted),
    (500, "InternalServerException", "Internal server error", UpstreamBroken),
    (503, "ServiceUnavailableException", "Bedrock is unable to process your request.", UpstreamBusy),
]


@pytest.mark.parametrize(("status", "code", "words", "kind"), TOLD)
def test_a_type_in_a_header_or_in_the_body_tells_what_went_wrong(
    status: int, code: str, words: str, kind: type[UpstreamError]
):
    header = {"x-amzn-errortype": f"{code}:http://internal.amazon.com/coral/", "x-amzn-requestid": "r-1"}
    body = json.dumps({"message": words}).encode()
    inside = json.dumps({"__type": f"com.amazon.coral#{code}", "Message": words}).encode()
    told = [
        WIRE.codec.read_error(WireAnswer(status=status, headers=header, body=body)),
        WIRE.codec.read_error(WireAnswer(status=status, body=inside)),
    ]

    assert [(type(error), str(error), error.upstream_code, error.status) for error in told] == [
        (kind, words, code, status)
    ] * 2
    assert told[0].request_id == "r-1"


@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"[1]", b"\xff", b'{"message":7}'])
def test_any_body_of_an_error_is_an_error(body: bytes):
    error = WIRE.codec.read_error(WireAnswer(status=503, body=body))

    assert isinstance(error, UpstreamBusy)


def test_a_type_alone_is_enough():
    error = WIRE.codec.read_error(WireAnswer(status=429, headers={"x-amzn-errortype": "ThrottlingException"}))

    assert isinstance(error, UpstreamBusy)


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        ("throttlingException", "Too many requests", UpstreamBusy),
        ("modelStreamErrorException", "The model broke", UpstreamBroken),
        ("internalServerException", "It broke", UpstreamBroken),
        ("serviceUnavailableException", "Come back", UpstreamBusy),
        ("validationException", "Input is too long for requested model.", TooLong),
        ("validationException", "Malformed", UpstreamRejected),
        ("modelTimeoutException", "Too late", UpstreamTimeout),
        ("somethingOfTimesToCome", "What", UpstreamBroken),
    ],
)
def test_an_exception_inside_a_stream_is_the_same_error(code: str, words: str, kind: type[UpstreamError]):
    headers = {":message-type": "exception", ":exception-type": code, ":content-type": "application/json"}
    broken = write_message(json.dumps({"message": words}).encode(), headers)

    with pytest.raises(kind) as caught:
        streamed(START, delta(0, text="Hi"), broken)
    assert (type(caught.value), str(caught.value), caught.value.upstream_code) == (kind, words, code)


def test_a_models_own_status_inside_a_stream_counts():
    told = {"message": "slow down", "originalStatusCode": 429, "originalMessage": "slow down"}
    headers = {":message-type": "exception", ":exception-type": "modelStreamErrorException"}

    with pytest.raises(UpstreamBusy):
        streamed(START, write_message(json.dumps(told).encode(), headers))


def test_an_error_of_the_stream_itself_says_its_words():
    headers = {":message-type": "error", ":error-code": "InternalFailure", ":error-message": "it broke"}

    with pytest.raises(UpstreamBroken, match="it broke"):
        streamed(START, write_message(b"", headers))


def test_an_error_inside_a_success_is_one():
    with pytest.raises(UpstreamBroken, match="it broke"):
        WIRE.codec.read_reply(WireAnswer(body=b'{"message": "it broke"}'))
