"""Where clients of this protocol call: under OpenAI's own base, without it, and as others' libraries do."""

from __future__ import annotations

from quorate.types.work import Operation
from quorate.wire.seam import Call, Route

BASES = ("/v1", "", "/openai/v1", "/openai", "/v1/v1", "/v1beta/openai")
"""What may stand before a path: libraries that are given a base without '/v1', or one too many, leave it so.
Groq's and Azure's add '/openai', and Google has its OpenAI-shaped paths under its own version."""

_DEPLOYMENTS = "/openai/deployments/"
_VERSION = "api-version"
_ENDINGS = (
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/images/generations",
    "/images/edits",
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
)


def routes(
    method: str, path: str, operation: Operation = "chat", *, deployed: bool = False
) -> tuple[Route, ...]:
    """Every path of an operation; `deployed` where Azure's clients put the model into it."""
    shelves = [*BASES, *([_DEPLOYMENTS + "{model*}"] if deployed else [])]
    return tuple(Route(method=method, path=shelf + path, operation=operation) for shelf in shelves)


def deployment_of(call: Call) -> str:
    """The model that stands in the path; '' where none does."""
    if not call.path.startswith(_DEPLOYMENTS):
        return ""
    named = call.path[len(_DEPLOYMENTS) :]
    for ending in _ENDINGS:
        if named.endswith(ending):
            return named.removesuffix(ending)
    return ""


def query_of(call: Call) -> dict[str, str]:
    """The query that goes on to a target. The version is a matter between Azure's clients and Azure."""
    if _VERSION not in call.query:
        return call.query
    return {name: value for name, value in call.query.items() if name != _VERSION}
