"""Recordings of JavaScript's nock, and its bare status-headers-body relatives."""

from __future__ import annotations

import re
from typing import Any

from tests.recordings.exchange import Exchange

from .bodies import body_bytes, header_map, unpacked


def is_nock(document: Any) -> bool:
    match document:
        case [{"scope": str(), "path": str()}, *_]:
            return True
        case _:
            return False


def nock(item: dict[str, Any]) -> Exchange:
    headers = header_map(item.get("rawHeaders"))
    response = item.get("response")
    return Exchange(
        method=str(item["method"]).upper(),
        url=item["scope"] + item["path"],
        request_headers=header_map(item.get("reqheaders")),
        request=body_bytes(item.get("body")),
        status=int(item.get("status", 200)),
        headers=headers,
        body=unpacked(_response(response), headers),
        fidelity="parsed" if isinstance(response, dict) else "raw",
    )


def _response(response: Any) -> bytes:
    """Binary bodies stand as hexadecimal text, whole or in pieces."""
    pieces = response if isinstance(response, list) else [response]
    if pieces and all(
        isinstance(piece, str) and re.fullmatch(r"(?:[0-9a-f]{2})+", piece) for piece in pieces
    ):
        return bytes.fromhex("".join(pieces))
    return body_bytes(response)


def is_bare_response(document: Any) -> bool:
    return isinstance(document, dict) and set(document) == {"status", "headers", "body"}


def bare_response(document: dict[str, Any]) -> Exchange:
    return Exchange(
        status=int(document["status"] or 200),
        headers=header_map(document["headers"]),
        body=body_bytes(document["body"]),
        fidelity="body",
    )
