"""Chooses what is fired: one damaged request after the other, each told by a seed and its number."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from hypothesis import Phase, given, settings

from quorate.types.chat import ChatRequest
from tests.wire.anthropic.test_laws import EVERYTHING
from tests.wire.gemini.test_laws import CARRIES as GEMINI
from tests.wire.ollama.test_laws import CARRIES as OLLAMA
from tests.wire.openai_chat.test_laws import CARRIES as CHAT
from tests.wire.openai_responses.test_laws import CARRIES as RESPONSES
from tests.wire.values import Carries, requests

from .bodies import BYTE_KINDS, TREE_KINDS, damaged_bytes, damaged_tree
from .draft import is_json
from .heads import HEAD_KINDS, damaged_head
from .seeds import FRONTS, PAGES, Seed, recorded_seeds, seeds_of
from .shot import Shot

KINDS = (*TREE_KINDS, *BYTE_KINDS, *HEAD_KINDS)
_WEIGHTS = [2.0] * len(TREE_KINDS) + [1.5] * len(BYTE_KINDS) + [1.0] * len(HEAD_KINDS)
_SLOW = frozenset({"huge", "nested deeply"})
_FEARLESS = ("/", "/api/version")
"""Paths that ask for no key."""

_CARRIED: dict[str, Carries] = {
    "openai_chat": CHAT,
    "openai_responses": RESPONSES,
    "anthropic": EVERYTHING,
    "gemini": GEMINI,
    "ollama": OLLAMA,
}
"""What each protocol's law of round trips generates."""


class Arsenal:
    """All that can be fired, and the damage done to it."""

    def __init__(self, *, generated: int = 0, recorded: int = 0) -> None:
        """So many requests of each protocol by generators, and those in so many files of recordings, if at hand."""
        self._shelves = {front: seeds_of(front, _generated(front, generated)) for front in FRONTS}
        root = Path(os.environ.get("QUORATE_RECORDINGS") or Path("..", "shared", "wire", "recordings"))
        found = recorded_seeds(root, Random(recorded), recorded) if recorded and root.is_dir() else {}
        self.recorded = sum(map(len, found.values()))
        for front, seeds in found.items():
            self._shelves[front] += [seeds] * 6 if seeds else []

    def shot(self, seed: int, number: int, key: str, answers: Sequence[str]) -> Shot:
        """The same for the same numbers."""
        luck = Random(f"{seed}:{number}")
        shot = self._chosen(luck).aimed(luck, key, answers)
        times = luck.choices((1, 2, 3), (7, 2, 1))[0]
        for kind in luck.choices(KINDS, _WEIGHTS, k=times):
            shot = _damaged(kind, shot, luck)
        return _expecting(shot)

    def _chosen(self, luck: Random) -> Seed:
        if luck.random() < 0.02:
            return luck.choice(luck.choice(PAGES))
        return luck.choice(luck.choice(self._shelves[luck.choice(FRONTS)]))


def _damaged(kind: str, shot: Shot, luck: Random) -> Shot:
    if kind in _SLOW and luck.random() < 0.6:  # a few go a long way
        kind = "another type"
    if kind in TREE_KINDS and is_json(shot.body):
        return damaged_tree(kind, shot, luck)
    if kind not in HEAD_KINDS and shot.body:
        return damaged_bytes(kind if kind in BYTE_KINDS else luck.choice(BYTE_KINDS), shot, luck)
    return damaged_head(kind if kind in HEAD_KINDS else luck.choice(HEAD_KINDS), shot, luck)


def _expecting(shot: Shot) -> Shot:
    """What must come of it is known where one thing is wrong, and where it matters."""
    path = shot.url.partition(b"?")[0].decode("latin-1")
    is_form = any(value.startswith(b"multipart") for _, value in shot.headers)
    matters = shot.front and len(shot.kinds) == 1 and path not in _FEARLESS
    matters = matters and not is_form and not path.endswith("/cancel")
    return shot if matters else replace(shot, expected=frozenset())


def _generated(front: str, count: int) -> list[ChatRequest]:
    made: list[ChatRequest] = []
    if count:

        @settings(max_examples=count, derandomize=True, database=None, phases=(Phase.generate,))
        @given(requests(_CARRIED[front]))
        def make(request: ChatRequest) -> None:
            made.append(request)

        make()
    return made
