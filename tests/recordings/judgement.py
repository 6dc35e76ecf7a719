"""Reads, replays and judges every recording: the whole of it, from a folder to findings."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from quorate.types.value import Value
from quorate.wire.seam import Wires

from .exchange import Exchange
from .excuses import Excuse
from .findings import Finding, find
from .judging import ROOT, oracle_python, oracles
from .reading.folder import exchanges, recorded_files
from .replay import Replay, replay
from .sorting import Kind, is_ours, kind_of


class Recorded(Value):
    """All exchanges: those that a wire of ours speaks, by wire, and how many it does not speak yet."""

    cases: dict[str, list[tuple[Exchange, Kind]]]
    not_yet: Counter[str]


class Judged(Value):
    """What came of every exchange."""

    findings: Sequence[Finding]
    not_yet: Counter[str]
    with_oracles: bool


def recordings_folder() -> Path:
    named = os.environ.get("QUORATE_RECORDINGS") or Path("..", "shared", "wire", "recordings")
    return ROOT / named


def read_recordings(folder: Path) -> Recorded:
    cases: dict[str, list[tuple[Exchange, Kind]]] = {}
    not_yet: Counter[str] = Counter()
    for file in recorded_files(folder):
        for exchange in exchanges(folder, file):
            kind = kind_of(exchange)
            if is_ours(kind):
                cases.setdefault(kind.protocol, []).append((exchange, kind))
            else:
                not_yet[kind.label] += 1
    return Recorded(cases=cases, not_yet=not_yet)


def judge(recorded: Recorded, wires: Wires, excuses: Sequence[Excuse], scratch: Path) -> Judged:
    """The SDKs work while we replay; without them the laws alone are judged."""
    python = oracle_python()
    if python is None:
        findings = [find(each, None, excuses) for each in _replays(recorded, wires)]
    else:
        with oracles(python, recorded.cases, scratch) as at_work:
            ours = _replays(recorded, wires)
            theirs = at_work.verdicts()
        findings = [find(each, theirs.get(each.exchange.name), excuses) for each in ours]
    return Judged(findings=findings, not_yet=recorded.not_yet, with_oracles=python is not None)


def _replays(recorded: Recorded, wires: Wires) -> list[Replay]:
    return [
        replay(wires[protocol], exchange, kind)
        for protocol, cases in recorded.cases.items()
        for exchange, kind in cases
    ]
