"""PostgreSQL: engines over asyncpg, which reads the URL as libpq does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from quorate.errors import StoreUnavailable
from quorate.types.secret import Secret

PATIENCE = 5.0
"""Seconds to wait for a connection."""
_SIZE = 5
_MORE = 5
_RECYCLED = 1800
_STATEMENT = 30.0
_SERVER_SETTINGS = {
    "application_name": "quorate",
    "statement_timeout": f"{_STATEMENT:.0f}s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}
_MIGRATION_SETTINGS = {
    "application_name": "quorate",
    "statement_timeout": "0",
    "lock_timeout": "120s",
}


def server_engine(url: Secret) -> AsyncEngine:
    """A pool of connections. Each is tried before it is handed out, since a server may have been restarted."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        # The client's own limit is for the case that nothing comes back from the server at all.
        async_creator=_connecting(url, _SERVER_SETTINGS, limit=2 * _STATEMENT),
        pool_size=_SIZE,
        max_overflow=_MORE,
        pool_timeout=PATIENCE,
        pool_recycle=_RECYCLED,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "handle_error", _lost)
    return engine


def migrating_engine(url: Secret) -> AsyncEngine:
    """One connection, whose statements may take their time."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=_connecting(url, _MIGRATION_SETTINGS, limit=None),
        pool_size=1,
        max_overflow=0,
        hide_parameters=True,
    )


def _lost(context: ExceptionContext) -> StoreUnavailable | None:
    """What asyncpg lets through as it is, when the line breaks or nothing comes; the connection is done for."""
    error = context.original_exception
    if not isinstance(error, OSError | TimeoutError):
        return None
    context.is_disconnect = True
    return StoreUnavailable(f"the line to the store broke: {error or type(error).__name__}")


def _connecting(url: Secret, told: Mapping[str, str], limit: float | None) -> Callable[..., Awaitable[Any]]:
    async def connect(**_: Any) -> Any:
        return await _driver().connect(
            url.reveal(), timeout=PATIENCE, command_timeout=limit, server_settings=dict(told)
        )

    return connect


def reading_engine(engine: AsyncEngine) -> AsyncEngine:
    """The same connections for reading only; each transaction sees one state of the database."""
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def require_driver() -> None:
    """`StoreUnavailable` where the driver is not installed."""
    try:
        _driver()
    except ImportError as error:
        raise StoreUnavailable(
            "PostgreSQL needs its driver: install the package with its extra, 'quorate[postgres]'"
        ) from error


def _driver() -> Any:
    """The driver, which has no types of its own; loaded only where the store is on PostgreSQL."""
    return import_module("asyncpg")
