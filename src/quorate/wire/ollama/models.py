"""The list of models and what is told of one, from both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.errors import UnknownModel
from quorate.types.target import Target
from quorate.types.work import ModelInfo, ModelList, ModelsRequest
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .capabilities import read_capabilities, shown_capabilities, write_capabilities
from .failure import broken, read_failure
from .question import decoded, named
from .shapes import Shape, kept, leftovers, moment_of, seconds_of, vendor_of

_JSON = {"content-type": "application/json; charset=utf-8"}
_SHOW, _RUNNING = "/api/show", "/api/ps"


class _Details(Shape):
    context_length: int | None = None


class _ModelShape(Shape):
    model: str = ""
    name: str = ""
    modified_at: str | None = None
    details: _Details | None = None
    capabilities: list[str] | None = None


class _ModelsAnswer(Shape):
    models: list[_ModelShape] | None = None
    error: Any = None


class _ShowQuestion(Shape):
    model: str = ""
    name: str = ""


_MODELS_ANSWER = msgspec.json.Decoder(_ModelsAnswer)
_SHOW_QUESTION = msgspec.json.Decoder(_ShowQuestion)


class ModelsCodec:
    """GET /api/tags: what is installed, or offered by ollama.com."""

    def write_request(self, request: ModelsRequest, target: Target) -> WireRequest:
        return WireRequest(
            method="GET",
            path=target.quirks.paths.get("models", "/api/tags"),
            query=target.quirks.query,
            headers=target.quirks.headers,
        )

    def read_reply(self, answer: WireAnswer) -> ModelList:
        try:
            shape = _MODELS_ANSWER.decode(answer.body)
            loose: dict[str, Any] = msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise broken(answer, "the answer is not what Ollama's protocol says") from error
        if shape.error:
            raise read_failure(answer)
        if "models" not in loose:
            raise broken(answer, "the answer holds no models")
        told: list[Any] = loose["models"] or []
        return ModelList(
            models=tuple(_model(each, left) for each, left in zip(shape.models or (), told, strict=True))
        )


def _model(shape: _ModelShape, loose: dict[str, Any]) -> ModelInfo:
    return ModelInfo(
        id=shape.model or shape.name,
        name=shape.name if shape.name != shape.model else "",
        created=seconds_of(shape.modified_at),
        context=shape.details.context_length if shape.details else None,
        features=read_capabilities(shape.capabilities or ()),
        vendor=vendor_of(leftovers(loose, ("model", "name", "capabilities"))),
    )


class ModelsFront:
    """GET /api/tags, all models; /api/ps, those in memory: none; POST /api/show, what is told of one.

    Clients expect sizes and digests; of a model that is no file they are empty.
    """

    routes: Sequence[Route] = (
        Route(method="GET", path="/api/tags", operation="models"),
        Route(method="GET", path=_RUNNING, operation="models"),
        Route(method="POST", path=_SHOW, operation="models"),
    )

    def read_request(self, call: Call) -> ModelsRequest:
        if call.path != _SHOW:
            return ModelsRequest()
        shape = decoded(_SHOW_QUESTION, call.body)
        return ModelsRequest(wanted=named(shape.model or shape.name))

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        body: dict[str, Any]
        match call.path:
            case "/api/show":
                body = _shown(reply, self.read_request(call).wanted)
            case "/api/ps":
                body = {"models": []}
            case _:
                body = {"models": [_told(model) for model in reply.models]}
        return WireAnswer(headers=_JSON, body=msgspec.json.encode(body))


def _shown(reply: ModelList, wanted: str) -> dict[str, Any]:
    """What clients look for before they use a model: what it can do, and how much it holds."""
    model = next((each for each in reply.models if each.id == wanted), None)
    if model is None:
        raise UnknownModel(f"model '{wanted}' not found", model=wanted)
    family = model.owner or "unknown"
    held: dict[str, Any] = {"general.architecture": family, "general.basename": model.name or model.id}
    if model.context is not None:
        held[f"{family}.context_length"] = model.context
    return {
        "license": "",
        "modelfile": "",
        "parameters": "",
        "template": "",
        "details": _details(model),
        "model_info": held,
        "capabilities": shown_capabilities(model.features),
        "modified_at": moment_of(model.created),
    }


def _details(model: ModelInfo) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "",
        "family": model.owner,
        "families": [model.owner] if model.owner else [],
        "parameter_size": "",
        "quantization_level": "",
    }


def _told(model: ModelInfo) -> dict[str, Any]:
    details = _details(model)
    if model.context is not None:
        details["context_length"] = model.context
    told: dict[str, Any] = {
        "name": model.name or model.id,
        "model": model.id,
        "modified_at": moment_of(model.created),
        "size": 0,
        "digest": "",
        "details": details,
    }
    if words := write_capabilities(model.features):
        told["capabilities"] = words
    return told | kept(model.vendor)
