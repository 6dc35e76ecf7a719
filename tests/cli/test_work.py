"""Commands for pictures, speech, vectors and order: the result is on stdout or in a file, what it took on stderr."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .shell import Shell

MODEL = ("-m", "sim/sim-swift")


def test_a_picture_is_drawn_into_a_file_and_from_files(shell: Shell):
    first = shell("image", "a", "boat", "-o", "boat.png", "-n", "2", *MODEL)
    second = shell("image", "more sea", "-f", "boat.png", "-f", "boat-2.png", *MODEL)

    assert (first.code, first.out) == (0, "boat.png\nboat-2.png\n")
    assert second.out == "image.png\n"
    assert "sim/sim-swift · " in first.err
    assert {(shell.folder / name).read_bytes()[:4] for name in ("boat.png", "boat-2.png", "image.png")} == {
        b"\x89PNG"
    }


def test_speech_is_written_into_a_file_and_heard_again(shell: Shell):
    spoken = shell("speak", "-o", "tide.wav", *MODEL, stdin="The tide is out. Come.\n")
    written = shell("transcribe", "tide.wav", *MODEL)
    timed = shell("transcribe", "tide.wav", "--timestamps", "segment", "-q", *MODEL)

    assert (spoken.code, spoken.out) == (0, "")
    assert "22 characters" in spoken.err
    assert written.out == "The tide is out. Come.\n"
    assert timed.out == "[0.00 - 0.80] The tide is out.\n[0.80 - 1.00] Come.\n"
    assert timed.err == ""


def test_each_text_becomes_a_line_of_numbers(shell: Shell):
    given = shell("embed", "one", "two", "--dimensions", "3", *MODEL)
    piped = shell("embed", "--lines", "--dimensions", "3", *MODEL, stdin="one\n\ntwo\n")

    assert [len(json.loads(line)) for line in given.out.splitlines()] == [3, 3]
    assert piped.out == given.out
    assert "2 in" in given.err


def test_the_document_that_answers_comes_first(shell: Shell):
    ordered = shell(
        "rerank", "rivers of Germany", *MODEL, "--top", "1", stdin="mountains\nthe rivers Rhine and Elbe\n"
    )
    told = shell("rerank", "rivers", "cats", "rivers", "--json", *MODEL)

    assert ordered.out.endswith("  the rivers Rhine and Elbe\n")
    assert [each["document"] for each in json.loads(told.out)["results"]] == ["rivers", "cats"]


def test_json_tells_all(shell: Shell):
    shell("speak", "Come.", "-o", "a.wav", *MODEL)

    picture: dict[str, Any] = json.loads(shell("image", "a boat", "--json", *MODEL).out)
    text: dict[str, Any] = json.loads(shell("transcribe", "a.wav", "--json", *MODEL).out)

    assert picture["images"] == [{"place": "image.png", "prompt": "a boat"}]
    assert (picture["provider"], picture["usage"]["output_total"]) == ("sim", 1056)
    assert (text["text"], text["provider"]) == ("Come.", "sim")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("image",), "nothing to draw"),
        (("image", "x", "-o", "nowhere/x.png"), "no folder"),
        (("image", "x", "-f", "missing.png"), "cannot be read"),
        (("speak",), "nothing to speak"),
        (("transcribe", "missing.mp3"), "cannot be read"),
        (("embed",), "nothing to embed"),
        (("rerank", "q"), "nothing to put in order"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(shell: Shell, words: tuple[str, ...], told: str):
    ended = shell(*words)

    assert ended.code == 2
    assert told in ended.err
