"""`/api/v1/bodies`: what calls asked and were answered, of keys that wish it kept; to be read, and to be erased."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.errors import InvalidRequest, UnknownPath
from quorate.store.bodies import (
    Body,
    erase_call_bodies,
    erase_key_bodies,
    erase_scope_bodies,
    find_bodies,
)

from .access import TheDesk, resource
from .desk import Desk
from .shapes import BodiesReply, BodyReply, Erased

bodies = resource("bodies")


@bodies.get("/{call_id}")
async def read_bodies(desk: TheDesk, call_id: str) -> BodiesReply:
    """Of one call, by the `x-quorate-decision` of its answer."""
    await desk.flush()
    async with desk.database.read() as connection:
        found = await find_bodies(connection, call_id, scope=None)
    if found is None:
        raise UnknownPath(f"nothing is kept of the call '{call_id[:100]}'")
    return BodiesReply(
        call_id=found.call_id,
        scope=found.scope,
        key_id=found.key_id,
        redacted=found.redacted,
        asked=_told(found.asked),
        answered=_told(found.answered),
    )


@bodies.delete("/{call_id}")
async def erase_bodies(desk: TheDesk, call_id: str) -> Erased:
    """Of one call. The call's row stays: it holds no content."""
    await desk.flush()
    async with desk.database.write() as connection:
        return Erased(erased=await erase_call_bodies(connection, call_id, scope=None))


@bodies.delete("")
async def erase_all_bodies(
    desk: TheDesk,
    key_id: Annotated[str | None, Query(min_length=1)] = None,
    scope: Annotated[str | None, Query(min_length=1)] = None,
) -> Erased:
    """Of every call of a key, or of a tenant: exactly one of the two is named."""
    if (key_id is None) == (scope is None):
        raise InvalidRequest("name either 'key_id' or 'scope'", where="key_id")
    await desk.flush()
    if key_id is not None:
        return Erased(erased=await _erased(desk, erase_key_bodies, key_id))
    return Erased(erased=await _erased(desk, erase_scope_bodies, scope or ""))


async def _erased(desk: Desk, erase: Callable[[AsyncConnection, str], Awaitable[int]], name: str) -> int:
    """A transaction for each thousand, so that writers get in between."""
    count = 0
    while True:
        async with desk.database.write() as connection:
            gone = await erase(connection, name)
        count += gone
        if not gone:
            return count


def _told(body: Body) -> BodyReply:
    told: dict[str, Any] = {"size": body.size, "truncated": body.truncated}
    return BodyReply(text=body.data.decode(errors="replace"), **told)
