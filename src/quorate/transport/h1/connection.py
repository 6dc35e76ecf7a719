"""One connection: writes a request at a time, and takes its answer apart as it comes.

The parser is llhttp with every leniency off. Its callbacks only collect; what a read brought is judged and handed
on once, at the end of `data_received`.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
from functools import lru_cache
from time import monotonic
from typing import Protocol, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from quorate.transport.pooling import Pool

_JOINED = 64 * 1024
"""Bytes of a request's body up to which it goes out with its head, in one write."""
_PIECE = 256 * 1024
"""Bytes of a larger body handed to the loop at a time, so that other calls get their turn in between."""
_LONG_IDLE = 0.1
"""Seconds of idleness after which the loop may have had no chance yet to say that the other end has gone."""


class Listener(Protocol):
    """Who is told of an answer. None of these may raise, or run anybody else's code."""

    def begun(self, status: int, headers: dict[str, str]) -> None:
        """The head is there; names are in lower case."""

    def came(self, piece: bytes) -> None:
        """What one read brought of the body."""

    def ended(self) -> None:
        """The answer is whole."""

    def broke(self, reason: str, cause: BaseException | None) -> None:
        """No more will come: 'reset', 'truncated', 'not_http' or 'too_large'."""

    def sending(self) -> None:
        """More of a large request is on its way."""


class Home(Protocol):
    """Where a connection is kept between requests."""

    def take_back(self, connection: Connection) -> None:
        """It may be used again."""

    def lost(self, connection: Connection) -> None:
        """It is closed."""


