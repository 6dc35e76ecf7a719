"""`quorate ask -c`, `chat` and `logs`: conversations go on, are found again, and can be deleted."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from .shell import Shell


def turns(shell: Shell) -> list[dict[str, object]]:
    return json.loads(shell("logs", "--json").out)


def test_a_question_goes_on_where_the_last_one_ended(shell: Shell):
    first = shell("ask", "-q", "--json", "-m", "claude/sim-sage", "Name three rivers")
    second = shell("ask", "-q", "--json", "-c", "And three more")
    found = turns(shell)

    told = [json.loads(each.out) for each in (first, second)]
    assert told[1]["usage"]["input"] > told[0]["usage"]["input"] + told[0]["usage"]["output"]
    assert told[1]["provider"] == "claude"
    assert [each["question"] for each in found] == ["And three more", "Name three rivers"]
    assert len({each["conversation"] for each in found}) == 1


def test_a_conversation_is_gone_on_with_by_the_beginning_of_its_id(shell: Shell):
    shell("ask", "-q", "one")
    first = turns(shell)[0]["conversation"]
    shell("ask", "-q", "two")
    shell("ask", "-q", "--conversation", str(first)[:18], "three")

    assert [each["conversation"] == first for each in turns(shell)] == [True, False, True]


@pytest.mark.parametrize("words", [("ask", "-c", "x"), ("ask", "--conversation", "nonsense", "x")])
def test_where_there_is_nothing_to_go_on_with_it_says_so(shell: Shell, words: tuple[str, ...]):
    done = shell(*words)

    assert done.code == 2
    assert "no such conversation" in done.err


def test_what_shall_not_be_kept_is_not(shell: Shell):
    shell("ask", "-q", "--no-keep", "a secret")
    settings = shell.folder / "quorate.toml"
    settings.write_text(f"keep_turns = false\n{settings.read_text()}")
    shell("ask", "-q", "another secret")

    assert turns(shell) == []
    assert not any(b"secret" in path.read_bytes() for path in shell.folder.rglob("*") if path.is_file())


def test_turns_are_found_by_word_model_and_time_and_deleted(shell: Shell):
    shell("ask", "-q", "-m", "claude/sim-swift", "Tell me of the Elbe")
    shell("ask", "-q", "-m", "gem/sim-swift", "Tell me of the Rhine")

    by_word = shell("logs", "ELBE")
    by_model = shell("logs", "-m", "gem", "--since", "1h")
    nothing = shell("logs", "nowhere")
    shown = shell("logs", "show")
    cleared = shell("logs", "clear", "--yes")

    assert ["Tell me of the Elbe" in line for line in by_word.out.splitlines()] == [True]
    assert "Rhine" in by_model.out
    assert "Elbe" not in by_model.out
    assert (nothing.out, "nothing was found" in nothing.err) == ("", True)
    assert shown.out.startswith("## user\n\nTell me of the Rhine")
    assert "2 conversations deleted" in cleared.err
    assert turns(shell) == []


def test_a_chat_reads_questions_and_commands_line_by_line(shell: Shell):
    lines = [
        "Hello there",
        "/model claude/sim-swift",
        "/system Answer in French",
        '"""of several',
        'lines"""',
        "/nonsense",
        "/again",
        "/undo",
        "/new",
        "/help",
        "/exit",
        "never asked",
    ]
    done = shell("chat", "-m", "sim/sim-swift", stdin="\n".join(lines))
    found = turns(shell)

    assert done.code == 0
    assert done.out.count("You asked") == 3
    assert "there is no '/nonsense'" in done.err
    assert [each["question"] for each in found] == ["of several\nlines", "of several\nlines", "Hello there"]
    assert [str(each["model"]).split("/")[0] for each in found] == ["claude", "claude", "sim"]


def test_a_chat_goes_on_and_ends_with_the_code_of_its_failure(shell: Shell):
    shell("ask", "-q", "one")
    done = shell("chat", "-c", stdin="two\n/model no-such/model\nthree\n")

    assert done.code == 2
    assert "no-such/model" in done.err
    assert [each["question"] for each in turns(shell)] == ["two", "one"]


def test_a_file_goes_with_the_next_question_alone(shell: Shell, tmp_path: Path):
    path = tmp_path / "note.txt"
    path.write_text("something long " * 200)

    shell("chat", stdin=f"/file {path}\nSum it up\n/file {tmp_path / 'nothing.txt'}\nshort\n")
    found = turns(shell)

    used = [each["about"]["usage"]["input"] for each in found]  # type: ignore[index]  # JSON of ours
    assert len(found) == 2
    assert 200 < used[1] < used[0] < 400  # once, as a part of what was said before


def test_a_turn_file_that_is_broken_is_left_where_it_is(shell: Shell):
    shell("ask", "-q", "one")
    (folder,) = {path.parent for path in shell.folder.rglob("turns/*.json")}
    (folder / "0.json").write_text("garbage")

    done = shell("logs")

    assert "holds no turn" in done.err
    assert (folder / "0.json").exists()
    assert "one" in done.out


@pytest.mark.long
def test_a_person_at_a_terminal_chats_and_leaves(shell: Shell):
    ours, theirs = pty.openpty()
    process = shell.start("chat", stdin=theirs, stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    os.write(ours, b"Hello\n/exit\n")
    _, notes = process.communicate(timeout=60)
    seen = os.read(ours, 65536).decode()
    os.close(ours)

    assert process.returncode == 0
    assert "imulated" in seen
    assert "Ctrl-D ends" in notes.decode()
