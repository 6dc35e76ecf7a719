"""A request's head as bytes: checked, so that no header can end its line and begin another."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from quorate.transport.inflate import ACCEPTED
from quorate.transport.seam import Send
from quorate.transport.wording import unsendable

from .address import Address, address_of

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_NOT_IN_A_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OURS = frozenset(
    "connection content-length expect keep-alive proxy-connection te trailer transfer-encoding upgrade".split()
)
"""How a message is framed, and what becomes of its connection, is for whoever sends it to say."""
_OTHERWISE = frozenset(("accept", "accept-encoding", "authorization", "host", "user-agent"))
"""What is said of itself where a request does not say it."""
_NOTHING: frozenset[str] = frozenset()
_MOST_KNOWN = 256
_KNOWN: dict[int, tuple[Mapping[str, str], tuple[str, str], bytes]] = {}
"""Headers that nobody can change any more, by their identity → the start of the head that they make."""
_WITHOUT_A_BODY = frozenset(("DELETE", "GET", "HEAD", "OPTIONS"))


def head_of(request: Send) -> bytes:
    """The request line and all headers. Raises `InvalidRequest` where HTTP cannot say them."""
    headers = request.headers
    known = _KNOWN.get(id(headers))
    if known is not None and known[0] is headers and known[1] == (request.method, request.url):
        start = known[2]
    else:
        start = _start_of(request)
    size = len(request.body)
    if size or request.method not in _WITHOUT_A_BODY:
        return b"%bcontent-length: %d\r\n\r\n" % (start, size)
    return start + b"\r\n"


def _start_of(request: Send) -> bytes:
    headers: Mapping[str, str] = request.headers
    start = _start(request.method, request.url, tuple(headers.items()))
    if start is None:
        raise unsendable(headers)
    if _is_final(headers):
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        _KNOWN[id(headers)] = headers, (request.method, request.url), start
    return start


def _is_final(headers: Mapping[str, str]) -> bool:
    return isinstance(headers, MappingProxyType)


@lru_cache(maxsize=256)
def _start(method: str, url: str, headers: tuple[tuple[str, str], ...]) -> bytes | None:
    """All but what the body makes of it, much the same for all calls of a target; None where HTTP cannot say it."""
    said = _NOTHING
    lines = ""
    for name, value in headers:
        field = _field(name)
        if field is None:
            return None
        if field in _OURS:
            continue
        if field in _OTHERWISE:
            said |= {field}
        lines += f"{name}: {value}\r\n"
    values = "".join(value for _, value in headers)
    if not (values.isascii() and values.isprintable()) and _NOT_IN_A_VALUE.search(values):
        return None
    opening = _opening(method, url, said)
    if opening is None:
        return None
    try:
        return f"{opening}{lines}".encode()
    except UnicodeEncodeError:
        return None


def _field(name: str) -> str | None:
    """The name in lower case; None where it is none."""
    return name.lower() if _TOKEN.fullmatch(name) else None


def _opening(method: str, url: str, said: frozenset[str]) -> str | None:
    """The request line, and the headers that a request need not say; None where the method is none for us."""
    if not _TOKEN.fullmatch(method) or method == "CONNECT":
        return None
    address = address_of(url)
    lines = "".join(
        f"{name}: {value}\r\n" for name, value in _defaults(address) if name not in said and value
    )
    return f"{method} {address.path} HTTP/1.1\r\n{lines}"


def _defaults(address: Address) -> tuple[tuple[str, str], ...]:
    return (
        ("host", address.place),
        ("user-agent", _user_agent()),
        ("accept", "*/*"),
        ("accept-encoding", ACCEPTED),
        ("authorization", address.basic),
    )


@lru_cache(maxsize=1)
def _user_agent() -> str:
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  # 15 ms, with the first request

    try:
        return f"quorate/{version('quorate')}"
    except PackageNotFoundError:
        return "quorate"
