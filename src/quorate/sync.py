"""The same client, blocking: every call runs on one background event loop that the client owns.

from quorate.sync import Quorate
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Generator, Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, Unpack, overload

from quorate.assemble import read
from quorate.catalog.offers import Offer
from quorate.client import client
from quorate.client.asking import Prompt, Wishes
from quorate.client.rounds import MOST_ROUNDS
from quorate.client.working import (
    EmbedWishes,
    ImageWishes,
    Picture,
    RerankWishes,
    SpeechWishes,
    TranscribeWishes,
    WorkWishes,
)
from quorate.engine.statistics import ProviderStatistics
from quorate.errors import InvalidRequest
from quorate.settings.settings import Settings
from quorate.transport.seam import Transport
from quorate.types.account import Account, Bill
from quorate.types.chat import ChatReply, OutputFormat
from quorate.types.events import Event
from quorate.types.pictures import ImageReply
from quorate.types.sound import SpeechReply, TranscribeReply
from quorate.types.work import EmbedReply, ModerateReply, RerankReply

Result = TypeVar("Result")
Typed = TypeVar("Typed")


class _Loop:
    """An event loop in a thread of its own, started with the first call, gone for good with `stop`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.is_stopped = False

    def run(self, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Wait for the result. An interrupt (Ctrl-C) in the waiting thread cancels the work."""
        with self._lock:
            loop = self._started()
            future = asyncio.run_coroutine_threadsafe(work(), loop)
        try:
            return future.result()
        except CancelledError as error:
            raise InvalidRequest("this client was closed while the call was under way") from error
        except BaseException:
            future.cancel()
            raise

    def _started(self) -> asyncio.AbstractEventLoop:
        if self.is_stopped:
            raise InvalidRequest("this client is closed: make another one")
        if self._thread is threading.current_thread():
            raise InvalidRequest("a blocking call inside the client's own event loop would wait for itself")
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="quorate", daemon=True)
            self._thread.start()
        return self._loop

    def stop(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Cancel what runs, do the last work, end the thread. Twice is once."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self.is_stopped, self._loop = True, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(_wind_up(last), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _wind_up(last: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop = asyncio.get_running_loop()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await last()
    await loop.shutdown_asyncgens()


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
    def from_file(
        cls,
        path: str | Path,
        *,
        environment: Mapping[str, str] | None = None,
        transport: Transport | None = None,
    ) -> Quorate:
        """With the settings in that file."""
        return cls(read(path, environment), environment=environment, transport=transport)

    def __enter__(self) -> Quorate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Cancel what other threads wait for, give back every connection, end the background thread."""
        self._loop.stop(self._client.close)

    @overload
    def chat(self, prompt: Prompt, *, output: type[Typed], **wishes: Unpack[Wishes]) -> ChatReply[Typed]: ...
    @overload
    def chat(
        self, prompt: Prompt, *, output: OutputFormat | None = None, **wishes: Unpack[Wishes]
    ) -> ChatReply[None]: ...
    def chat(self, prompt: Prompt, *, output: Any = None, **wishes: Unpack[Wishes]) -> ChatReply[Any]:
        """The whole answer to a question."""
        return self._loop.run(lambda: self._client.chat(prompt, output=output, **wishes))

    @contextmanager
    def stream(
        self,
        prompt: Prompt,
        *,
        output: type[Any] | OutputFormat | None = None,
        **wishes: Unpack[Wishes],
    ) -> Generator[Iterator[Event]]:
        """The answer as it arrives. Leave the `with` to stop the work and the spending."""
        opened = _Opened(self._client.stream(prompt, output=output, **wishes))
        try:
            self._loop.run(opened.start)
            yield self._events(opened)
        finally:
            if not self._loop.is_stopped:
                self._loop.run(opened.stop)

    def _events(self, opened: _Opened) -> Iterator[Event]:
        while batch := self._loop.run(opened.next_events):
            yield from batch

    @overload
    def run(
        self, prompt: Prompt, *, output: type[Typed], rounds: int = MOST_ROUNDS, **wishes: Unpack[Wishes]
    ) -> ChatReply[Typed]: ...
    @overload
    def run(
        self,
        prompt: Prompt,
        *,
        output: OutputFormat | None = None,
        rounds: int = MOST_ROUNDS,
        **wishes: Unpack[Wishes],
    ) -> ChatReply[None]: ...
    def run(
        self, prompt: Prompt, *, output: Any = None, rounds: int = MOST_ROUNDS, **wishes: Unpack[Wishes]
    ) -> ChatReply[Any]:
        """Ask, run the functions the model calls, and so on until it answers."""
        return self._loop.run(lambda: self._client.run(prompt, output=output, rounds=rounds, **wishes))

    def embed(self, texts: str | Iterable[str], **wishes: Unpack[EmbedWishes]) -> EmbedReply:
        """A vector for each text, in order."""
        return self._loop.run(lambda: self._client.embed(texts, **wishes))

    def rerank(self, query: str, documents: Iterable[str], **wishes: Unpack[RerankWishes]) -> RerankReply:
        """The documents by how well they answer the query, best first."""
        return self._loop.run(lambda: self._client.rerank(query, documents, **wishes))

    def moderate(
        self,
        texts: str | Iterable[str],
        *,
        images: Picture | Iterable[Picture] = (),
        **wishes: Unpack[WorkWishes],
    ) -> ModerateReply:
        """What a moderation model thinks of each text; with `images`, of all of it together."""
        return self._loop.run(lambda: self._client.moderate(texts, images=images, **wishes))

    def images(
        self,
        prompt: str,
        *,
        images: Picture | Iterable[Picture] = (),
        mask: Picture | None = None,
        **wishes: Unpack[ImageWishes],
    ) -> ImageReply:
        """Pictures of what the prompt says; with `images`, made of those."""
        return self._loop.run(lambda: self._client.images(prompt, images=images, mask=mask, **wishes))

    def speech(self, text: str, **wishes: Unpack[SpeechWishes]) -> SpeechReply:
        """The text, spoken."""
        return self._loop.run(lambda: self._client.speech(text, **wishes))

    def transcribe(self, audio: str | Path | bytes, **wishes: Unpack[TranscribeWishes]) -> TranscribeReply:
        """What is said in a file, or in its bytes."""
        return self._loop.run(lambda: self._client.transcribe(audio, **wishes))

    def models(self, provider: str = "", *, refresh: bool = False) -> tuple[Offer, ...]:
        """The models of the configured providers, or of one."""
        return self._loop.run(lambda: self._client.models(provider, refresh=refresh))

    def account(self, provider: str) -> Account:
        """What the key has spent and may spend there, and what is left."""
        return self._loop.run(lambda: self._client.account(provider))

    def bill(self, provider: str, answer: str) -> Bill:
        """What the answer of that id has cost in the end."""
        return self._loop.run(lambda: self._client.bill(provider, answer))

    def settled(self, reply: ChatReply[Typed]) -> ChatReply[Typed]:
        """The reply with what its provider has really charged."""
        return self._loop.run(lambda: self._client.settled(reply))

    def is_available(self, name: str) -> bool:
        """Does the provider, or the provider of that model, answer?"""
        return self._loop.run(lambda: self._client.is_available(name))

    def stats(self) -> dict[str, ProviderStatistics]:
        """Requests, failures, tokens, cost and latency by provider."""
        return self._client.stats()


class _Opened:
    """One stream, opened, read and closed in one task of the background loop.

    A bounded queue stands between that task and the thread that reads: a slow reader slows the upstream.
    """

    def __init__(self, stream: AbstractAsyncContextManager[Any]) -> None:
        self._stream = stream
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(maxsize=64)
        self._task: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        self._has_begun = self._is_over = False
        self._failure: Exception | None = None

    async def start(self) -> None:
        """Returns when the answer has begun; raises what stopped it before."""
        self._task = asyncio.get_running_loop().create_task(self._read())
        await self._settled.wait()
        if self._failure is not None and not self._has_begun:
            raise self._failure

    async def _read(self) -> None:
        try:
            async with self._stream as events:
                self._has_begun = True
                self._settled.set()
                async for event in events:
                    await self._queue.put(event)
        except Exception as error:  # noqa: BLE001  # raised in the thread that reads
            self._failure = error
        self._settled.set()
        await self._queue.put(None)

    async def next_events(self) -> list[Event]:
        """All that have come, at least one; none at the end. Raises the stream's failure in its place."""
        found: list[Event] = []
        while not self._is_over and not (found and self._queue.empty()):
            event = await self._queue.get()
            if event is None:
                self._is_over = True
            else:
                found.append(event)
        if not found and self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure
        return found

    async def stop(self) -> None:
        """Cancel the reading, if it goes on, and wait until the stream is closed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
