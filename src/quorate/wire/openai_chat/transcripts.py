"""Speech that is written down: https://platform.openai.com/docs/api-reference/audio, asked of a provider."""

from __future__ import annotations

import math
from collections.abc import Mapping

from quorate.types.sound import Segment, TranscribeReply, TranscribeRequest, Word
from quorate.types.target import Target
from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_count, a_text, an_object, identity, objects
from quorate.wire.multipart import FormPart
from quorate.wire.openai_faults import broken
from quorate.wire.seam import WireAnswer, WireRequest

from .codec import path_of
from .fields import NAME, own, vendor
from .form import write_fields
from .settings import bend
from .told import read_told
from .usage import read_usage

TRANSCRIBE, TRANSLATE = "/audio/transcriptions", "/audio/translations"

VERBOSE, DIARIZED = "verbose_json", "diarized_json"
"""Forms of an answer that has times, and speakers."""

_OURS: Mapping[str, str] = {"timestamp_granularities": "timestamps", "output": "timestamps"}
"""What `bend` calls a body field → our name for it."""


class TranscribeCodec:
    """A sound goes out in a form; text comes back, with the times and speakers that were asked for."""

    def write_request(self, request: TranscribeRequest, target: Target) -> WireRequest:
        body, lost = bend(_write_body(request, target), target.quirks)
        operation, path = ("translate", TRANSLATE) if request.translate else ("transcribe", TRANSCRIBE)
        sound = FormPart(
            name="file",
            data=request.audio,
            filename=request.name or "audio.wav",
            media_type=request.media_type or "application/octet-stream",
        )
        content_type, encoded = write_fields(body, [sound])
        return WireRequest(
            path=path_of(operation, path, target),
            body=encoded,
            query=target.quirks.query,
            headers=target.quirks.headers | {"content-type": content_type},
            fidelity=tuple(replace(each, setting=_OURS.get(each.setting, each.setting)) for each in lost),
        )

    def read_reply(self, answer: WireAnswer) -> TranscribeReply:
        body = read_told(answer, "text")
        text = body.pop("text", None)
        if not isinstance(text, str):
            raise broken("the answer has no text", answer)
        duration = _seconds(body.pop("duration", None))
        body.pop("task", None)
        return TranscribeReply(
            model=a_text(body.pop("model", None)),
            text=text,
            segments=tuple(_read_segment(dict(each)) for each in objects(body.pop("segments", None))),
            words=tuple(_read_word(dict(each)) for each in objects(body.pop("words", None))),
            language=a_text(body.pop("language", None)),
            duration=duration,
            usage=read_heard(an_object(body.pop("usage", None)), duration),
            vendor=vendor(body),
        )


def _write_body(request: TranscribeRequest, target: Target) -> Json:
    body: Json = {**own(request.vendor), "model": target.model}
    if request.language and not request.translate:
        body["language"] = request.language
    if request.prompt:
        body["prompt"] = request.prompt
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.speakers:
        body["response_format"] = DIARIZED
    elif request.timestamps:
        body["response_format"] = VERBOSE
        if not request.translate:
            body["timestamp_granularities"] = list(request.timestamps)
    return body


def _seconds(value: object) -> float | None:
    """A length of time; older servers write it as text."""
    try:
        found = float(value) if isinstance(value, int | float | str) else math.nan
    except ValueError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _read_segment(item: Json) -> Segment:
    item.pop("type", None)
    if isinstance(item.get("id"), int):
        del item["id"]  # its place in the list
    return Segment(
        start=_seconds(item.pop("start", None)) or 0.0,
        end=_seconds(item.pop("end", None)) or 0.0,
        text=a_text(item.pop("text", None)),
        speaker=identity(item.pop("speaker", None)),
        vendor=vendor(item),
    )


def _read_word(item: Json) -> Word:
    return Word(
        start=_seconds(item.pop("start", None)) or 0.0,
        end=_seconds(item.pop("end", None)) or 0.0,
        text=a_text(item.pop("word", None)),
        vendor=vendor(item),
    )


def read_heard(raw: Json, duration: float | None) -> Usage:
    """Tokens, or seconds; where nothing is said of usage, the length of the sound is what is billed."""
    if "prompt_tokens" in raw:
        return read_usage(raw)
    if raw.get("total_tokens") or raw.get("input_tokens"):
        return _read_tokens(raw)
    seconds = _seconds(raw.get("seconds"))
    stated = read_usage(raw).stated_cost if raw else None
    if seconds is not None:
        return Usage(seconds=math.ceil(seconds), stated_cost=stated, vendor={NAME: raw})
    if duration is None:
        return MISSING
    return Usage(seconds=math.ceil(duration), quality="estimated", stated_cost=stated)


def _read_tokens(raw: Json) -> Usage:
    read, written = a_count(raw.get("input_tokens")), a_count(raw.get("output_tokens"))
    details = an_object(raw.get("input_token_details"))
    heard = a_count(details.get("audio_tokens"))
    total = a_count(raw.get("total_tokens")) or read + written
    return Usage(
        input=max(read - heard, 0),
        input_audio=heard,
        output=written,
        quality="exact" if total == read + written and heard <= read else "inconsistent",
        vendor={NAME: raw},
    )
