"""The store as commands reach it: where the settings say it is."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from quorate.assemble import read
from quorate.errors import OperatorError
from quorate.settings.places import find_settings, store_url
from quorate.settings.settings import Settings

if TYPE_CHECKING:
    from quorate.store.database import Database


@asynccontextmanager
async def store_of(config: Path | None) -> AsyncGenerator[Database]:
    """Open until the block ends. Raises `OperatorError` where the packages for it are not installed."""
    try:
        from quorate.store.database import open_database
    except ImportError as error:
        raise OperatorError("the store needs more packages: install 'quorate[server]'") from error
    found = config or find_settings(os.environ)
    settings = read(found) if found else Settings()
    database = await open_database(store_url(settings.store.url, os.environ).reveal())
    try:
        yield database
    finally:
        await database.close()
