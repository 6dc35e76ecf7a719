"""Undoes a body's content encoding piece by piece: never much at once, never half of it as the whole."""

from __future__ import annotations

import zlib

from quorate.errors import UpstreamBroken

ACCEPTED = "gzip, deflate"
LARGEST_PIECE = 256 * 1024
"""Bytes; what a small piece grows to is handed out in pieces of this size."""

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_BARE_DEFLATE = -15
_ZLIB = 8


class Inflate:
    """`feed` what came, `take` until nothing comes out, `close` at the end."""

    def __init__(self, encoding: str) -> None:
        """Raises `UpstreamBroken` for an encoding that was not offered."""
        window = _WINDOWS.get(encoding)
        if window is None:
            raise not_encoded(f"the answer is encoded as '{encoding[:40]}', which was not offered")
        self._window = window
        self._stream = zlib.decompressobj(window)
        self._left = b""
        self._has_begun = False

    def feed(self, data: bytes) -> None:
        """The next bytes of the encoded body."""
        if not self._has_begun and data:
            self._has_begun = True
            # Some servers mean the bare format by 'deflate': the first byte of a zlib header tells them apart.
            if self._window == _WINDOWS["deflate"] and data[0] & 0x0F != _ZLIB:
                self._window = _BARE_DEFLATE
                self._stream = zlib.decompressobj(_BARE_DEFLATE)
        self._left += data

    def take(self) -> bytes:
        """The next bytes of the body, at most `LARGEST_PIECE`; b'' when more must be fed first."""
        while self._left or not self._stream.eof:
            if self._stream.eof:
                # A body may be several gzip members one after another.
                self._stream = zlib.decompressobj(self._window)
            before = self._left
            try:
                piece = self._stream.decompress(before, LARGEST_PIECE)
            except zlib.error:
                raise not_encoded("the answer is not encoded as it says") from None
            self._left = self._stream.unconsumed_tail or self._stream.unused_data
            if piece or not before:
                return piece
        return b""

    def close(self) -> None:
        """The body is over. Raises `UpstreamBroken` where its encoding is not."""
        if self._has_begun and not self._stream.eof:
            raise not_encoded("the answer's encoding breaks off before its end")


def not_encoded(message: str) -> UpstreamBroken:
    """Bytes that cannot be decoded."""
    error = UpstreamBroken(message)
    error.reason = "encoding"
    return error
