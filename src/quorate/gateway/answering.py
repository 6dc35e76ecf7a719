"""One answer on a client's connection, as ASGI's messages become the bytes of HTTP. Only `connection.py` loads it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from .intake import LEAVING

_NOT_IN_A_NAME = re.compile(rb"[^!#$%&'*+\-.^_`|~0-9A-Za-z]")
_NOT_IN_A_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_WITHOUT_A_BODY = frozenset((204, 304))
_KNOWN = frozenset(HTTPStatus)


class Leaving:
    """Tells who answers a call that its client has gone. Apart from the answer, so that the two make no circle, which
    the garbage collector would have to find.
    """

    __slots__ = ("_has_left", "_whom")

    def __init__(self) -> None:
        self._whom: Callable[[], None] | None = None
        self._has_left = False

    def tell(self, whom: Callable[[], None] | None) -> None:
        """Whom to tell from here on; None for nobody."""
        self._whom = whom
        if whom is not None and self._has_left:
            whom()

    def leave(self) -> None:
        self._has_left = True
        if self._whom is not None:
            self._whom()


class Answering(RequestResponseCycle):
    """uvicorn's, but for three things: the head waits for the body that follows it in the same turn of the loop, as
    two writes would be two system calls; a line of a head that was written before is not judged again; and who
    answers is told of a hang-up by a call, where waiting for one would take a task.
    """

    _held = b""
    _is_sized = False
    _leaving: Leaving | None = None

    def begin(self) -> None:
        """It is this one's turn on the connection."""
        scope: Any = self.scope
        self._leaving = Leaving()
        scope["extensions"] = {LEAVING: self._leaving.tell}

    def leave(self) -> None:
        """The client has gone."""
        self.disconnected = True
        self.message_event.set()
        if self._leaving is not None and not self.response_complete:
            self._leaving.leave()

    async def send(self, message: Any) -> None:
        """One message of the application."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
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
        self.response_started, self.waiting_for_100_continue = True, False
        lines = [_status_line(status)]
        says_close = False
        for name, value in (*self.default_headers, *headers):
            field, line = _line(name, value)
            lines.append(line)
            if field == b"content-length":
                self._is_sized, self.expected_content_length = True, int(value)
            elif field == b"transfer-encoding":
                self.chunked_encoding = True
            elif field == b"connection" and b"close" in value.lower():
                says_close, self.keep_alive = True, False
        if not (self.keep_alive or says_close):
            lines.append(b"connection: close\r\n")
        if self.scope["method"] == "HEAD" or status in _WITHOUT_A_BODY:
            self._is_sized, self.expected_content_length = True, -1
        elif not (self._is_sized or self.chunked_encoding):
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        self._held = b"".join(lines)
        asyncio.get_running_loop().call_soon(self._let_go)

    def _go_on(self, body: bytes, *, is_last: bool) -> None:
        data = self._framed(body, is_last=is_last)
        if self._held:
            data, self._held = self._held + data, b""
        if data:
            self.transport.write(data)
        if is_last:
            self.response_complete = True
            self.message_event.set()
            if not self.keep_alive:
                self.transport.close()
            self.on_response()

    def _framed(self, body: bytes, *, is_last: bool) -> bytes:
        if self.chunked_encoding:
            chunk = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            return chunk + b"0\r\n\r\n" if is_last else chunk
        if self.expected_content_length < 0:
            return b""
        self.expected_content_length -= len(body)
        if self.expected_content_length < 0 or (is_last and self.expected_content_length):
            raise RuntimeError("an answer has another length than its head says")
        return body

    def _let_go(self) -> None:
        if self._held and not self.disconnected:
            data, self._held = self._held, b""
            self.transport.write(data)


@lru_cache(maxsize=64)
def _status_line(status: int) -> bytes:
    phrase = HTTPStatus(status).phrase if status in _KNOWN else ""
    return f"HTTP/1.1 {status} {phrase}\r\n".encode()


@lru_cache(maxsize=1024)
def _line(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """The field's name in lower case, and its line in the head."""
    if not name or _NOT_IN_A_NAME.search(name) or _NOT_IN_A_VALUE.search(value):
        raise RuntimeError("a header that HTTP cannot say")
    return name.lower(), b"%b: %b\r\n" % (name, value)
