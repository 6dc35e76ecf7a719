"""What the commands that are no chat do alike: open a client, ask, write what came, tell what it took."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from quorate.client.client import Quorate
from quorate.errors import InvalidRequest
from quorate.types.work import WorkReply

from .ask import read_piped
from .terminal import tell

Reply = TypeVar("Reply", bound=WorkReply)


def done(work: Callable[[Quorate], Awaitable[Reply]], config: Path | None) -> tuple[Reply, float]:
    """The reply, and the seconds it took."""
    return asyncio.run(_done(work, config))


async def _done(work: Callable[[Quorate], Awaitable[Reply]], config: Path | None) -> tuple[Reply, float]:
    async with Quorate.from_file(config) if config else Quorate() as q:
        started = time.monotonic()
        return await work(q), time.monotonic() - started


def about_work(reply: WorkReply, seconds: float) -> Mapping[str, Any]:
    """Who answered and what it took, for `--json`; an unknown cost is null."""
    return {
        "model": reply.model,
        "provider": reply.provider,
        "usage": {name: getattr(reply.usage, name) for name in _COUNTS},
        "cost": reply.cost,
        "price_rule": reply.price_rule,
        "seconds": round(seconds, 3),
        "fidelity": reply.fidelity,
    }


_COUNTS = ("input_total", "output_total", "characters", "seconds", "images", "searches", "quality")


def tell_unless(quiet: bool, reply: WorkReply, seconds: float) -> None:
    if not quiet:
        tell(reply, seconds)


def words_of(words: tuple[str, ...], what: str) -> str:
    """Those of the command line, joined; else what is piped in."""
    told = " ".join(words) or read_piped().strip()
    if not told:
        raise InvalidRequest(f"there is nothing to {what}", where="text")
    return told


def write_bytes(data: bytes, output: Path | None) -> None:
    """Into the file, or out of the pipe; a terminal shows no bytes."""
    if output is not None:
        try:
            output.write_bytes(data)
        except OSError as error:
            raise InvalidRequest(f"'{output}' cannot be written: {error.strerror}", where="output") from error
    elif sys.stdout.isatty():
        raise InvalidRequest("this is no text: name a file with --output, or pipe it on", where="output")
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def check_output(output: Path | None) -> None:
    """Before anything is paid for: is there a place for what comes?"""
    if output is None and sys.stdout.isatty():
        raise InvalidRequest("this is no text: name a file with --output, or pipe it on", where="output")
    check_folder(output)


def check_folder(output: Path | None) -> None:
    if output is not None and not output.resolve().parent.is_dir():
        raise InvalidRequest(f"there is no folder '{output.parent}'", where="output")
