"""Writes lines to a descriptor from a thread of its own, so that no call waits for whoever reads them."""

from __future__ import annotations

import os
import threading
from collections import deque

MOST_BYTES = 8 * 1024 * 1024
"""Bytes that wait for a reader that does not read; beyond them lines are dropped and counted."""


class LineWriter:
    """`put` never waits. It may be called from any thread."""

    def __init__(self, descriptor: int, *, most_bytes: int = MOST_BYTES) -> None:
        self._descriptor, self._most_bytes = descriptor, most_bytes
        self._waiting: deque[bytes] = deque()
        self._bytes = self._lines = 0
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="quorate-log", daemon=True)
        self._thread.start()
        self.lost = 0
        """Lines that there was no room for, or nobody to read."""

    @property
    def waiting(self) -> int:
        """Lines that are not written."""
        return self._lines

    def put(self, text: str) -> None:
        """Some whole lines."""
        told = text.encode(errors="backslashreplace")
        lines = text.count("\n")
        with self._changed:
            if self._is_closing or self._bytes + len(told) > self._most_bytes:
                self.lost += lines
                return
            self._waiting.append(told)
            self._bytes += len(told)
            self._lines += lines
            self._changed.notify()

    def close(self, within: float = 2.0) -> None:
        """Write what waits, for so many seconds."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(within)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._is_closing:
                    self._changed.wait()
                if not self._waiting:
                    return
                told = b"".join(self._waiting)
                self._waiting.clear()
            is_written, lines = write_all(self._descriptor, told), told.count(b"\n")
            with self._changed:
                self._bytes -= len(told)
                self._lines -= lines
                self.lost += 0 if is_written else lines


def write_all(descriptor: int, told: bytes) -> bool:
    """Whether anybody took it. Past the stream's own buffer, whose lock a blocked thread would hold at the end."""
    rest = memoryview(told)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    except OSError:
        return False
    return True
