"""Where clients of this protocol call: under OpenAI's own base, without it, and as Azure's libraries do."""

from __future__ import annotations

from quorate.types.work import Operation
from quorate.wire.seam import Call, Route

BASES = ("/v1", "", "/openai/v1", "/openai")

_VERSION = "api-version"


def routes(path: str, operation: Operation = "chat") -> tuple[Route, ...]:
    """Every path of an operation."""
    return tuple(Route(method="POST", path=base + path, operation=operation) for base in BASES)


def query_of(call: Call) -> dict[str, str]:
    """The query that goes on to a target. The version is a matter between Azure's clients and Azure."""
    if _VERSION not in call.query:
        return call.query
    return {name: value for name, value in call.query.items() if name != _VERSION}
