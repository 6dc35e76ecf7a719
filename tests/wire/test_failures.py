"""A provider's refusal becomes the error that says what to do about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import (
    KeyInvalid,
    ModelUnavailable,
    QuotaExhausted,
    TooLong,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.wire.failures import BY_CODE, BY_STATUS, BY_WORDS, failure, request_id_of, retry_after_of
from quorate.wire.seam import WireAnswer

VERDICTS: list[tuple[int, tuple[str, ...], str, type[UpstreamError]]] = [
    (400, (), "no", UpstreamRejected),
    (400, (), "This model's maximum context length is 10 tokens", TooLong),
    (400, ("invalid_request_error",), "prompt is too long: 9 tokens > 8", TooLong),
    (400, ("context_length_exceeded", "invalid_request_error"), "", TooLong),
    (400, ("", "invalid_argument"), "API key not valid", KeyInvalid),
    (400, ("CONTENT_FILTER",), "", UpstreamRefused),
    (400, ("unknown_model",), "", ModelUnavailable),
    (400, ("OperationNotSupported",), "", ModelUnavailable),
    (400, ("billing_error",), "", QuotaExhausted),
    (400, ("invalid_request_error",), "Your credit balance is too low", QuotaExhausted),
    (401, (), "", KeyInvalid),
    (401, ("invalid_request_error",), "", KeyInvalid),
    (402, (), "", QuotaExhausted),
    (403, (), "", KeyInvalid),
    (403, (), "insufficient balance", QuotaExhausted),
    (404, (), "", ModelUnavailable),
    (408, (), "", UpstreamTimeout),
    (413, (), "", TooLong),
    (418, (), "", UpstreamRejected),
    (422, (), "", UpstreamRejected),
    (429, (), "slow down", UpstreamBusy),
    (429, (), "You exceeded your current quota", QuotaExhausted),
    (429, ("insufficient_quota",), "", QuotaExhausted),
    (429, ("RESOURCE_EXHAUSTED",), "You exceeded your current quota", UpstreamBusy),
    (500, (), "", UpstreamBroken),
    (500, (), "context length", UpstreamBroken),
    (500, ("never_heard_of",), "", UpstreamBroken),
    (502, ("invalid_request_error",), "", UpstreamBroken),
    (503, (), "", UpstreamBusy),
    (504, (), "", UpstreamTimeout),
    (529, ("overloaded_error",), "", UpstreamBusy),
    (301, (), "", UpstreamBroken),
    (200, (), "", UpstreamBroken),
    (200, ("overloaded_error",), "", UpstreamBusy),
    (200, ("invalid_request_error",), "", UpstreamRejected),
    (200, ("429",), "", UpstreamBusy),
    (200, ("503", "UNAVAILABLE"), "", UpstreamBusy),
    (200, ("401",), "", KeyInvalid),
    (200, ("1302",), "", UpstreamBroken),
    (200, ("²²²",), "", UpstreamBroken),
    (0, (), "", UpstreamBroken),
]


@pytest.mark.parametrize(("status", "codes", "words", "kind"), VERDICTS)
def test_status_code_and_words_make_the_verdict(
    status: int, codes: tuple[str, ...], words: str, kind: type[UpstreamError]
):
    assert type(failure(WireAnswer(status=status), codes=codes, words=words)) is kind


def test_the_tables_are_written_as_they_are_asked():
    assert [code for code in BY_CODE if code != code.lower()] == []
    assert [words for words, _ in BY_WORDS if words != words.lower()] == []
    assert [status for status in BY_STATUS if not 400 <= status < 600] == []


def test_an_error_keeps_what_the_provider_said():
    answer = WireAnswer(
        status=429, headers={"x-request-id": "r1", "retry-after": "7"}, body=b'{"error":' + b"x" * 9000
    )

    error = failure(answer, codes=("", "rate_limit_exceeded"), words="slow down")

    assert str(error) == "slow down"
    assert (error.status, error.upstream_code, error.retry_after) == (429, "rate_limit_exceeded", 7.0)
    assert error.request_id == "r1"
    assert error.body == answer.body[:4096]


def test_an_answer_without_words_is_quoted():
    assert str(failure(WireAnswer(status=500, body=b" <h1>\xff oops</h1> "))) == "<h1>\ufffd oops</h1>"
    assert len(str(failure(WireAnswer(status=500, body=b"x" * 9000)))) == 500


def test_an_empty_answer_is_told_by_its_status():
    assert str(failure(WireAnswer(status=503))) == "HTTP 503 without a word"


DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
WAITS: list[tuple[dict[str, str], float | None]] = [
    ({}, None),
    ({"retry-after": "3"}, 3.0),
    ({"retry-after": " 1.5 "}, 1.5),
    ({"retry-after": "0"}, 0.0),
    ({"retry-after-ms": "250"}, 0.25),
    ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
    ({"retry-after": "-3"}, None),
    ({"retry-after": "inf"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "soon"}, None),
    ({"retry-after": DATE}, None),
    ({"retry-after": DATE, "date": "Wed, 21 Oct 2026 07:27:30 GMT"}, 30.0),
    ({"retry-after": DATE, "date": "Wed, 21 Oct 2026 09:27:50 +0200"}, 10.0),
    ({"retry-after": DATE, "date": "Wed, 21 Oct 2026 08:00:00 GMT"}, 0.0),
    ({"retry-after": DATE, "date": "Wed, 21 Oct 2026 07:27:30 -0000"}, None),
    ({"retry-after": DATE, "date": "yesterday"}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), WAITS)
def test_how_long_to_wait_is_read_from_the_headers(headers: dict[str, str], seconds: float | None):
    assert retry_after_of(headers) == seconds


def test_the_header_counts_before_the_body():
    answer = WireAnswer(status=429, headers={"retry-after": "2"})

    assert failure(answer, retry_after=9.0).retry_after == 2.0
    assert failure(WireAnswer(status=429), retry_after=9.0).retry_after == 9.0


header_texts = st.text(max_size=30) | st.from_regex(
    r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,6} \d{1,3}:\d{1,3}(:\d{1,3})? [A-Z+-]{0,3}\d{0,9}", fullmatch=True
)  # fmt: skip


@given(header_texts, header_texts, header_texts)
def test_no_header_is_too_strange_to_be_read(after: str, milliseconds: str, date: str):
    seconds = retry_after_of({"retry-after": after, "retry-after-ms": milliseconds, "date": date})

    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(
    "name", ["x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "cf-ray"]
)
def test_the_providers_name_for_a_call_is_found(name: str):
    assert request_id_of({name: "abc", "other": "x"}) == "abc"


def test_a_call_may_have_no_name():
    assert request_id_of({}) == ""
