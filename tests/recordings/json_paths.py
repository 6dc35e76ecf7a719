"""Where two JSON documents differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ABSENT = object()


def different_paths(left: Any, right: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each place at which the documents differ, with what stands there; a member may be absent on one side."""
    match left, right:
        case dict(), dict():
            for name in sorted(left.keys() | right.keys()):
                yield from different_paths(left.get(name, ABSENT), right.get(name, ABSENT), f"{path}.{name}")
        case list(), list():
            for index in range(max(len(left), len(right))):
                mine = left[index] if index < len(left) else ABSENT
                other = right[index] if index < len(right) else ABSENT
                yield from different_paths(mine, other, f"{path}.{index}")
        case _:
            if left != right or isinstance(left, bool) is not isinstance(right, bool):
                yield path, left, right


def told(left: Any, right: Any) -> str:
    """The differences in a line, the first few of them."""
    found = [
        f"{path}: {_short(mine)} -> {_short(other)}" for path, mine, other in different_paths(left, right)
    ]
    return "; ".join(found[:4])


def _short(value: Any) -> str:
    return "absent" if value is ABSENT else repr(value)[:120]
