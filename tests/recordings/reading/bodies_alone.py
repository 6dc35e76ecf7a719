"""Files that hold an answer's body and nothing else: JSON, event streams, lists of payloads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.recordings.exchange import Exchange

STREAM_START = re.compile(rb"\s*(?:data:|event:|:)")


def bodies_alone(file: str, data: bytes) -> Iterator[Exchange]:
    """A file of payloads may hold the streams of several turns."""
    if file.endswith(".chunks.txt"):
        yield from (_body_alone(_as_stream(answer)) for answer in _turns(data))
    else:
        yield _body_alone(data)


def _body_alone(data: bytes) -> Exchange:
    """The status is told by the body, where it is an error."""
    if data.startswith(b"data:") and b"\n\n" not in data.replace(b"\r", b""):
        data = data.replace(b"\ndata:", b"\n\ndata:")  # the empty lines between events were trimmed
    if STREAM_START.match(data):
        return Exchange(body=data, headers={"content-type": "text/event-stream"}, fidelity="body")
    return Exchange(body=data, status=_told_status(data), fidelity="body")


def _turns(payloads: bytes) -> list[list[bytes]]:
    """The payload lines of each answer. Anthropic's protocol alone marks both the start and the end of one."""
    turns: list[list[bytes]] = [[]]
    for line in filter(None, map(bytes.strip, payloads.splitlines())):
        if b'"message_start"' in line[:30] and turns[-1] and b'"message_stop"' in turns[-1][-1][:30]:
            turns.append([])
        turns[-1].append(line)
    return turns


def _as_stream(payloads: list[bytes]) -> bytes:
    """One JSON payload a line, their framing taken off: the event stream it was cut from.

    Anthropic's events go by a name that its payloads repeat.
    """
    frames: list[bytes] = []
    for line in payloads:
        name = re.match(rb'\{"type":\s*"([\w.]+)"', line)
        frames.append((b"event: " + name[1] + b"\n" if name else b"") + b"data: " + line + b"\n\n")
    return b"".join(frames)


def _told_status(data: bytes) -> int:
    document = _parsed(data)
    match document[0] if isinstance(document, list) and document else document:
        case {"error": {"code": int(code)}} if 400 <= code < 600:
            return code
        case {"error": dict() | str()} | {"type": "error"} | {"object": "error"}:
            return 400
        case _:
            return 200


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
