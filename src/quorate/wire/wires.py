"""Every protocol Quorate speaks, by name. A protocol's code is loaded when it is first looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from .seam import Wire

HOMES: Mapping[str, str] = {
    "openai_chat": "OPENAI_CHAT",
    "openai_responses": "OPENAI_RESPONSES",
    "anthropic": "ANTHROPIC",
    "gemini": "GEMINI",
    "ollama": "OLLAMA",
    "bedrock": "BEDROCK",
    "cohere": "COHERE",
    "replicate": "REPLICATE",
}
"""Protocol (the folder beside this file) → the name of its `Wire` there."""


class _Wires(Mapping[str, Wire]):
    """A protocol costs up to 20 ms to load, and most programs speak one or two."""

    def __init__(self) -> None:
        self._loaded: dict[str, Wire] = {}

    def __getitem__(self, name: str) -> Wire:
        wire = self._loaded.get(name)
        if wire is None:
            constant = HOMES[name]
            wire = self._loaded[name] = getattr(import_module(f"quorate.wire.{name}"), constant)
        return wire

    def __iter__(self) -> Iterator[str]:
        return iter(HOMES)

    def __len__(self) -> int:
        return len(HOMES)


WIRES = _Wires()
