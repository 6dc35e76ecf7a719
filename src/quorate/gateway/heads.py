"""What is wrong with the head of a call beyond what the parser refuses: nothing may be read in two ways.

The parser (llhttp, in its strict mode) refuses two lengths, a length beside chunks, spaces before a colon, folded
lines, bare CR and LF and control characters. `tests/gateway/test_smuggling.py` holds it to that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from quorate.types.value import Value

LONGEST_LINE = 32 * 1024
"""Bytes of a call's path and query."""

_VERSIONS = frozenset({"1.0", "1.1"})
_UPGRADES = frozenset({b"upgrade", b"http2-settings"})
_SCHEMES = (b"http://", b"https://")


class Refusal(Value):
    """Told to a client of whose protocol nothing is known yet."""

    status: int
    code: str
    message: str

    def written(self, headers: Iterable[tuple[bytes, bytes]] = ()) -> bytes:
        """As a whole HTTP answer, after which the connection ends."""
        told = {"error": {"type": "request_refused", "code": self.code, "message": self.message}}
        body = json.dumps(told).encode()
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode()]
        lines += [name + b": " + value for name, value in headers]
        lines += [b"content-type: application/json", b"content-length: %d" % len(body), b"connection: close"]
        return b"\r\n".join(lines) + b"\r\n\r\n" + body


NO_HTTP = Refusal(status=400, code="bad_request", message="that is no HTTP/1.1 as it must be written")
LINE_TOO_LONG = Refusal(
    status=414, code="path_too_long", message=f"path and query may have {LONGEST_LINE} bytes"
)
HEAD_TOO_LARGE = Refusal(status=431, code="headers_too_large", message="the call's head is too large")
HEAD_TOO_SLOW = Refusal(status=408, code="timeout", message="the call's head was not there in time")
TOO_MANY_AHEAD = Refusal(status=400, code="bad_request", message="too many calls at once on one connection")
TOO_MANY_CONNECTIONS = Refusal(status=503, code="overloaded", message="this gateway has no connection left")
STOPPING = Refusal(status=503, code="server_stopping", message="this gateway is being stopped")

_VERSION = Refusal(status=505, code="bad_request", message="this gateway speaks HTTP/1.1")
_ENCODING = Refusal(status=501, code="bad_request", message="'chunked' is the only transfer-encoding taken")
_NO_HOST = Refusal(status=400, code="bad_request", message="a call names its host")
_OTHER_HOST = Refusal(status=400, code="bad_request", message="a call has one host")
_TUNNEL = Refusal(status=405, code="wrong_method", message="this gateway is no proxy")


def fault_in(method: bytes, url: bytes, version: str, headers: Mapping[bytes, bytes]) -> Refusal | None:
    """What keeps a parsed head from being taken. `headers` have lower-case names."""
    encoding = headers.get(b"transfer-encoding")
    if encoding is not None and (encoding.lower() != b"chunked" or version != "1.1"):
        return _ENCODING
    if version not in _VERSIONS:
        return _VERSION
    host = headers.get(b"host")
    if host is None and version == "1.1":
        return _NO_HOST
    if len(url) > LONGEST_LINE:
        return LINE_TOO_LONG
    if b"#" in url:
        return NO_HTTP
    if url[:1] == b"/":
        return None
    return _fault_of_form(method, url, host)


def _fault_of_form(method: bytes, url: bytes, host: bytes | None) -> Refusal | None:
    """A whole URL may stand in place of a path, but only with the host that its header names."""
    if method == b"CONNECT":
        return _TUNNEL
    if not url.lower().startswith(_SCHEMES):
        return NO_HTTP
    named, _ = _split(url)
    return None if host is None or named.lower() == host.lower() else _OTHER_HOST


def scope_of(method: bytes, url: bytes, version: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    """A head that `fault_in` let pass, as ASGI has it."""
    path, _, query = (url if url[:1] == b"/" else _split(url)[1]).partition(b"?")
    return _opening(method, path, version) | {"query_string": query, "headers": headers}


@lru_cache(maxsize=256)
def _opening(method: bytes, path: bytes, version: str) -> dict[str, Any]:
    """Of a call's first line, all but the query, which may hold a key."""
    written = path.decode("ascii")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": version,
        "method": method.decode(),
        "root_path": "",
        "path": unquote(written) if "%" in written else written,
        "raw_path": path,
    }


def _split(url: bytes) -> tuple[bytes, bytes]:
    """The host with its port, and what follows it."""
    rest = url.partition(b"://")[2]
    end = min((place for mark in b"/?#" if (place := rest.find(mark)) >= 0), default=len(rest))
    path = rest[end:]
    return rest[:end], path if path[:1] == b"/" else b"/" + path


def without_upgrade(method: bytes, url: bytes, version: str, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The head of a call that would like another protocol, without that wish: it is answered in this one."""
    lines = [method + b" " + url + b" HTTP/" + version.encode()]
    for name, value in headers:
        if name == b"connection":
            wishes = (each.strip() for each in value.lower().split(b","))
            lines += [b"connection: " + each for each in wishes if each not in _UPGRADES]
        elif name not in _UPGRADES:
            lines.append(name + b": " + value)
    return b"\r\n".join(lines) + b"\r\n\r\n"
