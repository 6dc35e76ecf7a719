"""A stream before and after the commit point, read to its end, left early or broken off."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from quorate.engine.call import CallRecord
from quorate.engine.stream import ReplyStream
from quorate.errors import (
    NoAnswer,
    QuorateError,
    StreamInterrupted,
    Unreachable,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.types.chat import ChatReply
from quorate.types.events import Event, PartDelta, ReplyEnd, ReplyStart, assemble
from quorate.wire.framing import framer
from quorate.wire.seam import Frame

from .stage import (
    END,
    INPUT_GUESSED,
    QUESTION,
    SECRET,
    START,
    Acted,
    Piece,
    Play,
    Scene,
    Silence,
    fails,
    outcomes_of,
    raised_by,
    refuses,
    says,
    streams,
    target,
)

BROKEN = UpstreamBroken("reset", retry_after=2.0, request_id="r1")


async def read_all(play: Play) -> list[Event]:
    async with play.engine.stream(QUESTION, play.context) as events:
        return [event async for event in events]


async def read_some(play: Play, count: int) -> list[Event]:
    """The first events; the rest is not waited for."""
    async with play.engine.stream(QUESTION, play.context) as events:
        return [await anext(events) for _ in range(count)]


async def read_until_it_breaks(play: Play) -> tuple[list[Event], QuorateError]:
    seen: list[Event] = []
    try:
        async with play.engine.stream(QUESTION, play.context) as events:
            async for event in events:
                seen.append(event)  # noqa: PERF401  # what came before the failure is kept
    except QuorateError as error:
        return seen, error
    raise AssertionError("it should have broken off")


async def test_a_stream_comes_whole_with_what_the_engine_knows():
    play = Play(streams("Hel", "lo"))

    events = await read_all(play)
    reply = assemble(events)

    assert (reply.text, reply.provider, reply.cost, reply.price_rule) == (
        "Hello",
        "of-a",
        play.context.budget.spent,
        "test prices",
    )
    assert [each.outcome for each in reply.attempts] == ["answered"]
    assert [type(event).__name__ for event in events] == [
        "ReplyStart",
        "PartStart",
        "PartDelta",
        "PartDelta",
        "PartEnd",
        "ReplyEnd",
    ]
    assert isinstance(events[0], ReplyStart)
    assert events[0].provider == "of-a"
    assert play.stage.open == 0


@pytest.mark.parametrize(
    "scene",
    [
        fails(Unreachable("gone")),
        refuses(503),
        Scene(pieces=(BROKEN,)),
        Scene(pieces=(START, BROKEN)),
        Scene(pieces=(START, b'{"error": "overloaded_error"}\n', *says("x"))),
        Scene(pieces=(START, b"<html>\n")),
        Scene(pieces=(START,)),
        Scene(),
    ],
)
async def test_what_fails_before_the_first_word_falls_back(scene: Scene):
    play = Play(scene, streams("from b"))

    reply = assemble(await read_all(play))

    assert (reply.text, reply.provider) == ("from b", "of-b")
    assert len(reply.attempts) == 2
    assert play.stage.open == 0


async def test_a_refusal_before_the_first_word_is_the_callers():
    play = Play(Scene(pieces=(START, b'{"error": "invalid_request_error"}\n')))

    seen, error = await read_until_it_breaks(play)

    assert (seen, type(error)) == ([], UpstreamRejected)


async def test_where_no_stream_begins_there_is_no_answer():
    play = Play(Scene(pieces=(BROKEN,)), fails(Unreachable("gone")))

    seen, error = await read_until_it_breaks(play)

    assert (seen, type(error)) == ([], NoAnswer)


def chunked(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]]:
    """The same pieces as they are, and with all bytes in one."""
    joined = b"".join(piece for piece in pieces if isinstance(piece, bytes))
    return [tuple(pieces), (joined, *(piece for piece in pieces if not isinstance(piece, bytes)))]


@pytest.mark.parametrize("pieces", chunked([START, *says("Hel", "lo"), BROKEN]))
async def test_what_fails_after_the_first_word_is_the_callers_with_what_came(pieces: tuple[Piece, ...]):
    play = Play(Scene(pieces=pieces))

    seen, error = await read_until_it_breaks(play)

    assert isinstance(error, StreamInterrupted)
    assert isinstance(error.partial, ChatReply)
    assert (error.partial.text, error.partial.finish.reason) == ("Hello", "other")
    assert [event.text for event in seen if isinstance(event, PartDelta)] == ["Hel", "lo"]
    assert (error.provider, error.upstream_code, error.retry_after, error.request_id) == (
        "of-a",
        "upstream_broken",
        2.0,
        "r1",
    )
    assert outcomes_of(error) == ["stream_interrupted"]
    assert play.stage.called == ["a"]


@pytest.mark.parametrize(
    "pieces",
    [
        *chunked([START, *says("Hel", "lo"), b'{"error": "overloaded_error"}\n']),
        *chunked([START, *says("Hel", "lo"), b"garbled\n"]),
        *chunked([START, *says("Hel", "lo"), b'{"text": "never wh']),
        *chunked([START, *says("Hel", "lo")]),
    ],
)
async def test_however_it_breaks_and_is_cut_the_words_before_come_first(pieces: tuple[Piece, ...]):
    play = Play(Scene(pieces=pieces))

    seen, error = await read_until_it_breaks(play)

    assert isinstance(error, StreamInterrupted)
    assert assemble(seen).text == "Hello"


async def test_what_broke_off_is_booked_as_a_failure_by_estimate():
    play = Play(Scene(pieces=(START, *says("12345678"), BROKEN)))

    _, error = await read_until_it_breaks(play)
    partial = error.partial if isinstance(error, StreamInterrupted) else None

    assert isinstance(partial, ChatReply)
    assert (partial.usage.input, partial.usage.output, partial.usage.quality) == (
        INPUT_GUESSED,
        2,
        "estimated",
    )
    assert partial.cost == play.context.budget.spent > 0
    told = play.statistics.read()["of-a"]
    assert (told.answered, told.failures, told.left, told.cost) == (0, 1, 0, partial.cost)


async def test_a_broken_stream_stays_broken():
    play = Play(Scene(pieces=(START, *says("Hello"), BROKEN, END)))

    async with play.engine.stream(QUESTION, play.context) as events:
        for _ in range(3):
            await anext(events)
        with pytest.raises(StreamInterrupted):
            await anext(events)
        with pytest.raises(StopAsyncIteration):
            await anext(events)

    assert play.statistics.read()["of-a"].failures == 1


@pytest.mark.parametrize("after", [BROKEN, b"garbled", b'{"error": "x"}\n', UpstreamTimeout("still open")])
async def test_what_comes_after_the_end_harms_nothing(after: Piece):
    play = Play(Scene(pieces=(START, *says("Hello"), END, after)))

    reply = assemble(await read_all(play))

    assert (reply.text, reply.finish.reason) == ("Hello", "stop")
    assert play.statistics.read()["of-a"].failures == 0


async def test_a_stream_without_an_end_is_never_called_whole():
    play = Play(Scene(pieces=(START, *says("Hello"))))

    _, error = await read_until_it_breaks(play)

    assert isinstance(error, StreamInterrupted)


class Mute:
    """A reader that has nothing to say, not even at the end."""

    def read(self, frame: Frame) -> tuple[Event, ...]:
        return ()

    def close(self) -> tuple[Event, ...]:
        return ()


async def test_a_stream_whose_reader_sees_no_end_has_failed_all_the_same():
    play = Play()
    books = CallRecord(play.books, play.context).begin(target("a"))
    pieces = Acted(streams("Hello"), play.stage).chunks()
    stream = ReplyStream(chunks=pieces, framer=framer("ndjson"), reader=Mute(), size=lambda: 0, books=books)

    with pytest.raises(UpstreamBroken):
        await stream.begin()


async def test_leaving_early_closes_the_connection_and_books_an_estimate():
    play = Play(Scene(pieces=(START, *says("12345678"), Silence())))

    await read_some(play, 3)

    assert (play.stage.open, play.stage.reading) == (0, 0)
    told = play.statistics.read()["of-a"]
    assert (told.left, told.answered, told.failures) == (1, 0, 0)
    assert (told.input_tokens, told.output_tokens) == (INPUT_GUESSED, 2)
    assert play.context.budget.spent == told.cost > 0


async def test_leaving_right_after_the_end_books_what_the_provider_said():
    play = Play(streams("Hello"))

    events = await read_some(play, 5)

    assert isinstance(events[-1], ReplyEnd)
    told = play.statistics.read()["of-a"]
    assert (told.answered, told.left, told.input_tokens, told.output_tokens) == (1, 0, 3, 5)


async def test_an_error_of_the_caller_passes_and_the_stream_is_left():
    play = Play(Scene(pieces=(START, *says("12345678"), Silence())))

    async def stumble() -> None:
        async with play.engine.stream(QUESTION, play.context) as events:
            await anext(events)
            raise UpstreamBusy("of another call", provider="another")

    error = await raised_by(stumble())

    assert isinstance(error, UpstreamBusy)
    assert (error.provider, error.attempts) == ("another", ())
    assert play.statistics.read()["of-a"].left == 1
    assert play.stage.open == 0


@pytest.mark.parametrize(
    ("pieces", "tokens_out"),
    [((Silence(),), 0), ((START, Silence()), 0), ((START, *says("12345678"), Silence()), 2)],
)
async def test_a_cancelled_stream_closes_the_connection_and_books_an_estimate(
    pieces: tuple[Piece, ...], tokens_out: int
):
    play = Play(Scene(pieces=pieces))
    task = asyncio.create_task(read_all(play))
    await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    told = play.statistics.read()["of-a"]
    assert (told.left, told.input_tokens, told.output_tokens) == (1, INPUT_GUESSED, tokens_out)
    assert play.stage.open == 0


async def test_no_task_is_left_behind():
    before = asyncio.all_tasks()
    play = Play(Scene(pieces=(START, *says("a"), Silence())), streams("b"))

    await read_some(play, 2)
    await read_all(play)

    assert asyncio.all_tasks() == before


async def test_a_credential_in_a_broken_stream_is_not_passed_on():
    key = SECRET.reveal()
    play = Play(Scene(pieces=(START, *says("Hello"), UpstreamBroken(f"bad key {key}", body=key.encode()))))

    _, error = await read_until_it_breaks(play)

    assert key not in str(error) + repr(vars(error)) + repr(error.__cause__) + repr(vars(error.__cause__))


async def test_streams_of_one_call_after_another_do_not_mix():
    play = Play(streams("one"), streams("two"), targets=[target("a")])

    texts = [assemble(await read_all(play)).text for _ in range(2)]

    assert texts == ["one", "two"]
