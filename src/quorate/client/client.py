"""What a program holds: ask, stream, embed, list models, see what was spent.

Read `Quorate.chat`, then `engine/engine.py`: that is the whole road of a call.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, overload

from quorate.assemble import Parts, assemble, first_local_model, new_context, read
from quorate.catalog.offers import Offer
from quorate.engine.statistics import ProviderStatistics
from quorate.errors import InvalidRequest, QuorateError
from quorate.settings.settings import Settings
from quorate.transport.seam import Transport
from quorate.types.chat import ChatReply, ChatRequest, Message, OutputFormat, Thinking, ToolChoice
from quorate.types.events import Event
from quorate.types.target import Context
from quorate.types.value import replace
from quorate.types.work import EmbedReply, EmbedRequest

from .asking import Prompt, request_of
from .toolbox import Offered, Toolbox
from .typed import format_of, read_output

Typed = TypeVar("Typed")

MOST_ROUNDS = 8
"""Times a model may ask for tools in one `run`."""


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

    @classmethod
    def from_file(cls, path: str | Path, *, environment: Mapping[str, str] | None = None) -> Quorate:
        """With the settings in that file. Raises `SettingsInvalid` with all that is wrong, file and line."""
        return cls(read(path, environment), environment=environment)

    async def __aenter__(self) -> Quorate:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give back every connection."""
        await self._household.transport.close()

    @overload
    async def chat(self, prompt: Prompt, *, output: type[Typed], **settings: Any) -> ChatReply[Typed]: ...
    @overload
    async def chat(
        self, prompt: Prompt, *, output: OutputFormat | None = None, **settings: Any
    ) -> ChatReply[Any]: ...
    async def chat(
        self,
        prompt: Prompt,
        *,
        model: str = "",
        system: str = "",
        tools: Iterable[Offered] = (),
        tool_choice: ToolChoice | str | None = None,
        output: type[Any] | OutputFormat | None = None,
        thinking: Thinking | str | None = None,
        max_output: int | None = None,
        temperature: float | None = None,
        stop: str | Sequence[str] | None = None,
        strict: bool | None = None,
        max_cost: Decimal | float | None = None,
        timeout: float | None = None,
        **settings: Any,
    ) -> ChatReply[Any]:
        """The whole answer to a question.

        `model` is 'provider/model', a bare model name, an alias or 'route/<name>'; '' takes the configured
        default. `output` is a type (pydantic model, msgspec struct, dataclass): the reply's `output` is then
        one. `thinking` is an effort ('low', 'high' …) or a `Thinking`. `max_cost` is in dollars, `timeout` in
        seconds over all attempts. `settings` are further fields of `ChatRequest`.

        Raises `RequestError`, `AccessError`, `UpstreamError`, `NoAnswer`, `OperatorError` (see `errors`);
        `InvalidOutput` where the answer is not of the type that was asked for.
        """
        request = self._request(
            prompt,
            model=model,
            system=system,
            tools=Toolbox(tools).tools,
            tool_choice=_choice(tool_choice),
            output=_format(output),
            thinking=_thinking(thinking),
            max_output=max_output,
            temperature=temperature,
            stop=stop,
            **settings,
        )
        context = self._context(strict=strict, max_cost=max_cost, timeout=timeout)
        reply = await self._parts().engine.answer(await self._named(request), context)
        return read_output(reply, output) if isinstance(output, type) else reply

    @asynccontextmanager
    async def stream(
        self,
        prompt: Prompt,
        *,
        model: str = "",
        system: str = "",
        tools: Iterable[Offered] = (),
        tool_choice: ToolChoice | str | None = None,
        output: type[Any] | OutputFormat | None = None,
        thinking: Thinking | str | None = None,
        strict: bool | None = None,
        max_cost: Decimal | float | None = None,
        timeout: float | None = None,
        **settings: Any,
    ) -> AsyncGenerator[AsyncIterator[Event]]:
        """The answer as it arrives: `async with q.stream(…) as events: async for event in events: …`.

        The same arguments as `chat`. Leave the `async with` to stop the work and the spending. A failure after
        the first words raises `StreamInterrupted` with what had come in `partial`; `types.events.assemble`
        makes the reply of the events.
        """
        request = self._request(
            prompt,
            model=model,
            system=system,
            tools=Toolbox(tools).tools,
            tool_choice=_choice(tool_choice),
            output=_format(output),
            thinking=_thinking(thinking),
            **settings,
        )
        context = self._context(strict=strict, max_cost=max_cost, timeout=timeout)
        async with self._parts().engine.stream(await self._named(request), context) as events:
            yield events

    async def run(
        self,
        prompt: Prompt,
        *,
        tools: Iterable[Offered],
        model: str = "",
        system: str = "",
        rounds: int = MOST_ROUNDS,
        max_cost: Decimal | float | None = None,
        timeout: float | None = None,
        **settings: Any,
    ) -> ChatReply[Any]:
        """Ask, run the functions the model calls, tell it the results, and so on until it answers.

        One budget of attempts, time and money holds for all rounds. A function that raises does not end the
        loop: the model is told. The reply's `usage` and `cost` are those of all rounds together. Raises
        `InvalidRequest` after `rounds` rounds without an answer, and where the model calls a tool that has no
        function.
        """
        toolbox = Toolbox(tools)
        request = await self._named(
            self._request(prompt, model=model, system=system, tools=toolbox.tools, **settings)
        )
        context = self._context(strict=None, max_cost=max_cost, timeout=timeout)
        replies: list[ChatReply[Any]] = []
        for _ in range(max(1, rounds)):
            reply = await self._parts().engine.answer(request, context)
            replies.append(reply)
            if not reply.tool_calls:
                return together(replies)
            if strange := [call.name for call in reply.tool_calls if call.name not in toolbox]:
                raise InvalidRequest(f"no function stands behind the tool '{strange[0]}'", where="tools")
            results = tuple([await toolbox.run(call) for call in reply.tool_calls])
            turns = (*request.messages, reply.message, Message(role="tool", parts=results))
            request = replace(request, messages=turns)
        raise InvalidRequest(f"the model still asks for tools after {rounds} rounds", where="rounds")

    async def embed(
        self,
        texts: str | Sequence[str],
        *,
        model: str = "",
        dimensions: int | None = None,
        max_cost: Decimal | float | None = None,
        timeout: float | None = None,
        **settings: Any,
    ) -> EmbedReply:
        """A vector for each text, in order. `model` as in `chat`."""
        inputs = (texts,) if isinstance(texts, str) else tuple(texts)
        if not inputs:
            raise InvalidRequest("there is no text to embed", where="texts")
        request = EmbedRequest(model=model, inputs=inputs, dimensions=dimensions, **settings)
        return await self._parts().engine.embed(
            request, self._context(strict=None, max_cost=max_cost, timeout=timeout)
        )

    async def models(self, provider: str = "", *, refresh: bool = False) -> tuple[Offer, ...]:
        """The models of the configured providers, or of one: what the catalog and their own lists know.

        A provider that cannot be reached is left at what the catalog knows; `refresh` asks anew.
        """
        return await self._parts().discovery.models(provider, refresh=refresh)

    async def is_available(self, name: str) -> bool:
        """Does the provider, or the provider of that model, answer, and does it offer the model?"""
        try:
            return await self._parts().discovery.is_available(name)
        except QuorateError:
            return False

    def stats(self) -> dict[str, ProviderStatistics]:
        """Requests, failures, tokens, cost and latency by provider, since this client was made."""
        return self._household.statistics.read()

    def _request(self, prompt: Prompt, **settings: Any) -> ChatRequest:
        return request_of(prompt=prompt, **settings)

    async def _named(self, request: ChatRequest) -> ChatRequest:
        """The request with a model's name, where nothing is set up that could give it one."""
        parts = self._parts()
        if request.model or parts.settings.default_model or parts.directory.entries:
            return request
        return replace(request, model=await first_local_model(parts))

    def _context(
        self, *, strict: bool | None, max_cost: Decimal | float | None, timeout: float | None
    ) -> Context:
        settings = self._household.current().settings
        return new_context(settings, strict=strict, max_cost=max_cost, timeout=timeout)

    def _parts(self) -> Parts:
        self._household.warm()
        return self._household.current()


def _format(output: type[Any] | OutputFormat | None) -> OutputFormat | None:
    return format_of(output) if isinstance(output, type) else output


def _thinking(thinking: Thinking | str | None) -> Thinking | None:
    return Thinking(effort=thinking) if isinstance(thinking, str) else thinking


def _choice(choice: ToolChoice | str | None) -> ToolChoice | None:
    """'auto', 'none', 'required', or the name of the one tool to call."""
    match choice:
        case "auto" | "none" | "required":
            return ToolChoice(mode=choice)
        case str():
            return ToolChoice(mode="named", name=choice)
        case _:
            return choice


def together(replies: Sequence[ChatReply[Any]]) -> ChatReply[Any]:
    """The last reply with the usage, cost, departures and attempts of all."""
    last = replies[-1]
    usage, cost = replies[0].usage, replies[0].cost
    for reply in replies[1:]:
        usage = usage + reply.usage
        cost = None if cost is None or reply.cost is None else cost + reply.cost
    departures = dict.fromkeys(each for reply in replies for each in reply.fidelity)
    attempts = tuple(attempt for reply in replies for attempt in reply.attempts)
    return replace(last, usage=usage, cost=cost, fidelity=tuple(departures), attempts=attempts)
