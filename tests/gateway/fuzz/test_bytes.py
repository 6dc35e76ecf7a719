"""Bytes that were requests once, at the gateway's own server: answered in proper HTTP, or by a closed connection."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from quorate.gateway import intake
from tests.gateway.wire_level import connected, running

from .arsenal import Arsenal
from .ground import KEY, on_the_range
from .shot import Shot

STREAMS = 3_000
AT_ONCE = 48
LONGEST = 10.0
REFUSED = {501, 505}
"""What of the statuses from 500 on tells of the client's own fault."""

_HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [ -~]*\r\n((?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+: [^\r\n\0]*\r\n)*)\r\n")
_CHUNK = re.compile(rb"([0-9a-f]+)\r\n")
_NOISE = (
    *(
        b"\r\n",
        b"\n",
        b"\r",
        b"\0",
        b" ",
        b"\t",
        b":",
        b";",
        b"\xff",
        b"%00",
        b"0",
        b"-1",
        b"ffffffffffffffff",
        b"x" * 9_000,
    ),
    *(
        b"\r\n\r\n",
        b"0\r\n\r\n",
        b"HTTP/1.0",
        b"HTTP/0.9",
        b"HTTP/2.0",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\n",
    ),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\n",
        b"Content-Length: 0\r\n",
        b"Expect: 100-continue\r\n",
    ),
    *(
        b"Connection: close\r\n",
        b"Connection: upgrade\r\nUpgrade: websocket\r\n",
        b"Host: x\r\n",
        b"\r\n x: y",
        b"{}",
        b"[[",
    ),
)


def said(shot: Shot, luck: Random) -> bytes:
    """The request as HTTP/1.1, its body by length or in chunks."""
    lines = [shot.method.encode() + b" " + shot.url + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in shot.headers]
    if shot.body and luck.random() < 0.3:
        pieces = [shot.body[start : start + 100] for start in range(0, len(shot.body), 100)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
        lines.append(b"transfer-encoding: chunked")
    else:
        body = shot.body
        lines.append(b"content-length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def mangled(data: bytes, luck: Random) -> bytes:
    for _ in range(luck.randrange(1, 4)):
        end = min(len(data), luck.choice([400, len(data)]))
        place = luck.randrange(end + 1)
        match luck.randrange(4):
            case 0:
                data = data[:place] + luck.choice(_NOISE) + data[place:]
            case 1:
                data = data[:place] + data[place + luck.randrange(1, 30) :]
            case 2:
                data = data[:place] + luck.randbytes(luck.randrange(1, 5)) + data[place + 2 :]
            case _:
                data = data[:place] + data[max(place - 60, 0) :]
    return data


def streams(count: int) -> Iterator[bytes]:
    """Each a request or some, one after the other on a connection."""
    arsenal = Arsenal()
    for number in range(count):
        luck = Random(f"bytes {number}")
        shots = [
            arsenal.shot(5, number * 3 + place, KEY, ["resp_unknown"])
            for place in range(luck.randrange(1, 3))
        ]
        yield mangled(b"".join(said(shot, luck) for shot in shots), luck)


async def answered(port: int, data: bytes, luck: Random) -> bytes:
    """All that the server says until it closes; what is sent comes in pieces."""
    async with connected(port) as client:
        try:
            for start in range(0, len(data), step := luck.choice([7_000, 100_000])):
                await client.say(data[start : start + step])
            async with asyncio.timeout(LONGEST):
                return await client.reader.read()
        except ConnectionError:
            return b""  # it closed while something was still under way to it


def statuses(data: bytes) -> list[int]:
    """Of the answers, which must be whole and proper; a connection that breaks off may cut the last one."""
    found: list[int] = []
    while data:
        head = _HEAD.match(data)
        assert head is not None, data[:300]
        found.append(int(head[1]))
        headers = head[2].lower()
        data = data[head.end() :]
        length = re.search(rb"^content-length: (\d+)\r$", headers, re.MULTILINE)
        if found[-1] in (204, 304) or found[-1] < 200 or data.startswith(b"HTTP/1.1 "):  # as after HEAD
            continue
        if b"transfer-encoding: chunked" in headers:
            data = _after_chunks(data)
        elif length is not None:
            data = data[int(length[1]) :]
    return found


def _after_chunks(data: bytes) -> bytes:
    while chunk := _CHUNK.match(data):
        size = int(chunk[1], 16)
        data = data[chunk.end() + size + 2 :]
        if not size:
            break
    return data


@pytest.mark.long
async def test_bytes_that_were_requests_are_answered_in_http_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(intake, "BODY_PATIENCE", 0.3)
    caplog.set_level(logging.ERROR)
    async with (
        on_the_range(tmp_path) as ground,
        running(ground.gateway, head_timeout=0.3, idle_timeout=0.3, body_limit=256 * 1024) as server,
    ):
        came = await _all_of(server.port)
        after = await answered(
            server.port,
            b"GET /api/version HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
            Random(1),
        )

        assert after.startswith(b"HTTP/1.1 200 ")
        assert ground.gateway._services.traffic.running == 0
    faulty = {number: data[:500] for number, data in came.items() if _is_faulty(data)}
    assert faulty == {}
    assert [record.getMessage() for record in caplog.records] == []


def _is_faulty(data: bytes) -> bool:
    return any(status >= 500 and status not in REFUSED for status in statuses(data)) or b"canary" in data


async def _all_of(port: int) -> dict[int, bytes]:
    came: dict[int, bytes] = {}
    waiting = enumerate(streams(STREAMS))

    async def take() -> None:
        for number, data in waiting:
            came[number] = await answered(port, data, Random(number))

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(take())
    return came
