"""A database is brought to the schema of this version as a whole, or refused and left as it is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Text, inspect, text

from quorate.errors import StoreMismatch
from quorate.store.calls import CallRow, add_calls
from quorate.store.columns import Words
from quorate.store.database import Database, open_database
from quorate.store.history import SHIPPED, History
from quorate.store.identity import new_identity
from quorate.store.marks import raise_mark, read_mark
from quorate.store.metadata import VERSION_TABLE
from quorate.store.snapshots import KEPT
from quorate.store.tables import METADATA
from quorate.types.chat import AttemptRecord
from tests.house.tree import ROOT

LATER = '''"""A later revision, for the tests."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    op.create_table("later_{revision}", sa.Column("id", sa.Text, primary_key=True))
    {more}
'''


CALL = CallRow(
    id=new_identity(),
    started_at=0,
    scope="s",
    outcome="answered",
    attempts=(AttemptRecord(target="t", outcome="answered", seconds=1),),
)


def later(folder: Path, *more: str) -> History:
    """The shipped migrations, and one more for each of the words, which end it."""
    made = folder / "migrations"
    shutil.copytree(SHIPPED.folder, made)
    before = SHIPPED.revisions()[-1]
    for number, words in enumerate(more, 1):
        revision = f"9{number:03}"
        file = made / "versions" / f"{revision}_later.py"
        file.write_text(LATER.format(revision=revision, before=before, more=words))
        before = revision
    return History(folder=made)


async def marked(url: str) -> None:
    """A database of the shipped revision, in which something is."""
    database = await open_database(url)
    async with database.write() as connection:
        await raise_mark(connection, "kept")
    await database.close()


async def tables(database: Database) -> set[str]:
    async with database.read() as connection:
        assert await read_mark(connection, "kept") == 1
        return {*await connection.run_sync(lambda within: inspect(within).get_table_names())}


def snapshots(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if ".before-" in each.name)


async def test_the_migrations_make_the_tables_that_the_code_knows(database: Database):
    def differs(context: MigrationContext, _: object, __: object, found: Any, known: Any) -> bool | None:
        """Alembic looks past what our own kind of text says of its order."""
        if not isinstance(known, Words):
            return None
        return not isinstance(found, Text) or found.collation != known.collation_in(context.dialect)

    def differences(within: Connection) -> list[object]:
        options = {"version_table": VERSION_TABLE, "compare_type": differs}
        return compare_metadata(MigrationContext.configure(within, opts=options), METADATA)

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_names_of_indexes_and_constraints_are_the_same_in_both(database: Database):
    def named(within: Connection) -> set[str | None]:
        looking = inspect(within)
        keys = {looking.get_pk_constraint(name)["name"] for name in METADATA.tables}
        return keys | {key["name"] for name in METADATA.tables for key in looking.get_foreign_keys(name)}

    expected = {
        each.name
        for table in METADATA.tables.values()
        for each in (table.primary_key, *table.foreign_key_constraints)
    }
    async with database.read() as connection:
        assert await connection.run_sync(named) == expected


def test_every_table_is_told_of():
    rows = re.findall(r"^\| (`.*?`) \|", (ROOT / "docs" / "store.md").read_text(), re.MULTILINE)
    told = set(re.findall(r"`(\w+)`", " ".join(rows)))

    assert set(METADATA.tables) <= told


def test_the_files_names_tell_the_revisions_that_alembic_knows():
    script = ScriptDirectory(str(SHIPPED.folder))

    assert [each.revision for each in script.walk_revisions()][::-1] == [*SHIPPED.revisions()]


async def test_an_older_database_is_brought_up_to_date_and_keeps_what_is_in_it(url: str, tmp_path: Path):
    await marked(url)

    database = await open_database(url, history=later(tmp_path, "pass", "pass"))

    assert await tables(database) >= {"marks", "later_9001", "later_9002"}
    await database.close()
    await (await open_database(url, history=History(folder=tmp_path / "migrations"), migrate=False)).close()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(url: str, tmp_path: Path):
    await marked(url)
    history = later(tmp_path, "pass", 'op.execute("INSERT INTO nowhere VALUES (1)")')

    with pytest.raises(StoreMismatch, match="could not be migrated") as caught:
        await open_database(url, history=history)

    assert caught.value.found == SHIPPED.revisions()[-1]
    database = await open_database(url, migrate=False)
    assert not [name for name in await tables(database) if name.startswith("later")]
    await database.close()


async def test_a_table_made_anew_keeps_the_rows_that_point_to_it(url: str, tmp_path: Path):
    await marked(url)
    database = await open_database(url)
    async with database.write() as connection:
        await add_calls(connection, [CALL])
    await database.close()
    history = later(
        tmp_path,
        'with op.batch_alter_table("calls") as batch:\n        batch.alter_column("road", nullable=True)',
    )

    database = await open_database(url, history=history)

    async with database.read() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM attempts")) == 1
    await database.close()


async def test_a_migration_that_leaves_rows_dangling_fails(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'quorate.db'}"
    await marked(url)
    row = "INSERT INTO attempts VALUES ('nobody', 0, 't', 'o', 1, 1, '', 1, false)"

    with pytest.raises(StoreMismatch, match="point to nothing"):
        await open_database(url, history=later(tmp_path, f'op.execute("{row}")'))


async def test_without_leave_to_migrate_what_lacks_something_is_refused(url: str, tmp_path: Path):
    with pytest.raises(StoreMismatch, match="'none'"):
        await open_database(url, migrate=False)
    await marked(url)
    with pytest.raises(StoreMismatch, match="needs '9001'") as caught:
        await open_database(url, migrate=False, history=later(tmp_path, "pass"))

    assert (caught.value.found, caught.value.known) == (SHIPPED.revisions()[-1], "9001")


async def test_a_database_of_a_later_version_is_refused_and_left_alone(url: str, tmp_path: Path):
    await marked(url)
    await (await open_database(url, history=later(tmp_path, "pass"))).close()

    with pytest.raises(StoreMismatch, match="start the version that wrote it") as caught:
        await open_database(url)

    assert caught.value.found == "9001"
    assert caught.value.snapshot == "".join(map(str, snapshots(tmp_path)))


async def test_a_database_of_another_program_is_refused_and_left_alone(url: str):
    database = await open_database(url)
    async with database.write() as connection:
        await connection.execute(text(f"DROP TABLE {VERSION_TABLE}"))
    await database.close()

    with pytest.raises(StoreMismatch, match="tables that are not Quorate's"):
        await open_database(url)


async def test_before_a_migration_a_file_is_copied_and_the_last_few_copies_are_kept(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'quorate.db'}"
    await marked(url)
    assert snapshots(tmp_path) == []
    for number in range(KEPT + 2):
        folder = tmp_path / str(number)
        history = later(folder, *["pass"] * (number + 1))
        await (await open_database(url, history=history)).close()

    copies = snapshots(tmp_path)

    assert [each.name.rpartition("-")[2] for each in copies] == ["9002", "9003", "9004"]
    assert {each.stat().st_mode & 0o777 for each in copies} == {0o600}
    copy = await open_database(
        f"sqlite:///{copies[0]}", history=later(tmp_path / "old", "pass", "pass"), migrate=False
    )
    assert "later_9003" not in await tables(copy)
    await copy.close()


async def test_a_copy_that_was_put_back_is_opened(tmp_path: Path):
    path = tmp_path / "quorate.db"
    await marked(f"sqlite:///{path}")
    await (await open_database(f"sqlite:///{path}", history=later(tmp_path, "pass"))).close()
    (copy,) = snapshots(tmp_path)

    path.unlink()
    copy.rename(path)

    database = await open_database(f"sqlite:///{path}")
    assert "later_9001" not in await tables(database)
    await database.close()
