"""The log as it is written: by whom, to whom, and never with a secret."""

from __future__ import annotations

import json
import logging
import os
from typing import Literal

import pytest

from quorate.gateway.operating import logs
from quorate.gateway.operating.line_writer import LineWriter
from quorate.settings.settings import ServerSettings
from quorate.sim.simulator import Simulator
from quorate.types.secret import Secret
from quorate.types.value import replace
from tests.gateway.house import KEY, PLAIN, call, seen, settings_for
from tests.gateway.house import written as asked
from tests.sim.asking import question

from .stage import AS_ADMIN, attempt, operated, pipe, record

CANARY = "sk-canary-0123456789abcdef"


def read(descriptor: int) -> str:
    try:
        return os.read(descriptor, 1 << 20).decode()
    except BlockingIOError:
        return ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_calls_and_messages_take_the_same_form(form: Literal["text", "json"]):
    reading, writing = pipe()
    with logs.logged(ServerSettings(log=form), writing) as log:
        log.calls[0].take([record(attempt()), record(attempt(outcome="unreachable"), status=502)])
        logging.getLogger("quorate.settings").warning("'%s' has changed", "quorate.toml")
        logging.getLogger("quorate").debug("nobody asked for this")
    told = read(reading).splitlines()

    assert len(told) == 3
    assert "outcome" in told[0]
    assert "unreachable" in told[1]
    assert "'quorate.toml' has changed" in told[2]
    assert all(line.startswith('{"time":"' if form == "json" else "20") for line in told)


def test_loggers_are_given_back_as_they_were():
    logger = logging.getLogger("quorate")
    before = (list(logger.handlers), logger.level, logger.propagate)

    with logs.logged(ServerSettings(), pipe()[1]):
        assert not logger.propagate

    assert (logger.handlers, logger.level, logger.propagate) == before


def test_a_log_that_is_off_says_nothing():
    with logs.logged(ServerSettings(log="off")) as log:
        assert log.calls == ()
        assert log.check().problem == ""


def test_a_level_leaves_out_what_is_below_it():
    reading, writing = pipe()
    with logs.logged(ServerSettings(log="json", log_level="warning"), writing) as log:
        log.calls[0].take([record(attempt()), record(attempt(outcome="unreachable"), status=502)])
        logging.getLogger("quorate").info("rows are written again")

    assert [json.loads(line)["outcome"] for line in read(reading).splitlines()] == ["unreachable"]


def test_a_reader_that_does_not_read_holds_nobody_up():
    reading, writing = pipe()
    writer = LineWriter(writing, most_bytes=100_000)
    for _ in range(1000):
        writer.put("x" * 999 + "\n")
    lost = writer.lost
    assert 700 < lost < 1000  # the pipe's own buffer took some
    assert writer.waiting <= 1000 - lost

    writer.close(0.01)
    os.close(reading)


def test_lines_that_nobody_takes_are_counted():
    reading, writing = pipe()
    os.close(reading)
    writer = LineWriter(writing)
    writer.put("one\ntwo\n")
    writer.close()

    assert (writer.lost, writer.waiting) == (2, 0)


async def test_no_secret_and_no_content_is_logged(sim: Simulator):
    reading, writing = pipe()
    settings = settings_for(sim.url, server={"log": "json", "log_level": "debug"})
    settings = replace(
        settings, entries=tuple(replace(each, key=Secret(CANARY)) for each in settings.entries)
    )
    async with operated(settings, log_to=writing) as stage:
        for model in ("sim-openai/sim-swift", "sim-anthropic/sim-swift+error-401", "nobody/none"):
            sent = asked("openai_chat", question("my canary is yellow", model=model))
            await call(stage.gateway, sent.path, sent.body)
        await call(
            stage.gateway,
            "/v1/chat/completions",
            b"{}",
            headers=PLAIN | {"authorization": "Bearer " + CANARY},
        )
        await call(
            stage.gateway,
            "/v1beta/models",
            method="GET",
            query=f"key={CANARY}",
            headers={"host": PLAIN["host"]},
        )
        await call(stage.gateway, "/metrics", method="GET", headers=AS_ADMIN)
        stage.journal.flush()
        await seen(lambda: stage.watch.health.findings()["log"].waiting == 0)
    lines = read(reading)

    assert lines.count('"event":"call"') == 5
    assert CANARY not in lines
    assert KEY not in lines
    assert AS_ADMIN["authorization"].split()[1] not in lines
    assert "yellow" not in lines


def test_a_process_without_a_loop_tells_in_the_same_form(capfd: pytest.CaptureFixture[str]):
    with logs.messages_told(ServerSettings(log="json"), logs.tell_directly):
        logging.getLogger("quorate.gateway").error("worker %d ended", 1)

    told = json.loads(capfd.readouterr().err)
    assert (told["level"], told["message"]) == ("error", "worker 1 ended")
