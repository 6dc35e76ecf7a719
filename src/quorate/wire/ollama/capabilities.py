"""What a model can do, in Ollama's words and in ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from quorate.types.features import FEATURES

_OURS: Mapping[str, str] = {
    "completion": "chat",
    "tools": "tools",
    "vision": "vision",
    "thinking": "reasoning",
    "embedding": "embed",
    "audio": "audio_in",
    "image": "image_out",
}
"""Ollama's word → ours. It has others, which travel as they are."""

_THEIRS: Mapping[str, str] = {ours: theirs for theirs, ours in _OURS.items()}

_UNTOLD = ("completion", "tools")
"""Of a model about which nothing is told: a client that reads of no tools never offers any."""


def read_capabilities(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(_OURS.get(word, word) for word in words)


def write_capabilities(features: Iterable[str]) -> tuple[str, ...]:
    """What of it Ollama has a word for."""
    return tuple(_THEIRS.get(each, each) for each in features if each in _THEIRS or each not in FEATURES)


def shown_capabilities(features: Iterable[str]) -> tuple[str, ...]:
    """What clients are told that ask about one model."""
    return write_capabilities(features) or _UNTOLD
