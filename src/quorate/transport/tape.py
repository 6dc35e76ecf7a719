"""The file of a cassette: exchanges as lines of JSON, and by what a request is known again.

A cassette is a file of JSON Lines in UTF-8. Its first line is `{"cassette": 1}`, the version; each further
line is one `Exchange`, written when it is over:

    {"method": "POST", "url": "https://…", "sent_headers": {…}, "sent": …,
     "status": 200, "headers": {…}, "chunks": […], "pauses": […], "end": "whole", "failure": {…}}

Bytes that are UTF-8 stand as text, others as `{"base64": "…"}`. What is empty or usual is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from quorate.errors import SettingsInvalid, Unreachable, UpstreamBroken, UpstreamError, UpstreamTimeout
from quorate.types.value import Value

VERSION = 1


class Binary(Value):
    """Bytes that are no text."""

    base64: bytes


Content = str | Binary


class Failure(Value):
    """How an exchange failed: our own error as data."""

    code: str
    message: str
    status: int = 0
    reason: str = ""
    waited_for: str = ""


class Exchange(Value):
    """One line: a request, and what came of it."""

    method: str
    url: str
    sent_headers: dict[str, str] = {}
    sent: Content = ""
    status: int = 0
    """0 where no answer began."""
    headers: dict[str, str] = {}
    chunks: tuple[Content, ...] = ()
    """The pieces of the body as they came."""
    pauses: tuple[float, ...] = ()
    """Seconds before each piece."""
    end: Literal["whole", "left", "failed"] = "whole"
    """'left': the reader went away before the end. 'failed': `failure` says how."""
    failure: Failure | None = None


class _Opening(Value):
    cassette: int


_ERRORS: Mapping[str, type[UpstreamError]] = {
    error.code: error for error in (UpstreamBroken, UpstreamTimeout, Unreachable)
}


def read_cassette(path: Path) -> list[Exchange]:
    """All exchanges, in order. Raises `SettingsInvalid` with the line that cannot be read."""
    try:
        opening, *lines = path.read_bytes().splitlines() or [b""]
    except OSError as error:
        raise _unreadable(f"the cassette '{path}' cannot be read: {error.strerror}") from error
    try:
        version = msgspec.json.decode(opening, type=_Opening).cassette
    except msgspec.DecodeError as error:
        raise _unreadable(f"'{path}' is no cassette: its first line does not say so") from error
    if version != VERSION:
        raise _unreadable(f"the cassette '{path}' is of version {version}; this program reads {VERSION}")
    exchanges: list[Exchange] = []
    for number, line in enumerate(lines, 2):
        try:
            exchanges.append(msgspec.json.decode(line, type=Exchange))
        except msgspec.DecodeError as error:
            raise _unreadable(f"line {number} of the cassette '{path}' cannot be read: {error}") from error
    return exchanges


def append_to_cassette(path: Path, exchange: Exchange) -> None:
    """Add one exchange at the end; begins the file where there is none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = msgspec.json.encode(exchange) + b"\n"
    with path.open("ab") as file:
        if not file.tell():
            line = msgspec.json.encode(_Opening(cassette=VERSION)) + b"\n" + line
        file.write(line)


def key_of(method: str, url: str, body: bytes) -> bytes:
    """By what a request is known again: not by the host, as a test's port changes with every run."""
    parts = urlsplit(url)
    # What is not JSON is known by every byte.
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        body = msgspec.json.encode(msgspec.json.decode(body), order="sorted")
    query = "&".join(sorted(parts.query.split("&")))
    return sha256(b"\0".join([method.encode(), parts.path.encode(), query.encode(), body])).digest()


def write_content(data: bytes) -> Content:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Binary(base64=data)


def read_content(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content.base64


def write_failure(error: UpstreamError) -> Failure:
    return Failure(
        code=error.code,
        message=str(error),
        status=error.status,
        reason=getattr(error, "reason", ""),
        waited_for=getattr(error, "waited_for", ""),
    )


def read_failure(failure: Failure) -> UpstreamError:
    error = _ERRORS.get(failure.code, UpstreamBroken)(failure.message, status=failure.status)
    match error:
        case UpstreamTimeout():
            error.waited_for = failure.waited_for
        case UpstreamBroken() | Unreachable():
            error.reason = failure.reason
        case _:
            pass
    return error


def _unreadable(message: str) -> SettingsInvalid:
    return SettingsInvalid(message, problems=[("cassette", message)])
