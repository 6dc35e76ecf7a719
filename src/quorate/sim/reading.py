"""Reads the calls of one connection out of its bytes, by HTTP/1.1."""

from __future__ import annotations

import importlib
from collections import deque
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from quorate.errors import OperatorError
from quorate.types.value import Value
from quorate.wire.seam import Call

MOST_BODY = 64 * 1024 * 1024
"""Bytes of a call's body; more is answered with 413."""

MOST_HEADERS = 256


class Turn(Value):
    """A call to answer, or the status that says why there is none."""

    call: Call | None
    status: int = 0
    keep_alive: bool = False
    chunks: bool = True
    """The client understands bodies in chunks."""


class Reading:
    """Collects calls from the parser's callbacks."""

    def __init__(self) -> None:
        self._tools: Any = _httptools()
        self._parser: Any = self._tools.HttpRequestParser(self)
        self._turns: deque[Turn] = deque()
        self._status = HTTPStatus.BAD_REQUEST
        self._go_ahead = False
        self.on_message_begin()

    def feed(self, data: bytes) -> list[Turn]:
        """The calls that became whole; the last one has none where the bytes are not HTTP."""
        try:
            self._parser.feed_data(data)
        except self._tools.HttpParserError:
            self._turns.append(Turn(call=None, status=self._status))
        turns = list(self._turns)
        self._turns.clear()
        return turns

    def wants_go_ahead(self) -> bool:
        """Once: the client waits to be told that it may send its body."""
        wanted, self._go_ahead = self._go_ahead, False
        return wanted

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._headers) >= MOST_HEADERS:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError("too many headers")
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._go_ahead = self._headers.get("expect", "").lower() == "100-continue"

    def on_body(self, data: bytes) -> None:
        self._body += data
        if len(self._body) > MOST_BODY:
            self._status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            raise ValueError("the body is too large")

    def on_message_complete(self) -> None:
        self._go_ahead = False
        parts = urlsplit(self._url.decode("latin-1"))
        call = Call(
            method=self._parser.get_method().decode(),
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers=self._headers,
            body=bytes(self._body),
        )
        chunks = self._parser.get_http_version() == "1.1"
        self._turns.append(Turn(call=call, keep_alive=self._parser.should_keep_alive(), chunks=chunks))


def _httptools() -> Any:
    """The HTTP parser, loaded at first use."""
    try:
        return importlib.import_module("httptools")
    except ModuleNotFoundError as error:
        raise OperatorError("the simulator needs httptools: install 'quorate[server]'") from error
