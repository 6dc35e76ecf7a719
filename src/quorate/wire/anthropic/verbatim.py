"""Tells when a client's bytes cannot go on as they are: the target departs from what they use of the protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from quorate.errors import Unsupported
from quorate.types.target import Quirks

_EFFORT = re.compile(rb'"effort"\s*:\s*"(\w+)"')

Departs = Callable[[Quirks], bool]
Uses = Callable[[Quirks, bytes], bool]


def _has(mark: bytes) -> Uses:
    return lambda quirks, body: mark in body


def _other_effort(quirks: Quirks, body: bytes) -> bool:
    """Any, where the target goes by a budget; else words that it does not know."""
    words = [word.decode() for word in _EFFORT.findall(body)]
    known = quirks.efforts if quirks.reasoning not in ("budget", "none") else ()
    return any(word not in known for word in words)


_USES: Mapping[str, tuple[Departs, Uses]] = {
    "output_config.format": (lambda quirks: quirks.schema != "native", _has(b'"json_schema"')),
    "tools.strict": (lambda quirks: quirks.schema != "native", _has(b'"strict"')),
    "thinking.type": (lambda quirks: quirks.reasoning in ("budget", "none"), _has(b'"adaptive"')),
    "thinking.budget_tokens": (
        lambda quirks: quirks.reasoning in ("adaptive", "none"),
        _has(b'"budget_tokens"'),
    ),
    "output_config.effort": (
        lambda quirks: quirks.reasoning in ("budget", "none") or bool(quirks.efforts),
        _other_effort,
    ),
    "thread": (lambda quirks: not quirks.threads, _has(b'"thread"')),
    "system": (lambda quirks: quirks.system_role == "user", _has(b'"system"')),
}
"""Setting → which targets take it otherwise, and whether a body uses it; targets first: bodies are long.

The bytes looked for may also stand in a text: then a call is translated that could have gone on as it was.
"""


def refuse_departures(body: bytes, quirks: Quirks) -> None:
    """Raise `Unsupported` with what the body uses and the target takes otherwise."""
    settings = [name for name, (departs, uses) in _USES.items() if departs(quirks) and uses(quirks, body)]
    if settings:
        raise Unsupported(f"the target takes {', '.join(settings)} in another form", settings=settings)
