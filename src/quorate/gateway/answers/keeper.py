"""Keeps answers: written soon, beside the calls that brought them, and found at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from quorate.errors import StoreUnavailable, TooLarge, UnknownPrevious
from quorate.store.answers import (
    KeptAnswer,
    change_running,
    delete_answer,
    find_answer,
    find_line,
    put_answers,
)
from quorate.store.database import Database
from quorate.store.writer import BatchWriter
from quorate.wire.openai_responses.ids import is_made

MOST_BYTES = 16 * 1024 * 1024
"""Of one answer and its question; what is larger is not kept."""

MOST_LINKS = 1000
"""Answers in one line."""

LINE_BYTES = 32 * 1024 * 1024
"""Of a line: what goes to a provider at once."""

_WAIT = 0.05
"""Seconds until an answer is written: other workers find it then."""

_OTHERS_WAIT = 3 * _WAIT


class _Waiting:
    """An answer that is not written yet. Gone from the maps as soon as nobody means to write it."""

    __slots__ = ("__weakref__", "row")

    def __init__(self, row: KeptAnswer) -> None:
        self.row = row


class Keeper:
    """The answers of all tenants; each is found by its own alone. Use it as a context manager."""

    def __init__(self, database: Database, *, is_shared: bool = False) -> None:
        """`is_shared`: other processes keep answers in the same database."""
        self.database, self._is_shared = database, is_shared
        self._writer = BatchWriter(
            self._write, size=lambda each: each.row.size, most_bytes=4 * MOST_BYTES, batch=50, wait=_WAIT
        )
        self._by_name: WeakValueDictionary[tuple[str, str], _Waiting] = WeakValueDictionary()
        self._by_id: WeakValueDictionary[str, _Waiting] = WeakValueDictionary()
        self._writing = asyncio.Lock()
        self._too_large = 0

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[Keeper]:
        """Until the block ends answers are written; what waits then is written first."""
        async with self._writer:
            yield self

    @property
    def waiting(self) -> int:
        """Answers that are not written yet."""
        return self._writer.waiting

    @property
    def lost(self) -> int:
        """Answers that could not be kept, for want of room or because of what was in them."""
        return self._writer.dropped + self._writer.rejected + self._too_large

    @property
    def is_degraded(self) -> bool:
        """The database did not take the last one."""
        return self._writer.is_degraded

    def put(self, row: KeptAnswer) -> None:
        """Keep it. Never waits, never fails; from here on it is found."""
        if row.size > MOST_BYTES:
            self._too_large += 1
            return
        waiting = _Waiting(row)
        self._by_name[row.scope, row.name] = self._by_id[row.id] = waiting
        self._writer.put(waiting)

    async def _write(self, waiting: Sequence[_Waiting]) -> None:
        async with self._writing:
            rows = [each.row for each in waiting if self._by_id.get(each.row.id) is each]
            async with self.database.write() as connection:
                await put_answers(connection, rows)
            for row in rows:
                self._forget(row)

    def _forget(self, row: KeptAnswer) -> None:
        waiting = self._by_id.pop(row.id, None)
        if waiting is not None and self._by_name.get((row.scope, row.name)) is waiting:
            del self._by_name[row.scope, row.name]

    async def insert(self, row: KeptAnswer) -> None:
        """Keep it before anything else happens. Raises `StoreUnavailable`."""
        async with self.database.write() as connection:
            await put_answers(connection, [row])

    async def change(self, row: KeptAnswer) -> bool:
        """Keep how an answer stands that is still made; False where it is made no more. Raises `StoreUnavailable`."""
        async with self.database.write() as connection:
            return await change_running(connection, row)

    async def find(self, scope: str, name: str) -> KeptAnswer | None:
        """Raises `StoreUnavailable`."""
        waiting = self._by_name.get((scope, name))
        if waiting is not None:
            return waiting.row
        found = await self._stored(scope, name)
        if found is None and self._is_shared and is_made(name):  # another may be about to write it
            await asyncio.sleep(_OTHERS_WAIT)
            return await self._stored(scope, name)
        return found

    async def _stored(self, scope: str, name: str) -> KeptAnswer | None:
        async with self.database.read() as connection:
            return await find_answer(connection, scope, name)

    async def line(self, last: KeptAnswer) -> list[KeptAnswer]:
        """The answer and all that it goes on from, the oldest first.

        Raises `UnknownPrevious` where one of them is gone, `TooLarge` where they are too many, `StoreUnavailable`.
        """
        line = [last]
        while line[-1].parent and (waiting := self._by_id.get(line[-1].parent)) is not None:
            line.append(waiting.row)
        if line[-1].parent:
            async with self.database.read() as connection:
                line += await find_line(
                    connection, last.scope, line[-1].parent, most=MOST_LINKS, most_bytes=LINE_BYTES
                )
        if len(line) > MOST_LINKS or sum(each.size for each in line) > LINE_BYTES:
            raise TooLarge(
                f"'{last.name}' goes on from more than {MOST_LINKS} answers or {LINE_BYTES} bytes",
                limit=LINE_BYTES,
            )
        if line[-1].parent:
            raise UnknownPrevious(
                f"an answer before '{last.name}' is kept no longer",
                where="previous_response_id",
            )
        return line[::-1]

    async def delete(self, scope: str, name: str) -> bool:
        """Whether there was one. It is gone for good: also where it waited to be written. Raises `StoreUnavailable`."""
        async with self._writing:
            waiting = self._by_name.get((scope, name))
            if waiting is not None:
                self._forget(waiting.row)
            try:
                async with self.database.write() as connection:
                    return await delete_answer(connection, scope, name) or waiting is not None
            except StoreUnavailable:
                if waiting is not None:
                    self._by_id[waiting.row.id] = self._by_name[scope, name] = waiting
                raise
