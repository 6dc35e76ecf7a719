"""Tells when a client's bytes cannot go on as they are: the target departs from what they use of the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from quorate.errors import Unsupported
from quorate.types.recall import recalled
from quorate.types.target import Quirks

_EFFORT = re.compile(rb'"reasoning_effort"\s*:\s*"(\w+)"')

_MEDIA: Mapping[str, tuple[bytes, ...]] = {
    "image": (b'"image_url"',),
    "audio": (b'"input_audio"', b'"audio_url"'),
    "video": (b'"video_url"',),
    "file": (b'"file"', b'"document_url"', b'"file_url"'),
}
"""Kind of media → the bytes without which no part of a message is of that kind."""

Departs = Callable[[Quirks], bool]
Marks = Callable[[Quirks], Sequence[bytes]]
Uses = Callable[[Quirks, bytes], bool]


def _only(mark: bytes) -> Marks:
    return lambda quirks: (mark,)


def _has(mark: bytes) -> tuple[Marks, Uses]:
    return _only(mark), lambda quirks, body: mark in body


def _other_effort(quirks: Quirks, body: bytes) -> bool:
    """In another field, or in words that the target does not know."""
    words = (word.decode() for word in _EFFORT.findall(body))
    return quirks.reasoning != "effort" or any(word not in quirks.efforts for word in words)


def _media(quirks: Quirks) -> Sequence[bytes]:
    return [mark for kind in quirks.media for mark in _MEDIA.get(kind, ())]


def _other_media(quirks: Quirks, body: bytes) -> bool:
    return any(mark in body for mark in _media(quirks))


_USES: Mapping[str, tuple[Departs, Marks, Uses]] = {
    "response_format": (lambda quirks: quirks.schema != "native", *_has(b'"json_schema"')),
    "response_format.type": (lambda quirks: not quirks.json_mode, *_has(b'"json_object"')),
    "reasoning_effort": (
        lambda quirks: quirks.reasoning != "effort" or bool(quirks.efforts),
        _only(b'"reasoning_effort"'),
        _other_effort,
    ),
    "messages.role": (lambda quirks: not quirks.developer_role, *_has(b'"developer"')),
    # who would rather have 'developer' takes 'system' for the same
    "messages.role.system": (lambda quirks: quirks.system_role == "user", *_has(b'"system"')),
    "messages.content": (lambda quirks: bool(quirks.media), _media, _other_media),
    "messages.content.cache_control": (lambda quirks: not quirks.cache_marks, *_has(b'"cache_control"')),
    "messages.tool.content": (
        lambda quirks: not quirks.tool_media,
        _only(b'"tool_call_id"'),
        lambda quirks, body: b'"tool_call_id"' in body and b'"image_url"' in body,
    ),
    "stream_options": (lambda quirks: not quirks.stream_usage, *_has(b'"stream_options"')),
    "tools.type": (lambda quirks: not quirks.custom_tools, *_has(b'"custom"')),
}
"""Setting → which targets take it otherwise, bytes of which a body has one that uses it, and whether it does.

The bytes looked for may also stand in a text: then a call is translated that could have gone on as it was.
"""


@recalled
def _departures(quirks: Quirks) -> Sequence[tuple[str, Uses]]:
    return [(name, uses) for name, (departs, _, uses) in _USES.items() if departs(quirks)]


@recalled
def _marks(quirks: Quirks) -> re.Pattern[bytes] | None:
    """Where a body has none of these, it uses nothing from which the target departs. Nearly every one has none."""
    found = [mark for departs, marks, _ in _USES.values() if departs(quirks) for mark in marks(quirks)]
    return re.compile(b"|".join(map(re.escape, dict.fromkeys(found)))) if found else None


def refuse_departures(body: bytes, quirks: Quirks) -> None:
    """Raise `Unsupported` with what the body uses and the target takes otherwise."""
    marks = _marks(quirks)
    if marks is None or marks.search(body) is None:
        return
    settings = [name for name, uses in _departures(quirks) if uses(quirks, body)]
    if settings:
        raise Unsupported(f"the target takes {', '.join(settings)} in another form", settings=settings)
