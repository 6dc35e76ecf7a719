"""One client's call under way, with all that its handler needs; and what the gateway has for every call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from quorate.assemble import Parts
from quorate.engine.delivery import Delivery
from quorate.types.target import Context
from quorate.types.work import EmbedReply, Operation
from quorate.wire.seam import Call, Wires

from .callers import Caller, KeyRing, check_model
from .intake import Receive, Scope, Send
from .journal import Journal
from .limits import Limits
from .outlet import Outlet
from .record import AccessRecord
from .routes import Found

Handler = Callable[["Visit"], Awaitable[None]]
"""Answers one kind of call through the visit's outlet. Raises our errors."""

App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Services:
    """What stands ready for every call."""

    wires: Wires
    callers: KeyRing
    journal: Journal
    limits: Limits
    handlers: Mapping[Operation, Handler]
    mounts: Mapping[str, App] = field(default_factory=dict[str, App])
    """First segment of a path → the application that answers below it by itself, its callers' rights included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """One call of a known caller, its body read."""

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

    def _targets(self, model: str) -> list[str]:
        return [target.name for target in self.parts.resolver(model, self._purpose).targets]

    @property
    def _purpose(self) -> Operation:
        return "embed" if self.found.operation == "embed" else "chat"

    def answered_by(self, told: Delivery | EmbedReply) -> None:
        """For the record: who it was."""
        record = self.record
        record.provider, record.answered_model = told.provider, told.model
        record.fidelity = told.fidelity
