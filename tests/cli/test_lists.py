"""`quorate models`, `providers`, `doctor` and `completion`: lists for people, and the same for programs."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
from typing import Any

import pytest

from quorate.cli.doctor import Finding, nobody

from .shell import PROVIDERS, Shell


def test_models_are_those_of_the_providers_that_are_set_up(shell: Shell):
    before = shell("models", "sim-swift")
    asked = shell("models", "--refresh", "sim-swift")
    kept = shell("models", "sim-swift")

    names = [line.split("\t")[0] for line in asked.out.splitlines()]
    assert before.out == ""
    assert sorted(names) == sorted(f"{provider}/sim-swift" for provider in PROVIDERS)
    assert kept.out == asked.out
    assert "4 models" in asked.err


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        (
            ("--feature", "tools", "--feature", "vision"),
            lambda row: {"tools", "vision"} <= set(row["features"]),
        ),
        (("--min-context", "500000"), lambda row: row["context"] >= 500_000),
        (("--max-price", "0.5"), lambda row: float(row["output_price"]) <= 0.5),
        (("-p", "anthropic"), lambda row: row["name"].startswith("anthropic/")),
        (("mini GPT",), lambda row: "mini" in row["name"].lower() and "gpt" in row["name"].lower()),
    ],
)
def test_every_filter_filters(shell: Shell, filters: tuple[str, ...], fits: Any):
    everything = [] if "-p" in filters else ["--all"]

    rows = json.loads(shell("models", *filters, *everything, "--json").out)

    assert rows
    assert all(fits(row) for row in rows)
    assert set(rows[0]) >= {"name", "context", "max_output", "features", "input_price", "output_price"}


def test_a_price_is_that_of_a_short_prompt(shell: Shell):
    rows = json.loads(shell("models", "-p", "google", "gemini-2.5-pro", "--json").out)

    prices = {row["name"]: (row["input_price"], row["output_price"]) for row in rows}
    assert prices["google/gemini-2.5-pro"] == ("1.25", "10")


def test_a_long_list_is_cut_and_says_so(shell: Shell):
    done = shell("models", "--all", "--limit", "3")

    assert len(done.out.splitlines()) == 3
    assert "more with --limit 0" in done.err


def test_a_list_of_models_has_one_price_for_a_program(shell: Shell):
    [row] = json.loads(shell("models", "--refresh", "--json", "llama/sim-swift").out)

    assert (row["input_price"], row["output_price"]) == ("1", "2")
    assert row["price_rule"].startswith("settings")


@pytest.mark.parametrize(
    "words", [("models", "-p", "opnai"), ("models", "--feature", "juggling"), ("models", "a", "b")]
)
def test_a_wrong_filter_is_wrong_usage(shell: Shell, words: tuple[str, ...]):
    done = shell(*words)

    assert (done.code, done.out) == (2, "")
    assert done.err


def test_providers_tell_who_is_ready_and_where_keys_go(shell: Shell):
    rows = {row["name"]: row for row in json.loads(shell("providers", "--json").out)}
    ready = shell("providers", "--ready")

    assert {line.split("\t")[0] for line in ready.out.splitlines()} == set(PROVIDERS)
    assert rows["openai"]["is_ready"] is False
    assert "OPENAI_API_KEY" in rows["openai"]["lacks"]
    assert "OPENAI_API_KEY" in rows["openai"]["variables"]
    assert len(rows) > 25


def test_a_word_finds_a_provider(shell: Shell):
    done = shell("providers", "GROQ")

    assert [line.split("\t")[0] for line in done.out.splitlines()] == ["groq"]


def test_doctor_asks_everybody_and_is_content(shell: Shell):
    done = shell("doctor", "--json")

    findings = {each["about"]: each for each in json.loads(done.out)}
    assert done.code == 0
    assert {name: findings[name]["state"] for name in PROVIDERS} == dict.fromkeys(PROVIDERS, "good")
    assert findings["ollama"]["state"] == "note"
    assert set(findings["sim"]) == {"about", "state", "told", "mend"}


def test_doctor_says_what_is_wrong_and_how_to_mend_it(shell: Shell):
    shell.set_up('[providers.openai]\nchat_model = "gpt-5"\n', port="http://127.0.0.1:9")

    done = shell("doctor")

    assert done.code == 1
    assert "✗ openai: not ready" in done.out
    assert "OPENAI_API_KEY" in done.out
    assert "✗ sim: " in done.out
    assert "is the address right" in done.out


def test_doctor_misses_a_provider_where_none_is_set_up_and_no_ollama_runs():
    absent = Finding(about="ollama", state="note", told="not running here")
    [told] = nobody([absent])

    assert (told.state, told.told) == ("bad", "no provider is set up")
    assert nobody([absent, Finding(about="openai", state="bad", told="not ready")]) == []


def test_doctor_is_content_with_an_ollama_that_runs(shell: Shell, monkeypatch: pytest.MonkeyPatch):
    (shell.folder / "quorate.toml").write_text("")
    monkeypatch.setenv("OLLAMA_HOST", shell.simulator.url)

    done = shell("doctor")

    assert done.code == 0
    assert "✓ ollama: " in done.out


def test_doctor_tells_of_bad_settings(shell: Shell):
    shell.set_up("[routes.r]\ntargets = []\n")

    done = shell("doctor")

    assert done.code == 1
    assert "✗ settings: " in done.out
    assert "quorate.toml:" in done.out


@pytest.mark.parametrize("which", ["bash", "zsh", "fish"])
def test_a_completion_script_comes_out(shell: Shell, which: str):
    done = shell("completion", which)

    assert done.code == 0
    assert "doctor" in done.out
    assert "--max-cost" in done.out or "max-cost" in done.out


def test_bash_takes_its_completion_script(shell: Shell):
    script = shell("completion", "bash").out

    bash = shutil.which("bash") or "bash"
    done = subprocess.run([bash, "-n"], input=script.encode(), capture_output=True, check=False, timeout=30)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", [("--help",), ("ask", "--help"), ("models", "--help"), ("--version",)])
def test_help_comes_on_stdout(shell: Shell, words: tuple[str, ...]):
    done = shell(*words)

    assert (done.code, done.err) == (0, "")
    assert done.out.strip()


def test_a_terminal_gets_a_table(shell: Shell):
    ours, theirs = pty.openpty()
    process = shell.start("providers", "--ready", stdin=theirs, stdout=theirs, env={"TERM": "xterm"})
    os.close(theirs)
    process.communicate(timeout=60)
    out = os.read(ours, 65536)
    os.close(ours)

    assert process.returncode == 0
    assert b"documentation" in out
    assert b"\t" not in out
