"""When/then documents of Rust's httpmock: one exchange a document, ids rewritten by their authors."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import urlencode

from tests.recordings.exchange import Exchange

from .bodies import body_bytes, header_map, unpacked


def is_httpmock(document: Any) -> bool:
    match document:
        case {"when": dict(), "then": dict()}:
            return True
        case _:
            return False


def httpmock(document: Any) -> Exchange:
    """The URL lacks its host, which the authors removed."""
    when, then = document["when"], document["then"]
    headers = header_map(then.get("header"))
    body = body_bytes(then.get("body"))
    if then.get("body_encoding") == "base64":
        body = base64.b64decode(body)
    query = urlencode([(each["name"], each["value"]) for each in when.get("query_param") or ()])
    return Exchange(
        method=str(when["method"]).upper(),
        url=str(when["path"]) + (f"?{query}" if query else ""),
        request_headers=header_map(when.get("header")),
        request=body_bytes(when.get("body")),
        status=int(then["status"]),
        headers=headers,
        body=unpacked(body, headers),
        fidelity="rewritten",
    )
