"""Forms with files in them, multipart/form-data (RFC 7578): read strictly, and written the same for the same parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

from quorate.errors import InvalidRequest
from quorate.types.value import Value

KIND = "multipart/form-data"
MOST_PARTS = 128
LONGEST_HEAD = 8 * 1024
"""Bytes before one part's content."""

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_PARAMETER = re.compile(r';\s*([\w!#$%&+.^`|~*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))\s*')
_ESCAPED = re.compile(r"\\(.)")


class FormPart(Value):
    """One field: a text, or a file where it has a file's name."""

    name: str
    data: bytes
    filename: str = ""
    media_type: str = ""


def is_form(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == KIND


def boundary_of(content_type: str) -> str:
    """What stands between the parts. Raises `InvalidRequest`."""
    boundary = _parameters(content_type).get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise InvalidRequest("the content type names no boundary that can be used", where="content-type")
    return boundary


def write_form(parts: Sequence[FormPart]) -> tuple[str, bytes]:
    """Content type and body. The boundary is made of the content, so that equal forms have equal bytes."""
    digest = sha256()
    for part in parts:
        digest.update(f"{len(part.data)} {part.name} {part.filename} {part.media_type}\n".encode())
        digest.update(part.data)
    boundary = f"quorate-{digest.hexdigest()[:40]}"
    pieces: list[bytes] = []
    for part in parts:
        pieces += [f"--{boundary}\r\n{_head(part)}\r\n".encode(), part.data, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return f"{KIND}; boundary={boundary}", b"".join(pieces)


def _head(part: FormPart) -> str:
    filed = f'; filename="{_quoted(part.filename)}"' if part.filename else ""
    typed = f"Content-Type: {_CONTROL.sub('', part.media_type)}\r\n" if part.media_type else ""
    return f'Content-Disposition: form-data; name="{_quoted(part.name)}"{filed}\r\n{typed}'


_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _quoted(text: str) -> str:
    """As browsers write names: a quote and the end of a line by their numbers."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def read_form(content_type: str, body: bytes) -> list[FormPart]:
    """Its parts, in order. Raises `InvalidRequest` for what is not whole."""
    if not is_form(content_type):
        raise InvalidRequest(f"the body must be of the type {KIND}", where="content-type")
    mark = b"\r\n--" + boundary_of(content_type).encode()
    pieces = (b"\r\n" + body).split(mark, MOST_PARTS + 2)
    if len(pieces) > MOST_PARTS + 2:
        raise InvalidRequest(f"a form has at most {MOST_PARTS} fields")
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise InvalidRequest("the form breaks off before its end, or never begins")
    return [_read_part(piece) for piece in pieces[1:-1]]


def _read_part(piece: bytes) -> FormPart:
    start = piece.find(b"\r\n")
    if start < 0 or piece[:start].strip(b" \t"):
        raise InvalidRequest("a field of the form begins in the wrong place")
    if piece.startswith(b"\r\n", start + 2):
        raise InvalidRequest("a field of the form has no name")
    end = piece.find(b"\r\n\r\n", start, start + LONGEST_HEAD)
    if end < 0:
        raise InvalidRequest("a field of the form has no end of its head")
    try:
        head = _headers(piece[start + 2 : end].decode().split("\r\n"))
    except UnicodeDecodeError as error:
        raise InvalidRequest("the head of a field of the form is no UTF-8") from error
    told = head.get("content-disposition", "")
    parameters = _parameters(told)
    if not told.lower().startswith("form-data") or not parameters.get("name"):
        raise InvalidRequest("a field of the form has no name")
    if head.get("content-transfer-encoding", "binary").lower() not in ("binary", "8bit", "7bit"):
        raise InvalidRequest("a field of the form is encoded in a way that is not taken")
    return FormPart(
        name=_unquoted(parameters["name"]),
        data=piece[end + 4 :],
        filename=_unquoted(parameters.get("filename", "")),
        media_type=head.get("content-type", ""),
    )


def _headers(lines: Iterable[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _parameters(header: str) -> dict[str, str]:
    """Those behind a header's value, by their lower-case names; the first of a name counts."""
    found: dict[str, str] = {}
    for name, quoted, bare in _PARAMETER.findall(header):
        found.setdefault(name.lower(), _ESCAPED.sub(r"\1", quoted) if quoted else bare)
    return found


def _unquoted(text: str) -> str:
    return text.replace("%0A", "\n").replace("%0D", "\r").replace("%22", '"')
