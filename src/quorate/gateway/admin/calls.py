"""`/api/v1/calls`: what became of each call: attempts, decision, tokens, cost."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import Query

from quorate.errors import InvalidRequest, UnknownPath
from quorate.store.call_row import TOKEN_CLASSES, CallRow
from quorate.store.calls import find_call
from quorate.store.calls import list_calls as list_rows
from quorate.store.times import microseconds, moment

from .access import TheDesk, resource
from .shapes import AttemptReply, CallReply, Moment, Page

calls = resource("calls")


@calls.get("")
async def list_calls(
    desk: TheDesk,
    after: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    scope: str | None = None,
    model: str | None = None,
    provider: str | None = None,
    outcome: str | None = None,
    key_id: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Page[CallReply]:
    """Newest first, of every tenant unless `scope` says which. `since` counts in, `until` does not."""
    await desk.flush()
    async with desk.database.read() as connection:
        rows = await list_rows(
            connection,
            scope,
            before=after,
            limit=limit,
            model=model,
            provider=provider,
            outcome=outcome,
            key_id=key_id,
            since=_time("since", since),
            until=_time("until", until),
        )
    return Page(items=[_reply(row) for row in rows], next=rows[-1].id if len(rows) == limit else None)


@calls.get("/{call_id}")
async def read_call(desk: TheDesk, call_id: str) -> CallReply:
    """One of them, by the `x-quorate-decision` of its answer."""
    await desk.flush()
    async with desk.database.read() as connection:
        row = await find_call(connection, None, call_id)
    if row is None:
        raise UnknownPath(f"there is no call '{call_id[:100]}'")
    return _reply(row)


def _time(name: str, at: datetime | None) -> int | None:
    if at is None:
        return None
    if at.tzinfo is None:
        raise InvalidRequest(f"'{name}' needs its zone, as in 2026-01-31T12:00:00Z", where=name)
    return microseconds(at)


def _reply(row: CallRow) -> CallReply:
    told: dict[str, Any] = {name: getattr(row, name) for name in CallReply.model_fields if hasattr(row, name)}
    counts: dict[str, int] = {name: getattr(row.usage, name) for name in TOKEN_CLASSES}
    told |= {
        "started_at": moment(row.started_at),
        "fidelity": msgspec.to_builtins(row.fidelity),
        "tags": list(row.tags),
        "tokens": {name: count for name, count in counts.items() if count},
        "usage_quality": row.usage.quality,
        "attempts": [
            AttemptReply(**{name: getattr(each, name) for name in AttemptReply.model_fields})
            for each in row.attempts
        ],
    }
    return CallReply(**told)
