"""Who may use the admin API: whoever shows a key with that right, or a browser that signed in with one.

Every route declares what it needs; `include` refuses to serve one that does not.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from fastapi.security import APIKeyCookie, HTTPBearer

from quorate.errors import ForbiddenCaller
from quorate.gateway.intake import read_head
from quorate.store.sign_ins import session_key
from quorate.store.times import now

from .desk import Desk

Right = Literal["anyone", "admin"]

COOKIE = "quorate_session"
INTENT = "x-quorate-intent"
"""A header that a page of another site cannot send: asked of a browser's session before anything is changed."""

_READING = frozenset({"GET", "HEAD"})


class Needs:
    """A dependency: what a caller must be allowed to do. Returns the id of the key it was allowed by."""

    def __init__(self, right: Right) -> None:
        self.right = right

    async def __call__(self, request: Request) -> str:
        if self.right == "anyone":
            return ""
        desk = desk_of(request)
        head = read_head(request.scope)
        if session := request.cookies.get(COOKIE):
            async with desk.database.read() as connection:
                key = await session_key(connection, session, now=now())
            if key is not None and key.is_admin:
                if request.method not in _READING and INTENT not in head.headers:
                    raise ForbiddenCaller(f"a browser that changes something sends the header '{INTENT}'")
                return key.id
        caller = desk.callers.find(head.headers, head.query)
        if not caller.is_admin:
            raise ForbiddenCaller("this needs an admin key")
        return caller.key


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(desk_of)]

ADMIN = Needs("admin")
ANYONE = Needs("anyone")

_FORMS = (
    HTTPBearer(scheme_name="key", auto_error=False, description="An admin's key"),
    APIKeyCookie(
        name=COOKIE, scheme_name="session", auto_error=False, description="Of a browser that signed in"
    ),
)
"""For the description alone: how an admin shows who it is. `Needs` is what looks."""


def resource(name: str, needs: Needs = ADMIN) -> APIRouter:
    """A router under `/api/v1/<name>`, whose every route needs that right."""
    forms = _FORMS if needs.right == "admin" else ()
    return APIRouter(
        prefix=f"/api/v1/{name}", tags=[name], dependencies=[Depends(needs), *map(Depends, forms)]
    )


def include(app: FastAPI, router: APIRouter) -> None:
    """Serve the router's routes, if each of them says who may use it. Raises `TypeError`."""
    routes: list[Any] = list(router.routes)
    for route in routes:
        if not isinstance(route, APIRoute) or not any(
            isinstance(each.dependency, Needs) for each in route.dependencies
        ):
            raise TypeError(f"the route '{getattr(route, 'path', route)}' does not say who may use it")
    app.include_router(router)
