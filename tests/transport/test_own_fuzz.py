"""Our own client against every cutting of true answers, and against answers that somebody has tampered with."""

from __future__ import annotations

import gzip
from itertools import pairwise

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.errors import UpstreamBroken
from quorate.types.value import Value

from .memory import Ending, answered


class Answer(Value):
    """Bytes that a server may say, and what they mean."""

    said: bytes
    body: bytes
    head: int
    """Where the head ends."""
    ends_with_connection: bool = False
    is_packed: bool = False


def _chunked(body: bytes, sizes: list[int], extension: bytes, trailer: bytes) -> bytes:
    out, rest = b"", body
    for size in sizes:
        piece, rest = rest[:size], rest[size:]
        out += b"%x%b\r\n%b\r\n" % (len(piece), extension, piece) if piece else b""
    out += b"%X\r\n%b\r\n" % (len(rest), rest) if rest else b""
    return out + b"0\r\n" + trailer + b"\r\n"


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    body = draw(st.binary(max_size=300) | st.just(b"data: {}\n\n" * 40))
    is_packed = draw(st.booleans())
    sent = gzip.compress(body, mtime=0) if is_packed else body
    framing = draw(st.sampled_from(["length", "chunked", "close"]))
    head = draw(
        st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\n"])
    )
    head += draw(st.sampled_from([b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 429 \r\n", b"HTTP/1.1 503 Busy\r\n"]))
    head += b"".join(
        draw(st.lists(st.sampled_from([b"X-A: b\r\n", b"x-a:\r\n", b"Date:  today \r\n"]), max_size=4))
    )
    head += b"content-encoding: gzip\r\n" if is_packed else b""
    if framing == "length":
        head += b"Content-Length: %d\r\n" % len(sent)
    elif framing == "chunked":
        head += b"Transfer-Encoding: chunked\r\n"
        sizes = draw(st.lists(st.integers(1, 50), max_size=8))
        extension = draw(st.sampled_from([b"", b";a=b", b';a="b"']))
        sent = _chunked(sent, sizes, extension, draw(st.sampled_from([b"", b"X-T: 1\r\n"])))
    else:
        head += b"Connection: close\r\n"
    head += b"\r\n"
    return Answer(
        said=head + sent,
        body=body,
        head=len(head),
        ends_with_connection=framing == "close",
        is_packed=is_packed,
    )


def said_by(answer: Answer) -> bytes:
    return answer.said


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """In pieces, at these places modulo the length."""
    at = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(at)]


CUTS = st.lists(st.integers(0, 5000), max_size=12)
ENDINGS = st.sampled_from(["close", "reset"])


def any_cutting_gives_the_same(answer: Answer, places: list[int]) -> None:
    came = answered(cut(answer.said, places))
    assert came.error is None
    assert came.body == answer.body
    assert came.is_kept is not answer.ends_with_connection


def a_part_is_not_the_whole(answer: Answer, places: list[int], at: int, ending: Ending) -> None:
    part = answer.said[: at % max(len(answer.said), 1)]
    came = answered(cut(part, places), ending)
    is_all_there_is = answer.ends_with_connection and ending == "close" and len(part) >= answer.head
    assert answer.body.startswith(came.body)
    if is_all_there_is and not answer.is_packed:
        assert (came.error, came.body) == (None, part[answer.head :])
    elif not (is_all_there_is and len(part) == answer.head):
        assert isinstance(came.error, UpstreamBroken)


def nothing_unasked_is_taken_for_an_answer(answer: Answer, places: list[int], more: bytes) -> None:
    came = answered(cut(answer.said + more, places))
    assert came.is_kept is False or not more.strip(b"\r\n")  # empty lines before an answer mean nothing
    assert came.body.startswith(answer.body)
    assert answer.ends_with_connection or (came.body, came.error) == (answer.body, None)


def tampered(said: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    for kind, place, data in changes:
        at = place % (len(said) + 1)
        match kind:
            case "insert":
                said = said[:at] + data + said[at:]
            case "delete":
                said = said[:at] + said[at + len(data) :]
            case "replace":
                said = said[:at] + data + said[at + len(data) :]
            case _:
                said = said[:at] + said[max(at - 20, 0) :]
    return said


WORDS = st.sampled_from(
    [
        *(b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b";", b"\t", b"\xff", b"0", b"ff", b"-1", b"x" * 100),
        *(b"\r\n\r\n", b"0\r\n\r\n", b"chunked", b"101", b"204", b"304", b"000", b"HTTP/1.0", b"HTTP/2.0"),
        *(b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1 200 OK\r\n"),
        *(b"Connection: upgrade\r\n", b"Connection: close\r\n", b"Upgrade: h2c\r\n"),
    ]
)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["insert", "delete", "replace", "double"]),
        st.integers(0, 5000),
        WORDS | st.binary(min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


def judged(said: bytes, ending: Ending) -> bytes | None:
    """The body, as another parser reads it; None where it finds fault."""
    other = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    other.send(h11.Request(method="POST", target="/", headers=[("host", "x"), ("content-length", "0")]))
    other.send(h11.EndOfMessage())
    body = b""
    try:
        other.receive_data(said)
        if ending == "close":
            other.receive_data(b"")
        for _ in range(10_000):
            event = other.next_event()
            if isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return body
            elif event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
                return None
    except h11.RemoteProtocolError as error:
        if "without sending complete message body" in str(error):
            raise AssertionError("a part was taken for the whole") from error
        return None
    raise AssertionError("the other parser does not come to an end")


def tampering_is_seen_or_harmless(
    answer: Answer, changes: list[tuple[str, int, bytes]], places: list[int], ending: Ending
) -> None:
    said = tampered(answer.said, changes)
    came = answered(cut(said, places), ending)
    if came.error is not None:
        assert isinstance(came.error, UpstreamBroken)
        return
    uncut, body = answered([said], ending), judged(said, ending)
    assert (uncut.status, uncut.body, uncut.error) == (came.status, came.body, None)
    assert body is None or answer.is_packed or body == came.body


LAWS = {
    "any cutting": (any_cutting_gives_the_same, (answers(), CUTS)),
    "a part": (a_part_is_not_the_whole, (answers(), CUTS, st.integers(0, 5000), ENDINGS)),
    "more than asked for": (
        nothing_unasked_is_taken_for_an_answer,
        (answers(), CUTS, WORDS | answers().map(said_by)),
    ),
    "tampered with": (tampering_is_seen_or_harmless, (answers(), CHANGES, CUTS, ENDINGS)),
}


@pytest.mark.parametrize("law", LAWS)
def test_an_answer_is_taken_whole_or_not_at_all(law: str):
    check, given_to = LAWS[law]
    given(*given_to)(check)()


@pytest.mark.long
@pytest.mark.parametrize("law", LAWS)
def test_no_answer_among_many_thousands_is_taken_for_what_it_is_not(law: str):
    check, given_to = LAWS[law]
    settings(max_examples=2500)(given(*given_to)(check))()
