"""`quorate keys`: the keys with which clients call the gateway. A running gateway follows within a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from cyclopts import App, Parameter

from quorate.errors import InvalidRequest
from quorate.types.value import Value, replace

from .spans import time_after
from .stored import store_of
from .tables import print_table
from .terminal import as_json, note

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from quorate.store.database import Database
    from quorate.store.keys import StoredKey

Result = TypeVar("Result")

keys = App(name="keys", help="Make, list and revoke the keys with which clients call the gateway.")


class Row(Value):
    """One key as it is listed. Times are ISO 8601; '' = never."""

    id: str
    name: str
    shown: str
    """Its last four characters."""
    state: str
    """'live', 'expired' or 'revoked'."""
    models: tuple[str, ...]
    requests_per_minute: int | None
    tokens_per_minute: int | None
    created: str
    expires: str
    last_used: str
    keep_bodies: bool
    is_admin: bool


@keys.command
def add(
    name: str,
    *,
    model: tuple[str, ...] = (),
    expires: str = "",
    rpm: Annotated[int | None, Parameter(help="Most requests a minute.")] = None,
    tpm: Annotated[int | None, Parameter(help="Most tokens a minute.")] = None,
    keep_bodies: bool = False,
    admin: bool = False,
    config: Path | None = None,
) -> int:
    """Make a key and print it, this once.

    Parameters
    ----------
    name
        What it is for.
    model
        Only models whose name fits this pattern, as 'openai/*'; may be repeated.
    expires
        When it stops to open: '12h', '30d', '4w', or a day as 2027-01-31.
    keep_bodies
        Keep what its calls ask and answer, where the settings allow that.
    admin
        It may use the gateway's own API too.
    config
        The settings file to use.
    """
    from quorate.store.keys import add_key, new_key, stored_key
    from quorate.store.times import microseconds, now

    for option, number in (("rpm", rpm), ("tpm", tpm)):
        if number is not None and number < 1:
            raise InvalidRequest(f"'--{option}' is at least 1", where=option)
    at, key = now(), new_key()
    made = replace(
        stored_key(key, name=name, now=at),
        models=model,
        requests_per_minute=rpm,
        tokens_per_minute=tpm,
        expires_at=microseconds(time_after(expires, datetime.now(UTC), "expires")) if expires else None,
        keep_bodies=keep_bodies,
        is_admin=admin,
    )
    _with_store(config, lambda connection: add_key(connection, made))
    print(key.reveal())
    note(f"Made '{made.name}', {made.id}. It is shown only this once.")
    return 0


@keys.command(name="list")
def list_(
    *,
    everything: Annotated[bool, Parameter(name="--all")] = False,
    json: bool = False,
    config: Path | None = None,
) -> int:
    """List keys.

    Parameters
    ----------
    everything
        Those too that open nothing any more.
    json
        Print JSON.
    config
        The settings file to use.
    """
    found = [_row(key) for key in asyncio.run(_all(config))]
    rows = [row for row in found if everything or row.state == "live"]
    if json:
        print(as_json(rows))
        return 0
    cells = [
        (
            row.id,
            row.name,
            f"…{row.shown}",
            row.state,
            _may(row),
            row.expires or "never",
            row.last_used or "never",
        )
        for row in rows
    ]
    print_table(("id", "name", "key", "state", "may", "expires", "last used"), cells)
    return 0


@keys.command
def revoke(key: str, *, config: Path | None = None) -> int:
    """Make a key open nothing any more.

    Parameters
    ----------
    key
        Its id, the beginning of its id, or its name.
    config
        The settings file to use.
    """
    from quorate.store.keys import revoke_key
    from quorate.store.times import now

    found = [
        each
        for each in asyncio.run(_all(config))
        if each.revoked_at is None and (each.name == key or each.id.startswith(key))
    ]
    if len(found) != 1:
        told = f"{len(found)} keys are" if found else "no live key is"
        raise InvalidRequest(f"{told} called '{key}'; `quorate keys list` shows their ids", where="key")
    _with_store(config, lambda connection: revoke_key(connection, found[0].id, now=now()))
    note(f"Revoked '{found[0].name}', {found[0].id}.")
    return 0


@keys.command
def link(*, url: str = "http://127.0.0.1:4747", config: Path | None = None) -> int:
    """Print a link that signs a browser in to the gateway, once, within ten minutes.

    Parameters
    ----------
    url
        Where the gateway is.
    config
        The settings file to use.
    """
    from quorate.gateway.stored_keys import make_link

    async def made() -> str:
        async with store_of(config) as database:
            return (await make_link(database)).reveal()

    print(f"{url.rstrip('/')}/sign-in/{asyncio.run(made())}")
    return 0


def _with_store(config: Path | None, change: Callable[[AsyncConnection], Awaitable[Any]]) -> None:
    async def run() -> None:
        async with store_of(config) as database, database.write() as connection:
            await change(connection)

    asyncio.run(run())


async def _all(config: Path | None) -> list[StoredKey]:
    async with store_of(config) as database:
        return await _pages(database)


async def _pages(database: Database) -> list[StoredKey]:
    from quorate.store.keys import list_keys

    found: list[StoredKey] = []
    async with database.read() as connection:
        while page := await list_keys(connection, after=found[-1].id if found else "", limit=1000):
            found += page
    return found


def _row(key: StoredKey) -> Row:
    from quorate.store.times import now

    state = "revoked" if key.revoked_at is not None else "live" if key.is_live(now()) else "expired"
    return Row(
        id=key.id,
        name=key.name,
        shown=key.shown,
        state=state,
        models=key.models,
        requests_per_minute=key.requests_per_minute,
        tokens_per_minute=key.tokens_per_minute,
        created=_time(key.created_at),
        expires=_time(key.expires_at),
        last_used=_time(key.last_used_at),
        keep_bodies=key.keep_bodies,
        is_admin=key.is_admin,
    )


def _time(at: int | None) -> str:
    from quorate.store.times import moment

    return "" if at is None else moment(at).isoformat(timespec="seconds")


def _may(row: Row) -> str:
    words = ["admin"] if row.is_admin else []
    words += row.models or ["every model"]
    words += [f"{row.requests_per_minute} calls/min"] if row.requests_per_minute else []
    words += [f"{row.tokens_per_minute} tokens/min"] if row.tokens_per_minute else []
    return ", ".join(words)
