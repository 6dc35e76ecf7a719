"""`quorate ask`: the answer on stdout, everything else on stderr, an exit code a script can go by."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from quorate.cli.ask import first_block
from quorate.cli.schema_words import read_schema
from quorate.errors import InvalidRequest

from .shell import PROVIDERS, Shell


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("flag", ["--stream", "--no-stream"])
def test_every_protocol_answers_on_stdout_alone(shell: Shell, provider: str, flag: str):
    done = shell("ask", "-m", f"{provider}/sim-swift", flag, "Name", "three", "rivers")

    assert done.code == 0
    assert "imulated" in done.out
    assert done.out.endswith("\n")
    assert f"{provider}/sim-swift" in done.err
    assert "$0." in done.err


def test_streamed_and_whole_print_the_same(shell: Shell):
    whole, streamed = (shell("ask", flag, "Name three rivers") for flag in ("--no-stream", "--stream"))

    assert whole.out == streamed.out


def test_quiet_says_nothing_on_stderr(shell: Shell):
    done = shell("ask", "-q", "Hello")

    assert (done.code, done.err) == (0, "")


def test_what_is_piped_in_goes_along_with_the_words(shell: Shell):
    alone = shell("ask", "--json", stdin="a text from a pipe")
    both = shell("ask", "--json", "Sum this up", stdin="a text from a pipe")
    closed = shell("ask", "--json", "Sum this up", stdin=None)

    tokens = [json.loads(done.out)["usage"]["input"] for done in (alone, both, closed)]
    assert tokens[1] > tokens[0] > 0
    assert tokens[1] > tokens[2] > 0


def test_json_is_one_object_with_every_key(shell: Shell):
    done = shell("ask", "--json", "-m", "claude/sim-sage", "--max-output", "50", "Hello")

    told = json.loads(done.out)
    assert set(told) == {
        *("text", "reasoning", "refusal", "tool_calls", "citations", "id", "model", "provider", "finish"),
        *("usage", "cost", "price_rule", "seconds", "fidelity", "attempts"),
    }
    assert set(told["usage"]) == {"input", "output", "cache_read", "cache_write", "reasoning", "quality"}
    assert set(told["attempts"][0]) == {
        *("target", "outcome", "seconds", "status", "detail", "cost", "estimated"),
    }
    assert (told["provider"], told["attempts"][0]["outcome"], done.err) == ("claude", "answered", "")
    assert isinstance(told["cost"], str)


@pytest.mark.parametrize(
    "said", ["name, age int", '{"type": "object", "properties": {"name": {"type": "string"}}}']
)
def test_a_schema_holds_the_answer(shell: Shell, said: str):
    done = shell("ask", "--schema", said, "A person")

    assert done.code == 0
    assert "name" in json.loads(done.out)


def test_a_schema_may_stand_in_a_file(shell: Shell):
    (shell.folder / "person.json").write_text(
        '{"type": "object", "properties": {"age": {"type": "integer"}}}'
    )

    done = shell("ask", "--schema", "person.json", "A person")

    assert list(json.loads(done.out)) == ["age"]


@pytest.mark.parametrize("said", ["none.json", "{", '{"a": 1', "name blob", "a b c", ","])
def test_what_is_no_schema_is_wrong_usage(shell: Shell, said: str):
    done = shell("ask", "--schema", said, "A person")

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("quorate: ")


def test_words_make_a_schema():
    schema = read_schema("name, age int, tags list: words that describe it").schema

    assert schema["properties"] == {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}, "description": "words that describe it"},
    }
    assert schema["required"] == ["name", "age", "tags"]


def test_words_that_make_no_schema_are_refused():
    with pytest.raises(InvalidRequest, match="two fields"):
        read_schema("name, name int")


def test_files_go_along(shell: Shell):
    (shell.folder / "notes.txt").write_text("Lima is the capital of Peru")
    (shell.folder / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")

    plain = json.loads(shell("ask", "--json", "Look").out)
    done = shell("ask", "--json", "-f", "notes.txt", "--file", "dot.png", "Look")

    assert done.code == 0
    assert json.loads(done.out)["usage"]["input"] > plain["usage"]["input"]


def test_a_file_that_is_not_there_is_wrong_usage(shell: Shell):
    done = shell("ask", "-f", "none.txt", "Look")

    assert (done.code, done.out) == (2, "")
    assert "'none.txt' cannot be read" in done.err


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("before\n```python\nprint(1)\n```\nafter\n```\nmore\n```", "print(1)"),
        ("no block", "no block"),
        ("````md\n```\ninner\n```\n````", "```\ninner\n```"),
        ("~~~\na\n```\nb\n~~~", "a\n```\nb"),
        ("```sh\ncut off", "cut off"),
        ("```\n```", ""),
    ],
)
def test_the_first_block_is_taken_out(text: str, block: str):
    assert first_block(text) == block


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ask",), 2),
        (("ask", "--bogus", "x"), 2),
        (("ask", "--api-key", "sk-1", "x"), 2),
        (("ask", "--temperature", "hot", "x"), 2),
        (("ask", "-m", "nobody/x", "Hello"), 2),
        (("ask", "-m", "openai/gpt-5-mini", "Hello"), 2),
        (("ask", "--config", "none.toml", "Hello"), 2),
        (("ask", "--timeout", "-1", "Hello"), 2),
        (("bogus",), 2),
        (("ask", "-m", "sim/sim-swift+unauthorized", "Hello"), 3),
        (("ask", "-m", "sim/sim-swift+truncated", "--stream", "Hello"), 3),
        (("ask", "--max-cost", "0.0000001", "Hello"), 4),
    ],
)
def test_an_exit_code_tells_what_went_wrong(shell: Shell, words: tuple[str, ...], code: int):
    done = shell(*words)

    assert done.code == code
    assert done.err.strip()
    assert "Traceback" not in done.err


def test_bad_settings_are_told_all_at_once(shell: Shell):
    shell.set_up('[aliases]\na = ""\n[routes.r]\ntargets = []\n')

    done = shell("ask", "Hello")

    assert done.code == 2
    assert done.err.count("quorate.toml:") == 2


def test_a_provider_that_fails_gives_way_to_the_next(shell: Shell):
    shell.set_up('[routes.r]\ntargets = ["claude/sim-sage+error-500", "gem/sim-thrift"]\nmax_retries = 1\n')

    done = shell("ask", "-m", "route/r", "Hello")

    assert done.code == 0
    assert "gem/sim-thrift" in done.err
    assert "after claude/sim-sage+error-500 (upstream_broken)" in done.err


def test_a_pipe_gets_no_colour_and_nothing_but_the_answer(shell: Shell):
    process = shell.start("ask", "-x", "Hello", stdin=subprocess.PIPE)
    out, err = process.communicate(b"piped", timeout=60)

    assert process.returncode == 0
    assert b"\x1b" not in out + err
    assert b"sim/sim-swift" in err


def test_a_reader_that_goes_away_is_no_error(shell: Shell):
    process = shell.start("ask", "--stream", "Hello")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()

    assert process.wait(timeout=60) == 0
    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err


def test_an_interrupt_ends_with_130(shell: Shell):
    shell.simulator.clear()
    process = shell.start("ask", "--stream", "-m", "sim/sim-swift+stall-first", "Hello")
    deadline = time.monotonic() + 30
    while shell.simulator.stats.requests == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)

    assert (process.returncode, out) == (130, b"")
    assert b"Traceback" not in err


def test_a_terminal_gets_the_words_as_they_come_and_no_colour_where_none_is_wanted(shell: Shell):
    ours, theirs = pty.openpty()
    process = shell.start("ask", "Hello", stdin=theirs, stdout=theirs, env={"NO_COLOR": "1", "TERM": "xterm"})
    os.close(theirs)
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
    out = os.read(ours, 65536)
    os.close(ours)

    assert process.returncode == 0
    assert b"imulated" in out
    assert b"\x1b" not in out + err


def test_what_the_encoding_lacks_does_not_end_the_program(shell: Shell):
    process = shell.start("ask", "Zażółć gęślą jaźń ✓", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert out.strip()


def test_the_named_settings_are_used(shell: Shell, tmp_path: Path):
    (tmp_path / "other.toml").write_text(
        (tmp_path / "quorate.toml").read_text().replace("sim-swift", "sim-sage")
    )

    done = shell("ask", "--config", "other.toml", "Hello")

    assert "sim/sim-sage" in done.err
