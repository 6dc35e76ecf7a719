"""`quorate transcribe`: speech becomes text. The text alone is on stdout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from quorate.client.client import Quorate
from quorate.client.working import TranscribeWishes
from quorate.types.sound import Stamp, TranscribeReply

from .terminal import as_json
from .working import about_work, done, tell_unless


def transcribe(
    file: Path,
    *,
    model: Annotated[str, Parameter(alias="-m")] = "",
    language: str = "",
    prompt: str = "",
    timestamps: tuple[Stamp, ...] = (),
    speakers: bool = False,
    translate: bool = False,
    json: bool = False,
    strict: bool = False,
    max_cost: float | None = None,
    timeout: float | None = None,
    config: Path | None = None,
    quiet: Annotated[bool, Parameter(alias="-q")] = False,
) -> int:
    """Write down what is said in a file.

    Parameters
    ----------
    file
        The sound: mp3, wav, flac, ogg, m4a …
    model
        'provider/model', a model's name, an alias or 'route/NAME'.
    language
        Of what is said, as in: en, de, fr.
    prompt
        Words that are likely to come.
    timestamps
        Ask for times of each segment or word; may be repeated.
    speakers
        Tell apart who says what.
    translate
        Write it down in English.
    json
        Print one JSON object with text, times, usage, cost and the rest.
    strict
        Fail rather than ask a model that cannot honour a setting.
    max_cost
        Most dollars the call may cost, all attempts together.
    timeout
        Most seconds, all attempts together.
    config
        The settings file to use.
    quiet
        No notes on stderr.
    """
    wishes: TranscribeWishes = {
        "model": model,
        "language": language,
        "prompt": prompt,
        "timestamps": timestamps,
        "speakers": speakers,
        "translate": translate,
        "strict": strict or None,
        "max_cost": max_cost,
        "timeout": timeout,
    }

    async def written(q: Quorate) -> TranscribeReply:
        return await q.transcribe(file, **wishes)

    reply, seconds = done(written, config)
    if json:
        print(as_json(_document(reply, seconds)))
        return 0
    print(_shown(reply))
    tell_unless(quiet, reply, seconds)
    return 0


def _shown(reply: TranscribeReply) -> str:
    """The text; where times or speakers were asked for, a line for each stretch."""
    if not reply.segments:
        return reply.text
    lines: list[str] = []
    for each in reply.segments:
        speaker = f"{each.speaker}: " if each.speaker else ""
        lines.append(f"[{each.start:.2f} - {each.end:.2f}] {speaker}{each.text.strip()}")
    return "\n".join(lines)


def _document(reply: TranscribeReply, seconds: float) -> dict[str, object]:
    stretches = [
        {"start": each.start, "end": each.end, "text": each.text, "speaker": each.speaker}
        for each in reply.segments
    ]
    words = [{"start": each.start, "end": each.end, "text": each.text} for each in reply.words]
    return {
        "text": reply.text,
        "language": reply.language,
        "duration": reply.duration,
        "segments": stretches,
        "words": words,
        **about_work(reply, seconds),
    }
