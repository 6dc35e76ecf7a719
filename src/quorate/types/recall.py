"""Remembers what follows from a value that cannot be looked up by its content: the same object gives the same again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Known = TypeVar("Known")
Made = TypeVar("Made")

MOST = 4096
"""Objects remembered; past that, memory starts over."""


def recalled(make: Callable[[Known], Made]) -> Callable[[Known], Made]:
    """A function of frozen values that is asked of the same few objects again and again."""
    memory: dict[int, tuple[Known, Made]] = {}

    def recall(known: Known) -> Made:
        found = memory.get(id(known))
        # What is remembered is kept alive, so its id is nobody else's.
        if found is not None:
            return found[1]
        if len(memory) >= MOST:
            memory.clear()
        made = make(known)
        memory[id(known)] = known, made
        return made

    return recall
