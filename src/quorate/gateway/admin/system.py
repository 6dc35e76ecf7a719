"""`/api/v1/health`, `/api/v1/version`: how the gateway is, and what is running."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

from fastapi import Request

from .access import ANYONE, TheDesk, resource
from .shapes import HealthReply, VersionReply

health = resource("health")
about = resource("version")
description = resource("openapi.json", ANYONE)


@health.get("")
async def read_health(desk: TheDesk) -> HealthReply:
    """How the gateway is, and what of it works less well than it should."""
    state = desk.state()
    return HealthReply(status=state.status, degraded=state.degraded)


@about.get("")
async def read_version() -> VersionReply:
    """What is running."""
    return VersionReply(version=version("quorate"), python=platform.python_version())


@description.get("", include_in_schema=False)
async def read_description(request: Request) -> dict[str, Any]:
    """This API as OpenAPI 3.1."""
    return request.app.openapi()
