"""The table of recorded exchanges, from the report that the tests of the recordings leave behind."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, datetime

from tests.recordings.table import FEATURES

from .markdown import table
from .pages import ROOT

REPORT = ROOT / "build" / "recordings" / "table.csv"
SIGNS = {"disagreed": "-", "excused": "~", "silent": "?"}

Counts = dict[str, int]


def recordings_table() -> str:
    """How many exchanges agree, by provider and feature; what differs behind a sign."""
    found, unspoken = _read()
    features = [each for each in FEATURES if any(each in cells for cells in found.values())]
    total: dict[str, Counts] = {
        feature: _sum([cells[feature] for cells in found.values() if feature in cells])
        for feature in features
    }
    rows = [[name, *(_cell(cells.get(each)) for each in features)] for name, cells in found.items()]
    rows.append(["all", *(_cell(total[each]) for each in features)])
    day = datetime.fromtimestamp(REPORT.stat().st_mtime, UTC).date()
    failed = sum(counts["failed"] for counts in total.values())
    legend = (
        f"As of {day}: how many agree; behind - how many disagree, behind ~ how many are excused, behind ? how many "
        f"the SDK has no opinion of. Not decoded: {failed}. Exchanges of protocols that are not spoken yet: {unspoken}."
    )
    return f"{legend}\n\n{table(['provider', *features], rows)}"


def _read() -> tuple[dict[str, dict[str, Counts]], int]:
    found: dict[str, dict[str, Counts]] = defaultdict(dict)
    unspoken = 0
    with REPORT.open(newline="", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    for provider, feature, *counts in rows:
        if provider == "not yet":
            unspoken += int(counts[0])
        else:
            found[provider][feature] = dict(zip(head[2:], map(int, counts), strict=True))
    return found, unspoken


def _sum(each: list[Counts]) -> Counts:
    return {name: sum(counts[name] for counts in each) for name in each[0]}


def _cell(counts: Counts | None) -> str:
    if counts is None:
        return ""
    return str(counts["agreed"]) + "".join(
        f" {sign}{counts[name]}" for name, sign in SIGNS.items() if counts[name]
    )
