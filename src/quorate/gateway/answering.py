"""One answer on a client's connection, as ASGI's messages become the bytes of HTTP. Only `connection.py` loads it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol

from .intake import LEAVING, WHOLE, Message, Scope

_NOT_IN_A_NAME = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_NOT_IN_A_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_WITHOUT_A_BODY = frozenset((204, 304))
_KNOWN = frozenset(HTTPStatus)
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"

Headers = Sequence[tuple[bytes, bytes]]


class Way(Protocol):
    """To the client, and back to the connection when all is said."""

    def write(self, data: bytes, /) -> None: ...

    def is_closing(self) -> bool: ...

    def close(self) -> None: ...

    def answered(self) -> None:
        """The answer is out: the next call's turn has come."""
        ...


class Flow(Protocol):
    """Whether the client keeps up."""

    write_paused: bool

    async def drain(self) -> None: ...

    def resume_reading(self) -> None: ...


class Answering:
    """One call of a connection, from the end of its head.

    The head waits for the body that follows it in the same turn of the loop, as two writes would be two system
    calls; a line of a head that was written before is not judged again; and who answers is told of a hang-up by a
    call, where waiting for one would take a task.
    """

    __slots__ = (
        "__weakref__",
        "_expects",
        "_flow",
        "_has_left",
        "_has_news",
        "_held",
        "_is_chunked",
        "_is_sized",
        "_left",
        "_news",
        "_usual",
        "_way",
        "_whom",
        "body",
        "disconnected",
        "keep_alive",
        "more_body",
        "response_complete",
        "response_started",
        "scope",
    )

    def __init__(self, scope: Scope, way: Way, flow: Flow, usual: Headers, *, expects: bool) -> None:
        """`usual` are headers of every answer; `expects` says that the client waits to be asked for its body."""
        self.scope, self._way, self._flow, self._usual, self._expects = scope, way, flow, usual, expects
        self.body: bytes | bytearray = b""
        """What of the call's body came and was not read yet."""
        self.more_body = True
        # An answer that is out before its call is whole says that it is the connection's last.
        self.keep_alive = self.disconnected = self.response_started = self.response_complete = False
        self._has_left = self._has_news = self._is_sized = self._is_chunked = False
        self._left = 0
        """Bytes that the head has promised and that are still to come; below 0 for an answer without a body."""
        self._held = b""
        self._news: asyncio.Event | None = None
        self._whom: Callable[[], None] | None = None

    def begin(self) -> None:
        """It is this one's turn on the connection."""
        self.scope["extensions"] = {LEAVING: self.tell, WHOLE: self.answer}

    def over(self) -> None:
        """Nobody answers any more: who was told of it no longer leads back here, so that nothing is left to collect."""
        self.scope["extensions"] = {}
        self._whom = None

    def tell(self, whom: Callable[[], None] | None) -> None:
        """Whom to tell when the client goes, from here on; None for nobody."""
        self._whom = whom
        if whom is not None and self._has_left:
            whom()

    def leave(self) -> None:
        """The client has gone."""
        self.disconnected = True
        self.wake()
        if not self.response_complete:
            self._has_left = True
            if self._whom is not None:
                self._whom()

    def wake(self) -> None:
        """Whoever waits for the body looks again."""
        self._has_news = True
        if self._news is not None:
            self._news.set()

    def came(self, piece: bytes) -> None:
        """More of the call's body."""
        if self.body:
            self.body = self.body if isinstance(self.body, bytearray) else bytearray(self.body)
            self.body += piece
        else:
            self.body = piece
        self.wake()

    async def receive(self) -> Message:
        """What has come of the body, or that the client has gone."""
        if self._expects and not self._way.is_closing():
            self._expects = False
            self._way.write(_GO_ON)
        if not (self.disconnected or self.response_complete):
            self._flow.resume_reading()
            if not self._has_news:
                self._news = self._news or asyncio.Event()
                await self._news.wait()
                self._news.clear()
            self._has_news = False
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        body, self.body = bytes(self.body), b""
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    def answer(self, status: int, lines: bytes, body: bytes) -> bool:
        """A usual answer at once, of which the lines of the head were judged; False where it is to go by messages."""
        is_usual = not self._flow.write_paused and status not in _WITHOUT_A_BODY
        if not is_usual or self.response_started or self.disconnected or self.scope["method"] == "HEAD":
            return False
        self.response_started, self._expects = True, False
        usual = _usual_lines(tuple(self._usual))
        last = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        head = b"%b%b%bcontent-length: %d\r\n%b" % (_status_line(status), usual, lines, len(body), last)
        self._way.write(head + body)
        self._end()
        return True

    async def send(self, message: Any) -> None:
        """One message of the application."""
        if self._flow.write_paused and not self.disconnected:
            await self._flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if kind == "http.response.start" and not self.response_started:
            self._start(message["status"], message.get("headers", ()))
        elif kind == "http.response.body" and self.response_started and not self.response_complete:
            self._go_on(message.get("body", b""), is_last=not message.get("more_body", False))
        else:
            raise RuntimeError(f"'{kind}' has no place at this point of an answer")

    def _start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.response_started, self._expects = True, False
        lines = [_status_line(status), _usual_lines(tuple(self._usual))]
        says_close = False
        for name, value in headers:
            field, line = line_of(name, value)
            lines.append(line)
            if field == b"content-length":
                self._is_sized, self._left = True, int(value)
            elif field == b"transfer-encoding":
                self._is_chunked = True
            elif field == b"connection" and b"close" in value.lower():
                says_close, self.keep_alive = True, False
        if not (self.keep_alive or says_close):
            lines.append(b"connection: close\r\n")
        if self.scope["method"] == "HEAD" or status in _WITHOUT_A_BODY:
            self._is_sized, self._left = True, -1
        elif not (self._is_sized or self._is_chunked):
            self._is_chunked = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        self._held = b"".join(lines)
        asyncio.get_running_loop().call_soon(self._let_go)

    def _go_on(self, body: bytes, *, is_last: bool) -> None:
        data = self._framed(body, is_last=is_last)
        if self._held:
            data, self._held = self._held + data, b""
        if data:
            self._way.write(data)
        if is_last:
            self._end()

    def _end(self) -> None:
        self.response_complete = True
        self.wake()
        if not self.keep_alive:
            self._way.close()
        self._way.answered()

    def _framed(self, body: bytes, *, is_last: bool) -> bytes:
        if self._is_chunked:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return chunk + b"0\r\n\r\n" if is_last else chunk
        if self._left < 0:
            return b""
        self._left -= len(body)
        if self._left < 0 or (is_last and self._left):
            raise RuntimeError("an answer has another length than its head says")
        return body

    def _let_go(self) -> None:
        if self._held and not self.disconnected:
            data, self._held = self._held, b""
            self._way.write(data)


@lru_cache(maxsize=64)
def _status_line(status: int) -> bytes:
    phrase = HTTPStatus(status).phrase if status in _KNOWN else ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


@lru_cache(maxsize=4)
def _usual_lines(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    return b"".join(line_of(name, value)[1] for name, value in headers)


@lru_cache(maxsize=1024)
def line_of(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """The field's name in lower case, and its line in the head."""
    if not name or _NOT_IN_A_NAME.search(name) or _NOT_IN_A_VALUE.search(value):
        raise RuntimeError("a header that HTTP cannot say")
    return name.lower(), b"%b: %b\r\n" % (name, value)
