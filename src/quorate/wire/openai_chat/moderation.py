"""Texts that are judged, asked and answered: https://platform.openai.com/docs/api-reference/moderations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.types.parts import Media
from quorate.types.target import Target
from quorate.types.usage import MISSING
from quorate.types.work import Judgement, ModerateReply, ModerateRequest
from quorate.wire.json_fields import Fields, Json, a_text, an_object, is_list, objects
from quorate.wire.openai_faults import broken
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .codec import path_of
from .drawn import from_link, link_of
from .fields import own, vendor
from .front import JSON, read_body
from .paths import routes
from .settings import bend
from .told import read_told
from .usage import read_usage, write_usage

MODERATE = "/moderations"
USUAL_MODEL = "omni-moderation-latest"
"""The protocol's own, for calls that name none."""


class ModerateCodec:
    """Texts in, scores of categories out."""

    def write_request(self, request: ModerateRequest, target: Target) -> WireRequest:
        body: Json = {**own(request.vendor), "model": target.model, "input": _write_input(request)}
        body, lost = bend(body, target.quirks)
        return WireRequest(
            path=path_of("moderate", MODERATE, target),
            body=msgspec.json.encode(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            fidelity=tuple(lost),
        )

    def read_reply(self, answer: WireAnswer) -> ModerateReply:
        body = read_told(answer, "results")
        results = [_read_judgement(dict(each)) for each in objects(body.pop("results", None))]
        if not results:
            raise broken("the answer has no results", answer)
        scores: dict[str, float] = {}
        for result in results:
            said = {name: float(is_met) for name, is_met in result.categories.items()}
            for name, score in (said | result.scores).items():
                scores[name] = max(score, scores.get(name, 0.0))
        if not scores:
            raise broken("the answer has no scores", answer)
        raw = an_object(body.pop("usage", None))
        return ModerateReply(
            model=a_text(body.pop("model", None)),
            scores=scores,
            results=tuple(results),
            usage=read_usage(raw) if raw else MISSING,
            vendor=vendor(body),
        )


def _write_input(request: ModerateRequest) -> list[Any]:
    """Texts; with pictures, the parts of one thing that is judged."""
    if not request.images:
        return list(request.inputs)
    texts: list[Any] = [{"type": "text", "text": each} for each in request.inputs]
    return [*texts, *({"type": "image_url", "image_url": {"url": link_of(each)}} for each in request.images)]


def _read_input(body: Fields) -> tuple[tuple[str, ...], tuple[Media, ...]]:
    value = body.take("input")
    listed = value if is_list(value) else [value]
    parts = [an_object(each) for each in listed]
    if listed and all(isinstance(each, str) for each in listed):
        return tuple(listed), ()
    texts = [part["text"] for part in parts if isinstance(part.get("text"), str)]
    images = [
        from_link(part, f"input.{at}") for at, part in enumerate(parts) if part.get("type") == "image_url"
    ]
    if not listed or len(texts) + len(images) < len(listed):
        raise body.wrong("input", "a string, a list of strings, or a list of texts and pictures")
    return tuple(texts), tuple(images)


def _read_judgement(item: Json) -> Judgement:
    told = an_object(item.pop("categories", None))
    categories = {name: value for name, value in told.items() if isinstance(value, bool)}
    told = an_object(item.pop("category_scores", None))
    scores = {name: float(value) for name, value in told.items() if _is_score(value)}
    flagged = item.pop("flagged", None)
    return Judgement(
        flagged=flagged if isinstance(flagged, bool) else any(categories.values()),
        categories=categories,
        scores=scores,
        vendor=vendor(item),
    )


def _is_score(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


class ModerateFront:
    """Judges texts for clients."""

    routes: Sequence[Route] = routes("POST", MODERATE, "moderate")

    def read_request(self, call: Call) -> ModerateRequest:
        body = read_body(call)
        inputs, images = _read_input(body)
        return ModerateRequest(
            model=body.text("model") or USUAL_MODEL, inputs=inputs, images=images, vendor=vendor(body.rest)
        )

    def write_reply(self, reply: ModerateReply, call: Call) -> WireAnswer:
        body: Json = {"model": reply.model, "results": [_write_judgement(each) for each in reply.results]}
        if reply.usage.total:
            body["usage"] = write_usage(reply.usage)
        return WireAnswer(headers=JSON, body=msgspec.json.encode({"id": "modr"} | body | own(reply.vendor)))


def _write_judgement(judged: Judgement) -> Json:
    told: Json = {
        "flagged": judged.flagged,
        "categories": judged.categories,
        "category_scores": judged.scores,
    }
    return told | own(judged.vendor)
