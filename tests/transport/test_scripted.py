"""The transport that answers from a script."""

from __future__ import annotations

import pytest

from quorate.errors import UpstreamBroken, UpstreamBusy
from quorate.transport.scripted import Scripted, ScriptedTransport, answer

from .asking import asking, fetch, pieces_of, take_in

URL = "http://upstream.example/v1"


async def test_answers_come_one_after_the_other_and_what_was_sent_is_kept():
    transport = ScriptedTransport(
        [answer(b"one"), UpstreamBusy("later"), answer(b"two", 503, retry_after="3")]
    )

    first = await fetch(transport, asking(URL, b"1"))
    with pytest.raises(UpstreamBusy):
        await fetch(transport, asking(URL, b"2"))
    async with transport.send(asking(URL, b"3")) as arrival:
        third = (arrival.status, arrival.headers["retry-after"], await arrival.read())

    assert (first, third) == (b"one", (503, "3", b"two"))
    assert [send.body for send in transport.sent] == [b"1", b"2", b"3"]


async def test_a_script_at_its_end_is_an_upstream_that_broke():
    with pytest.raises(UpstreamBroken, match="no further answer"):
        await fetch(ScriptedTransport([]), asking(URL))


async def test_a_function_answers_by_the_request():
    transport = ScriptedTransport(lambda send: answer(send.body.upper()))

    assert await fetch(transport, asking(URL, b"echo")) == b"ECHO"


async def test_a_stream_keeps_its_pieces_and_breaks_where_the_script_says():
    transport = ScriptedTransport([Scripted(chunks=(b"a", b"b"), breaks=UpstreamBroken("cut"), pause=0.001)])
    had: list[bytes] = []
    async with transport.send(asking(URL)) as arrival:
        with pytest.raises(UpstreamBroken, match="cut"):
            await take_in(arrival, had)

    assert had == [b"a", b"b"]


async def test_a_body_beyond_the_limit_is_refused():
    with pytest.raises(UpstreamBroken, match="larger than 3 bytes"):
        await fetch(ScriptedTransport([answer(b"four")]), asking(URL, max_body=3))


async def test_a_reader_who_leaves_early_is_counted():
    transport = ScriptedTransport([Scripted(chunks=(b"a", b"b")), Scripted(chunks=(b"a", b"b"))])
    await pieces_of(transport, asking(URL))
    async with transport.send(asking(URL)) as arrival:
        await anext(arrival.chunks())

    assert transport.left_early == 1
