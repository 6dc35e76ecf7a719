"""The same client, blocking: every call runs on one background event loop that the client owns.

from quorate.sync import Quorate
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Generator, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, overload

from quorate.assemble import read
from quorate.catalog.offers import Offer
from quorate.client import client
from quorate.client.asking import Prompt
from quorate.engine.statistics import ProviderStatistics
from quorate.settings.settings import Settings
from quorate.transport.seam import Transport
from quorate.types.chat import ChatReply, OutputFormat
from quorate.types.events import Event
from quorate.types.work import EmbedReply

Result = TypeVar("Result")
Typed = TypeVar("Typed")


class _Loop:
    """An event loop in a thread of its own, started with the first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Wait for the result. An interrupt (Ctrl-C) in the waiting thread cancels the work."""
        future = asyncio.run_coroutine_threadsafe(work, self._started())
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="quorate", daemon=True)
                self._thread.start()
            return self._loop

    def stop(self) -> None:
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            asyncio.run_coroutine_threadsafe(loop.shutdown_asyncgens(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


class Quorate:
    """One door to every provider, blocking. Use it as `with Quorate() as q:`; threads may share it.

    Arguments and errors are those of the asynchronous client, `quorate.Quorate`.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._client = client.Quorate(settings, environment=environment, transport=transport)
        self._loop = _Loop()

    @classmethod
    def from_file(cls, path: str | Path, *, environment: Mapping[str, str] | None = None) -> Quorate:
        """With the settings in that file."""
        return cls(read(path, environment), environment=environment)

    def __enter__(self) -> Quorate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give back every connection and end the background thread."""
        self._loop.run(self._client.close())
        self._loop.stop()

    @overload
    def chat(self, prompt: Prompt, *, output: type[Typed], **settings: Any) -> ChatReply[Typed]: ...
    @overload
    def chat(
        self, prompt: Prompt, *, output: OutputFormat | None = None, **settings: Any
    ) -> ChatReply[Any]: ...
    def chat(self, prompt: Prompt, **settings: Any) -> ChatReply[Any]:
        """The whole answer to a question."""
        return self._loop.run(self._client.chat(prompt, **settings))

    @contextmanager
    def stream(self, prompt: Prompt, **settings: Any) -> Generator[Iterator[Event]]:
        """The answer as it arrives. Leave the `with` to stop the work and the spending."""
        opened = _Opened(self._client.stream(prompt, **settings))
        yielding = self._loop.run(opened.start())
        try:
            yield self._events(yielding)
        finally:
            self._loop.run(opened.stop())

    def _events(self, queue: asyncio.Queue[Event | BaseException | None]) -> Iterator[Event]:
        while (item := self._loop.run(queue.get())) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def run(self, prompt: Prompt, **settings: Any) -> ChatReply[Any]:
        """Ask, run the functions the model calls, and so on until it answers."""
        return self._loop.run(self._client.run(prompt, **settings))

    def embed(self, texts: str | Sequence[str], **settings: Any) -> EmbedReply:
        """A vector for each text, in order."""
        return self._loop.run(self._client.embed(texts, **settings))

    def models(self, provider: str = "", *, refresh: bool = False) -> tuple[Offer, ...]:
        """The models of the configured providers, or of one."""
        return self._loop.run(self._client.models(provider, refresh=refresh))

    def is_available(self, name: str) -> bool:
        """Does the provider, or the provider of that model, answer?"""
        return self._loop.run(self._client.is_available(name))

    def stats(self) -> dict[str, ProviderStatistics]:
        """Requests, failures, tokens, cost and latency by provider."""
        return self._client.stats()


class _Opened:
    """One stream, opened, read and closed in one task of the background loop.

    A bounded queue stands between that task and the thread that reads: a slow reader slows the upstream.
    """

    def __init__(self, stream: AbstractAsyncContextManager[Any]) -> None:
        self._stream = stream
        self._queue: asyncio.Queue[Event | BaseException | None] = asyncio.Queue(maxsize=64)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> asyncio.Queue[Event | BaseException | None]:
        self._task = asyncio.get_running_loop().create_task(self._read())
        return self._queue

    async def _read(self) -> None:
        try:
            async with self._stream as events:
                async for event in events:
                    await self._queue.put(event)
        except Exception as error:  # noqa: BLE001  # handed to the thread that reads, and raised there
            await self._queue.put(error)
        await self._queue.put(None)

    async def stop(self) -> None:
        """Cancel the reading, if it goes on, and wait until the stream is closed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
