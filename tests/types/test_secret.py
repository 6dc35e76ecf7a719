"""A secret is shown by nothing but `reveal`."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import traceback

import msgspec
import pytest

from quorate.types.secret import Secret
from quorate.types.target import Target

CANARY = "sk-canary-0123456789"
SECRET = Secret(CANARY)
TARGET = Target(provider="p", model="m", wire="w", base_url="https://example.com", secret=SECRET)


def shown_in_an_error() -> str:
    secret, target = SECRET, TARGET
    try:
        raise ValueError(secret, target)
    except ValueError as error:
        kept = traceback.TracebackException.from_exception(error, capture_locals=True)
        return "".join(kept.format()) + str(error) + repr(error)


@pytest.mark.parametrize(
    "shown",
    [
        repr(SECRET),
        str(SECRET),
        f"{SECRET}",
        f"{SECRET!r:>30}",
        format(SECRET),
        "{}".format(SECRET),  # noqa: UP032  # one of the ways a log line is made
        "%s %r" % (SECRET, SECRET),  # noqa: UP031  # another one
        repr({"key": [SECRET]}),
        repr(TARGET),
        str(TARGET),
        pprint.pformat({"target": TARGET}),
        shown_in_an_error(),
    ],
)
def test_no_way_to_print_it_shows_it(shown: str):
    assert CANARY not in shown
    assert "Secret(" in shown


def test_a_log_does_not_show_it(caplog: pytest.LogCaptureFixture):
    logging.getLogger("quorate.tests").warning("calling %s with %r", SECRET, TARGET, extra={"key": SECRET})

    assert CANARY not in caplog.text
    assert CANARY not in repr(vars(caplog.records[0]))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled(protocol: int):
    with pytest.raises(TypeError) as caught:
        pickle.dumps(SECRET, protocol)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "write",
    [msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins, json.dumps, copy.deepcopy],
)
@pytest.mark.parametrize("holder", [SECRET, TARGET, {"key": SECRET}])
def test_no_writer_writes_it(write, holder):
    with pytest.raises(TypeError) as caught:
        write(holder)
    assert CANARY not in str(caught.value)


def test_it_has_no_fields_to_look_into():
    assert not hasattr(SECRET, "__dict__")


def test_it_is_revealed_where_it_belongs():
    assert SECRET.reveal() == CANARY


def test_it_is_equal_by_content_and_to_nothing_else():
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_it_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch):
    compared: list[tuple[bytes, bytes]] = []
    monkeypatch.setattr("hmac.compare_digest", lambda *pair: compared.append(pair) or True)

    assert Secret("a") == Secret("b")
    assert compared == [(b"a", b"b")]


def test_text_that_is_no_unicode_can_be_compared():
    assert Secret("\udcff") == Secret("\udcff")
    assert Secret("\udcff") != Secret("ÿ")


def test_an_empty_one_is_false_and_says_so():
    assert not Secret()
    assert repr(Secret()) == "Secret('')"
    assert SECRET


def test_its_tail_tells_a_long_key_from_another():
    assert SECRET.tail == "6789"
    assert Secret("short-key").tail == ""
