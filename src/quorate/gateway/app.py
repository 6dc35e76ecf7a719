"""The gateway as a raw ASGI application. Read `Gateway.__call__`: every call goes through it.

Head, caller and path are judged before a byte of the body is read; what is wrong is told in the client's own protocol.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any

from quorate.assemble import Household, Parts, new_context
from quorate.errors import (
    MissingCredential,
    OperatorError,
    QuorateError,
    SettingsInvalid,
    StoreUnavailable,
    TooLarge,
    UnknownCaller,
    UnknownModel,
    UnknownPath,
    WrongMethod,
)
from quorate.settings.settings import Settings
from quorate.store.identity import new_identity
from quorate.types.value import replace
from quorate.wire.seam import Call

from .attendance import Attendance
from .callers import NOBODY, QUERY_KEY, Caller, callers_in_settings
from .cors import headers_for, preflight
from .gate import Gate
from .intake import (
    WHOLE,
    WITH_FILES,
    Head,
    HungUp,
    Receive,
    Scope,
    Send,
    check_head,
    is_text,
    read_body,
    read_head,
    too_deep,
)
from .mounts import mount_of
from .outlet import Outlet
from .outside import Trusted, client_of, within
from .record import AccessRecord
from .routes import Routes
from .stopping import reason_of
from .visit import Services, Visit

_OURS = QuorateError("the gateway failed")
_NONE: Mapping[str, Any] = {}
_REMEMBERED = 1024
"""Paths of which is kept whether an application answers there."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_log = logging.getLogger("quorate.gateway")


class Gateway:
    """One household behind every front."""

    def __init__(self, household: Household, services: Services, *, host: str) -> None:
        """`host` is what it listens at."""
        self._household, self._services, self._host = household, services, host
        self._routes = Routes(services.wires)
        self._mount = lru_cache(maxsize=_REMEMBERED)(partial(mount_of, services.mounts))
        self._learn(household.parts.settings)

    def _learn(self, settings: Settings) -> None:
        """What of the settings is asked of every call."""
        self._settings = settings
        self._trusted = Trusted(networks=settings.server.trusted_proxies)
        self._gate = Gate(self._host, settings.server.hosts, settings.server.origins)
        self._services.callers.learn("settings", callers_in_settings(settings.server.keys))
        self._services.hooks.learn(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # a server closes any other connection by itself
        head = read_head(scope)
        record = AccessRecord(new_identity(), head.method, head.path)
        if (told := head.headers.get("x-request-id")) is not None and _ID.fullmatch(told):
            record.identity = told
        if (told := head.headers.get("traceparent")) is not None:
            record.traceparent = told
        outlet = Outlet(send, record, scope.get("extensions", _NONE).get(WHOLE))
        traffic = self._services.traffic
        traffic.running += 1
        try:
            parts = self._current()
            check_head(scope, head.headers, parts.settings.server.body_limit)
            head = self._placed(scope, head, outlet, record)
            mount = self._mount(head.path)
            if head.method == "OPTIONS" and (asked := preflight(head)) is not None:
                await outlet.whole(204, asked, b"")
            elif mount is None:
                visit = await self._entered(head, parts, outlet, record, receive)
                await self._attended(visit, scope, receive)
            else:
                record.is_mounted = True
                await mount(scope, receive, outlet.passing)
        except HungUp:
            record.outcome = "left"
        except QuorateError as error:
            told = self._as_asked(error, record.model)
            record.fail(told)
            await self._refuse(told, head, outlet, record)
        except Exception:  # noqa: BLE001 whatever it was, the client is told in its protocol and no more
            _log.exception("a call to '%s' failed by a fault of the gateway's own", head.path)
            record.fail(_OURS)
            await self._refuse(_OURS, head, outlet, record)
        finally:
            record.end()
            traffic.running -= 1
            self._services.journal.add(record)

    def _placed(self, scope: Scope, head: Head, outlet: Outlet, record: AccessRecord) -> Head:
        """The call as it stands below the base path, by whom and under which name. Raises what keeps it out."""
        headers, base = head.headers, self._settings.server.base_path
        if self._trusted.networks:
            client = client_of(scope, self._trusted)
            record.peer, headers = client.address, headers | {"host": client.host}
        self._gate.check(headers)
        if "origin" in headers:
            outlet.marks |= headers_for(headers["origin"])
        if not base:
            return head
        path = within(base, head.path)
        if path is None:
            raise UnknownPath(f"everything here lies below '{base}'")
        scope["path"] = record.path = path
        return replace(head, path=path)

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
        caller = self._caller(head)
        record.scope, record.key = caller.scope, caller.key
        services.limits.admit(caller)
        found = self._routes.find(head.method, head.path, head.headers, head.query)
        record.protocol, record.operation = found.wire.name, found.operation
        outlet.marks[found.front.request_id_header] = record.identity
        limit = parts.settings.server.body_limit
        text = found.operation not in WITH_FILES or is_text(head.headers)
        body = await read_body(receive, limit, is_text=text)
        context = new_context(parts.settings, scope=caller.scope)
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

    def _caller(self, head: Head) -> Caller:
        """Raises `UnknownCaller`. To be greeted takes no key: clients look who is there before they show one."""
        try:
            return self._services.callers.find(head.headers, head.query)
        except UnknownCaller:
            if self._routes.is_greeting(head.method, head.path):
                return NOBODY
            raise

    async def _attended(self, visit: Visit, scope: Scope, receive: Receive) -> None:
        """Answer; stop the work when the client goes; whatever comes of it, count what was used."""
        self._household.warm()
        if visit.caller.keep_bodies and self._services.bodies is not None:
            self._services.bodies.keep(visit)
        try:
            with Attendance(visit.outlet, scope, receive):
                await self._services.handlers[visit.found.operation](visit)
        except RecursionError as error:
            raise too_deep() from error
        except asyncio.CancelledError as cut:
            if (reason := reason_of(cut)) is None:
                raise
            # The server stops, and the time that running answers had is over.
            await visit.outlet.break_off(visit.found.front.stream_writer(visit.call).fail(reason))
            raise reason from None
        finally:
            if visit.caller.tokens_per_minute is not None:
                used = sum(each.usage.total for each in visit.context.trace)
                self._services.limits.used(visit.caller, used)

    def _as_asked(self, error: QuorateError, model: str) -> QuorateError:
        """A provider that the client itself named and that is not set up: no fault of the operator's."""
        if not isinstance(error, MissingCredential | SettingsInvalid):
            return error
        provider, _, rest = model.partition("/")
        entries = self._household.current().directory.entries
        if not rest or any(provider in (each.name, each.provider) for each in entries):
            return error
        return UnknownModel(f"'{provider}' is not set up at this gateway", model=model)

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
    query = head.query
    if QUERY_KEY in query:
        query = {name: value for name, value in query.items() if name != QUERY_KEY}
    return Call(method=head.method, path=head.path, query=query, headers=head.headers, body=body)


def _told_outside(error: OperatorError) -> OperatorError:
    """What a caller may know: neither files nor variables of the operator's."""
    if isinstance(error, MissingCredential):
        return MissingCredential(f"this gateway has no key for '{error.provider}'", provider=error.provider)
    if isinstance(error, StoreUnavailable):
        return StoreUnavailable("this gateway cannot reach its store at present")
    return OperatorError("this gateway needs its operator: what is wrong stands in its log")
