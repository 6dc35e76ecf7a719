"""What is known of one client's call: filled while it runs, read by the journal's observers when it has ended."""

from __future__ import annotations

import time
from collections.abc import Sequence

from quorate.errors import QuorateError
from quorate.types.chat import AttemptRecord, Departure


class AccessRecord:
    """One call of one client. It holds neither the question nor the answer."""

    # What nearly no call changes stands here, at the class: to set it in every record would cost two microseconds.

    first_byte = ended = 0.0
    """Readings of the same clock as `began`; 0 where it did not happen."""
    scope = key = ""
    """Whose call it is, and the id of the key that was shown; '' before that is known."""
    peer = ""
    protocol = operation = ""
    model = ""
    """As the client asked for it."""
    stream = False
    status = 0
    """What the client was told; 0 where nothing was."""
    outcome = ""
    """'answered', 'left' (the client hung up), or the code of the error."""
    detail = ""
    provider = answered_model = ""
    is_mounted = False
    """Another application answered by itself, as `/health` is."""
    road = ""
    """'relayed' or 'translated'; '' for what is neither."""
    decision = ""
    """Why that target: the route, and what its strategy said."""
    fidelity: tuple[Departure, ...] = ()
    tags: tuple[str, ...] = ()
    traceparent = ""
    """The client's own trace, as W3C's Trace Context writes it."""

    def __init__(self, number: str, method: str, path: str) -> None:
        self.id = self.identity = number
        """`id` is ours, in order of time: under it the call is found again."""
        """`identity` is what the client is told as the call's id: its own, where it sent one."""
        self.method, self.path = method, path
        self.started_at = time.time()
        """Seconds since 1970."""
        self.began = time.perf_counter()
        self.trace: Sequence[AttemptRecord] = ()
        """Every attempt, with what it used and cost."""

    @property
    def is_of_a_front(self) -> bool:
        """Was it for a client of a model?"""
        return not self.is_mounted

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def first_byte_seconds(self) -> float | None:
        """From the call's start to the first byte of its answer; None where none was sent."""
        return self.first_byte - self.began if self.first_byte else None

    def fail(self, error: QuorateError) -> None:
        """Of several failures the first counts."""
        if self.outcome in ("", "answered"):
            self.outcome, self.detail = error.code, str(error)[:300]

    def end(self) -> None:
        if not self.outcome:
            self.outcome = self.trace[-1].outcome if self.trace else "answered"
        self.ended = time.perf_counter()
