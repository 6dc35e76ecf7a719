"""Which protocol, and which of its operations, a call is meant for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from quorate.types.value import Value, replace
from quorate.types.work import Operation
from quorate.wire.seam import Call, Front, Route, Wire, Wires, WorkFront

_HEADERS: tuple[tuple[str, str], ...] = (("anthropic-version", "anthropic"), ("x-goog-api-key", "gemini"))
"""Headers that only one protocol's clients send: they decide where two protocols share a path."""

_QUERY: tuple[tuple[str, str], ...] = (("key", "gemini"),)

_PLACE = re.compile(r"\{(\w+)(\*?)\}")


class Found(Value):
    """Who answers a call."""

    wire: Wire
    front: Front
    """Of the protocol: it writes the errors of all its operations."""
    operation: Operation
    work: WorkFront[Any, Any] | None = None
    """None for a chat."""
    named: Mapping[str, str] = {}
    """What stood in the route's places."""


class Routes:
    """Every route of every protocol that has a front, in the table's order."""

    def __init__(self, wires: Wires) -> None:
        self._routes: list[tuple[str, re.Pattern[str], Found]] = []
        for wire in wires.values():
            if wire.front is None:
                continue
            for route in wire.front.routes:
                self._add(route, Found(wire=wire, front=wire.front, operation=route.operation))
            for work in wire.work_fronts.values():
                for route in work.routes:
                    found = Found(wire=wire, front=wire.front, operation=route.operation, work=work)
                    self._add(route, found)

    def _add(self, route: Route, found: Found) -> None:
        self._routes.append((route.method, pattern_of(route.path), found))

    def find(self, call: Call) -> Found | None:
        fitting: list[Found] = []
        for method, pattern, found in self._routes:
            if method == call.method and (hit := pattern.fullmatch(call.path)):
                fitting.append(replace(found, named=hit.groupdict()))
        if len(fitting) < 2:
            return fitting[0] if fitting else None
        spoken = {name for header, name in _HEADERS if header in call.headers}
        spoken |= {name for parameter, name in _QUERY if parameter in call.query}
        return next((found for found in fitting if found.wire.name in spoken), fitting[0])


def pattern_of(path: str) -> re.Pattern[str]:
    """`{name}` is one segment, `{name*}` the rest, slashes included."""
    written, end = "", 0
    for place in _PLACE.finditer(path):
        inside = ".+" if place[2] else "[^/]+"
        written += re.escape(path[end : place.start()]) + f"(?P<{place[1]}>{inside})"
        end = place.end()
    return re.compile(written + re.escape(path[end:]))
