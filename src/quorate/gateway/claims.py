"""Claims of calls that name themselves, in the store: of several workers one answers, and the others wait for it."""

from __future__ import annotations

import asyncio
import logging
import math

from quorate.errors import KeyReused, StillRunning, StoreUnavailable
from quorate.store.database import Database
from quorate.store.repeats import (
    Claim,
    KeptAnswer,
    Standing,
    claim_repeat,
    give_up_claim,
    keep_answer,
    pack,
    renew_claim,
    shrink_repeats,
)
from quorate.store.times import SECOND, now

LEASE = 30.0
"""Seconds after which the work of somebody who is gone may be done by another."""

WAIT = 10.0
"""Seconds for which another worker's answer is waited for."""

MOST_KEPT = 1024 * 1024 * 1024
"""Bytes of all answers in the store."""

_POLL = 0.25
_SHRINK_EVERY = 64
_LONG = 64 * 1024
_log = logging.getLogger("quorate.gateway")


class Claims:
    """All claims of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = 0

    async def stake(self, claim: Claim, expires_at: int) -> Standing | None:
        """One's own, or answered; whoever else has it is waited for, for a while. None where the store is gone.

        Raises `KeyReused`, `StillRunning`.
        """
        clock = asyncio.get_running_loop().time
        until = clock() + WAIT
        while True:
            at = now()
            lease = at + round(LEASE * SECOND)
            try:
                async with self._database.write() as connection:
                    standing = await claim_repeat(
                        connection, claim, now=at, leased_until=lease, expires_at=expires_at
                    )
            except StoreUnavailable as error:
                _log.warning("a call is claimed in this process alone: %s", error)
                return None
            if standing.differs:
                raise reused(claim)
            if standing.mine or standing.answered is not None:
                return standing
            if clock() >= until:
                left = max(1.0, (standing.leased_until - at) / SECOND)
                raise StillRunning("this call is being answered elsewhere", retry_after=math.ceil(left))
            await asyncio.sleep(_POLL)

    async def renew(self, claim: Claim) -> None:
        """Again and again, until it is cancelled."""
        while True:
            await asyncio.sleep(LEASE / 3)
            try:
                async with self._database.write() as connection:
                    await renew_claim(connection, claim, now() + round(LEASE * SECOND))
            except StoreUnavailable as error:
                _log.warning("a claim is not renewed: %s", error)

    async def give_up(self, claim: Claim) -> None:
        """There is nothing to keep: whoever asks again is answered anew. Raises `StoreUnavailable`."""
        async with self._database.write() as connection:
            await give_up_claim(connection, claim)

    async def keep(self, claim: Claim, answer: KeptAnswer, expires_at: int) -> None:
        """From then on everybody gets it. Raises `StoreUnavailable`."""
        long = len(answer.body) > _LONG
        packed = await asyncio.to_thread(pack, answer.body) if long else pack(answer.body)
        async with self._database.write() as connection:
            await keep_answer(connection, claim, answer, packed, expires_at)
            self._kept += 1
            if self._kept % _SHRINK_EVERY == 0:
                await shrink_repeats(connection, MOST_KEPT)


def reused(claim: Claim) -> KeyReused:
    return KeyReused(f"the idempotency key '{claim.name}' stands for another request")
