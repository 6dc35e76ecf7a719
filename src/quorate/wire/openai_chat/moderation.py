"""Asks a provider's moderation endpoint: https://platform.openai.com/docs/api-reference/moderations."""

from __future__ import annotations

import msgspec

from quorate.types.target import Target
from quorate.types.work import ModerateReply, ModerateRequest
from quorate.wire.json_fields import Json, a_text, an_object, objects
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.seam import WireAnswer, WireRequest

from .codec import path_of
from .fields import vendor
from .settings import bend
from .stream import tells_error


class ModerateCodec:
    """Texts in, scores of categories out."""

    def write_request(self, request: ModerateRequest, target: Target) -> WireRequest:
        body: Json = {"model": target.model, "input": list(request.inputs)}
        body, lost = bend(body, target.quirks)
        return WireRequest(
            path=path_of("moderate", "/moderations", target),
            body=msgspec.json.encode(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            fidelity=tuple(lost),
        )

    def read_reply(self, answer: WireAnswer) -> ModerateReply:
        try:
            body: Json = dict(an_object(msgspec.json.decode(answer.body)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise broken("the answer cannot be read as JSON", answer) from error
        if "results" not in body and tells_error(body):
            raise error_of(body, answer)
        results = objects(body.pop("results", None))
        if not results:
            raise broken("the answer has no results", answer)
        scores: dict[str, float] = {}
        for result in results:
            for name, score in _scores(result).items():
                scores[name] = max(score, scores.get(name, 0.0))
        if not scores:
            raise broken("the answer has no scores", answer)
        return ModerateReply(model=a_text(body.pop("model", None)), scores=scores, vendor=vendor(body))


def _scores(result: Json) -> dict[str, float]:
    """The category's score; where a server only says yes or no, 1 or 0."""
    said = {
        name: float(value) for name, value in an_object(result.get("categories")).items() if _is_bool(value)
    }
    told = an_object(result.get("category_scores"))
    return said | {name: float(value) for name, value in told.items() if _is_score(value)}


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_score(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
