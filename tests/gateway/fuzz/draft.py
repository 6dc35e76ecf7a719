"""A JSON body that is being damaged: a tree whose places can also be given bytes that are no JSON."""

from __future__ import annotations

import json
from random import Random
from typing import Any

_MOST = 3_000


def is_json(body: bytes) -> bool:
    """Can its tree be damaged?"""
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


class Draft:
    """`root[""]` is the body, so that it has a place like all inside it."""

    def __init__(self, body: bytes) -> None:
        """Of what `is_json`."""
        self.root: dict[str, Any] = {"": json.loads(body)}
        self._raw: list[bytes] = []

    def raw(self, data: bytes) -> str:
        """A value, or a key, in whose place these bytes will stand."""
        self._raw.append(data)
        return f"\ue000{len(self._raw) - 1}\ue001"

    def slots(self) -> list[tuple[Any, Any]]:
        """Every container with each of its keys."""
        found: list[tuple[Any, Any]] = []
        waiting: list[Any] = [self.root]
        while waiting and len(found) < _MOST:
            container = waiting.pop()
            keys = container if isinstance(container, dict) else range(len(container))
            for key in keys:
                found.append((container, key))
                if isinstance(container[key], dict | list):
                    waiting.append(container[key])
        return found

    def slot(self, luck: Random) -> tuple[Any, Any]:
        """One of them; those of the body itself often enough."""
        body = self.root[""]
        if isinstance(body, dict) and body and luck.random() < 0.3:
            return body, luck.choice(list(body))
        return luck.choice(self.slots())

    def objects(self) -> list[dict[str, Any]]:
        return [each[key] for each, key in self.slots() if isinstance(each[key], dict)]

    def keyed(self, names: frozenset[str]) -> list[tuple[Any, Any]]:
        """The slots whose key is one of these."""
        return [(each, key) for each, key in self.slots() if isinstance(key, str) and key in names]

    def written(self) -> bytes:
        out = json.dumps(self.root[""], ensure_ascii=False).encode("utf-8", "surrogatepass")
        for number, data in enumerate(self._raw):
            out = out.replace(f'"\ue000{number}\ue001"'.encode(), data)
        return out
