"""Speech made in code: a WAV file with a tone for each word, which carries its text so that it can be heard again."""

from __future__ import annotations

import math
import struct
from functools import cache
from hashlib import blake2b

RATE = 8_000
"""Samples a second, 16 bits each."""

_WORD_SECONDS = 0.2
_MOST_WORDS = 600
_NOTE = b"ICMT"
_LOUD = 9_000


def speak(text: str) -> bytes:
    """The same sound for the same text; of a long one only the first words are heard."""
    samples = samples_of(text)
    note = text.encode(errors="replace")
    info = b"INFO" + _chunk(_NOTE, note)
    form = struct.pack("<HHIIHH", 1, 1, RATE, RATE * 2, 2, 16)
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"LIST", info) + _chunk(b"data", samples)
    return _chunk(b"RIFF", body)


def samples_of(text: str) -> bytes:
    """A tone for each word, without a file around them."""
    return b"".join(_tone(word) for word in text.split()[:_MOST_WORDS] or [""])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _tone(word: str) -> bytes:
    return _hum(220 + blake2b(word.encode(errors="surrogatepass"), digest_size=2).digest()[0])


@cache
def _hum(pitch: int) -> bytes:
    count = int(RATE * _WORD_SECONDS)
    wave = (int(_LOUD * math.sin(2 * math.pi * pitch * place / RATE)) for place in range(count))
    return struct.pack(f"<{count}h", *wave)


def heard(audio: bytes) -> str:
    """The text that the sound carries; '' where it carries none."""
    at = audio.find(_NOTE) if audio[:4] == b"RIFF" else -1
    if at < 0 or len(audio) < at + 8:
        return ""
    (size,) = struct.unpack_from("<I", audio, at + 4)
    return audio[at + 8 : at + 8 + size].decode(errors="replace")


def seconds_of(audio: bytes) -> float:
    """How long it is: by its own head, or as if it were speech of the usual density."""
    at = audio.find(b"data") if audio[:4] == b"RIFF" else -1
    if at < 0 or len(audio) < at + 8:
        return len(audio) / 4_000
    (rate,) = struct.unpack_from("<I", audio, 28)
    (size,) = struct.unpack_from("<I", audio, at + 4)
    return min(size, len(audio)) / (rate or RATE)