class Connection(asyncio.Protocol):
    """Belongs to one listener at a time, or to nobody while it idles."""

    __slots__ = (
        "_count",
        "_has_head",
        "_head_only",
        "_headers",
        "_home",
        "_is_full",
        "_is_paused",
        "_is_told",
        "_keeps",
        "_limits",
        "_listener",
        "_over",
        "_parser",
        "_pieces",
        "_silent",
        "_status",
        "_too_large",
        "_transport",
        "_unsent",
        "idle_since",
        "is_closed",
        "is_made",
        "lane",
    )

    def __init__(self, home: Home, lane: str, limits: Pool) -> None:
        self._home, self._limits = home, limits
        self.lane = lane
        self.idle_since = 0.0
        self.is_closed = self.is_made = False
        self._listener: Listener | None = None
        self._unsent = memoryview(b"")
        self._is_full = self._is_paused = False
        self._expect(head_only=False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self.is_made = True
        self._parser = HttpResponseParser(self)
        # With a low mark of nothing, `resume_writing` says that all is sent.
        self._transport.set_write_buffer_limits(high=_JOINED, low=0)
        line = transport.get_extra_info("socket")
        if line is not None and line.family in (socket.AF_INET, socket.AF_INET6):
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, listener: Listener, head: bytes, body: bytes, *, head_only: bool) -> None:
        """Begin a request; `head_only` where its answer has no body whatever its head says."""
        if self.is_closed:  # between its opening and this
            listener.broke("reset", None)
            return
        self._listener = listener
        self._expect(head_only=head_only)
        if len(body) <= _JOINED:
            self._transport.write(head + body)
        else:
            self._unsent = memoryview(body)
            self._transport.write(head)
            self._send_more()

    def abort(self) -> None:
        """At once, and without a word: to say good-bye under TLS would mean to read on until the upstream is done."""
        self._listener = None
        if self.is_made and not self.is_closed:
            self.is_closed = True
            self._unsent = memoryview(b"")
            self._transport.abort()

    def pause(self) -> None:
        """Let the upstream wait: the reader is behind."""
        if not (self._is_paused or self.is_closed):
            self._is_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._is_paused and not self.is_closed:
            self._is_paused = False
            self._transport.resume_reading()

    def is_fit(self) -> bool:
        """Whether it may be used again: nothing has come, no good-bye either, while nobody was asking."""
        if self.is_closed or self._transport.is_closing():
            return False
        return monotonic() - self.idle_since < _LONG_IDLE or not _has_come(self._transport)

    def data_received(self, data: bytes) -> None:
        listener, wrong = self._listener, ""
        if listener is None:
            self.abort()  # nobody asked, so it is nobody's answer
            return
        self._silent += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            wrong = "not_http"
        if self._pieces:
            self._silent = 0
        if self._too_large or self._silent > self._limits.longest_header:
            wrong = "too_large"
        if self._has_head and not self._is_told and wrong != "too_large":
            if self._is_credible():
                self._is_told = True
                listener.begun(self._status, self._headers)
            else:
                wrong = "not_http"
        if self._pieces and self._is_told:
            listener.came(self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces))
        self._pieces.clear()
        if self._over and self._is_told and wrong != "too_large":
            self._end(listener, is_fit=self._keeps and not wrong)
        elif wrong:
            self._break(listener, wrong)

    def eof_received(self) -> None:
        """The other end has said all; ours is not left half open."""
        listener = self._listener
        if listener is not None and self._lasts_to_the_end() and _said_so(self._transport):
            self._end(listener, is_fit=False)
        elif listener is not None:
            self._break(listener, "truncated" if self._is_told else "reset")
        else:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_made:
            return  # the handshake failed, and whoever connects is told of it
        self.is_closed = True
        self._unsent = memoryview(b"")
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.broke("reset", exc)
        del self._parser  # it holds on to us
        self._home.lost(self)

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._send_more()
        if self._listener is not None:
            self._listener.sending()

    def on_message_begin(self) -> None:
        if self._over:
            raise ValueError("an answer to no question")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._silent = 0
        self._count += 1
        if self._count > self._limits.most_headers or len(name) + len(value) > self._limits.longest_header:
            self._too_large = True
        elif not self._has_head:  # what comes after a body's last chunk is of no use to anybody
            field, text = _field(name), value.decode("utf-8", "replace")
            known = self._headers.get(field)
            self._headers[field] = text if known is None else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()
        self._has_head = True

    def on_body(self, data: bytes) -> None:
        self._pieces.append(data)

    def on_message_complete(self) -> None:
        if 100 <= self._status < 200:
            # 'Continue' and its like: the answer is still to come. They count as headers, lest they never end.
            self._count += 1
            self._too_large = self._too_large or self._count > self._limits.most_headers
            self._headers, self._has_head = {}, False
        else:
            self._over, self._keeps = True, self._parser.should_keep_alive()

    def _expect(self, *, head_only: bool) -> None:
        """Nothing has come yet."""
        self._head_only = head_only
        self._status = self._count = self._silent = 0
        self._has_head = self._is_told = self._over = self._keeps = self._too_large = False
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []

    def _is_credible(self) -> bool:
        """Whether the head can be true; where an answer has no body but its head, that is its end."""
        if self._head_only:
            self._over, self._keeps = True, False
            self._pieces.clear()
        coding = self._headers.get("transfer-encoding", "chunked").strip().lower()
        return self._status >= 200 and coding in ("chunked", "identity")

    def _lasts_to_the_end(self) -> bool:
        """Whether it is the connection's end that ends the answer."""
        return self._is_told and not {"content-length", "transfer-encoding"} & self._headers.keys()

    def _end(self, listener: Listener, *, is_fit: bool) -> None:
        self._listener = None
        listener.ended()
        if not is_fit or self._unsent or self._is_full or self.is_closed:
            self.abort()
            return
        self.resume()
        self._home.take_back(self)

    def _break(self, listener: Listener, reason: str) -> None:
        self._listener = None
        listener.broke(reason, None)
        self.abort()

    def _send_more(self) -> None:
        while self._unsent and not (self._is_full or self.is_closed):
            piece, self._unsent = self._unsent[:_PIECE], self._unsent[_PIECE:]
            self._transport.write(piece)


@lru_cache(maxsize=1024)
def _field(name: bytes) -> str:
    return name.decode("ascii").lower()


def _has_come(transport: asyncio.Transport) -> bool:
    """Whether there is something to read, be it the end, that the loop has not seen yet."""
    line = transport.get_extra_info("socket")
    if line is None or not hasattr(select, "poll"):
        return False
    waiting = select.poll()
    waiting.register(line.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _said_so(transport: asyncio.Transport) -> bool:
    """Whether it was the other end that ended the conversation: under TLS anybody can cut the line, and without a
    good-bye under its seal an answer that lasts to the end may be half of one.
    """
    secured = transport.get_extra_info("ssl_object")
    if secured is None:
        return True
    try:
        return secured.read(1) == b""
    except ssl.SSLZeroReturnError:
        return True
    except (ssl.SSLError, OSError):
        return False
