"""The one timer of a call: it knows what the call waits for, and speaks up when that takes too long."""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from time import monotonic

NEVER = float("inf")
_ROUND = 0.5
"""Seconds between two rounds."""
_CLOSE_ENOUGH = 0.001
"""Seconds; some loops count in milliseconds and may call a moment early."""


def _nobody(waits_for: str) -> None:
    """To be called when nobody waits."""


class Watch:
    """Calls `give_up` with what was waited for, once the wait is longer than it may be.

    A stream begins a wait for every piece, so a wait costs one comparison: the loop's timer stays where it
    is while it would fire early enough, and looks again when it does.
    """

    __slots__ = ("_deadline", "_due", "_fires", "_give_up", "_handle", "_loop", "_rounds", "_waits_for")

    def __init__(
        self,
        loop: AbstractEventLoop,
        deadline: float,
        give_up: Callable[[str], None],
        rounds: Rounds | None = None,
    ) -> None:
        """`deadline` is the moment of `time.monotonic` that no wait outlives, or `NEVER`; its name is 'total'.

        With `rounds`, a long wait takes no timer of its own.
        """
        self._loop, self._give_up, self._rounds = loop, give_up, rounds
        self._deadline = deadline
        self._due = self._fires = NEVER
        self._waits_for = ""
        self._handle: TimerHandle | None = None

    def left(self) -> float:
        """Seconds until the deadline."""
        return NEVER if self._deadline == NEVER else self._deadline - monotonic()

    def wait(self, waits_for: str, until: float) -> None:
        """A wait begins that may last until a moment of `time.monotonic`."""
        if until > self._deadline:
            waits_for, until = "total", self._deadline
        self._waits_for, self._due = waits_for, until
        if until < self._fires:
            self._set(until)

    def rest(self) -> None:
        """Nothing is waited for."""
        self._due = NEVER

    def end(self) -> None:
        """Nothing will be waited for any more. Lets go of whom it would call, who holds it in turn: a call then
        ends without work for the garbage collector, which is a third of its cost.
        """
        self._give_up = _nobody
        self._due = self._fires = NEVER
        if self._rounds is not None:
            self._rounds.watches.discard(self)
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def visit(self, again: float) -> None:
        """The round comes by, and `again` at that moment: a wait that ends before gets a timer of its own."""
        if self._due > again:
            self._fires = again
        else:
            self._set(self._due)

    def _set(self, moment: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        if self._rounds is not None and moment > (comes := self._rounds.take_in(self)):
            self._fires = comes
            return
        self._fires = moment
        self._handle = self._loop.call_later(max(moment - monotonic(), 0.0), self._look)

    def _look(self) -> None:
        self._handle, self._fires = None, NEVER
        if self._due == NEVER:
            return
        if self._due - monotonic() > _CLOSE_ENOUGH:
            self._set(self._due)
        else:
            self._due = NEVER
            self._give_up(self._waits_for)


class Rounds:
    """One timer for the long waits of all calls of a loop, of which nearly none lasts until it comes by."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._handle: TimerHandle | None = None
        self._comes = NEVER
        self.watches: set[Watch] = set()

    def take_in(self, watch: Watch) -> float:
        """When the round comes by."""
        self.watches.add(watch)
        if self._handle is None:
            self._set_out()
        return self._comes

    def close(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _set_out(self) -> None:
        self._comes = monotonic() + _ROUND
        self._handle = self._loop.call_later(_ROUND, self._come)

    def _come(self) -> None:
        self._handle = None
        if self.watches:
            self._set_out()
            for watch in tuple(self.watches):
                watch.visit(self._comes)
