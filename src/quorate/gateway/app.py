"""The gateway as a raw ASGI application. Read `Gateway.__call__`: every call goes through it.

Head, caller and path are judged before a byte of the body is read; what is wrong is told in the client's own protocol.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from itertools import count

from quorate.assemble import Household, Parts, new_context
from quorate.engine.delivery import Delivery
from quorate.engine.forwarded import Forwarded
from quorate.errors import (
    MissingCredential,
    OperatorError,
    QuorateError,
    TooLarge,
    WrongMethod,
)
from quorate.settings.settings import Settings
from quorate.types.target import Context
from quorate.types.value import replace
from quorate.types.work import EmbedReply, EmbedRequest
from quorate.wire.seam import Call, Front, Wires, WorkFront

from .callers import QUERY_KEY, Callers, callers_of
from .gate import Gate
from .intake import Head, HungUp, Receive, Scope, Send, check_head, read_body, read_head
from .listing import list_models
from .outlet import Outlet
from .routes import Found, Routes

_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_log = logging.getLogger("quorate.gateway")


class Gateway:
    """One household behind every front."""

    def __init__(self, household: Household, wires: Wires, *, host: str, kept: Callers | None = None) -> None:
        """`host` is what it listens at; `kept` holds where the settings have no keys."""
        self._household, self._wires, self._host = household, wires, host
        self._kept = kept or Callers(())
        self._routes = Routes(wires)
        self._ids, self._start = count(1), secrets.token_hex(6)
        self._learn(household.parts.settings)

    def _learn(self, settings: Settings) -> None:
        """What of the settings is asked of every call."""
        self._settings, server = settings, settings.server
        self._callers = callers_of(server.keys) if server.keys else self._kept
        self._gate = Gate(self._host, server.hosts, server.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return  # a server closes any other connection by itself
        parts = self._household.current()
        if parts.settings is not self._settings:
            self._learn(parts.settings)
        head = read_head(scope)
        outlet = Outlet(send, self._request_id(head))
        front = self._routes.nearest(head.path, head.headers, head.query)
        try:
            limit = parts.settings.server.body_limit
            check_head(scope, head.headers, limit)
            self._gate.check(head.headers)
            who = self._callers.scope(head.headers, head.query)
            found = self._routes.find(head.method, head.path, head.headers, head.query)
            front = found.front
            call = _call_of(head, await read_body(receive, limit))
            await self._answered(call, found, who, parts, outlet, receive)
        except HungUp:
            return
        except QuorateError as error:
            await _refuse(error, front, head, outlet)
        except Exception:  # noqa: BLE001 whatever it was, the client is told in its protocol and no more
            _log.exception("a call to '%s' failed by a fault of the gateway's own", head.path)
            if not outlet.has_begun:
                await _refuse(QuorateError("the gateway failed"), front, head, outlet)

    def _request_id(self, head: Head) -> str:
        """The client's own, where it is one; else ours."""
        told = head.headers.get("x-request-id", "")
        return told if _ID.fullmatch(told) else f"{self._start}-{next(self._ids):x}"

    async def _answered(
        self, call: Call, found: Found, who: str, parts: Parts, outlet: Outlet, receive: Receive
    ) -> None:
        """Answer, and stop the work when the client goes."""
        context = replace(new_context(parts.settings), scope=who)
        self._household.warm()
        gone: BaseException | None = None
        failure: QuorateError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(outlet.watch(receive))
                try:
                    await self._answer(call, found, context, parts, outlet)
                except QuorateError as error:
                    failure = error
                watching.cancel()
        except* HungUp as left:
            gone = left.exceptions[0]
        if gone is not None:
            raise HungUp
        if failure is not None:
            raise failure

    async def _answer(self, call: Call, found: Found, context: Context, parts: Parts, outlet: Outlet) -> None:
        work = found.work
        if work is None:
            passage = Forwarded(
                call, found.wire, found.front, self._wires, identity=outlet.identity, created=int(time.time())
            )
            async with parts.engine.forward(passage, context) as delivery:
                await outlet.deliver(delivery)
        elif found.operation == "embed":
            await outlet.deliver(await _embedded(call, work, context, parts))
        else:
            _, _, wanted = call.path.partition("/models/")
            answer = work.write_reply(await list_models(parts, wanted), call)
            await outlet.whole(answer.status, answer.headers, answer.body)


async def _embedded(
    call: Call, work: WorkFront[EmbedRequest, EmbedReply], context: Context, parts: Parts
) -> Delivery:
    request = work.read_request(call)
    reply = await parts.engine.embed(request, context)
    answer = work.write_reply(reply if reply.model else replace(reply, model=request.model), call)
    return Delivery(
        headers=answer.headers,
        provider=reply.provider,
        model=reply.model or request.model,
        attempts=len(reply.attempts),
        fidelity=reply.fidelity,
        cost=reply.cost,
        body=answer.body,
    )


def _call_of(head: Head, body: bytes) -> Call:
    """What the fronts see; our caller's key is not among it, so that no upstream gets it."""
    query = {name: value for name, value in head.query.items() if name != QUERY_KEY}
    return Call(method=head.method, path=head.path, query=query, headers=head.headers, body=body)


async def _refuse(error: QuorateError, front: Front, head: Head, outlet: Outlet) -> None:
    """Tell what is wrong in the client's protocol; where an answer had begun, leave it without its end."""
    if outlet.has_begun:
        return
    if isinstance(error, OperatorError):
        _log.error("a call to '%s' needs the operator: %s", head.path, error)
        error = _told_outside(error)
    answer = front.write_error(error, _call_of(head, b""))
    more = {"x-quorate-attempts": str(len(error.attempts))} if error.attempts else {}
    if isinstance(error, WrongMethod):
        more["allow"] = ", ".join(error.allowed)
    if isinstance(error, TooLarge):
        more["connection"] = "close"  # the rest of its body is not read
    await outlet.whole(answer.status, answer.headers | more, answer.body)


def _told_outside(error: OperatorError) -> OperatorError:
    """What a caller may know: neither files nor variables of the operator's."""
    if isinstance(error, MissingCredential):
        return MissingCredential(f"this gateway has no key for '{error.provider}'", provider=error.provider)
    return OperatorError("this gateway needs its operator: what is wrong stands in its log")
