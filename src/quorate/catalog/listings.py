"""Keeps what providers listed in a file, so that the next process need not ask again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from .catalog import Listing

_decoder = msgspec.json.Decoder(tuple[Listing, ...])


def read_listings(path: Path) -> tuple[Listing, ...]:
    """What was kept. A file that is absent or spoilt keeps nothing: it can always be asked anew."""
    try:
        return _decoder.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return ()


def write_listings(path: Path, listings: Iterable[Listing]) -> None:
    """Keep them. A reader sees the file before or after, never a half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(msgspec.json.encode(tuple(listings)))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
