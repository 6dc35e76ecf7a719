"""A client's call as it comes in: head and body, within limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from quorate.errors import HeadersTooLarge, InvalidRequest, TooLarge
from quorate.types.value import Value

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_HEADERS = 128
LONGEST_HEAD = 64 * 1024
"""Bytes of all headers and the query together."""

MOST_PARAMETERS = 64

BODY_PATIENCE = 60.0
"""Seconds in which a body must be there."""


LEAVING = "quorate.leaving"
"""ASGI extension of our own server: a function to which one that is to be called when the client goes is handed."""


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
    size, hosts = len(scope["query_string"]), 0
    for name, value in told:
        size += len(name) + len(value)
        hosts += name == b"host"
    if (
        len(told) > MOST_HEADERS
        or size > LONGEST_HEAD
        or scope["query_string"].count(b"&") >= MOST_PARAMETERS
    ):
        raise HeadersTooLarge(f"at most {MOST_HEADERS} headers and {LONGEST_HEAD} bytes of them are taken")
    if hosts > 1:
        raise InvalidRequest("a call has one Host", where="host")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise InvalidRequest("a compressed body is not taken", where="content-encoding")
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length) > limit:
        raise _too_large(limit)


async def read_body(receive: Receive, limit: int) -> bytes:
    """Raises `TooLarge`, `InvalidRequest` for one that does not come, `HungUp`."""
    message = await _next(receive)
    if not message.get("more_body"):
        return _taken(message.get("body", b""), limit)
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
    return _taken(b"".join(pieces), limit)


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise HungUp
    return message


def _taken(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise _too_large(limit)
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"the body is no UTF-8: {error.reason} at byte {error.start}") from error
    return body


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"the body is larger than {limit} bytes", limit=limit)
