"""Several processes on one database: one migrates, nobody's writing is lost, and a kill leaves it whole."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from quorate.store.database import open_database
from quorate.store.history import SHIPPED
from quorate.store.marks import raise_mark, read_mark

from .conftest import Servers
from .test_migrate import later, marked, snapshots

pytestmark = pytest.mark.long

LONGEST = 60.0
SLOW = 'import time; print("migrating", flush=True); time.sleep({seconds})'

PROGRAM = """
import asyncio, sys
from pathlib import Path
from quorate.store.database import open_database
from quorate.store.history import History
from quorate.store.marks import raise_mark

async def main(url, folder, times):
    database = await open_database(url, history=History(folder=Path(folder)))
    print("open", flush=True)
    for _ in range(int(times)):
        async with database.write() as connection:
            await raise_mark(connection, "written")
        print("written", flush=True)
    await database.close()

asyncio.run(main(*sys.argv[1:]))
"""


def started(url: str, folder: Path, times: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, url, str(folder), str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


async def ended(*processes: subprocess.Popen[str]) -> list[str]:
    """What each has printed; all must end well."""
    told = [await asyncio.to_thread(each.communicate, timeout=LONGEST) for each in processes]
    assert [(each.returncode, notes) for each, (_, notes) in zip(processes, told, strict=True)] == [
        (0, "") for _ in processes
    ]
    return [said for said, _ in told]


async def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(LONGEST):
        return (await asyncio.to_thread(process.stdout.readline)).strip()


async def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(process.communicate, timeout=LONGEST)


async def mark(url: str, name: str) -> int:
    database = await open_database(url)
    async with database.read() as connection:
        found = await read_mark(connection, name)
    await database.close()
    return found


async def test_of_several_that_start_on_an_empty_database_one_makes_the_tables(url: str):
    said = await ended(*(started(url, SHIPPED.folder, 20) for _ in range(4)))

    assert [each.count("open") for each in said] == [1] * 4
    assert await mark(url, "written") == 80


async def test_of_several_that_start_on_an_older_database_one_migrates(url: str, tmp_path: Path):
    await marked(url)
    history = later(tmp_path, SLOW.format(seconds=0.5))

    said = await ended(*(started(url, history.folder) for _ in range(3)))

    assert sorted(each.count("migrating") for each in said) == [0, 0, 1]
    assert len(snapshots(tmp_path)) == url.startswith("sqlite")


async def test_one_that_is_killed_while_it_migrates_leaves_the_database_as_it_was(url: str, tmp_path: Path):
    await marked(url)
    process = started(url, later(tmp_path, "pass", SLOW.format(seconds=LONGEST)).folder)
    assert await line(process) == "migrating"

    await kill(process)

    database = await open_database(url, migrate=False)
    async with database.read() as connection:
        tables = await connection.run_sync(lambda within: inspect(within).get_table_names())
        assert await read_mark(connection, "kept") == 1
    await database.close()
    assert [name for name in tables if name.startswith("later")] == []


async def test_what_was_committed_is_there_after_a_kill(url: str):
    process = started(url, SHIPPED.folder, 1_000_000)
    for _ in range(50):
        assert await line(process) in ("open", "written")

    await kill(process)

    assert await mark(url, "written") >= 49


async def test_processes_that_read_and_write_do_not_wait_in_vain(servers: Servers):
    url = await servers.empty()
    database = await open_database(url)
    process = started(url, SHIPPED.folder, 200)
    seen = [await line(process)]
    while process.poll() is None and len(seen) < 200:
        async with database.write() as connection:
            await raise_mark(connection, "here")
        async with database.read() as connection:
            seen.append(str(await read_mark(connection, "written")))

    await ended(process)

    assert await mark(url, "written") == 200
    assert await mark(url, "here") == len(seen) - 1
    await database.close()
