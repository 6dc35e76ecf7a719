"""A transport that keeps what another one brings, and plays it again without a network.

`tape.py` tells the file's format. A request is known again by its method, the path and query of its address,
and its body; JSON counts as equal in any order of keys. Equal requests are answered in the order of the file,
each line once.

No credential is written: headers and query parameters that hold one say 'hidden' (`scrub.py`), and wherever
else its value stands, in a body that echoes it or in an error's text, there are asterisks.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain, repeat
from pathlib import Path
from time import monotonic
from typing import Literal
from urllib.parse import urlsplit

from quorate.errors import InvalidRequest, UpstreamError
from quorate.types.secret import Secret
from quorate.types.value import Value, replace

from .scrub import masked, masked_pieces, open_address, secrets_of, without_secrets
from .seam import Arrival, Send, Transport
from .tape import (
    Exchange,
    append_to_cassette,
    key_of,
    read_cassette,
    read_content,
    read_failure,
    write_content,
    write_failure,
)
from .wording import broken, too_large

Mode = Literal["replay", "record", "renew"]
"""replay: nothing is sent; a request that is not on the cassette is an `InvalidRequest`. record: what is not on
it is sent, and added. renew: everything is sent, and the cassette written anew."""


class CassetteTransport:
    """Plays a cassette, and records what it does not hold, as the mode says."""

    def __init__(
        self,
        path: str | Path,
        *,
        mode: Mode = "replay",
        inner: Transport | None = None,
        secrets: Iterable[Secret] = (),
        in_time: bool = False,
    ) -> None:
        """`inner` brings what is not on the cassette; `secrets` are hidden beside those that requests carry;
        `in_time` plays with the pauses that there were.

        Raises `SettingsInvalid` where there is no cassette to replay, or the file is none.
        """
        if mode != "replay" and inner is None:
            raise InvalidRequest("a cassette that records needs a transport to record from", where="inner")
        self._path, self._in_time = Path(path), in_time
        self._inner = None if mode == "replay" else inner
        self._secrets = {secret.reveal() for secret in secrets if secret}
        self._held: defaultdict[bytes, deque[Exchange]] = defaultdict(deque)
        if mode == "renew":
            self._path.unlink(missing_ok=True)
        elif mode == "replay" or self._path.exists():
            for exchange in read_cassette(self._path):
                key = key_of(exchange.method, exchange.url, read_content(exchange.sent))
                self._held[key].append(exchange)

    @asynccontextmanager
    async def send(self, request: Send) -> AsyncGenerator[Arrival]:
        """See `Transport.send`."""
        seen = _Seen.of(request, self._secrets)
        held = self._held[key_of(request.method, seen.url, seen.sent)]
        if held:
            yield _begun(held.popleft(), request.max_body, in_time=self._in_time)
            return
        if self._inner is None:
            raise InvalidRequest(
                f"the cassette '{self._path.name}' holds no further answer to {request.method} "
                f"{urlsplit(seen.url).path} with this body",
                where="cassette",
            )
        async with AsyncExitStack() as stack:
            recording = _Recording()
            stack.callback(self._keep, request.method, seen, recording)
            try:
                recording.begin(await stack.enter_async_context(self._inner.send(request)))
            except UpstreamError as error:
                recording.fail(error)
                raise
            yield recording

    async def close(self) -> None:
        """Closes the transport beneath."""
        if self._inner is not None:
            await self._inner.close()

    def _keep(self, method: str, seen: _Seen, recording: _Recording) -> None:
        # A call that was cancelled before its answer began has nothing to play.
        if recording.status or recording.failure:
            append_to_cassette(self._path, recording.exchange(method, seen))


class _Seen(Value):
    """What of a request may be kept, and what must not stand anywhere."""

    url: str
    headers: dict[str, str]
    sent: bytes
    secrets: frozenset[str]

    @classmethod
    def of(cls, request: Send, further: set[str]) -> _Seen:
        secrets = frozenset(secrets_of(request.url, request.headers) | further)
        return cls(
            url=masked(open_address(request.url).encode(), secrets).decode(),
            headers=_masked_headers(request.headers, secrets),
            sent=masked(request.body, secrets),
            secrets=secrets,
        )


class _Recording:
    """Another transport's arrival, taken down as it is read."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self.failure: UpstreamError | None = None
        self._arrival: Arrival | None = None
        self._is_whole = False
        self._pieces: list[bytes] = []
        self._pauses: list[float] = []
        self._last = monotonic()

    def begin(self, arrival: Arrival) -> None:
        self._arrival, self.status, self.headers = arrival, arrival.status, arrival.headers

    def fail(self, error: UpstreamError) -> None:
        self.failure = error

    async def read(self) -> bytes:
        if self._arrival is None:
            raise broken("the answer is asked for before it is there", "closed")
        try:
            body = await self._arrival.read()
        except UpstreamError as error:
            self.fail(error)
            raise
        self._take_down(body)
        self._is_whole = True
        return body

    async def chunks(self) -> AsyncIterator[bytes]:
        if self._arrival is None:
            raise broken("the answer is asked for before it is there", "closed")
        try:
            async for piece in self._arrival.chunks():
                self._take_down(piece)
                yield piece
        except UpstreamError as error:
            self.fail(error)
            raise
        self._is_whole = True

    def _take_down(self, piece: bytes) -> None:
        if piece:
            now = monotonic()
            self._pieces.append(piece)
            self._pauses.append(round(now - self._last, 3))
            self._last = now

    def exchange(self, method: str, seen: _Seen) -> Exchange:
        """The line for the cassette."""
        pieces = masked_pieces(self._pieces, seen.secrets)
        failure = None
        if self.failure is not None:
            failure = write_failure(self.failure)
            failure = replace(failure, message=masked(failure.message.encode(), seen.secrets).decode())
        return Exchange(
            method=method,
            url=seen.url,
            sent_headers=seen.headers,
            sent=write_content(seen.sent),
            status=self.status,
            headers=_masked_headers(self.headers, seen.secrets),
            chunks=tuple(write_content(piece) for piece in pieces),
            pauses=tuple(self._pauses),
            end="failed" if failure else "whole" if self._is_whole else "left",
            failure=failure,
        )


