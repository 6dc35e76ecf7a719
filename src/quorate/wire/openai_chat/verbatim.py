"""Tells when a client's bytes cannot go on as they are: the target departs from what they use of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from quorate.errors import Unsupported
from quorate.types.target import Quirks

_USES: Mapping[str, tuple[bytes, Callable[[Quirks], bool]]] = {
    "response_format": (b'"json_schema"', lambda quirks: quirks.schema != "native"),
    "response_format.type": (b'"json_object"', lambda quirks: not quirks.json_mode),
    "reasoning_effort": (
        b'"reasoning_effort"',
        lambda quirks: quirks.reasoning != "effort" or bool(quirks.efforts),
    ),
    "messages.role": (b'"developer"', lambda quirks: not quirks.developer_role),
    "messages.content": (b'"type"', lambda quirks: bool(quirks.media)),
    "stream_options": (b'"stream_options"', lambda quirks: not quirks.stream_usage),
    "tools.type": (b'"custom"', lambda quirks: not quirks.custom_tools),
    "messages.role.system": (b'"system"', lambda quirks: quirks.system_role != "system"),
}
"""Setting → the bytes without which a body does not use it, and which targets take it otherwise.

The bytes may also stand in a text: then a call is translated that could have gone on as it was.
"""


def refuse_departures(body: bytes, quirks: Quirks) -> None:
    """Raise `Unsupported` with what the body uses and the target takes otherwise."""
    settings = [name for name, (mark, departs) in _USES.items() if departs(quirks) and mark in body]
    if settings:
        raise Unsupported(f"the target takes {', '.join(settings)} in another form", settings=settings)
