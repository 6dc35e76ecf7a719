"""What stands between a client's call and the target, and sees both: a seam for hooks, and the run through them."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import extract_tb
from typing import Protocol

from quorate.errors import HookFailed, QuorateError, UpstreamError
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.events import Event
from quorate.types.value import Value
from quorate.types.work import EmbedRequest

_log = logging.getLogger("quorate")


class Guard(Protocol):
    """Of one call; what it has to remember of the call lives in it. Inherit, and write what you need: the rest passes.

    A stream and a whole answer are to come out the same: put the events together, and it is what `after` says.
    """

    async def before(self, request: ChatRequest) -> ChatRequest:
        """The question, as the target is to see it. Raises `ContentBlocked` to refuse it."""
        return request

    async def before_embed(self, request: EmbedRequest) -> EmbedRequest:
        """The same of texts that are to become vectors."""
        return request

    def on_event(self, event: Event) -> Iterable[Event]:
        """What takes the event's place in a streamed answer: it may be held back, for as long as its part lasts."""
        return (event,)

    def close(self) -> Iterable[Event]:
        """What was still held back when the stream ended, or broke off."""
        return ()

    async def after(self, reply: ChatReply) -> ChatReply:
        """The whole answer, as the client is to see it."""
        return reply


class Named(Value):
    """A guard and the name of its hook, to be told of where it fails."""

    name: str
    guard: Guard


class Guards:
    """Those of one call. Questions pass them in this order, answers in the reverse one."""

    def __init__(self, guards: Sequence[Named]) -> None:
        self._outward, self._inward = tuple(guards), tuple(reversed(guards))

    async def before(self, request: ChatRequest) -> ChatRequest:
        for each in self._outward:
            with _told_as_ours(each.name):
                request = await each.guard.before(request)
        return request

    async def before_embed(self, request: EmbedRequest) -> EmbedRequest:
        for each in self._outward:
            with _told_as_ours(each.name):
                request = await each.guard.before_embed(request)
        return request

    async def after(self, reply: ChatReply) -> ChatReply:
        for each in self._inward:
            with _told_as_ours(each.name):
                reply = await each.guard.after(reply)
        return reply

    async def events(self, events: AsyncIterator[Event]) -> AsyncGenerator[Event]:
        """The stream as the client is to see it; where it breaks off, what was held back comes before the failure."""
        failure: UpstreamError | None = None
        while True:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                break
            except UpstreamError as error:
                failure = error
                break
            for told in _through(self._inward, [event]):
                yield told
        for told in self._held_back():
            yield told
        if failure is not None:
            raise failure

    def _held_back(self) -> Iterable[Event]:
        held: list[Event] = []
        for each in self._inward:
            with _told_as_ours(each.name):
                held = [*_through([each], held), *each.guard.close()]
        return held


def _through(guards: Sequence[Named], events: Iterable[Event]) -> Iterable[Event]:
    for each in guards:
        with _told_as_ours(each.name):
            events = [told for event in events for told in each.guard.on_event(event)]
    return events


@contextmanager
def _told_as_ours(name: str) -> Generator[None]:
    """Whatever a hook raises, told without its words: they may quote what it had in its hands."""
    try:
        yield
    except QuorateError:
        raise
    except Exception as error:  # noqa: BLE001 a hook of the operator's own may raise anything
        last = extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        _log.error("the hook '%s' failed: %s at %s", name, type(error).__name__, where)
        raise HookFailed(f"the hook '{name}' failed", hook=name) from None
