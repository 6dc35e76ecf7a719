"""A client's call as it comes in: head and body, within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from quorate.errors import HeadersTooLarge, InvalidRequest, TooLarge
from quorate.types.value import Value
from quorate.types.work import Operation

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_HEADERS = 128
LONGEST_HEAD = 64 * 1024
"""Bytes of all headers and the query together."""

MOST_PARAMETERS = 64

WITH_FILES: frozenset[Operation] = frozenset({"images", "transcribe"})
"""What a form may be sent for; any other body is text, whatever its head says."""

_LONGEST_NUMBER = 19
"""Digits that are read: beyond some thousand Python refuses to."""

BODY_PATIENCE = 60.0
"""Seconds in which a body must be there."""


LEAVING = "quorate.leaving"
"""ASGI extension of our own server: a function to which one that is to be called when the client goes is handed."""

WHOLE = "quorate.whole"
"""The same: the function that sends a whole answer at once."""

SendWhole = Callable[[int, bytes, bytes], bool]
"""Takes a status, lines of a head that HTTP can say, and a body; False where the answer is to go by messages."""


class HungUp(Exception):
    """The client has gone."""


class Head(Value):
    """A call without its body."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


def read_head(scope: Scope) -> Head:
    """Never raises: what is wrong with a head is told by `check_head`, in the words of its protocol."""
    query = scope["query_string"]
    return Head(
        method=scope["method"],
        path=scope["path"],
        query=dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {},
        headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
    )


def check_head(scope: Scope, headers: Mapping[str, str], limit: int) -> None:
    """Raises `HeadersTooLarge`, `TooLarge` for a body that is announced as such, `InvalidRequest`."""
    told = scope["headers"]
    size, query = sum(map(len, headers)) + sum(map(len, headers.values())), scope["query_string"]
    is_repeated = len(headers) != len(told)
    if is_repeated:
        size = sum(len(name) + len(value) for name, value in told)
    if (
        len(told) > MOST_HEADERS
        or size + len(query) > LONGEST_HEAD
        or (query and query.count(b"&") >= MOST_PARAMETERS)
    ):
        raise HeadersTooLarge(f"at most {MOST_HEADERS} headers and {LONGEST_HEAD} bytes of them are taken")
    if is_repeated and sum(name == b"host" for name, _ in told) > 1:
        raise InvalidRequest("a call has one Host", where="host")
    if "content-encoding" in headers and headers["content-encoding"].lower() != "identity":
        raise InvalidRequest("a compressed body is not taken", where="content-encoding")
    length = headers.get("content-length", "")
    if length.isdecimal() and (len(length) > _LONGEST_NUMBER or int(length) > limit):
        raise _too_large(limit)


def is_text(headers: Mapping[str, str]) -> bool:
    """Is the body to be text? Only forms hold files."""
    return headers.get("content-type", "")[:19].lower() != "multipart/form-data"


async def read_body(receive: Receive, limit: int, *, is_text: bool = True) -> bytes:
    """Raises `TooLarge`, `InvalidRequest` for one that does not come, `HungUp`."""
    message = await _next(receive)
    if not message.get("more_body"):
        return _taken(message.get("body", b""), limit, is_text=is_text)
    pieces = [message.get("body", b"")]
    size = len(pieces[0])
    try:
        async with asyncio.timeout(BODY_PATIENCE):
            while message.get("more_body"):
                message = await _next(receive)
                pieces.append(message.get("body", b""))
                size += len(pieces[-1])
                if size > limit:
                    raise _too_large(limit)
    except TimeoutError as error:
        raise InvalidRequest(f"the body was not there within {BODY_PATIENCE:g} s") from error
    return _taken(b"".join(pieces), limit, is_text=is_text)


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise HungUp
    return message


def _taken(body: bytes, limit: int, *, is_text: bool) -> bytes:
    if len(body) > limit:
        raise _too_large(limit)
    if not is_text:
        return body
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the body is no UTF-8: {error.reason} at byte {error.start}") from error
    return body


def too_deep() -> InvalidRequest:
    """What our own reading of a body comes to that is nested more deeply than Python goes."""
    return InvalidRequest("the body is nested too deeply")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes", limit=limit)
