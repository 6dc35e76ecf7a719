"""The simulator as a program holds it: `async with Simulator(seed=7, speed=0) as sim: sim.url`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from types import TracebackType
from typing import Self

from quorate.wire.seam import Wires

from .listener import listening
from .script import Scene, Script
from .service import Service
from .stats import StatsReport
from .wires import SIMULATED

BASE_PATHS: Mapping[str, str] = {
    "openai_chat": "/v1",
    "openai_responses": "/v1",
    "gemini": "/v1beta",
    "cohere": "/cohere",
    "replicate": "/replicate",
}
"""What a client of that protocol has behind the host in its base URL; nothing for the others."""


class Simulator:
    """Simulated providers of every protocol on one port, loopback only unless told otherwise."""

    def __init__(
        self,
        *,
        seed: int = 0,
        speed: float = 1.0,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Mapping[str, float] | None = None,
        scenes: Iterable[Scene] = (),
        wires: Wires = SIMULATED,
    ) -> None:
        """`speed` 2 is twice as fast as life, 0 waits for nothing; port 0 is a free one.

        `faults` are shares of all calls by name: `{"rate-limited": 0.1, "stall-midway:2": 0.01}`;
        `scenes` are conversations written beforehand, of which the first that fits is played.
        """
        self._service = Service(wires, seed=seed, speed=speed, faults=faults or {}, script=Script(scenes))
        self._host, self._port = host, port
        self._listening: AbstractAsyncContextManager[int] | None = None

    async def __aenter__(self) -> Self:
        self._listening = listening(
            self._service.steps, self._host, self._port, self._service.stats.connected
        )
        self._port = await self._listening.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listening is not None:
            await self._listening.__aexit__(kind, error, trace)

    @property
    def url(self) -> str:
        """Address of the server, without a path."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def base_url(self, wire: str) -> str:
        """The base URL that a client of that protocol is given."""
        return self.url + BASE_PATHS.get(wire, "")

    @property
    def stats(self) -> StatsReport:
        """What it has seen so far; also at GET /sim/stats."""
        return self._service.stats.report()

    def clear(self) -> None:
        """Forget counts, prompt caches and flaky calls; also by POST /sim/reset."""
        self._service.clear()


@contextmanager
def simulated(simulator: Simulator) -> Generator[Simulator, None, None]:
    """The same for programs that do not run an event loop: the simulator serves from a thread of its own."""
    started, problem = threading.Event(), list[BaseException]()
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def serve() -> None:
        async with simulator:
            stopped = asyncio.Event()
            stop.append((asyncio.get_running_loop(), stopped))
            started.set()
            await stopped.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 it is raised again where the simulator was asked for
            problem.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=run, name="quorate-sim", daemon=True)
    thread.start()
    started.wait()
    if problem:
        raise problem[0]
    try:
        yield simulator
    finally:
        for loop, stopped in stop:
            loop.call_soon_threadsafe(stopped.set)
        thread.join()