class _Played:
    """An arrival from the cassette."""

    def __init__(self, exchange: Exchange, max_body: int, *, in_time: bool) -> None:
        self.status = exchange.status
        self.headers: Mapping[str, str] = exchange.headers
        self._exchange, self._max_body, self._in_time = exchange, max_body, in_time

    async def read(self) -> bytes:
        body = b"".join([piece async for piece in self.chunks()])
        if len(body) > self._max_body:
            raise too_large(self._max_body)
        return body

    async def chunks(self) -> AsyncIterator[bytes]:
        exchange = self._exchange
        pauses = exchange.pauses if self._in_time else ()
        for chunk, pause in zip(exchange.chunks, chain(pauses, repeat(0.0)), strict=False):
            await asyncio.sleep(pause)
            yield read_content(chunk)
        if exchange.failure is not None:
            raise read_failure(exchange.failure)
        if exchange.end == "left":
            raise broken("the recording ends here: its reader left before the answer was over", "truncated")


def _begun(exchange: Exchange, max_body: int, *, in_time: bool) -> _Played:
    """The arrival, where an answer had begun; otherwise the failure that there was."""
    if not exchange.status and exchange.failure is not None:
        raise read_failure(exchange.failure)
    return _Played(exchange, max_body, in_time=in_time)


def _masked_headers(headers: Mapping[str, str], secrets: Iterable[str]) -> dict[str, str]:
    return {
        name: masked(value.encode(), secrets).decode() for name, value in without_secrets(headers).items()
    }
