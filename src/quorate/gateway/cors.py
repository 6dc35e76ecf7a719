"""What a browser is told, so that pages of the allowed origins may call the gateway and read its answers.

`Gate.check` refuses every other origin before; here is only what an allowed one gets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .intake import Head

EXPOSED = (
    "x-request-id",
    "retry-after",
    "x-quorate-provider",
    "x-quorate-model",
    "x-quorate-attempts",
    "x-quorate-cost",
    "x-quorate-decision",
    "x-quorate-fidelity",
)
"""Headers of an answer that a page may read."""

_METHODS = "GET, POST, PUT, PATCH, DELETE"
_MAX_AGE = "600"
_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:[ \t]*,[ \t]*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*")
_LONGEST = 4096


def preflight(head: Head) -> dict[str, str] | None:
    """The headers of the 204 with which a browser's question is answered whether a page may call; None for a call.

    It shows no key, so it is to be answered before keys are asked for, and after the origin was judged.
    """
    headers = head.headers
    if head.method != "OPTIONS" or "origin" not in headers or "access-control-request-method" not in headers:
        return None
    told = headers_for(headers["origin"]) | {
        "access-control-allow-methods": _METHODS,
        "access-control-max-age": _MAX_AGE,
        "vary": "origin, access-control-request-headers",
    }
    wanted = headers.get("access-control-request-headers", "")
    if len(wanted) <= _LONGEST and _NAMES.fullmatch(wanted):
        # Named one by one: `*` would leave out `authorization`, and SDKs send headers of their own.
        told["access-control-allow-headers"] = wanted
    if headers.get("access-control-request-private-network") == "true":
        told["access-control-allow-private-network"] = "true"
    return told


def headers_for(origin: str) -> dict[str, str]:
    """For every answer to a page of that origin, errors and streams too. Cookies are never asked for."""
    return {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": _EXPOSED,
        "vary": "origin",
    }


def cors_of(headers: Mapping[str, str]) -> dict[str, str]:
    """The same for a call whose origin was judged; nothing where no page calls."""
    origin = headers.get("origin")
    return {} if origin is None else headers_for(origin)


_EXPOSED = ", ".join(EXPOSED)
