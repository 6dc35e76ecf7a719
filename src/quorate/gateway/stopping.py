"""How the gateway is told to stop: once to end in good order, twice from the keyboard to end at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager, suppress

from quorate.errors import ServerStopping

_INTERRUPTED = 130


class Stop:
    """Whether the process was told to stop, before the server listens for it, while it does, or after it has ended."""

    def __init__(self, lifeline: int | None = None) -> None:
        """`lifeline` is the end of a pipe that closes when the process is gone for which this one works."""
        self._lifeline = lifeline
        self._interrupts = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._heard = asyncio.Event()
        self._is_heeded = False
        self.is_told = False
        self.is_over = False
        """The time that running answers had is over: each is cancelled, and has a moment to tell its client."""

    @property
    def is_forced(self) -> bool:
        return self._interrupts > 1

    @property
    def code(self) -> int:
        """What the process exits with."""
        return _INTERRUPTED if self._interrupts else 0

    def hear(self, number: int, frame: object = None) -> None:
        """A signal's handler."""
        self._interrupts += number == signal.SIGINT
        if self.is_forced and not self._is_heeded:
            raise KeyboardInterrupt
        self.tell()

    def tell(self) -> None:
        """Stop in good order. May be called from anywhere in the main thread."""
        self.is_told = True
        if self._loop is not None:
            # A handler runs between two steps of the program, the loop perhaps asleep: this wakes it.
            self._loop.call_soon_threadsafe(self._heard.set)

    @contextmanager
    def heeded(self) -> Generator[None]:
        """Within it somebody looks at what was told; elsewhere the second interrupt is Python's usual one."""
        before, self._is_heeded = self._is_heeded, True
        try:
            yield
        finally:
            self._is_heeded = before

    @contextmanager
    def listening(self) -> Generator[None]:
        """Within it, `wait` hears at once."""
        with self.heeded(), self._in_loop():
            yield

    @contextmanager
    def _in_loop(self) -> Generator[None]:
        loop = self._loop = asyncio.get_running_loop()
        if self.is_told:
            self._heard.set()
        if self._lifeline is not None:
            loop.add_reader(self._lifeline, self._look_at_lifeline)
        try:
            yield
        finally:
            self._loop = None
            if self._lifeline is not None:
                loop.remove_reader(self._lifeline)

    async def wait(self, longest: float) -> bool:
        """Until it is told to stop, or for so many seconds; whether it was told."""
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await self._heard.wait()
        return self.is_told

    def _look_at_lifeline(self) -> None:
        """Nothing is ever written to it: that it can be read is its end."""
        if self._lifeline is not None:
            asyncio.get_running_loop().remove_reader(self._lifeline)
            self._lifeline = None
            self.tell()


@contextmanager
def stoppable(stop: Stop | None = None) -> Generator[Stop]:
    """From here on to be told to stop is no fault: the process ends in its own time."""
    stop = stop or Stop()
    before = {number: signal.signal(number, stop.hear) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(task: asyncio.Task[None]) -> None:
    """Cancel a call whose time is over, and tell it why: it may still say so to its client."""
    task.cancel(ServerStopping("the gateway is being stopped"))


def reason_of(cut: asyncio.CancelledError) -> ServerStopping | None:
    """Why a call was cancelled, where `end` did it."""
    match cut.args:
        case (ServerStopping() as reason,):
            return reason
        case _:
            return None
