"""Opens what a gateway needs around its calls, store, keys and writers, and closes it in the right order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from quorate.assemble import Household
from quorate.errors import StoreUnavailable
from quorate.store.database import Database, open_database
from quorate.store.keys import live_keys
from quorate.store.times import now
from quorate.types.secret import Secret
from quorate.wire.seam import Wires

from .answers.answers import Answers, open_answers
from .background import Background
from .bodies import BodyKeeper
from .callers import KeyRing
from .handlers import HANDLERS
from .hooks.book import Hooks
from .idempotency import StoredRepeats
from .journal import Journal
from .limits import Limits
from .mounts import Lazy
from .operating.health import Finding, Health
from .operating.watch import Surroundings, Watch, watched
from .stopping import Stop
from .stored_keys import FirstKeys, StoredKeys, make_first_keys, make_link
from .traffic import Traffic
from .visit import App, Services


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a gateway runs."""

    url: Secret
    """Of its store."""
    wires: Wires
    host: str
    """What it listens at."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    stop: Stop = field(default_factory=Stop)
    worker: int = 0
    shared: Path | None = None
    """A folder that several workers have in common; None for one that is alone."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What stands."""

    services: Services
    database: Database


async def stored_rights(url: Secret) -> tuple[bool, bool]:
    """Does the store hold a live key for clients, and one for an admin?"""
    database = await open_database(url.reveal())
    try:
        async with database.read() as connection:
            keys = (await live_keys(connection, now=now())).keys
    finally:
        await database.close()
    return any(not key.is_admin for key in keys), any(key.is_admin for key in keys)


async def prepare(url: Secret, *, with_caller: bool) -> tuple[FirstKeys | None, Secret]:
    """Bring the store up to date before anyone is served.

    Returns the keys that the first start makes, and a word that signs a browser in. Raises `StoreMismatch` or
    `StoreUnavailable`: a gateway that cannot look up keys does not start.
    """
    database = await open_database(url.reveal())
    try:
        return await make_first_keys(database, with_caller=with_caller), await make_link(database)
    finally:
        await database.close()


@asynccontextmanager
async def opened(household: Household, place: Place) -> AsyncGenerator[Opened]:
    """The store with everything that stands on it, until the block ends."""
    database = await open_database(place.url.reveal())
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        callers, hooks, traffic = KeyRing(), Hooks(), Traffic()
        stored = StoredKeys(database, callers)
        await stored.refresh()
        stack.push_async_callback(_last_notes, stored)
        bodies = BodyKeeper(database, lambda: hooks.redaction)
        bodies.start()
        stack.push_async_callback(bodies.close)
        background = await stack.enter_async_context(Background())
        background.start(stored.keep_up, "looking after keys")
        around = _around(household, place, database, callers, background, traffic)
        watch = await stack.enter_async_context(watched(around))
        journal = Journal([stored, bodies, *watch.observers])
        stack.callback(journal.flush)  # what runs to its end below is told of too
        is_shared = place.shared is not None or database.is_postgres
        answers = await stack.enter_async_context(open_answers(database, is_shared=is_shared))
        _look_after(watch.health, stored, bodies, answers)
        services = Services(
            wires=place.wires,
            callers=callers,
            journal=journal,
            limits=Limits(),
            handlers=HANDLERS,
            mounts={**watch.mounts, **_admin(household, callers, database, stored, watch, journal, bodies)},
            background=background,
            answers=answers,
            hooks=hooks,
            bodies=bodies,
            repeats=StoredRepeats(database, background),
            traffic=traffic,
        )
        yield Opened(services=services, database=database)
        journal.flush()


def _around(
    household: Household,
    place: Place,
    database: Database,
    callers: KeyRing,
    background: Background,
    traffic: Traffic,
) -> Surroundings:
    return Surroundings(
        household=household,
        database=database,
        callers=callers,
        background=background,
        traffic=traffic,
        host=place.host,
        is_draining=lambda: place.stop.is_told,
        environment=place.environment,
        worker=place.worker,
        shared=place.shared,
    )


async def _last_notes(stored: StoredKeys) -> None:
    with suppress(StoreUnavailable):
        await stored.note_used()


def _look_after(health: Health, stored: StoredKeys, bodies: BodyKeeper, answers: Answers) -> None:
    """Put what stands on the store under the eyes of `/health`."""

    def of_bodies() -> Finding:
        writer = bodies.writer
        problem = "the store does not answer; bodies wait" if writer.is_degraded else ""
        return Finding(problem=problem, waiting=writer.waiting, lost=writer.dropped + writer.rejected)

    def of_answers() -> Finding:
        keeper = answers.keeper
        problem = "the store does not answer; answers wait" if keeper.is_degraded else ""
        return Finding(problem=problem, waiting=keeper.waiting, lost=keeper.lost)

    health.watch("keys", lambda: Finding(problem=stored.problem))
    health.watch("bodies", of_bodies)
    health.watch("answers", of_answers)


def _admin(
    household: Household,
    callers: KeyRing,
    database: Database,
    stored: StoredKeys,
    watch: Watch,
    journal: Journal,
    bodies: BodyKeeper,
) -> Mapping[str, App]:
    """The gateway's own API, loaded when it is first called."""

    def made() -> App:
        from .admin.app import admin_app  # noqa: PLC0415  # FastAPI is slow to load
        from .admin.desk import Desk, State  # noqa: PLC0415  # as above

        async def flush() -> None:
            journal.flush()
            await watch.rows.writer.flush(1.0)
            await bodies.writer.flush(1.0)

        return admin_app(
            Desk(
                household=household,
                callers=callers,
                database=database,
                refresh=stored.refresh,
                state=lambda: State(status=watch.health.status, degraded=watch.health.degraded),
                flush=flush,
            )
        )

    app = Lazy(made)
    return {"api/v1": app, "sign-in": app}
