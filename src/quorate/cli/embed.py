"""`quorate embed`: texts become vectors, a line of JSON each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from quorate.client.client import Quorate
from quorate.client.working import EmbedWishes
from quorate.types.work import EmbedReply

from .working import done, tell_unless, words_of


def embed(
    *text: str,
    model: Annotated[str, Parameter(alias="-m")] = "",
    dimensions: int | None = None,
    lines: bool = False,
    strict: bool = False,
    max_cost: float | None = None,
    timeout: float | None = None,
    config: Path | None = None,
    quiet: Annotated[bool, Parameter(alias="-q")] = False,
) -> int:
    """Turn texts into vectors.

    Each argument is one text; without any, what is piped in is one, or with `--lines` one for each line. Each vector
    is a JSON list on a line of its own.

    Parameters
    ----------
    text
        The texts.
    model
        'provider/model', a model's name, an alias or 'route/NAME'. Without it, the configured default.
    dimensions
        How many numbers a vector has.
    lines
        Each line of what is piped in is a text.
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
    texts = text or (words_of((), "embed"),)
    if lines and not text:
        texts = tuple(line for line in texts[0].splitlines() if line.strip())
    wishes: EmbedWishes = {
        "model": model,
        "dimensions": dimensions,
        "strict": strict or None,
        "max_cost": max_cost,
        "timeout": timeout,
    }

    async def embedded(q: Quorate) -> EmbedReply:
        return await q.embed(texts, **wishes)

    reply, seconds = done(embedded, config)
    for vector in reply.vectors:
        print(msgspec.json.encode(vector).decode())
    tell_unless(quiet, reply, seconds)
    return 0
