"""Speech, and what is written down of it."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from quorate.errors import InvalidRequest, UpstreamBroken, UpstreamError
from quorate.types.sound import (
    Segment,
    SpeechReply,
    SpeechRequest,
    TranscribeReply,
    TranscribeRequest,
    Word,
)
from quorate.types.target import Quirks
from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace
from quorate.wire.multipart import FormPart, read_form, write_form
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import Call, WireAnswer
from tests.wire.laws import call_of
from tests.wire.openai_chat.given import target

SPEAK, SPEAK_FRONT = OPENAI_CHAT.work["speech"], OPENAI_CHAT.work_fronts["speech"]
HEAR, HEAR_FRONT = OPENAI_CHAT.work["transcribe"], OPENAI_CHAT.work_fronts["transcribe"]
SOUND = b"RIFF\xff\xfe\r\n--not the end"


def answer(body: Any, content_type: str = "application/json") -> WireAnswer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WireAnswer(headers={"content-type": content_type}, body=data)


SPOKEN = SpeechRequest(
    model="some-model",
    text="hello",
    voice="alloy",
    format="wav",
    speed=1.5,
    instructions="slowly",
    vendor={"openai_chat": {"pitch": 2}},
)


@pytest.mark.parametrize("request_", [SPOKEN, SpeechRequest(model="some-model", text="hello")])
def test_a_text_to_speak_is_read_back_equal(request_: SpeechRequest):
    written = SPEAK.write_request(request_, target())

    assert (written.path, written.fidelity) == ("/audio/speech", ())
    assert SPEAK_FRONT.read_request(call_of(written, "/v1")) == request_


def test_a_setting_a_target_refuses_is_reported_by_our_name():
    quirks = Quirks(drop=frozenset(("instructions", "response_format")))

    written = SPEAK.write_request(SPOKEN, target(quirks))

    assert [each.setting for each in written.fidelity] == ["instructions", "format"]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer(SOUND, "audio/wav"), "audio/wav"),
        (WireAnswer(body=SOUND), "audio/wav"),
        (answer({"audio": f"data:audio/mp3;base64,{b64encode(SOUND).decode()}"}), "audio/mp3"),
        (answer({"audio_data": b64encode(SOUND).decode()}), "audio/wav"),
    ],
)
def test_sound_comes_as_bytes_or_packed_into_json(given: WireAnswer, kind: str):
    reply = SPEAK.read_reply(given)

    assert reply == SpeechReply(audio=SOUND, media_type=kind)


@pytest.mark.parametrize(
    "given",
    [
        answer(b"", "audio/wav"),
        answer(b"<html>", "text/html"),
        answer({}),
        answer({"audio": "*"}),
        answer(b"{"),
    ],
)
def test_an_answer_without_sound_is_broken(given: WireAnswer):
    with pytest.raises(UpstreamBroken):
        SPEAK.read_reply(given)


def test_an_error_in_the_place_of_sound_is_told():
    with pytest.raises(UpstreamError, match="no such voice"):
        SPEAK.read_reply(answer({"error": {"message": "no such voice"}}))


def test_a_voice_may_be_named_by_its_id():
    call = Call(path="/v1/audio/speech", body=b'{"model": "m", "input": "x", "voice": {"id": "voice_1"}}')

    assert SPEAK_FRONT.read_request(call).voice == "voice_1"


def test_sound_goes_to_a_client_as_it_is():
    call = Call(path="/v1/audio/speech", body=b"{}")
    reply = SpeechReply(audio=SOUND, media_type="audio/wav")

    assert SPEAK.read_reply(SPEAK_FRONT.write_reply(reply, call)) == reply


@pytest.mark.parametrize(
    "body", [{"model": "m"}, {"input": "x"}, {"model": "m", "input": "x", "stream_format": "sse"}]
)
def test_a_text_that_cannot_be_spoken_is_refused(body: Any):
    with pytest.raises(InvalidRequest):
        SPEAK_FRONT.read_request(Call(path="/v1/audio/speech", body=json.dumps(body).encode()))


HEARD = TranscribeRequest(
    model="some-model",
    audio=SOUND,
    name="a.wav",
    media_type="audio/wav",
    language="en",
    prompt="Quorate",
    temperature=0.5,
    timestamps=("segment", "word"),
    vendor={"openai_chat": {"include": ["logprobs"]}},
)
BARE = TranscribeRequest(model="some-model", audio=SOUND, media_type="audio/wav")


@pytest.mark.parametrize(
    "request_",
    [
        HEARD,
        BARE,
        replace(BARE, temperature=0.0),
        replace(BARE, speakers=True),
        replace(BARE, translate=True, prompt="p"),
        replace(BARE, translate=True, timestamps=("segment",)),
    ],
)
def test_a_sound_to_write_down_is_read_back_equal(request_: TranscribeRequest):
    written = HEAR.write_request(request_, target())

    assert written.fidelity == ()
    assert HEAR_FRONT.read_request(call_of(written, "/v1")) == request_


def test_a_sound_goes_out_in_a_form():
    written = HEAR.write_request(HEARD, target())

    parts = read_form(written.headers["content-type"], written.body)
    assert written.path == "/audio/transcriptions"
    assert [(each.name, each.data) for each in parts] == [
        ("include[]", b"logprobs"),
        ("model", b"some-model"),
        ("language", b"en"),
        ("prompt", b"Quorate"),
        ("temperature", b"0.5"),
        ("response_format", b"verbose_json"),
        ("timestamp_granularities[]", b"segment"),
        ("timestamp_granularities[]", b"word"),
        ("file", SOUND),
    ]


def test_english_is_wanted_at_another_path():
    assert HEAR.write_request(replace(HEARD, translate=True), target()).path == "/audio/translations"


VERBOSE = {
    "task": "transcribe",
    "language": "english",
    "duration": "5.49",
    "text": "One. Two.",
    "segments": [{"id": 0, "seek": 0, "start": 0.0, "end": 2.5, "text": " One."}],
    "words": [{"word": "One", "start": 0.0, "end": 1.0}],
    "usage": {"type": "duration", "seconds": 6},
}


def test_times_are_read():
    reply = HEAR.read_reply(answer(VERBOSE))

    assert replace(reply, usage=MISSING) == TranscribeReply(
        text="One. Two.",
        segments=(Segment(start=0.0, end=2.5, text=" One.", vendor={"openai_chat": {"seek": 0}}),),
        words=(Word(start=0.0, end=1.0, text="One"),),
        language="english",
        duration=5.49,
    )


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({}, MISSING),
        ({"duration": 5.49}, Usage(seconds=6, quality="estimated")),
        ({"usage": {"type": "duration", "seconds": 6}}, Usage(seconds=6)),
        (
            {
                "usage": {
                    "type": "tokens",
                    "input_tokens": 58,
                    "output_tokens": 16,
                    "total_tokens": 74,
                    "input_token_details": {"audio_tokens": 54, "text_tokens": 4},
                }
            },
            Usage(input=4, input_audio=54, output=16),
        ),
        (
            {"usage": {"input_tokens": 5, "output_tokens": 1, "total_tokens": 9}},
            Usage(input=5, output=1, quality="inconsistent"),
        ),
    ],
)
def test_what_listening_used_is_read_as_it_is_told(more: Any, read: Usage):
    assert replace(HEAR.read_reply(answer({"text": "x"} | more)).usage, vendor={}) == read


@pytest.mark.parametrize("body", [{}, {"text": None}, [], b"WEBVTT"])
def test_an_answer_without_text_is_broken(body: Any):
    with pytest.raises(UpstreamBroken):
        HEAR.read_reply(answer(body))


def form(*parts: FormPart, path: str = "/v1/audio/transcriptions") -> Call:
    content_type, body = write_form(parts)
    return Call(path=path, headers={"content-type": content_type}, body=body)


MODEL, FILE = FormPart(name="model", data=b"m"), FormPart(name="file", data=SOUND, filename="a.wav")
REPLY = TranscribeReply(
    text="One. Two.",
    segments=(Segment(start=0.0, end=2.5, text=" One."), Segment(start=2.5, end=3723.004, text=" Two.")),
    language="en",
    duration=3723.004,
    usage=Usage(seconds=3724),
)


def wants(format_: str) -> Call:
    return form(MODEL, FILE, FormPart(name="response_format", data=format_.encode()))


@pytest.mark.parametrize(
    ("format_", "kind", "body"),
    [
        ("text", "text/plain; charset=utf-8", "One. Two.\n"),
        (
            "srt",
            "application/x-subrip; charset=utf-8",
            "1\n00:00:00,000 --> 00:00:02,500\nOne.\n\n2\n00:00:02,500 --> 01:02:03,004\nTwo.\n",
        ),
        (
            "vtt",
            "text/vtt; charset=utf-8",
            "WEBVTT\n\n00:00:00.000 --> 00:00:02.500\nOne.\n\n00:00:02.500 --> 01:02:03.004\nTwo.\n",
        ),
    ],
)
def test_a_client_gets_the_form_it_asks_for(format_: str, kind: str, body: str):
    call = wants(format_)

    told = HEAR_FRONT.write_reply(REPLY, call)

    assert (told.headers["content-type"], told.body.decode()) == (kind, body)


def test_subtitles_take_times():
    assert HEAR_FRONT.read_request(wants("srt")).timestamps == ("segment",)
    assert HEAR_FRONT.read_request(wants("json")).timestamps == ()


def test_a_verbose_answer_reads_back_equal():
    read = HEAR.read_reply(HEAR_FRONT.write_reply(REPLY, wants("verbose_json")))

    assert replace(read, usage=replace(read.usage, vendor={})) == REPLY


def test_speakers_are_told_apart():
    reply = TranscribeReply(
        text="Hi.", segments=(Segment(start=0.0, end=1.0, text="Hi.", speaker="A"),), duration=1.0
    )
    call = wants("diarized_json")

    read = HEAR.read_reply(HEAR_FRONT.write_reply(reply, call))

    assert HEAR_FRONT.read_request(call).speakers
    assert read.segments == reply.segments


@pytest.mark.parametrize(
    "call",
    [
        form(MODEL),
        form(FILE),
        form(MODEL, replace(FILE, data=b"")),
        form(MODEL, FILE, FormPart(name="response_format", data=b"xml")),
        form(MODEL, FILE, FormPart(name="stream", data=b"true")),
        form(MODEL, FILE, FormPart(name="temperature", data=b"warm")),
        form(MODEL, FILE, FormPart(name="timestamp_granularities[]", data=b"letter")),
        Call(path="/v1/audio/transcriptions", body=b'{"model": "m"}'),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(call: Call):
    with pytest.raises(InvalidRequest):
        HEAR_FRONT.read_request(call)
