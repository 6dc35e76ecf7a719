"""`/sign-in/<word>`: the link that `quorate serve` prints opens a browser's session, once."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from quorate.errors import UnknownCaller
from quorate.store.sign_ins import SESSION_LASTS, end_session, open_session
from quorate.store.times import SECOND, now

from .access import ANYONE, COOKIE, TheDesk, resource

sign_in = APIRouter(prefix="/sign-in", tags=["sign-in"], dependencies=[Depends(ANYONE)])
session = resource("session")


@sign_in.get("/{word}", include_in_schema=False)
async def enter(desk: TheDesk, request: Request, word: str) -> Response:
    """The browser gets a session's cookie and is sent on; the link is then worth nothing."""
    async with desk.database.write() as connection:
        opened = await open_session(connection, word, now=now())
    if opened is None:
        raise UnknownCaller("this link was used or is too old: `quorate keys link` makes another")
    answer = RedirectResponse("/", status_code=303, headers={"cache-control": "no-store"})
    answer.set_cookie(
        COOKIE,
        opened.reveal(),
        max_age=SESSION_LASTS // SECOND,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@session.delete("", status_code=204)
async def leave(desk: TheDesk, request: Request) -> Response:
    """End this browser's session."""
    async with desk.database.write() as connection:
        await end_session(connection, request.cookies.get(COOKIE, ""))
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE)
    return answer
