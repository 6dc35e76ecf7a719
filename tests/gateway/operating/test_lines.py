"""Lines of the log: what stands in them, and what no client can make stand there."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.gateway.operating.lines import FORMS, LONGEST, facts_of, level_of, moment

from .stage import attempt, record

NASTY = 'x\n2026-01-31T12:00:00.000Z error   call status=500\r\n\x1b[31mred\x07\u2028\u202e"} outcome=answered\x9b2J'


def line(form: str, **more: object) -> str:
    made = record(attempt(), **more)
    return FORMS[form].call(1769860800.25, logging.INFO, facts_of(made, FORMS[form].word, is_detailed=True))


def test_a_line_for_people():
    assert line("text", key="key-12", road="relayed", id="01a1", identity="mine") == (
        "2026-01-31T12:00:00.250Z info    call status=200 outcome=answered method=POST path=/v1/chat/completions "
        "front=openai_chat operation=chat model=one provider=main answered_model=one road=relayed seconds=1.000000 "
        "first_byte_seconds=0.250000 input_tokens=15 output_tokens=7 cost=0.25 attempts=1 key=key-12 "
        "request_id=mine decision_id=01a1\n"
    )


def test_a_line_for_machines():
    told = json.loads(line("json", stream=True))

    assert told["time"] == "2026-01-31T12:00:00.250Z"
    assert (told["level"], told["event"], told["outcome"]) == ("info", "call", "answered")
    assert (told["status"], told["seconds"], told["cost"], told["stream"]) == (200, 1.0, 0.25, True)


def test_what_is_not_known_is_left_out():
    facts = facts_of(
        record(first_byte=0.0, model="", operation="", status=401, outcome="unknown_caller"), str
    )

    assert list(facts) == ["status", "outcome", "method", "path", "seconds", "request_id", "decision_id"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("field", ["model", "path", "detail", "answered_model"])
def test_no_word_of_a_clients_makes_a_line_or_moves_a_terminal(form: str, field: str):
    told = line(form, **{field: NASTY})

    assert told.count("\n") == 1
    assert told[:-1].isprintable()


@given(st.text())
def test_no_word_of_a_clients_looks_like_a_field(word: str):
    plain = line("text", model="a").split(" ")
    names = [part.partition("=")[0] for part in plain if "=" in part]

    told = line("text", model=word or "a")
    before, _, rest = told.partition(" model=")
    quoted = json.JSONDecoder().raw_decode(rest)[1] if rest.startswith('"') else rest.index(" ")
    parts = [*before.split(" "), "model=", *rest[quoted:].strip().split(" ")]

    assert told.count("\n") == 1
    assert told[:-1].isprintable()
    assert [part.partition("=")[0] for part in parts if "=" in part] == names


def test_a_long_word_is_cut():
    assert len(line("json", model="x" * 10_000)) < 2 * LONGEST + 600


def test_the_detail_of_an_error_is_told_to_who_debugs():
    made = record(outcome="upstream_busy", detail="come back later", status=429)

    assert "detail" not in facts_of(made, str)
    assert facts_of(made, str, is_detailed=True)["detail"] == "come back later"


@pytest.mark.parametrize(
    ("outcome", "status", "is_tried", "level"),
    [
        ("answered", 200, True, logging.INFO),
        ("left", 0, True, logging.INFO),
        ("unknown_caller", 401, False, logging.INFO),
        ("upstream_rejected", 400, True, logging.INFO),
        ("upstream_busy", 429, True, logging.WARNING),
        ("no_answer", 502, True, logging.WARNING),
        ("stream_interrupted", 200, True, logging.WARNING),
        ("internal", 500, False, logging.ERROR),
    ],
)
def test_a_call_is_as_loud_as_what_went_wrong(outcome: str, status: int, is_tried: bool, level: int):
    trace = (attempt("main/one", outcome),) if is_tried else ()

    assert level_of(record(*trace, outcome=outcome, status=status)) == level


def test_a_message_with_its_trace_is_indented_for_people():
    told = logging.makeLogRecord(
        {"name": "quorate.x", "levelno": logging.ERROR, "msg": "it\nfailed", "created": 0.0}
    )

    assert FORMS["text"].message(told, "Traceback\n  one\nValueError: 2026\x1b[0m") == (
        "1970-01-01T00:00:00.000Z error   quorate.x: it\\x0afailed\n"
        "    | Traceback\n    |   one\n    | ValueError: 2026\\x1b[0m\n"
    )
    assert json.loads(FORMS["json"].message(told, "Traceback\n")) == {
        "time": "1970-01-01T00:00:00.000Z",
        "level": "error",
        "event": "message",
        "logger": "quorate.x",
        "message": "it\\x0afailed",
        "trace": "Traceback\n",
    }


def test_moments_are_in_utc_with_thousandths():
    assert moment(1769860800.999999) == "2026-01-31T12:00:00.999Z"
