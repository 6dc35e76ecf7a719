"""What a Gemini client says in the path of its call: the model and the method."""

from __future__ import annotations

from quorate.errors import InvalidRequest
from quorate.types.value import Value
from quorate.types.work import Operation
from quorate.wire.seam import Call, Route

STREAM = "streamGenerateContent"

_PREFIXES = (
    "/v1beta/models",
    "/v1beta/tunedModels",
    "/v1/models",
    "/v1alpha/models",
    "/models",
    "/v1/publishers/{publisher}/models",
    "/v1beta1/publishers/{publisher}/models",
    "/v1/projects/{project}/locations/{location}/publishers/{publisher}/models",
    "/v1beta1/projects/{project}/locations/{location}/publishers/{publisher}/models",
)
"""AI Studio's paths, also without a version as litellm has them, and Vertex AI's with and without a project."""


class Address(Value):
    """A model and what is asked of it."""

    model: str
    method: str


def routes(methods: tuple[str, ...], operation: Operation) -> tuple[Route, ...]:
    """Every path under which clients call these methods."""
    return tuple(
        Route(method="POST", path=f"{prefix}/{{model*}}:{method}", operation=operation)
        for prefix in _PREFIXES
        for method in methods
    )


def address_of(call: Call) -> Address:
    """The model between the first 'models/' and the last ':'. Its own name may hold both."""
    head, found, method = call.path.rpartition(":")
    _, shelf, model = head.partition("/models/")
    if not shelf:
        _, shelf, model = head.partition("/tunedModels/")
        model = "tunedModels/" + model if model else ""
    if not found or not model or not method or "/" in method:
        raise InvalidRequest(f"no model and method in the path '{call.path}'", where="model")
    return Address(model=model, method=method)


def is_sse(call: Call) -> bool:
    """Whether a streamed answer comes as events; else it is one JSON list."""
    return call.query.get("alt") == "sse"
