"""Sends the small requests that something other than a call needs: a cloud's credential, for one."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.target import Timeouts
from quorate.wire.seam import WireAnswer

from .seam import Send, Transport

_LARGEST = 1024 * 1024
"""Bytes of an answer."""


class Courier:
    """One request, one whole answer, over the transport that all calls go by."""

    def __init__(self, transport: Transport, lane: str) -> None:
        self._transport, self._lane = transport, lane

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, wait: float
    ) -> WireAnswer:
        """`headers` are in lower case, `wait` is in seconds. Raises the transport's errors."""
        timeouts = Timeouts(connect=wait, first_byte=wait, gap=wait, total=wait)
        send = Send(
            method=method,
            url=url,
            headers=headers,
            body=body,
            timeouts=timeouts,
            lane=self._lane,
            max_body=_LARGEST,
        )
        async with self._transport.send(send) as arrival:
            read = await arrival.read()
            return WireAnswer(status=arrival.status, headers=dict(arrival.headers), body=read)
