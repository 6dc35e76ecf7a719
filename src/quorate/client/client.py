"""What a program holds: ask, stream, embed, list models, see what was spent.

Read `Quorate.chat`, then `engine/engine.py`: that is the whole road of a call.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, Unpack, overload

from quorate.assemble import Parts, assemble, new_context, read
from quorate.catalog.offers import Offer
from quorate.engine.accounts import settled_by
from quorate.engine.statistics import ProviderStatistics
from quorate.errors import InvalidRequest, QuorateError
from quorate.settings.settings import Settings
from quorate.transport.seam import Transport
from quorate.types.account import Account, Bill
from quorate.types.chat import ChatReply, OutputFormat
from quorate.types.events import Event
from quorate.types.pictures import ImageReply
from quorate.types.sound import SpeechReply, TranscribeReply
from quorate.types.target import Context
from quorate.types.work import EmbedReply, ModerateReply, Operation, RerankReply, WorkReply, WorkRequest

from .asking import Asked, Prompt, Wishes, asked
from .local_model import with_model
from .rounds import MOST_ROUNDS, answered
from .typed import read_output
from .working import (
    EmbedWishes,
    ImageWishes,
    Limits,
    Picture,
    RerankWishes,
    SpeechWishes,
    TranscribeWishes,
    WorkWishes,
    asked_to_draw,
    asked_to_embed,
    asked_to_moderate,
    asked_to_rerank,
    asked_to_speak,
    asked_to_transcribe,
)

Typed = TypeVar("Typed")
Reply = TypeVar("Reply", bound=WorkReply)


class Quorate:
    """One door to every provider. Use it as `async with Quorate() as q:`, or `close` it yourself.

    Without settings it takes the providers whose key is in the environment, and an Ollama on this machine.
    Making one opens no socket and reads no more than the settings file.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        environment: Mapping[str, str] | None = None,
        transport: Transport | None = None,
    ) -> None:
        """`settings` come from `./quorate.toml`, `$QUORATE_CONFIG` or the user's folder where none are given.

        `environment` stands for `os.environ`, `transport` for the network. Raises `SettingsInvalid`.
        """
        self._household = assemble(settings, environment=environment, transport=transport)
        self._is_closed = False

    @classmethod
    def from_file(
        cls,
        path: str | Path,
        *,
        environment: Mapping[str, str] | None = None,
        transport: Transport | None = None,
    ) -> Quorate:
        """With the settings in that file. Raises `SettingsInvalid` with all that is wrong, file and line."""
        return cls(read(path, environment), environment=environment, transport=transport)

    async def __aenter__(self) -> Quorate:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give back every connection. A call after that raises `InvalidRequest`; closing twice changes nothing."""
        self._is_closed = True
        await self._household.transport.close()

    @overload
    async def chat(
        self, prompt: Prompt, *, output: type[Typed], **wishes: Unpack[Wishes]
    ) -> ChatReply[Typed]: ...
    @overload
    async def chat(
        self, prompt: Prompt, *, output: OutputFormat | None = None, **wishes: Unpack[Wishes]
    ) -> ChatReply[None]: ...
    async def chat(self, prompt: Prompt, *, output: Any = None, **wishes: Unpack[Wishes]) -> ChatReply[Any]:
        """The whole answer to a question.

        `model` is 'provider/model', a bare model name, an alias or 'route/<name>'. `output` is a type (pydantic
        model, msgspec struct, dataclass, a list of them …): the reply's `output` is then one. `max_cost` is in
        dollars, `timeout` in seconds over all attempts. `Wishes` tells of all the rest.

        Raises `RequestError`, `AccessError`, `UpstreamError`, `NoAnswer`, `OperatorError` (see `errors`);
        `InvalidOutput` where the answer is not of the type that was asked for.
        """
        call = asked(prompt, output, wishes)
        context = self._context(call.limits)
        parts = self._parts()
        request = await with_model(parts, call.request)
        return _typed(await parts.engine.answer(request, context), call)

    @asynccontextmanager
    async def stream(
        self,
        prompt: Prompt,
        *,
        output: type[Any] | OutputFormat | None = None,
        **wishes: Unpack[Wishes],
    ) -> AsyncGenerator[AsyncIterator[Event]]:
        """The answer as it arrives: `async with q.stream(…) as events: async for event in events: …`.

        The same arguments as `chat`. Leave the `async with` to stop the work and the spending. A failure after
        the first words raises `StreamInterrupted` with what had come in `partial`; `types.events.assemble`
        makes the reply of the events.
        """
        call = asked(prompt, output, wishes)
        context = self._context(call.limits)
        parts = self._parts()
        request = await with_model(parts, call.request)
        async with parts.engine.stream(request, context) as events:
            yield events

    @overload
    async def run(
        self, prompt: Prompt, *, output: type[Typed], rounds: int = MOST_ROUNDS, **wishes: Unpack[Wishes]
    ) -> ChatReply[Typed]: ...
    @overload
    async def run(
        self,
        prompt: Prompt,
        *,
        output: OutputFormat | None = None,
        rounds: int = MOST_ROUNDS,
        **wishes: Unpack[Wishes],
    ) -> ChatReply[None]: ...
    async def run(
        self, prompt: Prompt, *, output: Any = None, rounds: int = MOST_ROUNDS, **wishes: Unpack[Wishes]
    ) -> ChatReply[Any]:
        """Ask, run the functions in `tools` that the model calls, tell it the results, until it answers.

        Calls of one round run at once: coroutines side by side, plain functions each in a thread. One that
        raises does not end the loop: the model is told. One budget of attempts, time and money holds for all
        rounds, and the reply's `usage`, `cost` and `attempts` are theirs together. A forced `tool_choice`
        holds for the first round. Raises as `chat` does, and `NoAnswer` after `rounds` rounds without an answer.
        """
        call = asked(prompt, output, wishes)
        context = self._context(call.limits)
        parts = self._parts()
        request = await with_model(parts, call.request)
        reply = await answered(
            lambda request: parts.engine.answer(request, context), request, call.toolbox, rounds
        )
        return _typed(reply, call)

    async def embed(self, texts: str | Iterable[str], **wishes: Unpack[EmbedWishes]) -> EmbedReply:
        """A vector for each text, in order. Names and limits as in `chat`."""
        request, limits = asked_to_embed(texts, wishes)
        context = self._context(limits)
        parts = self._parts()
        return await parts.engine.embed(await with_model(parts, request), context)

    async def rerank(
        self, query: str, documents: Iterable[str], **wishes: Unpack[RerankWishes]
    ) -> RerankReply:
        """The documents by how well they answer the query, best first: their places and scores."""
        return await self._perform("rerank", *asked_to_rerank(query, documents, wishes))

    async def moderate(
        self,
        texts: str | Iterable[str],
        *,
        images: Picture | Iterable[Picture] = (),
        **wishes: Unpack[WorkWishes],
    ) -> ModerateReply:
        """What a moderation model thinks of each text, and the worst of it over all.

        With `images`, one verdict on all of it together.
        """
        return await self._perform("moderate", *asked_to_moderate(texts, images, wishes))

    async def images(
        self,
        prompt: str,
        *,
        images: Picture | Iterable[Picture] = (),
        mask: Picture | None = None,
        **wishes: Unpack[ImageWishes],
    ) -> ImageReply:
        """Pictures of what the prompt says; with `images` (files, URLs or bytes), made of those.

        Where `mask` is transparent, the first of them is drawn anew.
        """
        return await self._perform("images", *asked_to_draw(prompt, images, mask, wishes))

    async def speech(self, text: str, **wishes: Unpack[SpeechWishes]) -> SpeechReply:
        """The text, spoken."""
        return await self._perform("speech", *asked_to_speak(text, wishes))

    async def transcribe(
        self, audio: str | Path | bytes, **wishes: Unpack[TranscribeWishes]
    ) -> TranscribeReply:
        """What is said in a file, or in its bytes; with times and speakers where they are asked for."""
        return await self._perform("transcribe", *asked_to_transcribe(audio, wishes))

    async def _perform(self, operation: Operation, request: WorkRequest[Reply], limits: Limits) -> Reply:
        context = self._context(limits)
        return await self._parts().engine.perform(operation, request, context)

    async def models(self, provider: str = "", *, refresh: bool = False) -> tuple[Offer, ...]:
        """The models of the configured providers, or of one: what the catalog and their own lists know.

        A provider that cannot be reached is left at what the catalog knows; `refresh` asks anew.
        """
        return await self._parts().discovery.models(provider, refresh=refresh)

    async def account(self, provider: str) -> Account:
        """What the key has spent and may spend there, and what is left, as far as the provider tells it.

        Raises `Unsupported` where it tells nothing.
        """
        return await self._parts().accounts.account(provider)

    async def bill(self, provider: str, answer: str) -> Bill:
        """What the answer of that id has cost in the end, by the provider's own books."""
        return await self._parts().accounts.bill(provider, answer)

    async def settled(self, reply: ChatReply[Typed]) -> ChatReply[Typed]:
        """The reply with what its provider has really charged, in place of what was reckoned."""
        return settled_by(reply, await self.bill(reply.provider, reply.id))

    async def is_available(self, name: str) -> bool:
        """Does the provider, or the provider of that model, answer, and does it offer the model?

        An alias or route is there when one of the models behind it is.
        """
        parts = self._parts()
        try:
            return await parts.discovery.is_available(name)
        except QuorateError:
            return False

    def stats(self) -> dict[str, ProviderStatistics]:
        """Requests, failures, tokens, cost and latency by provider, since this client was made."""
        return self._household.statistics.read()

    def _context(self, limits: Mapping[str, Any]) -> Context:
        return new_context(self._household.current().settings, **limits)

    def _parts(self) -> Parts:
        if self._is_closed:
            raise InvalidRequest("this client is closed: make another one")
        self._household.warm()
        return self._household.current()


def _typed(reply: ChatReply[Any], call: Asked) -> ChatReply[Any]:
    return reply if call.shape is None else read_output(reply, call.shape)
