"""Findings as a table, provider by feature, and as a report of everything that differs."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import get_args

from .findings import WORST_FIRST, Feature, Finding, Mark

FEATURES: tuple[Feature, ...] = get_args(Feature)
SIGNS: dict[Mark, str] = {"failed": "!", "disagreed": "-", "excused": "~", "silent": "?"}
LEGEND = "how many agreed with the official SDK, then -disagreed ~excused ?no opinion !not decoded"


def tally(findings: Iterable[Finding]) -> dict[str, Counter[tuple[Feature, Mark]]]:
    """Marks by provider; the providers with most exchanges first."""
    found: dict[str, Counter[tuple[Feature, Mark]]] = {}
    for finding in findings:
        found.setdefault(finding.provider, Counter()).update(finding.marks.items())
    return dict(sorted(found.items(), key=lambda item: -item[1].total()))


def table(findings: Sequence[Finding]) -> list[str]:
    """Lines of the table, the sum of all providers last."""
    rows = tally(findings)
    total = sum(rows.values(), Counter[tuple[Feature, Mark]]())
    lines = [LEGEND, _row("provider", FEATURES)]
    lines += [_row(name, [_cell(marks, each) for each in FEATURES]) for name, marks in rows.items()]
    return [*lines, _row("all", [_cell(total, each) for each in FEATURES])]


def _row(name: str, cells: Iterable[str]) -> str:
    return f"{name:18}" + "".join(f"{cell:>11}" for cell in cells)


def _cell(marks: Counter[tuple[Feature, Mark]], feature: Feature) -> str:
    if not any(marks[feature, mark] for mark in WORST_FIRST):
        return "."
    others = "".join(f"{sign}{marks[feature, mark]}" for mark, sign in SIGNS.items() if marks[feature, mark])
    return f"{marks[feature, 'agreed']}{others}"


def sums(findings: Sequence[Finding]) -> str:
    """One line: how many exchanges came to what, each by the worst of its marks."""
    marks = Counter(finding.mark for finding in findings)
    judged = marks["agreed"] + marks["disagreed"] + marks["excused"] + marks["failed"]
    share = 100 * marks["agreed"] / judged if judged else 100.0
    return (
        f"{len(findings)} exchanges: {len(findings) - marks['failed']} decoded, {marks['agreed']} agreed "
        f"({share:.2f} %), {marks['disagreed']} disagreed, {marks['excused']} excused, "
        f"{marks['silent']} not applicable, {marks['failed']} not decoded"
    )


def summary(findings: Sequence[Finding], not_yet: Counter[str]) -> list[str]:
    """The table, its sum, and what is not yet spoken."""
    unspoken = ", ".join(f"{label} {count}" for label, count in not_yet.most_common(8))
    return [
        *table(findings),
        sums(findings),
        f"{not_yet.total()} exchanges of protocols not yet spoken: {unspoken}, …",
    ]


def write_report(findings: Sequence[Finding], not_yet: Counter[str], folder: Path) -> None:
    """Everything that differs, the table as numbers, and what the SDKs could not judge."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "disagreements.md").write_text("\n".join(_disagreements(findings)), encoding="utf-8")
    cannot = [f"{each.name}: {each.cannot}" for each in findings if each.cannot]
    (folder / "no-opinion.txt").write_text("\n".join(cannot), encoding="utf-8")
    with (folder / "table.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["provider", "feature", "decoded", *WORST_FIRST])
        for provider, marks in tally(findings).items():
            for feature in FEATURES:
                counts = [marks[feature, mark] for mark in WORST_FIRST]
                if sum(counts):
                    writer.writerow([provider, feature, sum(counts[1:]), *counts])
        writer.writerows(["not yet", label, count] for label, count in not_yet.most_common())


def _disagreements(findings: Sequence[Finding]) -> list[str]:
    lines: list[str] = []
    for protocol in sorted({finding.protocol for finding in findings}):
        lines.append(f"# {protocol}\n")
        for finding in findings:
            if finding.protocol == protocol and finding.differences:
                lines.append(f"- `{finding.name}`")
                lines += [
                    f"  - {each.field}: ours {each.ours[:400]} | theirs {each.theirs[:400]}"
                    for each in finding.differences
                ]
        lines.append("")
    return lines
