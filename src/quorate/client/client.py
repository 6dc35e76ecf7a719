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
from quorate.engine.statistics import ProviderStatistics
from quorate.errors import InvalidRequest, QuorateError
from quorate.settings.settings import Settings
from quorate.transport.seam import Transport
from quorate.types.chat import ChatReply, OutputFormat
from quorate.types.events import Event
from quorate.types.target import Context
from quorate.types.work import EmbedReply

from .asking import Asked, EmbedWishes, Prompt, Wishes, asked, asked_to_embed
from .local_model import with_model
from .rounds import MOST_ROUNDS, answered
from .typed import read_output

Typed = TypeVar("Typed")


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

    async def models(self, provider: str = "", *, refresh: bool = False) -> tuple[Offer, ...]:
        """The models of the configured providers, or of one: what the catalog and their own lists know.

        A provider that cannot be reached is left at what the catalog knows; `refresh` asks anew.
        """
        return await self._parts().discovery.models(provider, refresh=refresh)

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
