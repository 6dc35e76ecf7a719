"""Texts that are spoken: https://platform.openai.com/docs/api-reference/audio/createSpeech, asked and answered."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.sound import SpeechReply, SpeechRequest
from quorate.types.target import Target
from quorate.types.usage import MISSING
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_text, an_object
from quorate.wire.openai_faults import broken
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .codec import path_of
from .fields import own, vendor
from .front import model_of, read_body
from .paths import routes
from .settings import bend
from .told import read_told
from .usage import read_usage

SPEAK = "/audio/speech"
JSON_TYPE = "application/json"

TYPES: Mapping[str, str] = {
    "mp3": "audio/mpeg",
    "opus": "audio/opus",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
"""Format → what its sound is called on the way."""

_OURS: Mapping[str, str] = {"input": "text", "output": "format"}
"""What `bend` calls a body field → our name for it; the form of a sound has the name of a chat's."""


class SpeechCodec:
    """Text in, sound out: as bytes, or in base64 inside JSON."""

    def write_request(self, request: SpeechRequest, target: Target) -> WireRequest:
        body: Json = {**own(request.vendor), "model": target.model, "input": request.text}
        told = {
            "voice": request.voice,
            "response_format": request.format,
            "speed": request.speed,
            "instructions": request.instructions,
        }
        body |= {name: value for name, value in told.items() if value not in ("", None)}
        body, lost = bend(body, target.quirks)
        return WireRequest(
            path=path_of("speech", SPEAK, target),
            body=msgspec.json.encode(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            fidelity=tuple(replace(each, setting=_OURS.get(each.setting, each.setting)) for each in lost),
        )

    def read_reply(self, answer: WireAnswer) -> SpeechReply:
        kind = answer.headers.get("content-type", "")
        if kind.startswith(JSON_TYPE):
            return _read_packed(answer)
        if kind.startswith("text/"):
            raise broken("the answer is no sound", answer)
        if not answer.body:
            raise broken("the answer is empty", answer)
        return SpeechReply(audio=answer.body, media_type=kind or sound_of(answer.body))


def _read_packed(answer: WireAnswer) -> SpeechReply:
    body = read_told(answer, "audio")
    packed = next((told for name in ("audio", "audio_data") if (told := a_text(body.pop(name, None)))), "")
    kind = ""
    if packed.startswith("data:"):
        head, _, packed = packed.partition(",")
        kind = head[5:].partition(";")[0]
    try:
        audio = b64decode(packed, validate=True)
    except ValueError as error:
        raise broken("the sound cannot be read", answer) from error
    if not audio:
        raise broken("the answer has no sound", answer)
    raw = an_object(body.pop("usage", None))
    return SpeechReply(
        model=a_text(body.pop("model", None)),
        audio=audio,
        media_type=kind or sound_of(audio),
        usage=read_usage(raw) if raw else MISSING,
        vendor=vendor(body),
    )


_MARKS: Mapping[bytes, str] = {b"RIFF": "wav", b"fLaC": "flac", b"OggS": "opus", b"ID3": "mp3"}


def sound_of(data: bytes) -> str:
    """What a sound's first bytes say it is."""
    found = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "")
    if not found and data[:1] == b"\xff":
        found = "aac" if len(data) > 1 and data[1] & 0xF6 == 0xF0 else "mp3"
    return TYPES.get(found, "application/octet-stream")


class SpeechFront:
    """Speaks for clients. The sound goes out as bytes."""

    routes: Sequence[Route] = routes("POST", SPEAK, "speech", deployed=True)

    def read_request(self, call: Call) -> SpeechRequest:
        body = read_body(call)
        model, text = model_of(body, call), body.needed_text("input")
        if body.text("stream_format") not in ("", "audio"):
            raise InvalidRequest(
                "sound is not sent as events here: 'stream_format' is 'audio'", where="stream_format"
            )
        voice = body.take("voice")
        return SpeechRequest(
            model=model,
            text=text,
            voice=a_text(an_object(voice).get("id")) or a_text(voice),
            format=body.text("response_format"),
            speed=body.number("speed"),
            instructions=body.text("instructions"),
            vendor=vendor(body.rest),
        )

    def write_reply(self, reply: SpeechReply, call: Call) -> WireAnswer:
        return WireAnswer(headers={"content-type": reply.media_type}, body=reply.audio)
