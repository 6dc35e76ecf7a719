"""Embeddings, from both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from quorate.errors import InvalidRequest, Unsupported
from quorate.types.target import Target
from quorate.types.usage import MISSING, Usage
from quorate.types.work import EmbedReply, EmbedRequest
from quorate.wire.notes import Notes
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .answer import write_usage
from .failure import broken, read_failure
from .question import decoded, named
from .quirks import apply_quirks
from .reply import metrics_of
from .shapes import METRICS, PROTOCOL, Shape, kept, leftovers, vendor_of

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


_EMBED_ANSWER = msgspec.json.Decoder(_EmbedAnswer)
_LOOSE = msgspec.json.Decoder(dict[str, Any])
_EMBED_QUESTION = msgspec.json.Decoder(_EmbedQuestion)


class EmbedCodec:
    """POST /api/embed."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        if request.tokens:
            raise Unsupported(
                f"'{target.name}' takes texts, not token numbers: send the texts", settings=("input",)
            )
        notes = Notes()
        body: dict[str, Any] = {"model": target.model, "input": request.inputs}
        if request.dimensions is not None:
            body["dimensions"] = request.dimensions
        if request.user:
            notes.dropped("user", "this protocol knows no end users")
        body |= leftovers(kept(request.vendor), ("model", "input"))
        apply_quirks(body, target.quirks, notes)
        return WireRequest(
            path=target.quirks.paths.get("embed", "/api/embed").replace(
                "{model}", quote(target.model, safe=":@")
            ),
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
        loose = decoded(_LOOSE, call.body)
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
