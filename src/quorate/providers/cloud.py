"""Credentials that have to be fetched before a request can be signed: the seam, and what keeps them until they expire.

Fetching blocks (files, programs, other services), so it runs in a thread; signing reads what is kept.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Generic, Protocol, TypeVar

from quorate.errors import KeyInvalid, QuorateError
from quorate.types.target import Target

SOON = 120.0
"""Seconds before its end in which a credential is fetched anew."""

SULK = 5.0
"""Seconds in which a failure to fetch is told again instead of tried again."""

PATIENCE = 20.0
"""Seconds for one fetching."""


class Cloud(Protocol):
    """Signs for providers whose credentials come from a cloud's own chain."""

    async def ready(self, target: Target) -> None:
        """Have at hand what `sign` needs. Raises `KeyInvalid`, with what to do."""
        ...

    def sign(
        self, target: Target, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        """The headers, the credential's among them."""
        ...

    async def renew(self, target: Target, error: KeyInvalid, *, again: bool) -> bool:
        """Was another credential fetched, so that one more try is worth it? `again`: it is the second failure.

        Where it was not, the error is told what to do.
        """
        ...


Clouds = Mapping[str, Cloud]
"""Kind of `Auth` → who signs for it."""


class Credential(Protocol):
    """What is fetched. Equal to another one where the provider would see no difference."""

    @property
    def expires(self) -> float | None:
        """Unix seconds; None where it does not."""
        ...


Kept = TypeVar("Kept", bound=Credential)


class Keeper(Generic[Kept]):
    """Keeps credentials by name. However many ask at once, one of them fetches."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._kept: dict[Hashable, Kept] = {}
        self._failed: dict[Hashable, tuple[float, QuorateError]] = {}
        self._lock = threading.Lock()

    def get(self, name: Hashable) -> Kept | None:
        """What is kept and still good for a while."""
        kept = self._kept.get(name)
        if kept is None or (kept.expires is not None and kept.expires - self._now() < SOON):
            return None
        return kept

    def last(self, name: Hashable) -> Kept | None:
        """What is kept, however old."""
        return self._kept.get(name)

    async def fetch(self, name: Hashable, how: Callable[[], Kept], *, instead_of: Kept | None = None) -> Kept:
        """What is kept, else what `how` brings; it runs in a thread and may raise our errors.

        `instead_of` is one that a provider refused: kept or not, it is fetched anew.
        """
        kept = self.get(name)
        if kept is not None and kept is not instead_of:
            return kept
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.to_thread(self._fetch, name, how, instead_of)
        except TimeoutError as error:
            raise KeyInvalid(f"no credential came within {PATIENCE:g} s") from error

    def _fetch(self, name: Hashable, how: Callable[[], Kept], instead_of: Kept | None) -> Kept:
        with self._lock:
            kept = self.get(name)
            if kept is not None and kept is not instead_of:
                return kept
            failed_at, error = self._failed.get(name, (0.0, None))
            if error is not None and self._now() - failed_at < SULK:
                raise _copied(error)
            try:
                fetched = self._kept[name] = how()
            except QuorateError as error:
                self._failed[name] = self._now(), error
                raise
            self._failed.pop(name, None)
            return fetched


def _copied(error: QuorateError) -> QuorateError:
    """The same words in an error of its own: each call notes its target on the one it gets."""
    return KeyInvalid(str(error)) if isinstance(error, KeyInvalid) else error


def advise(error: QuorateError, words: str) -> None:
    """Let the error say what to do, after the provider's own words."""
    error.args = (f"{error}; {words}", *error.args[1:])
