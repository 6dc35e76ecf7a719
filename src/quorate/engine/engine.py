"""One call, from request to settled reply. Read `Engine.exchange`: it is the whole story."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol, TypeVar

from quorate.errors import NoAnswer, QuorateError, Unsupported, UpstreamError, UpstreamTimeout
from quorate.transport.seam import Arrival, Send, Transport
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.events import Event
from quorate.types.target import Context, Target
from quorate.types.usage import Usage
from quorate.types.work import EmbedReply, EmbedRequest, ModelList, ModelsRequest
from quorate.wire.seam import WireRequest, Wires

from .call import Books, CallRecord
from .exchange import Embedding, Exchange, Listing, Streamed, Whole, whole
from .receipt import Receipt
from .routing.seam import Attempt, Outcome, PatienceRanOut, Plan, Route
from .routing.strategies import priority

Resolve = Callable[[str], Route]
"""From a model's name to where it leads. Raises `UnknownModel` or `MissingCredential`."""

Result = TypeVar("Result")


class Sign(Protocol):
    """Address and headers of a request to a target, credential included."""

    def __call__(self, target: Target, request: WireRequest) -> tuple[str, Mapping[str, str]]: ...


class Engine:
    """Answers by any target of any wire. The only place that retries."""

    def __init__(
        self, *, resolve: Resolve, wires: Wires, transport: Transport, sign: Sign, books: Books
    ) -> None:
        self._resolve, self._wires, self._transport = resolve, wires, transport
        self._sign, self._books = sign, books

    async def answer(self, request: ChatRequest, context: Context) -> ChatReply:
        """The whole reply."""
        route = self._resolve(request.model)
        record = CallRecord(self._books, context, tier=request.service_tier)
        async with self.exchange(Whole(request, self._wires), route, record, context) as reply:
            return reply

    def stream(
        self, request: ChatRequest, context: Context
    ) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """The reply as it arrives. Leave the context to stop the work."""
        route = self._resolve(request.model)
        record = CallRecord(self._books, context, tier=request.service_tier)
        return self.exchange(Streamed(request, self._wires), route, record, context)

    async def embed(self, request: EmbedRequest, context: Context) -> EmbedReply:
        """A vector for each input."""
        route = self._resolve(request.model)
        record = CallRecord(self._books, context)
        async with self.exchange(Embedding(request, self._wires), route, record, context) as reply:
            return reply

    async def list_models(self, request: ModelsRequest, target: Target, context: Context) -> ModelList:
        """One page of what a provider offers, asked of that provider alone."""
        record = CallRecord(self._books, context)
        route = Route(targets=(target,), strategy=priority)
        async with self.exchange(
            Listing(request, self._wires, target.name), route, record, context
        ) as listed:
            return listed

    @asynccontextmanager
    async def exchange(
        self, exchange: Exchange[Result], route: Route, record: CallRecord, context: Context
    ) -> AsyncGenerator[Result]:
        """Reserve, try targets as the plan says until one answers, hand the result out, settle."""
        record.reserve(route.targets, exchange.size, exchange.max_output)
        plan = route.strategy(route.targets, self._books.statistics)
        try:
            async with AsyncExitStack() as stack:
                result = await self._first_good(plan, exchange, record, context, stack)
                try:
                    yield result
                finally:
                    exchange.leave()
        finally:
            plan.close()
            record.close()

    async def _first_good(
        self,
        plan: Plan,
        exchange: Exchange[Result],
        record: CallRecord,
        context: Context,
        stack: AsyncExitStack,
    ) -> Result:
        """Fall back until a target starts to answer; after that its failure is the caller's."""
        outcome: Outcome | None = None
        while True:
            try:
                attempt = next(plan) if outcome is None else plan.send(outcome)
            except StopIteration:
                raise no_answer(exchange.model, record) from None
            if not context.budget.take_attempt() or not await self._rest(attempt.wait, context):
                raise no_answer(exchange.model, record)
            record.begin()
            try:
                return await self._attempt(attempt, exchange, record, context, stack)
            except UpstreamError as error:
                outcome = self._failed(attempt, error, record)

    def _failed(self, attempt: Attempt, error: UpstreamError, record: CallRecord) -> Outcome:
        """Book a failure; raise it where no target would do better."""
        target = attempt.target
        error.provider, error.model = target.provider, target.model
        record.fail(target, error, error.status)
        if error.retry == "never":
            raise error
        if isinstance(error, UpstreamTimeout) and error.waited_for == "patience":
            return PatienceRanOut(target=target)
        return error

    async def _rest(self, seconds: float, context: Context) -> bool:
        """Wait before an attempt; False where the call's time does not allow it."""
        left = context.budget.seconds_left()
        if left is not None and (left <= 0 or seconds >= left):
            return False
        if seconds > 0:
            await asyncio.sleep(seconds)
        return True

    async def _attempt(
        self,
        attempt: Attempt,
        exchange: Exchange[Result],
        record: CallRecord,
        context: Context,
        stack: AsyncExitStack,
    ) -> Result:
        target = attempt.target
        written = exchange.write(target)
        if context.strict:
            refuse_departures(target, written)
        url, headers = self._sign(target, written)
        send = Send(
            method=written.method,
            url=url,
            headers=headers,
            body=written.body,
            timeouts=target.timeouts or context.timeouts,
            deadline=context.budget.deadline,
        )
        inner = await stack.enter_async_context(AsyncExitStack())
        try:
            async with patience(attempt):
                arrival = await inner.enter_async_context(self._transport.send(send))
                if arrival.status >= 300:
                    raise await self._refused(arrival, target)

                def settle(usage: Usage) -> Receipt:
                    return record.settle(target, usage, written.fidelity, arrival.status)

                return await exchange.read(arrival, target, written, settle)
        except BaseException:
            await inner.aclose()
            raise

    async def _refused(self, arrival: Arrival, target: Target) -> UpstreamError:
        return self._wires[target.wire].codec.read_error(await whole(arrival))


@asynccontextmanager
async def patience(attempt: Attempt) -> AsyncGenerator[None]:
    """Give an attempt up when its plan's patience is over."""
    if attempt.patience is None:
        yield
        return
    try:
        async with asyncio.timeout(attempt.patience):
            yield
    except TimeoutError:
        error = UpstreamTimeout(f"nothing within {attempt.patience} s")
        error.waited_for = "patience"
        raise error from None


def refuse_departures(target: Target, written: WireRequest) -> None:
    """Strict calls: what the target would not take as it is becomes an error, before any money is spent."""
    if written.fidelity:
        told = "; ".join(f"{each.setting}: {each.detail}" for each in written.fidelity)
        raise Unsupported(
            f"'{target.name}' cannot take this request as it is: {told}",
            settings=[each.setting for each in written.fidelity],
        )


def no_answer(model: str, record: CallRecord) -> QuorateError:
    """The error of a call whose plan is at its end: the one failure itself, or all of them together."""
    if len(record.failures) == 1:
        return record.failures[0]
    if not record.failures:
        return NoAnswer(f"no attempt at '{model}' was possible within the call's limits")
    told = "; ".join(f"{each.target}: {each.outcome} ({each.detail})" for each in record.attempts)
    return NoAnswer(f"no target answered for '{model}': {told}", causes=record.failures)
