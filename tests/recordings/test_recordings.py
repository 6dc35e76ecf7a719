"""Every recorded exchange of a protocol we speak is decoded, obeys the laws, and reads as its official SDK reads it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from quorate.sim.wires import SIMULATED

from .conftest import LINES
from .excuses import read_excuses
from .findings import Mark
from .judgement import Judged, Recorded, judge, read_recordings, recordings_folder
from .judging import ROOT
from .table import summary, write_report

pytestmark = [pytest.mark.recordings, pytest.mark.timeout(300)]

REPORT = ROOT / "build" / "recordings"
LEAST_AGREED = 0.995


@pytest.fixture(scope="session")
def recorded() -> Recorded:
    folder = recordings_folder()
    if not folder.is_dir():
        pytest.skip("no recordings at hand: set QUORATE_RECORDINGS to their folder")
    return read_recordings(folder)


@pytest.fixture(scope="session")
def judged(
    recorded: Recorded, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Judged:
    found = judge(recorded, SIMULATED, read_excuses(), tmp_path_factory.mktemp("oracles"))
    write_report(found.findings, found.not_yet, REPORT)
    pytestconfig.stash[LINES] = [
        *summary(found.findings, found.not_yet),
        "judged by the official SDKs"
        if found.with_oracles
        else "judged by the laws alone: no official SDKs at hand",
        f"everything that differs: {(REPORT / 'disagreements.md').relative_to(ROOT)}",
    ]
    return found


def differing(judged: Judged, *fields: str) -> list[str]:
    """The exchanges that differ in one of these fields, with what differs."""
    return [
        f"{finding.name} {each.field}: {each.ours}"
        for finding in judged.findings
        for each in finding.differences
        if each.field in fields
    ]


def told(lines: list[str]) -> str:
    """The first few; the report has them all."""
    return "\n".join([f"{len(lines)} differ:", *lines[:10]])


def share_agreed(marks: Iterable[Mark | None]) -> float:
    """Of the exchanges that could be judged, those in which everything agrees."""
    judged = [mark for mark in marks if mark not in (None, "silent", "excused")]
    return judged.count("agreed") / max(1, len(judged))


def test_all_recordings_are_read(recorded: Recorded):
    known = sum(map(len, recorded.cases.values()))

    assert known > 0
    assert set(recorded.cases) == {
        "openai_chat",
        "openai_responses",
        "anthropic",
        "gemini",
        "ollama",
        "bedrock",
        "cohere",
    }


def test_no_recording_crashes_a_wire(judged: Judged):
    crashes = differing(judged, "crash")
    trips = [line for line in differing(judged, "request", "reply") if ": crash: " in line]

    assert crashes + trips == []


def test_every_recording_is_decoded(judged: Judged):
    failed = [finding.name for finding in judged.findings if finding.mark == "failed"]

    assert failed == []


def test_a_recorded_stream_reads_the_same_wherever_it_is_cut(judged: Judged):
    assert differing(judged, "any chunking") == []


def test_recorded_requests_come_back_with_everything_that_was_in_them(judged: Judged):
    share = share_agreed(finding.marks.get("request") for finding in judged.findings)

    assert share >= LEAST_AGREED, told(differing(judged, "request"))


def test_recorded_replies_come_back_equal(judged: Judged):
    share = share_agreed(finding.marks.get("reply") for finding in judged.findings)

    assert share >= LEAST_AGREED, told(differing(judged, "reply"))


def test_recordings_read_as_the_official_sdks_read_them(judged: Judged):
    if not judged.with_oracles:
        pytest.skip("no official SDKs at hand: `make oracles` makes their environment")
    share = share_agreed(finding.reading for finding in judged.findings)

    assert share >= LEAST_AGREED


def test_no_excuse_is_stale(judged: Judged):
    if not judged.with_oracles:
        pytest.skip("no official SDKs at hand: `make oracles` makes their environment")
    used = {excuse for finding in judged.findings for excuse in finding.excuses}

    assert [excuse for excuse in read_excuses() if excuse not in used] == []
