"""Amazon's event stream: messages are cut out wherever the bytes were cut, and damage is told."""

from __future__ import annotations

import struct
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import UpstreamBroken
from quorate.wire.eventstream import read_headers, write_message
from quorate.wire.framing import framer
from quorate.wire.seam import Frame

HEADERS = {":event-type": "contentBlockDelta", ":content-type": "application/json", ":message-type": "event"}
ONE = write_message(b'{"a":1}', HEADERS)
FRAME = Frame(data=b'{"a":1}', event="contentBlockDelta", content_type="application/json")


def frames(*chunks: bytes, limit: int = 1024 * 1024) -> list[Frame]:
    cutter = framer("event_stream", limit)
    return [frame for chunk in chunks for frame in cutter.feed(chunk)] + cutter.close()


def packed(headers: bytes, data: bytes = b"") -> bytes:
    """A message with headers of any type."""
    lengths = struct.pack(">II", 16 + len(headers) + len(data), len(headers))
    whole = lengths + struct.pack(">I", crc32(lengths)) + headers + data
    return whole + struct.pack(">I", crc32(whole))


def header(name: bytes, kind: int, value: bytes) -> bytes:
    return bytes((len(name),)) + name + bytes((kind,)) + value


def test_a_message_is_a_frame_with_its_event_and_its_type():
    assert frames(ONE) == [FRAME]
    assert frames(ONE + ONE, ONE) == [FRAME, FRAME, FRAME]


@given(st.lists(st.binary(max_size=40), max_size=5), st.lists(st.integers(0, 500), max_size=8))
def test_the_frames_are_the_same_wherever_the_bytes_are_cut(payloads: list[bytes], cuts: list[int]):
    stream = b"".join(write_message(each, HEADERS) for each in payloads)
    places = sorted({cut % (len(stream) + 1) for cut in cuts})
    pieces = [stream[start:end] for start, end in zip([0, *places], [*places, len(stream)], strict=True)]

    assert [frame.data for frame in frames(*pieces)] == payloads
    assert [frame.data for frame in frames(*(bytes((each,)) for each in stream))] == payloads


@pytest.mark.parametrize("place", range(len(ONE)))
def test_one_wrong_bit_anywhere_is_a_broken_upstream(place: int):
    damaged = bytearray(ONE)
    damaged[place] ^= 0x10

    with pytest.raises(UpstreamBroken):
        frames(bytes(damaged), ONE)


def test_a_stream_that_stops_within_a_message_is_broken():
    with pytest.raises(UpstreamBroken, match="in the midst"):
        frames(ONE, ONE[:-1])


@pytest.mark.parametrize("body", [b"<html>no such thing</html>", b'{"message":"no"}', b"data: {}\n\n" * 3])
def test_what_is_no_event_stream_is_broken(body: bytes):
    with pytest.raises(UpstreamBroken, match="damaged"):
        frames(body)


def test_a_message_beyond_the_limit_is_refused_before_it_is_there():
    large = write_message(b"x" * 5000, HEADERS)

    with pytest.raises(UpstreamBroken, match="larger than 1000 bytes"):
        frames(large[:12], limit=1000)


def test_headers_longer_than_their_message_are_refused():
    lengths = struct.pack(">II", 20, 90)

    with pytest.raises(UpstreamBroken, match="shorter than its headers"):
        frames(lengths + struct.pack(">I", crc32(lengths)) + b"12345678")


def test_an_exception_is_a_frame_that_failed():
    told = {":message-type": "exception", ":exception-type": "throttlingException"}

    assert frames(write_message(b"{}", told)) == [Frame(data=b"{}", event="throttlingException", failed=True)]


def test_an_error_says_in_its_headers_what_went_wrong():
    told = {":message-type": "error", ":error-code": "InternalFailure", ":error-message": "it broke"}

    assert frames(write_message(b"", told)) == [Frame(data=b"it broke", event="InternalFailure", failed=True)]


def test_headers_have_values_of_every_type():
    said = b"".join(
        (
            header(b"yes", 0, b""),
            header(b"no", 1, b""),
            header(b"byte", 2, b"\xff"),
            header(b"short", 3, b"\x01\x00"),
            header(b"integer", 4, b"\x00\x00\x01\x00"),
            header(b"long", 5, b"\xff" * 8),
            header(b"bytes", 6, b"\x00\x02ab"),
            header(b"text", 7, "\x00\x03ü!".encode("latin-1").replace(b"\xfc", "ü".encode())),
            header(b"moment", 8, (1_700_000_000_000).to_bytes(8, "big")),
            header(b"uuid", 9, bytes(range(16))),
        )
    )

    assert read_headers(said) == {
        "yes": True,
        "no": False,
        "byte": -1,
        "short": 256,
        "integer": 256,
        "long": -1,
        "bytes": b"ab",
        "text": "ü!",
        "moment": 1_700_000_000_000,
        "uuid": bytes(range(16)),
    }


@pytest.mark.parametrize(
    "headers",
    [
        header(b"odd", 10, b""),
        header(b"cut", 7, b"\x00\x09ab"),
        header(b"cut", 5, b"\x00"),
        header(b"\xff\xfe", 0, b""),
        header(b"text", 7, b"\x00\x01\xff"),
        b"\x09name",
        b"\x04name",
        header(b"size", 6, b"\x00"),
    ],
)
def test_headers_that_make_no_sense_are_a_broken_upstream(headers: bytes):
    with pytest.raises(UpstreamBroken):
        frames(packed(headers))


def test_headers_that_are_not_text_name_no_event():
    assert frames(packed(header(b":event-type", 4, b"\x00\x00\x00\x01"), b"{}")) == [Frame(data=b"{}")]
