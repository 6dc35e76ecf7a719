"""Tells when a client's bytes cannot go on as they are: the target departs from what they use of the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from quorate.errors import Unsupported
from quorate.types.target import Quirks

_LEVEL = re.compile(rb'"thinking_?[lL]evel"\s*:\s*"(\w+)"')

Departs = Callable[[Quirks], bool]
Uses = Callable[[Quirks, bytes], bool]


def _has(*marks: bytes) -> Uses:
    """The body has one of these."""
    return lambda quirks, body: any(mark in body for mark in marks)


def _other_level(quirks: Quirks, body: bytes) -> bool:
    """Any, where the target goes by a budget; else words that it does not know."""
    words = [word.decode().lower() for word in _LEVEL.findall(body)]
    known = quirks.efforts if quirks.reasoning == "level" else ()
    return any(word not in known for word in words)


_USES: Mapping[str, tuple[Departs, Uses]] = {
    "generationConfig.responseSchema": (
        lambda quirks: quirks.schema != "native",
        _has(b'"responseSchema"', b'"responseJsonSchema"', b'"response_schema"', b'"response_json_schema"'),
    ),
    "generationConfig.responseMimeType": (
        lambda quirks: not quirks.json_mode or quirks.schema == "prompt",
        _has(b'"application/json"'),
    ),
    "generationConfig.thinkingConfig": (
        lambda quirks: quirks.reasoning == "none",
        _has(b'"thinkingConfig"', b'"thinking_config"'),
    ),
    "generationConfig.thinkingConfig.thinkingLevel": (
        lambda quirks: quirks.reasoning != "level" or bool(quirks.efforts),
        _other_level,
    ),
    "systemInstruction": (
        lambda quirks: quirks.system_role == "user",
        _has(b'"systemInstruction"', b'"system_instruction"'),
    ),
}
"""Setting → which targets take it otherwise, and whether a body uses it; targets first: bodies are long.

The bytes looked for may also stand in a text: then a call is translated that could have gone on as it was.
"""


def refuse_departures(body: bytes, quirks: Quirks) -> None:
    """Raise `Unsupported` with what the body uses and the target takes otherwise."""
    settings = [name for name, (departs, uses) in _USES.items() if departs(quirks) and uses(quirks, body)]
    if settings:
        raise Unsupported(f"the target takes {', '.join(settings)} in another form", settings=settings)
