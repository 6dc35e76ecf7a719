"""The gateway as a raw ASGI application. Read `Gateway.__call__`: every call goes through it.

Head, caller and path are judged before a byte of the body is read; what is wrong is told in the client's own protocol.
"""

from __future__ import annotations

import asyncio
import logging
import re

from quorate.assemble import Household, Parts, new_context
from quorate.errors import (
    MissingCredential,
    OperatorError,
    QuorateError,
    TooLarge,
    WrongMethod,
)
from quorate.settings.settings import Settings
from quorate.store.identity import new_id
from quorate.types.value import replace
from quorate.wire.seam import Call

from .callers import QUERY_KEY, callers_in_settings
from .gate import Gate
from .intake import Head, HungUp, Receive, Scope, Send, check_head, read_body, read_head
from .outlet import Outlet
from .record import AccessRecord
from .routes import Routes, first_segment
from .visit import Services, Visit

_OURS = QuorateError("the gateway failed")
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_log = logging.getLogger("quorate.gateway")


class Gateway:
    """One household behind every front."""

    def __init__(self, household: Household, services: Services, *, host: str) -> None:
        """`host` is what it listens at."""
        self._household, self._services, self._host = household, services, host
        self._routes = Routes(services.wires)
        self._learn(household.parts.settings)

    def _learn(self, settings: Settings) -> None:
        """What of the settings is asked of every call."""
        self._settings = settings
        self._gate = Gate(self._host, settings.server.hosts, settings.server.origins)
        self._services.callers.learn("settings", callers_in_settings(settings.server.keys))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # a server closes any other connection by itself
        head = read_head(scope)
        record = AccessRecord(new_id(), head.method, head.path)
        told = head.headers.get("x-request-id", "")
        record.identity = told if _ID.fullmatch(told) else record.id
        outlet = Outlet(send, record)
        try:
            parts = self._current()
            check_head(scope, head.headers, parts.settings.server.body_limit)
            self._gate.check(head.headers)
            mount = self._services.mounts.get(first_segment(head.path))
            if mount is None:
                visit = await self._entered(head, parts, outlet, record, receive)
                await self._attended(visit, receive)
            else:
                await mount(scope, receive, send)
        except HungUp:
            record.outcome = "left"
        except QuorateError as error:
            record.fail(error)
            await self._refuse(error, head, outlet, record)
        except Exception:  # noqa: BLE001 whatever it was, the client is told in its protocol and no more
            _log.exception("a call to '%s' failed by a fault of the gateway's own", head.path)
            record.fail(_OURS)
            await self._refuse(_OURS, head, outlet, record)
        finally:
            record.end()
            self._services.journal.add(record)

    def _current(self) -> Parts:
        """The parts in force; a change of settings is learnt here."""
        parts = self._household.current()
        if parts.settings is not self._settings:
            self._learn(parts.settings)
        return parts

    async def _entered(
        self, head: Head, parts: Parts, outlet: Outlet, record: AccessRecord, receive: Receive
    ) -> Visit:
        """Who calls, for what, with which body. Raises what keeps the call out."""
        services = self._services
        caller = services.callers.find(head.headers, head.query)
        record.scope, record.key = caller.scope, caller.key
        services.limits.admit(caller)
        found = self._routes.find(head.method, head.path, head.headers, head.query)
        record.protocol, record.operation = found.wire.name, found.operation
        body = await read_body(receive, parts.settings.server.body_limit)
        context = replace(new_context(parts.settings), scope=caller.scope)
        record.trace = context.trace
        return Visit(
            call=_call_of(head, body),
            found=found,
            caller=caller,
            context=context,
            parts=parts,
            outlet=outlet,
            record=record,
            services=services,
        )

    async def _attended(self, visit: Visit, receive: Receive) -> None:
        """Answer; stop the work when the client goes; whatever comes of it, count what was used."""
        self._household.warm()
        failure: QuorateError | None = None
        has_left = False
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(visit.outlet.watch(receive))
                try:
                    await self._services.handlers[visit.found.operation](visit)
                except QuorateError as error:
                    failure = error
                watching.cancel()
        except* HungUp:
            has_left = True
        finally:
            used = sum(each.usage.total for each in visit.context.trace)
            self._services.limits.used(visit.caller, used)
        if has_left:
            raise HungUp
        if failure is not None:
            raise failure

    async def _refuse(self, error: QuorateError, head: Head, outlet: Outlet, record: AccessRecord) -> None:
        """Tell what is wrong in the client's protocol; where an answer had begun, leave it without its end."""
        if outlet.has_begun:
            return
        if isinstance(error, OperatorError):
            _log.error("a call to '%s' needs the operator: %s", head.path, error)
            error = _told_outside(error)
        front = self._routes.front(record.protocol) or self._routes.nearest(
            head.path, head.headers, head.query
        )
        answer = front.write_error(error, _call_of(head, b""))
        more = {"x-quorate-attempts": str(len(error.attempts))} if error.attempts else {}
        if isinstance(error, WrongMethod):
            more["allow"] = ", ".join(error.allowed)
        if isinstance(error, TooLarge):
            more["connection"] = "close"  # the rest of its body is not read
        await outlet.whole(answer.status, answer.headers | more, answer.body)


def _call_of(head: Head, body: bytes) -> Call:
    """What the fronts see; our caller's key is not among it, so that no upstream gets it."""
    query = {name: value for name, value in head.query.items() if name != QUERY_KEY}
    return Call(method=head.method, path=head.path, query=query, headers=head.headers, body=body)


def _told_outside(error: OperatorError) -> OperatorError:
    """What a caller may know: neither files nor variables of the operator's."""
    if isinstance(error, MissingCredential):
        return MissingCredential(f"this gateway has no key for '{error.provider}'", provider=error.provider)
    return OperatorError("this gateway needs its operator: what is wrong stands in its log")
