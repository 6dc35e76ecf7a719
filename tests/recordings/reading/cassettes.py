"""Cassettes: lists of requests and responses, as vcrpy, Ruby's VCR, go-vcr and their kin keep them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

from tests.recordings.exchange import Exchange, Fidelity

from .bodies import body_bytes, header_map, maybe_base64, unpacked


def is_cassette(document: Any) -> bool:
    match document:
        case (
            {"interactions": list()}
            | {"http_interactions": list()}
            | {"requests": list(), "responses": list()}
        ):
            return True
        case {"request": {"url": str()}, "response": dict()}:
            return True
        case _:
            return False


def cassette(document: Any) -> Iterator[Exchange]:
    """The exchanges of a cassette, in order."""
    for request, response in _pairs(document):
        yield exchange_of(request, response)


def _pairs(document: Any) -> Iterator[tuple[Any, Any]]:
    match document:
        case {"interactions": list(items)} | {"http_interactions": list(items)}:
            for item in items:
                yield item["request"], item["response"]
        case {"requests": requests, "responses": responses}:
            yield from zip(requests, responses, strict=True)
        case _:
            yield document["request"], document["response"]


def exchange_of(request: dict[str, Any], response: dict[str, Any]) -> Exchange:
    """One pair. Recorders differ in how they call URL, status and body."""
    asked, answered = header_map(request.get("headers")), header_map(response.get("headers"))
    body, fidelity = _body(response, answered)
    return Exchange(
        method=str(request.get("method", "")).upper(),
        url=str(request.get("uri") or request.get("url") or ""),
        request_headers=asked,
        request=_body(request, asked)[0],
        status=_status(response),
        headers=answered,
        body=body,
        fidelity=fidelity,
    )


def _body(side: dict[str, Any], headers: dict[str, str]) -> tuple[bytes, Fidelity]:
    if "parsed_body" in side:
        return body_bytes(side["parsed_body"]), "parsed"
    match side.get("body", side.get("content")):
        case {"base64_string": str(text)}:
            return unpacked(base64.b64decode(text), headers), "raw"
        case {"string": string}:
            return unpacked(body_bytes(string), headers), "raw"
        case str(text):
            return unpacked(maybe_base64(text, headers), headers), "raw"
        case body:
            return unpacked(body_bytes(body), headers), "parsed" if isinstance(body, dict) else "raw"


def _status(response: dict[str, Any]) -> int:
    match response.get("status", response.get("status_code")):
        case {"code": int(code)} | int(code):
            return code
        case str(line) if found := re.search(r"\d{3}", line):
            return int(found.group())
        case _:
            return int(response.get("code") or 200)
