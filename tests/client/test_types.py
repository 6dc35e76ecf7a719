"""What a type checker makes of the client: an answer's `output` is of the type that was asked for, and no other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
from __future__ import annotations

from typing import assert_type

import msgspec

from quorate import ChatReply, Quorate
from quorate.sync import Quorate as Blocking


class City(msgspec.Struct):
    name: str


async def ask(q: Quorate) -> None:
    reply = await q.chat("The capital of Peru", model="ollama/llama3.2", output=City)
    assert_type(reply, ChatReply[City])
    assert_type(reply.output, City)
    assert_type((await q.chat("Some capitals", output=list[City])).output, list[City])
    assert_type(await q.chat("Hello", temperature=0.5, stop="END"), ChatReply[None])
    assert_type((await q.run("Hello", tools=[len], output=City)).output, City)
    show(reply)


def block(q: Blocking) -> None:
    assert_type(q.chat("The capital of Peru", output=City).output, City)


def show(reply: ChatReply) -> None:
    print(reply.text)
"""

WRONG = """
from quorate import Quorate


async def ask(q: Quorate) -> None:
    await q.chat("Hello", temperature="hot")
    await q.chat("Hello", max_tokens=5)
    await q.chat(5)
    print((await q.chat("Hello")).output.name)
"""


def complaints(folder: Path, program: str) -> list[int]:
    """The lines that basedpyright objects to, in its standard mode."""
    checker = Path(sys.executable).with_name("basedpyright")
    if not checker.exists():
        pytest.skip("basedpyright is not installed")
    path = folder / "program.py"
    path.write_text(program)
    (folder / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "standard", "pythonVersion": "3.11"})
    )
    done = subprocess.run(
        [checker, "--outputjson", "--pythonpath", sys.executable, "-p", folder],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    return sorted({each["range"]["start"]["line"] for each in found if each["severity"] == "error"})


def test_the_type_that_was_asked_for_is_the_type_of_the_output(tmp_path: Path):
    assert complaints(tmp_path, PROGRAM) == []


def test_what_is_wrong_is_seen_before_it_runs(tmp_path: Path):
    assert complaints(tmp_path, WRONG) == [5, 6, 7, 8]
