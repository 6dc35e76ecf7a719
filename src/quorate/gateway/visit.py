"""One client's call under way, with all that its handler needs; and what the gateway has for every call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from quorate.assemble import Parts
from quorate.engine.delivery import Delivery
from quorate.engine.guard import Guards
from quorate.engine.resolve import Purpose
from quorate.types.target import Context
from quorate.types.work import CountReply, Operation, WorkReply
from quorate.wire.seam import Call, Wires

from .answers.answers import Answers
from .background import Background
from .callers import Caller, KeyRing, check_model
from .hooks.book import Hooks
from .hooks.seam import Asked
from .intake import Receive, Scope, Send
from .journal import Journal
from .limits import Limits
from .outlet import Outlet
from .record import AccessRecord
from .routes import Found
from .traffic import Traffic

_PURPOSES: Mapping[Operation, Purpose] = {"chat": "chat", "count": "chat", "embed": "embed"}

Handler = Callable[["Visit"], Awaitable[None]]
"""Answers one kind of call through the visit's outlet. Raises our errors."""

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Keeper(Protocol):
    """Keeps what calls ask and are answered."""

    def keep(self, visit: Visit, /) -> None:
        """Of a call whose key wishes it, before it is answered."""
        ...


class Repeats(Protocol):
    """Answers a call once, however often it comes."""

    def answer(self, visit: Visit, handler: Handler, /) -> Awaitable[None]:
        """Of a call that names itself by an idempotency key."""
        ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """What stands ready for every call."""

    wires: Wires
    callers: KeyRing
    journal: Journal
    limits: Limits
    handlers: Mapping[Operation, Handler]
    mounts: Mapping[str, App] = field(default_factory=dict[str, App])
    """The first segment of a path, or its first two, → the application that answers below it by itself."""
    background: Background | None = None
    """For work that outlives the call which began it."""
    answers: Answers | None = None
    """Those that are kept; None where none are."""
    hooks: Hooks = field(default_factory=Hooks)
    bodies: Keeper | None = None
    repeats: Repeats | None = None
    traffic: Traffic = field(default_factory=Traffic)


@dataclass(kw_only=True, slots=True)
class Visit:
    """One call of a known caller, its body read. Not frozen, for speed alone: nobody changes one."""

    call: Call
    found: Found
    caller: Caller
    context: Context
    parts: Parts
    outlet: Outlet
    record: AccessRecord
    services: Services

    def asks_for(self, model: str, *, stream: bool = False) -> None:
        """The call is for that model. Raises `ForbiddenCaller` where its key is not."""
        self.record.model, self.record.stream = model, stream
        if self.caller.models:
            check_model(self.caller, model, self._targets)

    def guards(self) -> Guards | None:
        """Of the hooks that are set for it. Ask where there are hooks at all."""
        asked = Asked(
            scope=self.caller.scope,
            key=self.caller.key,
            front=self.found.wire.name,
            context=self.context,
            models=self.parts.engine,
        )
        return self.services.hooks.for_call(asked, self.caller.name)

    def _targets(self, model: str) -> list[str]:
        return [target.name for target in self.parts.resolver(model, self._purpose).targets]

    @property
    def _purpose(self) -> Purpose:
        return _PURPOSES.get(self.found.operation, "work")

    def answered_by(self, told: Delivery | WorkReply | CountReply) -> None:
        """For the record: who it was."""
        record = self.record
        record.provider, record.answered_model = told.provider, told.model
        record.fidelity = told.fidelity
