"""The blocking client: the same calls, and no thread or loop that outlives it."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from quorate import PartDelta, ReplyEnd
from quorate.errors import InvalidOutput, InvalidRequest, QuorateError, StreamInterrupted, UnknownModel
from quorate.sync import Quorate
from quorate.transport.scripted import Scripted, ScriptedTransport
from quorate.transport.seam import Send

from .answers import KEYS, body_of, calls, embeds, lists, says, streams

MODEL = "openai/gpt-5-mini"


class City(msgspec.Struct):
    name: str


def blocking(script: Any) -> tuple[Quorate, ScriptedTransport]:
    transport = ScriptedTransport(script)
    return Quorate(environment=KEYS, transport=transport), transport


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "quorate"]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    gc.collect()
    assert threads() == []


def test_every_call_is_there_and_blocks():
    def script(send: Send) -> Scripted:
        return lists("gpt-5-mini") if send.method == "GET" else next(answers)

    answers = iter([says(), says('{"name": "Lima"}'), embeds((1.0,)), calls(("look", {})), says("seen")])
    q, _ = blocking(script)
    with q:
        reply = q.chat("Hello", model=MODEL)
        typed = q.chat("Hello", model=MODEL, output=City)
        vectors = q.embed("Hello", model="openai/text-embedding-3-small").vectors
        ran = q.run("Look", model=MODEL, tools=[look])
        there = q.is_available("openai")
        offers = q.models("openai")

    assert (reply.text, typed.output, vectors) == ("Rhine, Elbe, Oder", City("Lima"), ((1.0,),))
    assert (ran.text, there, "openai/gpt-5-mini" in [offer.name for offer in offers]) == ("seen", True, True)
    assert q.stats()["openai"].requests >= 4


def look() -> str:
    """Look around."""
    return "nothing"


def test_a_tool_may_ask_the_same_client():
    def ask() -> str:
        """Ask another model."""
        return q.chat("Inside", model=MODEL).text

    q, transport = blocking([calls(("ask", {})), says("inner"), says("outer")])
    with q:
        reply = q.run("Outside", model=MODEL, tools=[ask])

    assert reply.text == "outer"
    assert body_of(transport.sent[2])["messages"][2]["content"] == "inner"


def test_a_stream_is_read_as_it_comes():
    q, transport = blocking([streams("a", "b")])
    with q, q.stream("Hello", model=MODEL) as events:
        seen = list(events)
        more = list(events)

    assert [event.text for event in seen if isinstance(event, PartDelta)] == ["a", "b"]
    assert isinstance(seen[-1], ReplyEnd)
    assert (more, transport.left_early) == ([], 0)


def test_a_stream_left_early_hangs_up():
    q, transport = blocking([streams(*["word"] * 1000)])
    with q:
        with q.stream("Hello", model=MODEL) as events:
            next(events)
        left = transport.left_early

    assert left == 1


def test_a_stream_nobody_reads_takes_no_more_than_a_little_in():
    q, _ = blocking([streams(*["word"] * 5000)])
    with q, q.stream("Hello", model=MODEL) as events:
        time.sleep(0.05)
        first = next(events)

    assert first is not None


def test_a_stream_that_does_not_begin_raises_where_it_is_opened():
    q, _ = blocking([Scripted(status=401, chunks=(b"{}",))])
    opened = False
    with q, pytest.raises(QuorateError), q.stream("Hello", model=MODEL):
        opened = True

    assert not opened


def test_a_stream_that_breaks_off_raises_after_what_came():
    whole = streams("a", "b")
    q, _ = blocking([Scripted(chunks=whole.chunks[:3], headers=whole.headers)])
    words: list[str] = []
    with q, q.stream("Hello", model=MODEL) as events, pytest.raises(StreamInterrupted) as caught:
        words.extend(event.text for event in events if isinstance(event, PartDelta))

    assert getattr(caught.value.partial, "text") == "ab"  # noqa: B009  # typed as any object


@pytest.mark.parametrize(
    ("wishes", "error"),
    [
        ({"model": "nobody/x"}, UnknownModel),
        ({"model": MODEL, "temprature": 1}, InvalidRequest),
        ({"model": MODEL, "output": City}, InvalidOutput),
    ],
)
def test_errors_are_those_of_the_asynchronous_client(wishes: Any, error: type[Exception]):
    q, _ = blocking([says("no city")])

    with q, pytest.raises(error):
        q.chat("Hello", **wishes)


def test_threads_share_one_client():
    q, transport = blocking(lambda send: says(body_of(send)["messages"][0]["content"]))
    with q, ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda word: q.chat(word, model=MODEL).text, map(str, range(40))))
        running = threads()

    assert replies == [str(number) for number in range(40)]
    assert (running, len(transport.sent)) == (["quorate"], 40)


def test_closing_is_for_good_and_twice_is_once():
    q, _ = blocking([says()])
    q.chat("Hello", model=MODEL)
    q.close()
    q.close()

    with pytest.raises(InvalidRequest, match="closed"):
        q.chat("Hello", model=MODEL)
    with pytest.raises(InvalidRequest, match="closed"), q.stream("Hello", model=MODEL):
        pass


def test_a_client_that_was_never_used_is_closed_as_well():
    q, _ = blocking([])
    q.close()

    with pytest.raises(InvalidRequest, match="closed"):
        q.chat("Hello", model=MODEL)


def test_an_interrupt_cancels_the_call():
    q, transport = blocking([Scripted(chunks=(b"{}",), pause=30)])
    interrupt = partial(signal.pthread_kill, threading.main_thread().ident or 0, signal.SIGINT)
    threading.Timer(0.2, interrupt).start()
    started = time.monotonic()
    with q:
        with pytest.raises(KeyboardInterrupt):
            q.chat("Hello", model=MODEL)
        q.is_available("nobody")  # the loop goes on
        left = transport.left_early

    assert left == 1
    assert time.monotonic() - started < 10


def test_closing_ends_what_other_threads_wait_for():
    q, _ = blocking([Scripted(chunks=(b"{}",), pause=30)])
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(q.chat, "Hello", model=MODEL)
        time.sleep(0.2)
        q.close()
        error = waiting.exception(timeout=10)

    assert isinstance(error, InvalidRequest)


def test_a_file_sets_it_up(tmp_path: Path):
    path = tmp_path / "quorate.toml"
    path.write_text(f'default_model = "{MODEL}"\n')
    with Quorate.from_file(path, environment=KEYS, transport=ScriptedTransport([says()])) as q:
        assert q.chat("Hello").text
