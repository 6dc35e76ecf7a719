"""Bytes to frames: the rules of each framing, and that it does not matter where the bytes were cut."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import UpstreamBroken
from quorate.wire.framing import framer, write_sse
from quorate.wire.seam import Frame, Framing


def plain(*data: bytes) -> list[Frame]:
    return [Frame(data=each) for each in data]


SSE: dict[str, tuple[bytes, list[Frame]]] = {
    "one line of data": (b"data: a\n\n", [Frame(data=b"a")]),
    "several events": (b"data: a\n\ndata: b\n\ndata: c\n\n", plain(b"a", b"b", b"c")),
    "lines that end in CRLF": (b"data: a\r\n\r\ndata: b\r\n\r\n", plain(b"a", b"b")),
    "lines that end in CR": (b"data: a\r\rdata: b\r\r", plain(b"a", b"b")),
    "all line ends together": (b"data: a\r\n\ndata: b\n\rdata: c\r\r\n", plain(b"a", b"b", b"c")),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [Frame(data=b"a")]),
    "a byte order mark is one only at the start": (
        b"data: a\n\n\xef\xbb\xbfdata: b\n\ndata: c\n\n",
        plain(b"a", b"c"),
    ),
    "comments": (b": ping\n\n:\n\n: x\ndata: a\n: y\n\n", [Frame(data=b"a")]),
    "data of several lines": (b"data: a\ndata: b\ndata:\n\n", [Frame(data=b"a\nb\n")]),
    "data of several lines that end in CRLF": (b"data: a\r\ndata: b\r\n\r\n", plain(b"a\nb")),
    "no space after the colon": (b"data:a\n\ndata:{}\n\n", plain(b"a", b"{}")),
    "only one space belongs to the colon": (b"data:  a\n\n", [Frame(data=b" a")]),
    "a name before the data": (b"event: ping\ndata: a\n\n", [Frame(data=b"a", event="ping")]),
    "a name after the data": (b"data: a\nevent: ping\n\n", [Frame(data=b"a", event="ping")]),
    "a name without a space": (b"event:ping\ndata:a\n\n", [Frame(data=b"a", event="ping")]),
    "the last name counts": (b"event: a\nevent: b\ndata: c\n\n", [Frame(data=b"c", event="b")]),
    "a name holds for one event": (
        b"event: a\ndata: b\n\ndata: c\n\n",
        [Frame(data=b"b", event="a"), *plain(b"c")],
    ),
    "a name without data is no event": (b"event: a\n\ndata: b\n\n", [Frame(data=b"b")]),
    "a name that is no UTF-8": (b"event: \xff\ndata: b\n\n", [Frame(data=b"b", event="\ufffd")]),
    "id, retry and unknown fields": (b"id: 1\nretry: 5\nfoo: x\ndata: a\nid\n\n", [Frame(data=b"a")]),
    "fields that only begin like ours": (b"database: x\nevents: y\ndata: a\n\n", [Frame(data=b"a")]),
    "a field without a colon": (b"data\ndata: a\n\n", [Frame(data=b"\na")]),
    "data that is empty": (b"data:\n\ndata: \n\ndata\n\ndata: a\n\n", [Frame(data=b"a")]),
    "more empty lines than are needed": (b"\n\n\ndata: a\n\n\n\n\ndata: b\n\n\n", plain(b"a", b"b")),
    "an event whose end never came": (b"data: a\n\ndata: b", plain(b"a", b"b")),
    "a line end at the very end": (b"data: a\n\ndata: b\n", plain(b"a", b"b")),
    "a line that looks like two fields": (b"data: data: a\n\n", [Frame(data=b"data: a")]),
    "an object that stands bare between events": (
        b'data: a\n\n{\n  "error": {}\n}\n\ndata: b\n\n',
        plain(b"a", b'{\n  "error": {}\n}', b"b"),
    ),
    "an object at the very end": (b'data: a\n\n{"error":\ndata: 1}', plain(b"a", b'{"error":\ndata: 1}')),
    "a brace inside an event is an unknown field": (b"data: a\n{\ndata: b\n\n", plain(b"a\nb")),
    "nothing": (b"", []),
    "something else": (b"<html>\n\nno\n\n</html>", []),
}

LINES: dict[str, tuple[bytes, list[Frame]]] = {
    "a document a line": (b'{"a":1}\n{"b":2}\n', [Frame(data=b'{"a":1}'), Frame(data=b'{"b":2}')]),
    "empty lines": (b'\n{"a":1}\n\n \n', [Frame(data=b'{"a":1}')]),
    "no end at the end": (b'{"a":1}\n{"b":2}', [Frame(data=b'{"a":1}'), Frame(data=b'{"b":2}')]),
    "lines that end in CRLF": (b"1\r\n2\r\n", plain(b"1\r", b"2\r")),
    "nothing": (b"", []),
}

LISTS: dict[str, tuple[bytes, list[Frame]]] = {
    "objects": (b'[{"a":1}\n,\r\n{"b":2}]', [Frame(data=b'{"a":1}'), Frame(data=b'{"b":2}')]),
    "nested": (b'[{"a":[{"b":[]}]},[1,[2]]]', [Frame(data=b'{"a":[{"b":[]}]}'), Frame(data=b"[1,[2]]")]),
    "brackets inside strings": (b'[{"a":"]}{[,"}]', [Frame(data=b'{"a":"]}{[,"}')]),
    "quotes inside strings": (b'[{"a":"\\"}\\\\"},{}]', [Frame(data=b'{"a":"\\"}\\\\"}'), Frame(data=b"{}")]),
    "space around": (b' \n[ {"a":1} ] \n', [Frame(data=b'{"a":1}')]),
    "a byte order mark": (b'\xef\xbb\xbf[{"a":1}]', [Frame(data=b'{"a":1}')]),
    "an empty list": (b"[ ]", []),
    "an element that never ended": (b'[{"a":1},{"b":', [Frame(data=b'{"a":1}'), Frame(data=b'{"b":')]),
    "a string that never ended": (b'[{"a":"\\', [Frame(data=b'{"a":"\\')]),
    "what is no object is not lost": (b'[{}, 1, "x" ]', [Frame(data=b"{}"), Frame(data=b'1, "x"')]),
    "an object instead of a list": (b'\n{"error":{"a":[1]}}', [Frame(data=b'{"error":{"a":[1]}}')]),
    "no JSON at all": (b"<html>[{}]</html>", [Frame(data=b"<html>[{}]</html>")]),
    "nothing": (b"", []),
}

WHOLE: dict[str, tuple[bytes, list[Frame]]] = {
    "a document": (b'{"a":\n1}', [Frame(data=b'{"a":\n1}')]),
    "nothing": (b" \n", []),
}

TABLES: dict[Framing, dict[str, tuple[bytes, list[Frame]]]] = {
    "sse": SSE,
    "ndjson": LINES,
    "json_list": LISTS,
    "json": WHOLE,
}
CASES: list[tuple[Framing, str, bytes, list[Frame]]] = [
    (framing, name, stream, frames)
    for framing, table in TABLES.items()
    for name, (stream, frames) in table.items()
]


def frames_of(framing: Framing, pieces: Iterable[bytes], limit: int = 1000) -> list[Frame]:
    cutter = framer(framing, limit)
    frames = [frame for piece in pieces for frame in cutter.feed(piece)]
    return frames + cutter.close()


def cut(stream: bytes, places: Iterable[int]) -> list[bytes]:
    """The stream in pieces; two equal places make an empty one."""
    ends = sorted(place % (len(stream) + 1) for place in places)
    return [stream[start:end] for start, end in zip([0, *ends], [*ends, len(stream)], strict=True)]


@pytest.mark.parametrize(("framing", "name", "stream", "frames"), CASES)
def test_each_form_gives_its_frames(framing: Framing, name: str, stream: bytes, frames: list[Frame]):
    assert frames_of(framing, [stream]) == frames


@pytest.mark.parametrize(("framing", "name", "stream", "frames"), CASES)
def test_each_form_gives_them_byte_by_byte(framing: Framing, name: str, stream: bytes, frames: list[Frame]):
    assert frames_of(framing, [bytes([byte]) for byte in stream]) == frames


@pytest.mark.parametrize(("framing", "name", "stream", "frames"), CASES)
def test_each_form_gives_them_cut_in_two_anywhere(
    framing: Framing, name: str, stream: bytes, frames: list[Frame]
):
    results = [frames_of(framing, [stream[:place], b"", stream[place:]]) for place in range(len(stream) + 1)]

    assert results == [frames] * (len(stream) + 1)


line_ends = st.sampled_from([b"\n", b"\r", b"\r\n"])
sse_lines = st.one_of(
    st.sampled_from(
        [b"", b"", b"", b"data", b"data:", b": ping", b"event: a", b"event:b", b"id: 7", b"\xef\xbb\xbf"]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=6).map(
        lambda text: b"data: " + text.encode()
    ),
    st.binary(max_size=6),
)
sse_streams = st.tuples(
    st.sampled_from([b"", b"\xef\xbb\xbf"]), st.lists(st.tuples(sse_lines, line_ends), max_size=12), sse_lines
).map(lambda made: made[0] + b"".join(line + end for line, end in made[1]) + made[2])
documents = st.recursive(
    st.none() | st.integers(-5, 5) | st.text('a"\\[]{},é\n', max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('k"{', max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)
elements = st.dictionaries(st.text("k", max_size=2), documents, max_size=3)
places = st.lists(st.integers(0, 500), max_size=12)


@given(sse_streams, places)
def test_any_chunking_of_any_event_stream_gives_the_same_frames(stream: bytes, places: list[int]):
    assert frames_of("sse", cut(stream, places)) == frames_of("sse", [stream])


@given(st.binary(max_size=60), places, st.sampled_from(["sse", "ndjson", "json_list", "json"]))
def test_any_chunking_of_any_bytes_gives_the_same_frames(data: bytes, places: list[int], framing: Framing):
    assert frames_of(framing, cut(data, places)) == frames_of(framing, [data])


@given(st.text('[]{}",\\ a\n', max_size=40), places)
def test_any_chunking_of_anything_like_a_list_gives_the_same_frames(text: str, places: list[int]):
    stream = text.encode()

    assert frames_of("json_list", cut(stream, places)) == frames_of("json_list", [stream])


@given(st.lists(elements, max_size=4), st.sampled_from([None, 1]), places)
def test_a_list_comes_apart_into_its_elements(made: list[object], indent: int | None, places: list[int]):
    stream = json.dumps(made, indent=indent, ensure_ascii=False).encode()

    frames = frames_of("json_list", cut(stream, places), 100_000)

    assert [json.loads(frame.data) for frame in frames] == made


@given(st.lists(documents, max_size=4), places)
def test_a_document_a_line_comes_apart_into_its_documents(made: list[object], places: list[int]):
    stream = b"".join(json.dumps(each).encode() + b"\n" for each in made)

    frames = frames_of("ndjson", cut(stream, places), 100_000)

    assert [json.loads(frame.data) for frame in frames] == made


@given(
    st.lists(
        st.tuples(
            st.binary(min_size=1).filter(lambda data: not {10, 13} & {*data}),
            st.from_regex(r"[a-z.]{0,9}", fullmatch=True),
        )
    ),
    places,
)
def test_what_is_written_as_an_event_is_read_back(events: list[tuple[bytes, str]], places: list[int]):
    stream = b"".join(write_sse(data, event) for data, event in events)

    frames = frames_of("sse", cut(stream, places), 10_000)

    assert [(frame.data, frame.event) for frame in frames] == events


BOUNDS: list[tuple[Framing, bytes, bytes]] = [
    ("sse", b"data: " + b"x" * 94 + b"\n\n", b"data: " + b"x" * 95 + b"\n\n"),
    ("sse", b"event: a\ndata: " + b"x" * 85 + b"\n\n", b"event: a\ndata: " + b"x" * 86 + b"\n\n"),
    ("sse", b"data:\n" * 16 + b"dat\n\n", b"data:\n" * 17 + b"\n"),
    ("sse", b": " + b"x" * 98 + b"\n\n", b": " + b"x" * 99 + b"\n\n"),
    ("sse", b"data: " + b"x" * 94, b"data: " + b"x" * 95),
    ("ndjson", b"1" * 100 + b"\n", b"1" * 101 + b"\n"),
    ("ndjson", b"1" * 100, b"1" * 101),
    ("json_list", b'[{"a":"' + b"x" * 92 + b'"}]', b'[{"a":"' + b"x" * 93 + b'"}]'),
    ("json_list", b'{"a":"' + b"x" * 92 + b'"}', b'{"a":"' + b"x" * 93 + b'"}'),
    ("json", b"1" * 100, b"1" * 101),
]


@pytest.mark.parametrize(("framing", "fits", "too_large"), BOUNDS)
def test_a_frame_may_be_as_large_as_the_limit_and_no_larger(framing: Framing, fits: bytes, too_large: bytes):
    frames_of(framing, [fits], 100)
    frames_of(framing, [bytes([byte]) for byte in fits], 100)

    with pytest.raises(UpstreamBroken, match="larger than 100 bytes"):
        frames_of(framing, [too_large], 100)
    with pytest.raises(UpstreamBroken, match="larger than 100 bytes"):
        frames_of(framing, [bytes([byte]) for byte in too_large], 100)


ENDLESS: list[tuple[Framing, bytes]] = [
    ("sse", b"data: xxxxxxxxx"),
    ("sse", b"data: x\n"),
    ("sse", b"data:\n"),
    ("sse", b": ping\n"),
    ("ndjson", b'{"a":'),
    ("json_list", b'[{"a":'),
    ("json", b"x"),
]


@pytest.mark.parametrize(("framing", "piece"), ENDLESS)
def test_a_frame_without_end_is_given_up_at_the_limit(framing: Framing, piece: bytes):
    cutter = framer(framing, 1000)
    pieces = iter([piece] * 2000)

    with pytest.raises(UpstreamBroken):
        [cutter.feed(each) for each in pieces]

    fed = 2000 - len(list(pieces))
    assert fed * len(piece) <= 1000 + 2 * len(piece)


def test_many_small_frames_pass_a_small_limit():
    stream = b"data: 12345678\n\n" * 1000

    assert len(frames_of("sse", [stream], 20)) == 1000
    assert len(frames_of("sse", [bytes([byte]) for byte in stream], 20)) == 1000
    assert len(frames_of("ndjson", [stream], 20)) == 1000
