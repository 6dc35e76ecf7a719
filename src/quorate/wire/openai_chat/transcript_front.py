"""Speech written down for clients, in each of the forms that they may ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.sound import Segment, Stamp, TranscribeReply, TranscribeRequest
from quorate.types.usage import Usage
from quorate.wire.json_fields import Fields, Json
from quorate.wire.seam import Call, Route, WireAnswer

from .fields import NAME, own, vendor
from .form import read_fields
from .front import JSON, model_of
from .paths import routes
from .transcripts import DIARIZED, TRANSCRIBE, TRANSLATE, VERBOSE

_SUBTITLES = ("srt", "vtt")
_FORMS = ("", "json", "text", VERBOSE, DIARIZED, *_SUBTITLES)
_STAMPS: tuple[Stamp, ...] = ("segment", "word")


class TranscribeFront:
    """Subtitles are made here of the times, so that any target can serve them."""

    routes: Sequence[Route] = (
        *routes("POST", TRANSCRIBE, "transcribe", deployed=True),
        *routes("POST", TRANSLATE, "transcribe", deployed=True),
    )

    def read_request(self, call: Call) -> TranscribeRequest:
        body, files = read_fields(call, numbers=("temperature",), flags=("stream",))
        model = model_of(body, call)
        sound = next(iter(files.get("file", ())), None)
        if sound is None or not sound.data:
            raise InvalidRequest("there is no 'file' to listen to", where="file")
        if body.flag("stream"):
            raise InvalidRequest("transcripts are not streamed here: leave 'stream' out", where="stream")
        form = body.text("response_format")
        if form not in _FORMS:
            raise body.wrong("response_format", f"one of {', '.join(_FORMS[1:])}")
        return TranscribeRequest(
            model=model,
            audio=sound.data,
            name=sound.filename,
            media_type=sound.media_type,
            language=body.text("language"),
            prompt=body.text("prompt"),
            temperature=body.number("temperature"),
            timestamps=_read_stamps(body, form),
            speakers=form == DIARIZED,
            translate=call.path.endswith(TRANSLATE),
            vendor=vendor(body.rest),
        )

    def write_reply(self, reply: TranscribeReply, call: Call) -> WireAnswer:
        form = read_fields(call)[0].rest.get("response_format", "")
        if form in _PLAIN:
            kind, write = _PLAIN[form]
            return WireAnswer(headers={"content-type": kind}, body=write(reply).encode())
        body: Json = {"text": reply.text}
        if form in (VERBOSE, DIARIZED):
            body |= {"task": "translate" if call.path.endswith(TRANSLATE) else "transcribe"}
            body |= _write_times(reply, has_speakers=form == DIARIZED)
        if reply.usage.quality != "missing":
            body["usage"] = write_heard(reply.usage)
        return WireAnswer(headers=JSON, body=msgspec.json.encode(body | own(reply.vendor)))


def _read_stamps(body: Fields, form: str) -> tuple[Stamp, ...]:
    told = body.items("timestamp_granularities")
    if any(each not in _STAMPS for each in told):
        raise body.wrong("timestamp_granularities", "a list of 'segment' and 'word'")
    if told:
        return tuple(cast("list[Stamp]", told))
    return ("segment",) if form in (VERBOSE, *_SUBTITLES) else ()


def _write_times(reply: TranscribeReply, *, has_speakers: bool) -> Json:
    told: Json = {"language": reply.language, "duration": reply.duration or 0.0}
    if reply.segments:
        told["segments"] = [
            {"id": number, "start": each.start, "end": each.end, "text": each.text}
            | ({"speaker": each.speaker, "type": "transcript.text.segment"} if has_speakers else {})
            | own(each.vendor)
            for number, each in enumerate(reply.segments)
        ]
    if reply.words:
        told["words"] = [
            {"word": each.text, "start": each.start, "end": each.end} | own(each.vendor)
            for each in reply.words
        ]
    return told


def write_heard(usage: Usage) -> Json:
    """Tokens or seconds, as they were counted."""
    if kept := usage.vendor.get(NAME):
        return kept
    if usage.seconds and not usage.total:
        return {"type": "duration", "seconds": usage.seconds}
    return {
        "type": "tokens",
        "input_tokens": usage.input_total,
        "output_tokens": usage.output_total,
        "total_tokens": usage.total,
        "input_token_details": {
            "text_tokens": usage.input_total - usage.input_audio,
            "audio_tokens": usage.input_audio,
        },
    }


def _stretches(reply: TranscribeReply) -> Sequence[Segment]:
    """Those with their times; one for all where none were told."""
    return reply.segments or (Segment(start=0.0, end=reply.duration or 0.0, text=reply.text),)


def _srt(reply: TranscribeReply) -> str:
    shown = [
        f"{number}\n{_clock(each.start, ',')} --> {_clock(each.end, ',')}\n{each.text.strip()}\n"
        for number, each in enumerate(_stretches(reply), 1)
    ]
    return "\n".join(shown)


def _vtt(reply: TranscribeReply) -> str:
    shown = [
        f"{_clock(each.start, '.')} --> {_clock(each.end, '.')}\n{each.text.strip()}\n"
        for each in _stretches(reply)
    ]
    return "\n".join(["WEBVTT\n", *shown])


def _clock(seconds: float, point: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"


_PLAIN: Mapping[str, tuple[str, Callable[[TranscribeReply], str]]] = {
    "text": ("text/plain; charset=utf-8", lambda reply: reply.text + "\n"),
    "srt": ("application/x-subrip; charset=utf-8", _srt),
    "vtt": ("text/vtt; charset=utf-8", _vtt),
}
"""Form → its content type, and how it is written."""
