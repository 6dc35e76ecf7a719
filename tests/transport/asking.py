"""Requests as the engine would hand them to a transport, and answers taken in whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quorate.transport.chosen import ChosenTransport
from quorate.transport.http import HttpTransport
from quorate.transport.seam import Arrival, Send, Transport
from quorate.types.target import Timeouts

TRANSPORTS: dict[str, Callable[..., Transport]] = {"aiohttp": HttpTransport, "own": ChosenTransport}
"""Every HTTP client that must pass the suite; each takes `proxies`, `tls` and `pool`."""

PATIENT = Timeouts(connect=5.0, first_byte=5.0, gap=5.0, total=None)


def asking(url: str, body: bytes = b"{}", **fields: Any) -> Send:
    """A POST of JSON; `fields` are further ones of `Send`."""
    fields = {"method": "POST", "headers": {"content-type": "application/json"}, "timeouts": PATIENT} | fields
    return Send(url=url, body=body, **fields)


async def fetch(transport: Transport, request: Send) -> bytes:
    """The whole body of the answer."""
    async with transport.send(request) as arrival:
        return await arrival.read()


async def pieces_of(transport: Transport, request: Send) -> list[bytes]:
    """The pieces of the answer, as they came."""
    async with transport.send(request) as arrival:
        return [piece async for piece in arrival.chunks()]


async def take_in(arrival: Arrival, had: list[bytes]) -> None:
    """Add the pieces to what was had, until the answer ends or breaks."""
    async for piece in arrival.chunks():
        had.append(piece)  # noqa: PERF401  # a list made at once would be lost with the error
