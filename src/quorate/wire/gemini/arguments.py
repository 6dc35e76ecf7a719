"""A call's arguments that Vertex AI streams: each piece names its place by a JSON path (RFC 9535)."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any, cast

import msgspec

from .fields import Fields, Misshapen

_STEP = re.compile(r"""\.([^.\[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]""")
_ESCAPED = re.compile(r"\\(.)")

MAX_STEPS = 64


class PartialArguments:
    """Gathers the pieces of one call's arguments."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}
        self._open = ""

    def add(self, piece: Fields) -> None:
        """Set the value at the piece's path, or go on with the text there that is to be continued."""
        path, text = piece.text("jsonPath"), piece.maybe_text("stringValue")
        value: Any = text
        for name in ("numberValue", "boolValue"):
            found = piece.value(name)
            value = found if found is not None else value
        steps = _steps(path)
        node: Any = self._root
        for step, following in pairwise(steps):
            node = _into(node, step, [] if isinstance(following, int) else {}, path)
        if text is not None and self._open == path:
            value = str(_at(node, steps[-1]) or "") + text
        _set(node, steps[-1], value, path)
        self._open = path if piece.flag("willContinue") else ""

    def text(self) -> str:
        return msgspec.json.encode(self._root).decode()


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    place = 1 if path.startswith("$") else 0
    while place < len(path) and len(steps) < MAX_STEPS:
        found = _STEP.match(path, place)
        if found is None:
            break
        name, index, single, double = found.groups()
        quoted = single if single is not None else double
        if index is not None:
            steps.append(int(index))
        else:
            steps.append(name if name is not None else _ESCAPED.sub(r"\1", quoted))
        place = found.end()
    if not steps or place < len(path):
        raise Misshapen(f"a call's argument has no place: '{path}'", "jsonPath")
    return steps


def _at(node: Any, step: str | int) -> Any:
    if isinstance(node, list) and isinstance(step, int):
        items = cast("list[Any]", node)
        return items[step] if step < len(items) else None
    return cast("dict[str, Any]", node).get(str(step)) if isinstance(node, dict) else None


def _into(node: Any, step: str | int, empty: Any, path: str) -> Any:
    inner = _at(node, step)
    if isinstance(inner, dict | list):
        return cast("Any", inner)
    _set(node, step, empty, path)
    return empty


def _set(node: Any, step: str | int, value: Any, path: str) -> None:
    match node, step:
        case dict(), str():
            node[step] = value
        case list(), int() if step < len(cast("list[Any]", node)):
            node[step] = value
        case list(), int() if step == len(cast("list[Any]", node)):
            cast("list[Any]", node).append(value)
        case _:
            raise Misshapen(f"a call's argument has no place: '{path}'", "jsonPath")
