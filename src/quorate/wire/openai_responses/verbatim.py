"""Tells when a client's bytes cannot go on as they are: the target departs from what they use of the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from quorate.errors import Unsupported
from quorate.types.target import Quirks

_EFFORT = re.compile(rb'"effort"\s*:\s*"(\w+)"')

_MEDIA: Mapping[str, bytes] = {
    "image": b'"input_image"',
    "audio": b'"input_audio"',
    "file": b'"input_file"',
}
"""Kind of media → the bytes without which no part of a message is of that kind."""

Departs = Callable[[Quirks], bool]
Uses = Callable[[Quirks, bytes], bool]


def _has(mark: bytes) -> Uses:
    return lambda quirks, body: mark in body


def _other_effort(quirks: Quirks, body: bytes) -> bool:
    """In words that the target does not know."""
    return any(word.decode() not in quirks.efforts for word in _EFFORT.findall(body))


def _other_media(quirks: Quirks, body: bytes) -> bool:
    return any(kind in _MEDIA and _MEDIA[kind] in body for kind in quirks.media)


def _told_media(quirks: Quirks, body: bytes) -> bool:
    """Tools may have given media back."""
    return b'"function_call_output"' in body and any(mark in body for mark in _MEDIA.values())


_USES: Mapping[str, tuple[Departs, Uses]] = {
    "text.format": (lambda quirks: quirks.schema != "native", _has(b'"json_schema"')),
    "text.format.type": (lambda quirks: not quirks.json_mode, _has(b'"json_object"')),
    "reasoning": (lambda quirks: quirks.reasoning == "none", _has(b'"reasoning"')),
    "reasoning.effort": (lambda quirks: bool(quirks.efforts), _other_effort),
    "input.role": (lambda quirks: not quirks.developer_role, _has(b'"developer"')),
    "input.role.system": (lambda quirks: quirks.system_role == "user", _has(b'"system"')),
    "input.content": (lambda quirks: bool(quirks.media), _other_media),
    "input.output": (lambda quirks: not quirks.tool_media, _told_media),
    "tools.type": (lambda quirks: not quirks.custom_tools, _has(b'"custom"')),
}
"""Setting → which targets take it otherwise, and whether a body uses it; targets first: bodies are long.

The bytes looked for may also stand in a text: then a call is translated that could have gone on as it was.
"""


def refuse_departures(body: bytes, quirks: Quirks) -> None:
    """Raise `Unsupported` with what the body uses and the target takes otherwise."""
    settings = [name for name, (departs, uses) in _USES.items() if departs(quirks) and uses(quirks, body)]
    if settings:
        raise Unsupported(f"the target takes {', '.join(settings)} in another form", settings=settings)
