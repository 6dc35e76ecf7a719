"""Encoded bodies: cut at any place they come out the same, and half of one never passes for the whole."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import UpstreamBroken
from quorate.transport.inflate import LARGEST_PIECE, Inflate

ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "bare": ("deflate", lambda data: zlib.compress(data, wbits=-15)),
    "two members": ("gzip", lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:])),
}


def inflated(encoding: str, *pieces: bytes) -> bytes:
    inflate, found = Inflate(encoding), b""
    for piece in pieces:
        inflate.feed(piece)
        while part := inflate.take():
            assert len(part) <= LARGEST_PIECE
            found += part
    inflate.close()
    return found


@given(st.sampled_from(list(ENCODERS)), st.binary(max_size=300), st.lists(st.integers(0, 400), max_size=8))
def test_any_cutting_gives_the_same_body(kind: str, data: bytes, cuts: list[int]):
    encoding, encode = ENCODERS[kind]
    encoded = encode(data)
    places = sorted({0, *(cut for cut in cuts if cut < len(encoded)), len(encoded)})
    pieces = [encoded[start:end] for start, end in pairwise(places)]

    assert inflated(encoding, *pieces) == data


@given(st.binary(min_size=1, max_size=300), st.data())
def test_no_part_of_a_body_passes_for_the_whole(data: bytes, draw: st.DataObject):
    encoded = gzip.compress(data)
    length = draw.draw(st.integers(1, len(encoded) - 1))

    with pytest.raises(UpstreamBroken) as caught:
        inflated("gzip", encoded[:length])

    assert caught.value.reason == "encoding"


@given(st.binary(min_size=1, max_size=100))
def test_what_is_not_encoded_at_all_is_one_of_our_errors(data: bytes):
    with pytest.raises(UpstreamBroken):
        inflated("gzip", b"x" + data)


def test_a_body_without_a_byte_is_whole():
    assert inflated("gzip") == b""


def test_an_encoding_that_was_not_offered_is_refused():
    with pytest.raises(UpstreamBroken, match="'zstd', which was not offered"):
        Inflate("zstd")


def test_little_that_unpacks_to_much_comes_out_in_bounded_pieces():
    assert len(inflated("gzip", gzip.compress(bytes(5 * LARGEST_PIECE + 7)))) == 5 * LARGEST_PIECE + 7
