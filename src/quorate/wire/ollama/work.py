"""Embeddings and the list of models, from both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.target import Target
from quorate.types.usage import MISSING, Usage
from quorate.types.work import EmbedReply, EmbedRequest, ModelInfo, ModelList, ModelsRequest
from quorate.wire.notes import Notes
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .answer import write_usage
from .failure import broken, read_failure
from .question import decoded, named
from .quirks import apply_quirks
from .reply import metrics_of
from .shapes import METRICS, PROTOCOL, Shape, kept, leftovers, moment_of, seconds_of, vendor_of

_JSON = {"content-type": "application/json; charset=utf-8"}


class _EmbedAnswer(Shape):
    model: str = ""
    embeddings: list[tuple[float, ...]] | None = None
    embedding: tuple[float, ...] | None = None
    prompt_eval_count: int | None = None
    error: Any = None


class _EmbedQuestion(Shape):
    model: str = ""
    input: list[str] | str | None = None
    prompt: str | None = None
    dimensions: int | None = None


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


_EMBED_ANSWER = msgspec.json.Decoder(_EmbedAnswer)
_EMBED_QUESTION = msgspec.json.Decoder(_EmbedQuestion)
_MODELS_ANSWER = msgspec.json.Decoder(_ModelsAnswer)


class EmbedCodec:
    """POST /api/embed."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        notes = Notes()
        body: dict[str, Any] = {"model": target.model, "input": request.inputs}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        if request.user:
            notes.dropped("user", "this protocol knows no end users")
        body |= leftovers(kept(request.vendor), ("model", "input"))
        apply_quirks(body, target.quirks, notes)
        return WireRequest(
            path=target.quirks.paths.get("embed", "/api/embed").replace("{model}", target.model),
            body=msgspec.json.encode(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            fidelity=notes.all(),
        )

    def read_reply(self, answer: WireAnswer) -> EmbedReply:
        """The old /api/embeddings gave one vector under another name: it is read too."""
        try:
            shape = _EMBED_ANSWER.decode(answer.body)
            loose: dict[str, Any] = msgspec.json.decode(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise broken(answer, "the answer is not what Ollama's protocol says") from error
        if shape.error:
            raise read_failure(answer)
        vectors = shape.embeddings if shape.embedding is None else [shape.embedding]
        if vectors is None:
            raise broken(answer, "the answer holds no vectors")
        left = leftovers(loose, ("model", "embeddings", "embedding"))
        counted = shape.prompt_eval_count
        usage = MISSING
        if counted is not None:
            quality = "exact" if counted >= 0 else "inconsistent"
            usage = Usage(input=max(counted, 0), quality=quality, vendor={PROTOCOL: metrics_of(loose)})
            left = {key: value for key, value in left.items() if not key.endswith(METRICS)}
        return EmbedReply(model=shape.model, vectors=tuple(vectors), usage=usage, vendor=vendor_of(left))


class EmbedFront:
    """POST /api/embed, and the older /api/embeddings with one `prompt` and one vector."""

    routes: Sequence[Route] = (
        Route(method="POST", path="/api/embed", operation="embed"),
        Route(method="POST", path="/api/embeddings", operation="embed"),
    )

    def read_request(self, call: Call) -> EmbedRequest:
        shape = decoded(_EMBED_QUESTION, call.body)
        loose: dict[str, Any] = msgspec.json.decode(call.body)
        name = "prompt" if _is_old(call) else "input"
        asked = shape.prompt if _is_old(call) else shape.input
        if asked is None:
            raise InvalidRequest(f"'{name}' is missing", where=name)
        return EmbedRequest(
            model=named(shape.model),
            inputs=(asked,) if isinstance(asked, str) else tuple(asked),
            dimensions=shape.dimensions,
            vendor=vendor_of(leftovers(loose, ("model", name, "dimensions"))),
        )

    def write_reply(self, reply: EmbedReply, call: Call) -> WireAnswer:
        if _is_old(call):
            body: dict[str, Any] = {"embedding": reply.vectors[0] if reply.vectors else []}
        else:
            usage = write_usage(reply.usage)
            usage.pop("eval_count", None)
            body = {"model": reply.model, "embeddings": reply.vectors} | usage | kept(reply.vendor)
        return WireAnswer(headers=_JSON, body=msgspec.json.encode(body))


def _is_old(call: Call) -> bool:
    return call.path.endswith("/embeddings")


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
        features=tuple(shape.capabilities or ()),
        vendor=vendor_of(leftovers(loose, ("model", "name", "capabilities"))),
    )


class ModelsFront:
    """GET /api/tags. Clients expect sizes and digests; of a model that is no file they are empty."""

    routes: Sequence[Route] = (Route(method="GET", path="/api/tags", operation="models"),)

    def read_request(self, call: Call) -> ModelsRequest:
        return ModelsRequest()

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        models = [_told(model) for model in reply.models]
        return WireAnswer(headers=_JSON, body=msgspec.json.encode({"models": models}))


def _told(model: ModelInfo) -> dict[str, Any]:
    details: dict[str, Any] = {
        "parent_model": "",
        "format": "",
        "family": model.owner,
        "families": [model.owner] if model.owner else [],
        "parameter_size": "",
        "quantization_level": "",
    }
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
    if model.features:
        told["capabilities"] = model.features
    return told | kept(model.vendor)
