"""A small HTTP/1.1 server that can also misbehave: every byte of an answer is in its hands.

Web servers keep the protocol's rules for their applications; a fault lab must be able to break them:
reset a connection, promise more bytes than come, leave a body without its end.
"""

from __future__ import annotations

import importlib
import struct
from typing import Any

from quorate.errors import OperatorError

MOST_BODY = 64 * 1024 * 1024
MOST_HEADERS = 256
AHEAD = 8
"""Calls of one connection that may wait for their turn."""

_READ = 256 * 1024
_LINGER_OFF = struct.pack("ii", 1, 0)
_PATIENCE = 5.0
"""Seconds that connections have to end when the server stops."""


class _Over(Exception):
    """The connection has come to its end."""


class _Bad(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def _parser_of(reading: Any) -> Any:
    """The HTTP parser, loaded at first use."""
    try:
        httptools = importlib.import_module("httptools")
    except ModuleNotFoundError as error:
        raise OperatorError("the simulator needs 'httptools': install quorate[server]") from error
    return httptools.HttpRequestParser(reading)
