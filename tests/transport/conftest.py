"""Every transport on every loop, and proof that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import pytest

from quorate.transport.h1.transport import OwnTransport
from quorate.transport.seam import Transport

from .asking import TRANSPORTS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Three of the four pairs of client and loop are quick tests; aiohttp on the plain loop is a long one."""
    for item in items:
        told = getattr(getattr(item, "callspec", None), "params", {})
        if told.get("make") == "aiohttp" and told.get("anyio_backend") == ("asyncio", {"use_uvloop": False}):
            item.add_marker(pytest.mark.long)


@pytest.fixture(
    scope="session",
    params=[("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})],
    ids=["asyncio", "uvloop"],
)
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    return request.param


@pytest.fixture(params=list(TRANSPORTS))
async def make(request: pytest.FixtureRequest) -> AsyncGenerator[Callable[..., Transport]]:
    """Makes transports with options, closes them, and looks for tasks that outlive them."""
    made: list[Transport] = []

    def one(**options: object) -> Transport:
        made.append(TRANSPORTS[request.param](**options))
        return made[-1]

    yield one

    for transport in made:
        await transport.close()
    for _ in range(3):
        await asyncio.sleep(0)
    assert [task for task in asyncio.all_tasks() if "TestRunner" not in repr(task.get_coro())] == []


@pytest.fixture(scope="module", autouse=True)
def leftovers_complain() -> Iterator[None]:
    """A socket that nobody closed says so when it is collected: in the module that left it open."""
    yield
    gc.collect()


@pytest.fixture
def transport(make: Callable[..., Transport]) -> Transport:
    return make()


@pytest.fixture
async def own() -> AsyncGenerator[OwnTransport]:
    """Our own client, without the choice between it and the other one."""
    transport = OwnTransport()
    yield transport
    await transport.close()
