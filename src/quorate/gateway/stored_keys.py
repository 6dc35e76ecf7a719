"""The keys in the store, held in memory by every gateway, which looks each second whether they have changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from quorate.errors import InvalidRequest, StoreUnavailable
from quorate.store.database import Database
from quorate.store.keys import (
    LiveKeys,
    StoredKey,
    add_key,
    changed_since,
    live_keys,
    new_key,
    stored_key,
    touch_keys,
)
from quorate.store.marks import raise_mark
from quorate.store.sign_ins import add_link
from quorate.store.times import SECOND, now
from quorate.types.secret import Secret
from quorate.types.value import Value, replace

from .callers import Caller, KeyRing
from .record import AccessRecord

LOOK_EVERY = 1.0
"""Seconds between two looks at whether keys have changed: a key revoked elsewhere opens nothing after it."""

NOTE_EVERY = 10.0
"""Seconds between two notes of when keys were used last."""

_SOURCE = "store"
_log = logging.getLogger("quorate.gateway")


class FirstKeys(Value):
    """What the first start makes. It is shown once."""

    admin: Secret
    caller: Secret | None = None
    """One for clients; None where the settings have some."""


class StoredKeys:
    """Teaches the key ring what the store says, and tells the store when keys were used. An observer of calls."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database, self._ring = database, ring
        self._version = -1
        self._used: dict[str, int] = {}
        self._known: frozenset[str] = frozenset()
        self.problem = ""
        """What keeps it from looking, for `/health`; '' where nothing does."""

    async def refresh(self) -> None:
        """Look now. Raises `StoreUnavailable`; the keys known so far then stay in force."""
        async with self._database.read() as connection:
            if self._version < 0:
                found: LiveKeys | None = await live_keys(connection, now=now())
            else:
                found = await changed_since(connection, self._version, now=now())
        if found is not None:
            self._version = found.version
            self._known = frozenset(key.id for key in found.keys)
            self._ring.learn(_SOURCE, {key.hash: caller_of(key) for key in found.keys})

    async def keep_up(self) -> None:
        """Look again and again. A store that is gone is no reason to stop."""
        noted_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.refresh()
                if self._used and loop.time() - noted_at >= NOTE_EVERY:
                    noted_at = loop.time()
                    await self.note_used()
                self.problem = ""
            except StoreUnavailable as error:
                if not self.problem:
                    _log.warning("keys cannot be looked up, those known stay in force: %s", error)
                self.problem = str(error)

    def take(self, records: Sequence[AccessRecord]) -> None:
        """Which keys were used, and when."""
        for record in records:
            if record.key in self._known:
                self._used[record.key] = int(record.started_at * SECOND)

    async def note_used(self) -> None:
        """Write it down. Raises `StoreUnavailable`."""
        used, self._used = self._used, {}
        try:
            async with self._database.write() as connection:
                await touch_keys(connection, used)
        except StoreUnavailable:
            self._used = used | self._used
            raise


def caller_of(key: StoredKey) -> Caller:
    return Caller(
        scope=key.scope,
        key=key.id,
        name=key.name,
        models=key.models,
        requests_per_minute=key.requests_per_minute,
        tokens_per_minute=key.tokens_per_minute,
        expires_at=None if key.expires_at is None else key.expires_at / SECOND,
        keep_bodies=key.keep_bodies,
        is_admin=key.is_admin,
    )


async def make_first_keys(database: Database, *, with_caller: bool = True) -> FirstKeys | None:
    """An admin's key and one for clients, where there is no live admin key; else None.

    Of several processes that start at once only one makes them.
    """
    async with database.write() as connection:
        await raise_mark(connection, "first keys")  # from here on others wait
        if any(key.is_admin for key in (await live_keys(connection, now=now())).keys):
            return None
        admin, caller, at = new_key(), new_key(), now()
        await add_key(connection, replace(stored_key(admin, name="admin", now=at), is_admin=True))
        if with_caller:
            await add_key(connection, stored_key(caller, name="first", now=at + 1))
    return FirstKeys(admin=admin, caller=caller if with_caller else None)


async def make_link(database: Database) -> Secret:
    """A word for `/sign-in/<word>`, with the rights of the oldest admin key. Raises `InvalidRequest` without one."""
    async with database.write() as connection:
        admins = [key for key in (await live_keys(connection, now=now())).keys if key.is_admin]
        if not admins:
            raise InvalidRequest("there is no admin key: `quorate keys add NAME --admin` makes one")
        return await add_link(connection, admins[0].id, now=now())
