"""Requests and tokens a minute of each key, counted in this process: buckets that fill as time goes by."""

from __future__ import annotations

import time
from collections.abc import Callable

from quorate.errors import RateLimited

from .callers import Caller

MINUTE = 60.0
MOST_KEYS = 10_000
"""Keys of which buckets are kept; those that are full again say nothing and go first."""


class _Bucket:
    """`rate` a minute, as many of them at once. May go below zero: what was used is known only afterwards."""

    __slots__ = ("at", "left", "rate")

    def __init__(self, rate: int, at: float) -> None:
        self.rate, self.left, self.at = rate, float(rate), at

    def fill(self, now: float, rate: int) -> None:
        self.left = min(float(rate), self.left + (now - self.at) * rate / MINUTE)
        self.rate, self.at = rate, now

    def wait_for(self, amount: float) -> float:
        """Seconds until so much is there."""
        return max(0.0, (amount - self.left) * MINUTE / self.rate)


class Limits:
    """Admits calls, and counts what they used."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._requests: dict[str, _Bucket] = {}
        self._tokens: dict[str, _Bucket] = {}

    def admit(self, caller: Caller) -> None:
        """Raises `RateLimited` with the seconds after which a call will pass. A call refused counts for nothing."""
        requests, tokens = caller.requests_per_minute, caller.tokens_per_minute
        if requests is None and tokens is None:
            return
        now = self._clock()
        if tokens is not None:
            bucket = _filled(self._tokens, caller.key, tokens, now)
            if bucket.left < 1:
                raise _too_fast(f"{tokens} tokens", bucket.wait_for(1))
        if requests is not None:
            bucket = _filled(self._requests, caller.key, requests, now)
            if bucket.left < 1:
                raise _too_fast(f"{requests} requests", bucket.wait_for(1))
            bucket.left -= 1

    def used(self, caller: Caller, tokens: int) -> None:
        """What a call has used, once that is known: the next ones wait for it."""
        if caller.tokens_per_minute is not None and tokens:
            _filled(self._tokens, caller.key, caller.tokens_per_minute, self._clock()).left -= tokens


def _filled(buckets: dict[str, _Bucket], key: str, rate: int, now: float) -> _Bucket:
    bucket = buckets.get(key)
    if bucket is None:
        if len(buckets) >= MOST_KEYS:
            _forget_full(buckets, now)
        bucket = buckets[key] = _Bucket(rate, now)
    bucket.fill(now, rate)
    return bucket


def _forget_full(buckets: dict[str, _Bucket], now: float) -> None:
    for key in [key for key, each in buckets.items() if now - each.at >= MINUTE and each.left >= 0]:
        del buckets[key]


def _too_fast(what: str, wait: float) -> RateLimited:
    return RateLimited(f"this key may use {what} a minute", retry_after=round(max(wait, 0.001), 3))
