"""One call, from request to settled reply. Read `Engine.exchange`: it is the whole story."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any, Protocol, TypeVar

from quorate.errors import KeyInvalid, NoAnswer, QuorateError, Unsupported, UpstreamError, UpstreamTimeout
from quorate.providers.cloud import Cloud, Clouds, advise
from quorate.transport.seam import Send, Transport
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.events import Event
from quorate.types.secret import Secret
from quorate.types.target import Context, Target
from quorate.types.value import replace
from quorate.types.work import (
    CountReply,
    CountRequest,
    EmbedReply,
    EmbedRequest,
    ModelList,
    ModelsRequest,
    ModerateReply,
    ModerateRequest,
    Operation,
    WorkReply,
    WorkRequest,
)
from quorate.wire.seam import WireRequest, Wires

from .asking import Asked, Asking
from .batches import count_of, in_batches, most_at_once
from .call import Books, CallRecord
from .count import Counting, estimated, favourite
from .delivery import Delivery
from .exchange import Exchange, Inquiry, Streamed, Whole
from .followed import Followed
from .forwarded import Forwarded
from .hide import hide
from .resolve import Purpose
from .routing.seam import Attempt, Outcome, PatienceRanOut, Plan, Route
from .routing.strategies import priority
from .work import Work

Result = TypeVar("Result")
Reply = TypeVar("Reply", bound=WorkReply)


_AT_WORK = frozenset(("first_byte", "gap", "total", "patience"))
"""Waits that a provider had the request during."""


class Resolve(Protocol):
    """From a model's name to where it leads. Raises `UnknownModel` or `MissingCredential`."""

    def __call__(self, name: str, purpose: Purpose = "chat", /) -> Route: ...


class Sign(Protocol):
    """Address and headers of a request to a target, credential included."""

    def __call__(self, target: Target, request: WireRequest) -> tuple[str, Mapping[str, str]]: ...


