"""The admin API as one application; FastAPI is loaded when it is first called, not when the gateway starts."""

from __future__ import annotations

import logging
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from quorate.errors import OperatorError, QuorateError

from .access import include
from .bodies import bodies
from .calls import calls
from .desk import Desk
from .keys import keys
from .models import models
from .providers import providers
from .routes import routes
from .settings import settings
from .shapes import FaultReply
from .sign_in import session, sign_in
from .system import about, description, health

_log = logging.getLogger("quorate.gateway")

_FAULTS: dict[int | str, dict[str, Any]] = {
    code: {"model": FaultReply} for code in (400, 401, 403, 404, 405, 422, 500, 503)
}
_RESOURCES = (
    health,
    about,
    providers,
    models,
    routes,
    calls,
    keys,
    bodies,
    settings,
    session,
    sign_in,
    description,
)


def admin_app(desk: Desk) -> FastAPI:
    """Everything under `/api/v1` and `/sign-in`."""
    app = _app()
    app.state.desk = desk
    return app


def described() -> dict[str, Any]:
    """The API as OpenAPI 3.1."""
    return _app().openapi()


def _app() -> FastAPI:
    app = FastAPI(
        title="Quorate",
        version=version("quorate"),
        openapi_url=None,  # its route would not say who may use it; `/api/v1/openapi.json` does
        docs_url=None,  # a page that loads scripts from elsewhere
        redoc_url=None,
        responses=_FAULTS,
        redirect_slashes=False,
    )
    for router in _RESOURCES:
        include(app, router)
    handlers: dict[type[Exception], Any] = {
        QuorateError: _told,
        RequestValidationError: _unreadable,
        HTTPException: _plain,
        Exception: _broken,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)
    return app


async def _told(request: Request, error: QuorateError) -> Response:
    if isinstance(error, OperatorError):
        _log.error("a call to '%s' needs the operator: %s", request.url.path, error)
    where = getattr(error, "where", None) or None
    return _fault(error.http_status, error.code, str(error), where=where)


async def _unreadable(request: Request, error: RequestValidationError) -> Response:
    """All that is wrong at once; what was sent is not repeated."""
    problems = [
        {"where": ".".join(str(step) for step in each["loc"]), "message": str(each["msg"])}
        for each in error.errors()
    ]
    first = problems[0] if problems else {"where": "", "message": "it makes no sense"}
    told = f"{first['where']}: {first['message']}"
    return _fault(422, "invalid_request", told, where=first["where"], data={"problems": problems})


async def _plain(request: Request, error: HTTPException) -> Response:
    code = {404: "unknown_path", 405: "wrong_method"}.get(error.status_code, "wrong_request")
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["allow"] = ", ".join(_methods_at(request.scope["path"]))
    return _fault(error.status_code, code, str(error.detail), headers=headers)


def _methods_at(path: str) -> list[str]:
    """All that is taken there: the framework itself names those of one route alone."""
    routes = (each for router in _RESOURCES for each in router.routes if isinstance(each, APIRoute))
    return sorted({method for each in routes if each.path_regex.match(path) for method in each.methods or ()})


async def _broken(request: Request, error: Exception) -> Response:
    _log.error("a call to '%s' failed by a fault of the gateway's own", request.url.path, exc_info=error)
    return _fault(500, "internal", "the gateway failed")


def _fault(
    status: int,
    code: str,
    message: str,
    *,
    where: str | None = None,
    data: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    fault = {"code": code, "message": message, "where": where, "data": data or {}}
    return JSONResponse({"error": fault}, status_code=status, headers=headers)
