"""`quorate speak`: a text becomes sound, in a file or down a pipe."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from quorate.client.client import Quorate
from quorate.client.working import SpeechWishes
from quorate.types.sound import SpeechReply

from .working import check_output, done, tell_unless, words_of, write_bytes

_FORMATS = frozenset(("mp3", "opus", "aac", "flac", "wav", "pcm"))


def speak(
    *text: str,
    output: Annotated[Path | None, Parameter(alias="-o")] = None,
    model: Annotated[str, Parameter(alias="-m")] = "",
    voice: Annotated[str, Parameter(alias="-v")] = "",
    format: str = "",  # noqa: A002 the option's own name
    speed: float | None = None,
    instructions: str = "",
    strict: bool = False,
    max_cost: float | None = None,
    timeout: float | None = None,
    config: Path | None = None,
    quiet: Annotated[bool, Parameter(alias="-q")] = False,
) -> int:
    """Speak a text.

    `quorate speak "Good morning" -o morning.mp3`; without words, what is piped in. The sound goes to the file, or
    to stdout where that is a pipe.

    Parameters
    ----------
    text
        What is to be said. Several words are joined.
    output
        The file to write; its ending asks for the format.
    model
        'provider/model', a model's name, an alias or 'route/NAME'.
    voice
        A provider's own name for it.
    format
        mp3, opus, aac, flac, wav or pcm.
    speed
        1 is the usual pace.
    instructions
        How it is to be spoken, in words.
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
    words = words_of(text, "speak")
    check_output(output)
    ending = output.suffix[1:].lower() if output else ""
    wishes: SpeechWishes = {
        "model": model,
        "voice": voice,
        "format": format or (ending if ending in _FORMATS else ""),
        "speed": speed,
        "instructions": instructions,
        "strict": strict or None,
        "max_cost": max_cost,
        "timeout": timeout,
    }

    async def spoken(q: Quorate) -> SpeechReply:
        return await q.speech(words, **wishes)

    reply, seconds = done(spoken, config)
    write_bytes(reply.audio, output)
    tell_unless(quiet, reply, seconds)
    return 0