class Engine:
    """Answers by any target of any wire. The only place that retries."""

    def __init__(
        self,
        *,
        resolve: Resolve,
        wires: Wires,
        transport: Transport,
        sign: Sign,
        books: Books,
        clouds: Clouds | None = None,
        hint: Callable[[Target, UpstreamError], str] = lambda target, error: "",
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`clouds` fetch the credentials that `sign` needs, by kind of `Auth`. `hint` comes after an error's words."""
        self._resolve, self._wires, self._transport = resolve, wires, transport
        self._sign, self._books, self._sleep = sign, books, sleep
        self._clouds: Clouds = clouds or {}
        self._hint = hint

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

    def forward(self, passage: Forwarded, context: Context) -> AbstractAsyncContextManager[Delivery]:
        """A client's call answered in the client's protocol, by a target of any. Leave the context to stop it."""
        route = self._resolve(passage.model)
        record = CallRecord(self._books, context, tier=passage.tier)
        return self.exchange(passage, route, record, context)

    async def embed(self, request: EmbedRequest, context: Context) -> EmbedReply:
        """A vector for each input, in as many requests as the target wants for so many."""
        route = self._resolve(request.model, "embed")
        most = most_at_once(route.targets)
        if most is None or count_of(request) <= most:
            return await self._perform("embed", request, route, context)
        # Refuse what is too dear as a whole before a part of it is paid for.
        whole_call = CallRecord(self._books, context)
        whole_call.reserve(route.targets, Work("embed", request, self._wires).bound)
        whole_call.close()

        async def ask(part: EmbedRequest, route: Route) -> EmbedReply:
            return await self._perform("embed", part, route, context)

        return await in_batches(request, most, route, ask, context.budget)

    async def perform(self, operation: Operation, request: WorkRequest[Reply], context: Context) -> Reply:
        """Any operation that is not a chat, by name. `embed` is its own: it divides what is too much at once."""
        return await self._perform(operation, request, self._resolve(request.model, "work"), context)

    async def _perform(
        self, operation: Operation, request: WorkRequest[Reply], route: Route, context: Context
    ) -> Reply:
        record = CallRecord(self._books, context)
        async with self.exchange(Work(operation, request, self._wires), route, record, context) as reply:
            return reply

    async def count(self, request: CountRequest, context: Context) -> CountReply:
        """The tokens of a chat's input, counted by the target that would be asked first; else by estimate."""
        route = favourite(self._resolve(request.model))
        record = CallRecord(self._books, context)
        try:
            async with self.exchange(Counting(request, self._wires), route, record, context) as reply:
                return reply
        except (Unsupported, UpstreamError) as error:
            if context.strict:
                raise
            return estimated(request, route.targets[0], error, record)

    async def moderate(self, request: ModerateRequest, context: Context) -> ModerateReply:
        """What a provider's moderation model thinks of texts."""
        return await self.perform("moderate", request, context)

    async def list_models(self, request: ModelsRequest, target: Target, context: Context) -> ModelList:
        """One page of what a provider offers, asked of that provider alone."""
        return await self.inquire("models", request, target, context)

    async def inquire(self, operation: Operation, request: object, target: Target, context: Context) -> Any:
        """What a provider says of itself. `operation` is one of `Inquiry`, and decides what comes back."""
        record = CallRecord(self._books, context)
        route = Route(targets=(target,), strategy=priority)
        inquiry = Inquiry(operation, request, self._wires, target.name)
        async with self.exchange(inquiry, route, record, context) as told:
            return told

    def exchange(
        self, exchange: Exchange[Result], route: Route, record: CallRecord, context: Context
    ) -> AbstractAsyncContextManager[Result]:
        """Reserve, try targets as the plan says until one answers, hand the result out, settle."""

        def plan() -> Plan:
            targets = record.affordable(route.targets, exchange.bound)
            record.reserve(targets, exchange.bound)
            return route.strategy(targets, self._books.statistics)

        async def ask(plan: Plan) -> Asking[Result]:
            return await self._first_to_answer(plan, exchange, record, context)

        return Asked(plan, ask, record)

    async def _first_to_answer(
        self, plan: Plan, exchange: Exchange[Result], record: CallRecord, context: Context
    ) -> Asking[Result]:
        outcome: Outcome | None = None
        again: Attempt | None = None
        while (attempt := again or following(plan, outcome)) is not None:
            is_second, again = again is not None, None
            left = context.budget.seconds_left()
            if left is not None and attempt.wait >= left > 0:
                outcome = PatienceRanOut(target=attempt.target)
                continue
            if left == 0 or not context.budget.take_attempt():
                break
            if attempt.wait > 0:
                await self._sleep(attempt.wait)
            try:
                return await self._attempt(attempt, exchange, record, context)
            except (Unsupported, UpstreamError) as error:
                if isinstance(error, KeyInvalid) and await self._renewed(attempt, error, again=is_second):
                    again = replace(attempt, wait=0.0)
                    continue
                outcome = outcome_of(attempt, error, record, context)
        raise no_answer(exchange.model, record)

    async def _renewed(self, attempt: Attempt, error: KeyInvalid, *, again: bool) -> bool:
        """Was a credential that the provider refused fetched anew, so that it may be tried once more?"""
        cloud = self._clouds.get(attempt.target.auth.kind)
        return cloud is not None and await cloud.renew(attempt.target, error, again=again)

    async def _ready(self, cloud: Cloud, target: Target, written: WireRequest, record: CallRecord) -> None:
        """Have the credential at hand that must be fetched."""
        try:
            await cloud.ready(target)
        except UpstreamError as error:
            note(error, target)
            record.begin(target, written.fidelity).fail(error, None)
            raise

    async def _attempt(
        self, attempt: Attempt, exchange: Exchange[Result], record: CallRecord, context: Context
    ) -> Asking[Result]:
        """One target's answer, once it has begun."""
        target = attempt.target
        written = exchange.write(target)
        if context.strict:
            refuse_departures(target, written)
        if target.auth.kind in self._clouds:
            await self._ready(self._clouds[target.auth.kind], target, written, record)
        send = self._send(target, written, context)
        books = record.begin(target, written.fidelity)
        if written.follow is None:
            arriving = self._transport.send(send)
        else:
            make = partial(self._step, target, context)
            arriving = Followed(self._transport, send, written, make, sleep=self._sleep)
        asking = Asking(exchange, arriving, books)

        beginning = asking.begin(written, self._wires[target.wire].codec)
        try:
            await (beginning if attempt.patience is None else within(attempt.patience, beginning))
        except UpstreamError as error:
            note(error, target)
            if target.auth.kind in self._clouds:
                hide(Secret(send.headers.get("authorization", "").removeprefix("Bearer ")), error)
            if words := self._hint(target, error):
                advise(error, words)
            books.fail(error, exchange.used() if was_at_work(error) else None)
            raise
        except BaseException:
            books.leave(exchange.used)
            raise
        return asking

    def _send(self, target: Target, written: WireRequest, context: Context) -> Send:
        url, headers = self._sign(target, written)
        return Send(
            method=written.method,
            url=url,
            headers=headers,
            body=written.body,
            timeouts=target.timeouts or context.timeouts,
            deadline=context.budget.deadline,
            lane=target.provider,
        )

    def _step(self, target: Target, context: Context, written: WireRequest, url: str) -> Send:
        """A further request of one attempt; one to an address that the provider named goes without credential."""
        send = self._send(target, written, context)
        return replace(send, url=url, headers=written.headers) if url else send


async def within(patience: float, beginning: Awaitable[None]) -> None:
    """Raises `UpstreamTimeout` where an answer has not begun after so many seconds."""
    limit = asyncio.timeout(patience)
    try:
        async with limit:
            await beginning
    except TimeoutError as error:
        if not limit.expired():
            raise
        given_up = UpstreamTimeout(f"nothing within {patience} s")
        given_up.waited_for = "patience"
        raise given_up from error


def following(plan: Plan, outcome: Outcome | None) -> Attempt | None:
    """The plan's next attempt after what became of the last one; None at its end."""
    try:
        return next(plan) if outcome is None else plan.send(outcome)
    except StopIteration:
        return None


def outcome_of(
    attempt: Attempt, error: Unsupported | UpstreamError, record: CallRecord, context: Context
) -> Outcome:
    """What the plan is told of a failure. Raises the failure where no target would do better."""
    if isinstance(error, Unsupported):
        context.budget.return_attempt()
        record.pass_over(attempt.target, error)
        return error
    if error.retry == "never":
        raise error
    if isinstance(error, UpstreamTimeout) and error.waited_for == "patience":
        return PatienceRanOut(target=attempt.target)
    return error


def was_at_work(error: UpstreamError) -> bool:
    """Did we give up a provider that had the request, and may charge for it?"""
    return isinstance(error, UpstreamTimeout) and error.waited_for in _AT_WORK


def note(error: UpstreamError, target: Target) -> None:
    """Say whose failure it is, and keep that one's credential out of it."""
    error.provider, error.model = target.provider, target.model
    hide(target.secret, error)


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
    if record.failures and len({each.target for each in record.attempts}) == 1:
        error: QuorateError = record.failures[-1]  # one target: its own word says more than ours
    elif not record.failures:
        error = NoAnswer(f"no attempt at '{model}' was possible within the call's limits")
    elif all(isinstance(failure, Unsupported) for failure in record.failures):
        error = Unsupported(
            "; ".join(str(failure) for failure in record.failures),
            settings=tuple(
                dict.fromkeys(
                    each
                    for failure in record.failures
                    if isinstance(failure, Unsupported)
                    for each in failure.settings
                )
            ),
        )
    else:
        told = "; ".join(f"{each.target}: {each.outcome} ({each.detail})" for each in record.attempts)
        error = NoAnswer(f"no target answered for '{model}': {told}", causes=record.failures)
    error.attempts = tuple(record.attempts)
    return error
