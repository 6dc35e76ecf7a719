"""Pictures, speech, transcripts and verdicts with something wrong anywhere inside: nothing but our own errors comes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.errors import InvalidRequest, Unsupported, UpstreamError
from quorate.types.work import Operation
from quorate.wire.gemini import GEMINI
from quorate.wire.multipart import FormPart, write_form
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import Call, WireAnswer
from tests.wire.openai_chat.given import FULL, target

from .test_hostile import spoilings

USAGE = {
    "input_tokens": 5,
    "output_tokens": 3,
    "total_tokens": 8,
    "input_tokens_details": {"text_tokens": 1, "image_tokens": 4},
    "output_tokens_details": {"text_tokens": 1},
    "cost_in_usd_ticks": 5,
}

REPLIES: Mapping[Operation, dict[str, Any]] = {
    "images": {
        "created": 5,
        "data": [{"b64_json": "YWJj", "revised_prompt": "p"}, {"url": "data:image/png;base64,YWJj"}],
        "output_format": "png",
        "usage": USAGE,
    },
    "speech": {"audio": "data:audio/wav;base64,YWJj", "audio_data": "YWJj", "usage": {"prompt_tokens": 5}},
    "transcribe": {
        "text": "a",
        "duration": "5.5",
        "language": "en",
        "segments": [{"id": 0, "start": 0, "end": 1.5, "text": "a", "speaker": 1, "type": "x"}],
        "words": [{"word": "a", "start": 0, "end": 1}],
        "usage": {
            "type": "duration",
            "seconds": 6,
            "total_tokens": 5,
            "input_token_details": {"audio_tokens": 5},
        },
    },
    "moderate": {
        "id": "m",
        "results": [{"flagged": True, "categories": {"hate": True}, "category_scores": {"hate": 0.5}}],
        "usage": {"prompt_tokens": 5},
    },
}
REQUESTS: Mapping[Operation, tuple[str, dict[str, Any]]] = {
    "images": (
        "/v1/images/edits",
        {
            "model": "m",
            "prompt": "p",
            "n": 1,
            "size": "1x1",
            "response_format": "url",
            "images": [{"image_url": "data:image/png;base64,YWJj"}, {"image_url": {"url": "https://a.test"}}],
            "mask": {"image_url": "https://a.test"},
            "stream": False,
        },
    ),
    "speech": ("/v1/audio/speech", {"model": "m", "input": "x", "voice": {"id": "v"}, "speed": 1.5}),
    "moderate": (
        "/v1/moderations",
        {
            "model": "m",
            "input": [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {"url": "u"}}],
        },
    ),
}
JSON = {"content-type": "application/json"}
CALLS: Mapping[Operation, Call] = {
    operation: Call(path=path, body=json.dumps(body).encode()) for operation, (path, body) in REQUESTS.items()
}


def form(*fields: tuple[str, bytes]) -> Call:
    parts = [FormPart(name=name, data=data) for name, data in fields]
    sound = FormPart(name="file", data=b"x", filename="a.wav")
    content_type, body = write_form([FormPart(name="model", data=b"m"), *parts, sound])
    return Call(path="/v1/audio/transcriptions", headers={"content-type": content_type}, body=body)


@pytest.mark.parametrize("operation", REPLIES)
@settings(max_examples=30)
@given(data=st.data())
def test_a_spoilt_reply_is_read_or_refused(operation: Operation, data: st.DataObject):
    body = data.draw(spoilings(REPLIES[operation]))
    call = CALLS.get(operation) or form(("response_format", b"verbose_json"))
    with contextlib.suppress(UpstreamError):
        read = OPENAI_CHAT.work[operation].read_reply(
            WireAnswer(headers=JSON, body=json.dumps(body).encode())
        )
        OPENAI_CHAT.work_fronts[operation].write_reply(read, call)


@pytest.mark.parametrize("operation", REQUESTS)
@settings(max_examples=30)
@given(data=st.data())
def test_a_spoilt_request_is_read_or_refused(operation: Operation, data: st.DataObject):
    path, told = REQUESTS[operation]
    call = Call(path=path, body=json.dumps(data.draw(spoilings(told))).encode())
    with contextlib.suppress(InvalidRequest, Unsupported):
        request = OPENAI_CHAT.work_fronts[operation].read_request(call)
        OPENAI_CHAT.work[operation].write_request(request, target(FULL))
        if operation in GEMINI.work:
            GEMINI.work[operation].write_request(request, target())


NAMES = st.sampled_from(
    (
        "response_format",
        "temperature",
        "stream",
        "timestamp_granularities[]",
        "language",
        "x",
        "x[]",
        "model[]",
    )
)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(NAMES, st.binary(max_size=5) | st.sampled_from((b"srt", b"true", b"1e9", b"nan"))),
        max_size=4,
    )
)
def test_a_spoilt_form_is_read_or_refused(fields: list[tuple[str, bytes]]):
    with contextlib.suppress(InvalidRequest):
        request = OPENAI_CHAT.work_fronts["transcribe"].read_request(form(*fields))
        OPENAI_CHAT.work["transcribe"].write_request(request, target(FULL))


GEMINI_REPLY: dict[str, Any] = {
    "predictions": [{"bytesBase64Encoded": "YWJj", "mimeType": "image/png", "raiFilteredReason": "x"}],
    "candidates": [
        {"content": {"parts": [{"inlineData": {"mimeType": "audio/L16;rate=1", "data": "YWJj"}}]}}
    ],
    "usageMetadata": {"promptTokenCount": 5},
}


@settings(max_examples=60)
@given(spoilings(GEMINI_REPLY))
def test_a_spoilt_answer_of_gemini_is_read_or_refused(body: Any):
    for operation in ("images", "speech"):
        with contextlib.suppress(UpstreamError):
            GEMINI.work[operation].read_reply(WireAnswer(body=json.dumps(body).encode()))
