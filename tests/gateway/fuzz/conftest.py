"""A whole gateway to fire at, for all tests of a file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from .ground import Range, on_the_range


@pytest.fixture(scope="module")
async def ground(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Range]:
    async with on_the_range(tmp_path_factory.mktemp("range")) as made:
        yield made
