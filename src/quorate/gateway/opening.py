"""Opens what a gateway needs around its calls, store, keys and writers, and closes it in the right order."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from quorate.assemble import Household
from quorate.errors import StoreUnavailable
from quorate.store.database import Database, open_database
from quorate.types.secret import Secret
from quorate.wire.seam import Wires

from .background import Background
from .callers import KeyRing
from .handlers import HANDLERS
from .journal import Journal
from .limits import Limits
from .mounts import Lazy
from .stored_keys import FirstKeys, StoredKeys, make_first_keys
from .visit import App, Services


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What stands, and what the first start made."""

    services: Services
    database: Database
    first_keys: FirstKeys | None


@asynccontextmanager
async def opened(household: Household, url: Secret, wires: Wires) -> AsyncGenerator[Opened]:
    """The store at that address with everything that stands on it, until the block ends.

    Raises `StoreMismatch` or `StoreUnavailable`: a gateway that cannot look up keys does not start.
    """
    database = await open_database(url.reveal())
    try:
        callers = KeyRing()
        stored = StoredKeys(database, callers)
        first_keys = await make_first_keys(database)
        await stored.refresh()
        journal = Journal([stored])
        async with Background() as background:
            background.start(stored.keep_up, "looking after keys")
            services = Services(
                wires=wires,
                callers=callers,
                journal=journal,
                limits=Limits(),
                handlers=HANDLERS,
                mounts=_mounts(household, callers, database, stored),
                background=background,
            )
            yield Opened(services=services, database=database, first_keys=first_keys)
            journal.flush()
        with suppress(StoreUnavailable):
            await stored.note_used()
    finally:
        await database.close()


def _mounts(
    household: Household, callers: KeyRing, database: Database, stored: StoredKeys
) -> Mapping[str, App]:
    """What answers by itself."""

    def admin() -> App:
        from .admin.app import admin_app  # noqa: PLC0415  # FastAPI is slow to load: at the first call that needs it
        from .admin.desk import Desk, State  # noqa: PLC0415  # as above

        def state() -> State:
            degraded = {"keys": stored.problem} if stored.problem else {}
            return State(status="degraded" if degraded else "ok", degraded=degraded)

        async def flush() -> None:
            return None

        return admin_app(
            Desk(
                household=household,
                callers=callers,
                database=database,
                refresh=stored.refresh,
                state=state,
                flush=flush,
            )
        )

    made = Lazy(admin)
    return {"api/v1": made, "sign-in": made}
