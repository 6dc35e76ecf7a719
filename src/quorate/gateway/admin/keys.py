"""`/api/v1/keys`: the keys of callers: made, listed and revoked. A key itself is shown once."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from quorate.errors import InvalidRequest, UnknownPath
from quorate.store.keys import StoredKey, add_key, find_key, new_key, revoke_key, stored_key
from quorate.store.keys import list_keys as list_stored
from quorate.store.times import microseconds, moment, now
from quorate.types.value import replace

from .access import TheDesk, resource
from .shapes import KeyAsked, KeyMade, KeyReply, Page

keys = resource("keys")


@keys.get("")
async def list_keys(
    desk: TheDesk, after: str = "", limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> Page[KeyReply]:
    """Oldest first, revoked ones too."""
    async with desk.database.read() as connection:
        found = await list_stored(connection, after=after, limit=limit)
    return Page(
        items=[KeyReply(**_told(key)) for key in found], next=found[-1].id if len(found) == limit else None
    )


@keys.post("", status_code=201)
async def make_key(desk: TheDesk, asked: KeyAsked) -> KeyMade:
    """The key is in this answer, and nowhere else."""
    at, key = now(), new_key()
    expires_at = None
    if asked.expires_at is not None:
        if asked.expires_at.tzinfo is None:
            raise InvalidRequest(
                "'expires_at' needs its zone, as in 2026-01-31T12:00:00Z", where="expires_at"
            )
        expires_at = microseconds(asked.expires_at)
        if expires_at <= at:
            raise InvalidRequest("'expires_at' is over already", where="expires_at")
    made = replace(
        stored_key(key, name=asked.name, now=at),
        models=tuple(asked.models),
        requests_per_minute=asked.requests_per_minute,
        tokens_per_minute=asked.tokens_per_minute,
        expires_at=expires_at,
        keep_bodies=asked.keep_bodies,
        is_admin=asked.admin,
    )
    async with desk.database.write() as connection:
        await add_key(connection, made)
    await desk.refresh()
    return KeyMade(**_told(made), key=key.reveal())


@keys.get("/{key_id}")
async def read_key(desk: TheDesk, key_id: str) -> KeyReply:
    """One of them."""
    async with desk.database.read() as connection:
        return KeyReply(**_told(_found(await find_key(connection, key_id), key_id)))


@keys.delete("/{key_id}")
async def revoke(desk: TheDesk, key_id: str) -> KeyReply:
    """From then on it opens nothing. To revoke it again changes nothing."""
    async with desk.database.write() as connection:
        revoked = _found(await revoke_key(connection, key_id, now=now()), key_id)
    await desk.refresh()
    return KeyReply(**_told(revoked))


def _found(key: StoredKey | None, key_id: str) -> StoredKey:
    if key is None:
        raise UnknownPath(f"there is no key '{key_id[:100]}'")
    return key


def _told(key: StoredKey) -> dict[str, Any]:
    times = {
        name: None if (at := getattr(key, name)) is None else moment(at)
        for name in ("created_at", "expires_at", "revoked_at", "last_used_at")
    }
    plain = ("id", "name", "shown", "scope", "requests_per_minute", "tokens_per_minute", "keep_bodies")
    told = {name: getattr(key, name) for name in plain}
    return told | times | {"models": list(key.models), "admin": key.is_admin}
