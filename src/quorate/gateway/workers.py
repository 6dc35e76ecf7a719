"""Several processes that serve one port: started, started again when they die, and ended together in good order.

The parent only watches; it runs no event loop and no thread, so that it can be copied (forked) at any time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Generator
from typing import NoReturn

from quorate.errors import OperatorError, QuorateError

from .stopping import Stop, stoppable

Work = Callable[[int, Stop], int]
"""Serves as the worker of that number until it is told to stop; the exit code."""

_OPERATOR = 2
"""Exit code of a worker that a human must help."""

_SHORT, _LONG = 0.1, 10.0
"""Seconds before a dead worker is started again: doubled each time, unless it had lived for the longer one."""

_SLACK = 5.0
"""Seconds beyond its grace in which a worker closes what it holds."""

_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
_log = logging.getLogger("quorate.gateway")


def supervise(work: Work, count: int, stop: Stop, *, grace: float, leave: Callable[[], None]) -> int:
    """Keep so many workers at work until `stop` is told; the exit code.

    `leave` lets go of what the parent holds for them: its copies of their sockets.
    """
    if not hasattr(os, "fork"):
        raise OperatorError("this system cannot run several workers: set `workers` to 1")
    with stop.heeded(), _woken() as wake, _lifeline() as ends:
        return _Team(work, count, stop, wake, ends).keep(grace, leave)


@contextlib.contextmanager
def _woken() -> Generator[int]:
    """A descriptor that can be read when a signal has come."""
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    before = signal.signal(signal.SIGCHLD, lambda number, frame: None)
    woken = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(woken)
        signal.signal(signal.SIGCHLD, before)
        os.close(reading)
        os.close(writing)


@contextlib.contextmanager
def _lifeline() -> Generator[tuple[int, int]]:
    """A pipe of which the parent alone holds the writing end: when it dies, by whatever, the workers see its end."""
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


class _Team:
    def __init__(self, work: Work, count: int, stop: Stop, wake: int, lifeline: tuple[int, int]) -> None:
        self._work, self._stop, self._wake, self._lifeline = work, stop, wake, lifeline
        self._running: dict[int, tuple[int, float]] = {}
        """Process → its number and when it began."""
        self._due = dict.fromkeys(range(count), 0.0)
        """Number → when it is to be started."""
        self._delays = dict.fromkeys(range(count), _SHORT)
        self._has_lived: set[int] = set()
        self._code: int | None = None

    def keep(self, grace: float, leave: Callable[[], None]) -> int:
        """Until they are all gone."""
        while not self._stop.is_told:
            self._start_due()
            self._sleep(min(self._due.values(), default=None))
            self._reap()
        leave()
        self._send(signal.SIGTERM)
        last = time.monotonic() + grace + _SLACK
        while self._running:
            if self._stop.is_forced or time.monotonic() > last:
                self._send(signal.SIGKILL)
            self._sleep(last)
            self._reap()
        return self._stop.code if self._code is None else self._code

    def _start_due(self) -> None:
        now = time.monotonic()
        for number in [number for number, when in self._due.items() if when <= now]:
            del self._due[number]
            self._running[self._start(number)] = (number, now)

    def _start(self, number: int) -> int:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        # A signal that comes before the worker listens for it waits until it does.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        try:
            if child := os.fork():
                return child
            self._become(number)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _become(self, number: int) -> NoReturn:
        """The rest of the worker's life. What it fails with is told as the command line would."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            reading, writing = self._lifeline
            os.close(writing)
            with stoppable(Stop(reading)) as stop:
                # The keyboard's signal goes to all; the parent alone decides what it means.
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
                code = self._work(number, stop)
        except QuorateError as error:
            code = _OPERATOR
            sys.stderr.write(f"quorate: {error}\n")
        except BaseException:  # noqa: BLE001 nothing may go up into the parent's code: this is another process
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _sleep(self, until: float | None) -> None:
        """Until a signal comes, or that time."""
        longest = None if until is None else max(0.0, until - time.monotonic())
        select.select([self._wake], [], [], longest)
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake, 512)

    def _reap(self) -> None:
        for child, (number, began) in tuple(self._running.items()):
            gone, status = os.waitpid(child, os.WNOHANG)
            if gone:
                del self._running[child]
                self._mourn(number, os.waitstatus_to_exitcode(status), time.monotonic() - began)

    def _mourn(self, number: int, code: int, lived: float) -> None:
        if self._stop.is_told:
            return
        if code == _OPERATOR and lived < _LONG and number not in self._has_lived:
            self._code = code
            self._stop.tell()
            return
        if lived > _LONG:
            self._has_lived.add(number)
            self._delays[number] = _SHORT
        delay = self._delays[number]
        self._delays[number] = min(delay * 2, _LONG)
        why = f"by signal {-code}" if code < 0 else f"with code {code}"
        _log.error("worker %d ended %s: it is started again in %.1f s", number, why, delay)
        self._due[number] = time.monotonic() + delay

    def _send(self, number: int) -> None:
        for child in self._running:
            os.kill(child, number)
