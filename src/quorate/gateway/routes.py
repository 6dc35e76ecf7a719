"""Which protocol, and which of its operations, a call is meant for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from quorate.errors import UnknownPath, WrongMethod
from quorate.types.value import Value
from quorate.types.work import Operation
from quorate.wire.seam import Front, Route, Wire, Wires, WorkFront

_HEADERS: tuple[tuple[str, str], ...] = (("anthropic-version", "anthropic"), ("x-goog-api-key", "gemini"))
"""Headers that only one protocol's clients send: they decide where two protocols share a path."""

_QUERY: tuple[tuple[str, str], ...] = (("key", "gemini"),)

_PLACE = re.compile(r"\{(\w+)(\*?)\}")

_REMEMBERED = 1024
"""Paths with a model's name in them of which the protocols are kept."""


class Found(Value):
    """Who answers a call."""

    wire: Wire
    front: Front
    """Of the protocol: it writes the errors of all its operations."""
    operation: Operation
    work: WorkFront[Any, Any] | None = None
    """None for a chat."""


class Routes:
    """Every route of every protocol that has a front. A path that two share belongs first to the one named first."""

    def __init__(self, wires: Wires) -> None:
        self._plain: dict[str, list[tuple[str, Found]]] = {}
        self._patterns: list[tuple[re.Pattern[str], str, Found]] = []
        self._fronts: dict[str, Front] = {}
        self._shelves: dict[str, tuple[int, Front]] = {}
        """First segment of a path → the protocol that answers below it: how far down its paths begin, and its front."""
        for wire in wires.values():
            if wire.front is not None:
                self._fronts[wire.name] = wire.front
                for route in wire.front.routes:
                    self._add(route, Found(wire=wire, front=wire.front, operation=route.operation))
                for work in wire.work_fronts.values():
                    for route in work.routes:
                        found = Found(wire=wire, front=wire.front, operation=route.operation, work=work)
                        self._add(route, found)
        self._fitting = lru_cache(maxsize=_REMEMBERED)(self._match)

    def _add(self, route: Route, found: Found) -> None:
        depth, shelf = route.path.count("/"), first_segment(route.path)
        if shelf not in self._shelves or depth < self._shelves[shelf][0]:
            self._shelves[shelf] = depth, found.front
        if "{" in route.path:
            self._patterns.append((pattern_of(route.path), route.method, found))
        else:
            self._plain.setdefault(route.path, []).append((route.method, found))

    def find(self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Found:
        """Raises `UnknownPath` or `WrongMethod`."""
        known = self._plain.get(path) or self._fitting(path)
        fitting = [found for each, found in known if each == method]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            spoken = _spoken(headers, query)
            return next((found for found in fitting if found.wire.name in spoken), fitting[0])
        if known:
            allowed = sorted({each for each, _ in known})
            raise WrongMethod(f"'{path}' takes {' or '.join(allowed)}, not {method}", allowed=allowed)
        raise UnknownPath(f"there is nothing at '{path}'")

    def is_greeting(self, method: str, path: str) -> bool:
        """Does the call only ask who is there?"""
        return any(each == method and found.operation == "greet" for each, found in self._plain.get(path, ()))

    def front(self, protocol: str) -> Front | None:
        return self._fronts.get(protocol)

    def nearest(self, path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Front:
        """In whose words to speak to a client of which nothing more is known."""
        spoken = _spoken(headers, query)
        known = [found for _, found in self._plain.get(path) or self._fitting(path)]
        if known:
            return next((found.front for found in known if found.wire.name in spoken), known[0].front)
        by_word = (front for name, front in self._fronts.items() if name in spoken)
        first = next(iter(self._fronts.values()))
        _, shelf = self._shelves.get(first_segment(path), (0, first))
        return next(by_word, shelf)

    def _match(self, path: str) -> Sequence[tuple[str, Found]]:
        return [(method, found) for pattern, method, found in self._patterns if pattern.fullmatch(path)]


def first_segment(path: str) -> str:
    return path.partition("/")[2].partition("/")[0]


def _spoken(headers: Mapping[str, str], query: Mapping[str, str]) -> set[str]:
    """The protocols that the call shows."""
    spoken = {name for header, name in _HEADERS if header in headers}
    return spoken | {name for parameter, name in _QUERY if parameter in query}


def pattern_of(path: str) -> re.Pattern[str]:
    """`{name}` is one segment, `{name*}` the rest, slashes included."""
    written, end = "", 0
    for place in _PLACE.finditer(path):
        inside = ".+" if place[2] else "[^/]+"
        written += re.escape(path[end : place.start()]) + inside
        end = place.end()
    return re.compile(written + re.escape(path[end:]), re.DOTALL)
