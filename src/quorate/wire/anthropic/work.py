"""The list of models, asked of a provider and told to a client. The protocol embeds nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Raw

from quorate.errors import InvalidRequest, UnknownModel
from quorate.types.target import Target
from quorate.types.work import ModelInfo, ModelList, ModelsRequest
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .failure import JSON_HEADERS, broken
from .fields import Fields, Json, Misshapen, a_count, an_object, own, vendor
from .quirks import headers_for, path_for

_MOST = "1000"
"""Models on one page: the most the provider gives."""


class ModelsCodec:
    """GET /v1/models, a page at a time."""

    def write_request(self, request: ModelsRequest, target: Target) -> WireRequest:
        page = {"after_id": request.page} if request.page else {}
        return WireRequest(
            method="GET",
            path=path_for("models", target, "/v1/models"),
            query={"limit": _MOST} | page | target.quirks.query,
            headers=headers_for(target),
        )

    def read_reply(self, answer: WireAnswer) -> ModelList:
        try:
            fields = Fields(answer.body)
            if "data" not in fields.rest:
                raise broken(answer, "the answer is not a list of models")
            models = tuple(_read_model(raw, f"data.{n}") for n, raw in enumerate(fields.items("data")))
            more = fields.flag("has_more") or False
            return ModelList(models=models, next_page=fields.text("last_id") if more else "")
        except Misshapen as error:
            raise broken(answer, f"the answer makes no sense ({error})") from error


def _read_model(raw: Raw, at: str) -> ModelInfo:
    fields = Fields(raw, at)
    fields.rest.pop("type", None)
    capabilities = an_object(fields.peek("capabilities"))
    created = _seconds(fields.peek("created_at"))
    if created:
        del fields.rest["created_at"]
    return ModelInfo(
        id=fields.needed_text("id"),
        name=fields.text("display_name"),
        created=created,
        context=a_count(fields.value("max_input_tokens")) or None,
        max_output=a_count(fields.value("max_tokens")) or None,
        features=tuple(_supported(capabilities)),
        vendor=vendor(fields.left()),
    )


def _supported(capabilities: Json) -> Iterator[str]:
    for name, told in capabilities.items():
        if an_object(told).get("supported") is True:
            yield name


def _seconds(text: object) -> int:
    """Unix seconds of an RFC 3339 moment; 0 where it is none, or the epoch that stands for "unknown"."""
    try:
        return int(datetime.fromisoformat(text).timestamp()) if isinstance(text, str) else 0
    except (ValueError, OverflowError):
        return 0


class ModelsFront:
    """The list, or one model of it."""

    routes: Sequence[Route] = (
        Route(method="GET", path="/v1/models", operation="models"),
        Route(method="GET", path="/v1/models/{id*}", operation="models"),
        Route(method="GET", path="/v1/v1/models", operation="models"),
        Route(method="GET", path="/v1/v1/models/{id*}", operation="models"),
    )

    def read_request(self, call: Call) -> ModelsRequest:
        return ModelsRequest(wanted=call.path.partition("/models/")[2])

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        wanted = call.path.partition("/models/")[2]
        if wanted:
            one = next((model for model in reply.models if model.id == wanted), None)
            if one is None:
                raise UnknownModel(f"model: {wanted}", model=wanted)
            return _answer(_write_model(one))
        page, more = _page(reply.models, call.query)
        last = page[-1].id if page else None
        return _answer(
            {
                "data": [_write_model(model) for model in page],
                "has_more": more or bool(reply.next_page),
                "first_id": page[0].id if page else None,
                "last_id": last if more else reply.next_page or last,
            }
        )


def _page(models: Sequence[ModelInfo], query: Mapping[str, str]) -> tuple[Sequence[ModelInfo], bool]:
    """The piece of the list that is asked for, and whether more lies beyond it. Without a limit it is all."""
    after, before = query.get("after_id", ""), query.get("before_id", "")
    if after:
        models = models[_place(models, after, "after_id") + 1 :]
    elif before:
        models = models[: _place(models, before, "before_id")]
    if (told := query.get("limit")) is None:
        return models, False
    if not told.isdecimal() or not 1 <= int(told) <= int(_MOST):
        raise InvalidRequest(f"'limit' must be a number from 1 to {_MOST}", where="limit")
    most = int(told)
    return (models[-most:] if before and not after else models[:most]), len(models) > most


def _place(models: Sequence[ModelInfo], wanted: str, where: str) -> int:
    place = next((place for place, model in enumerate(models) if model.id == wanted), None)
    if place is None:
        raise InvalidRequest(f"'{where}' is no model of this list: '{wanted}'", where=where)
    return place


def _write_model(model: ModelInfo) -> Json:
    limits = {"max_input_tokens": model.context, "max_tokens": model.max_output}
    moment = datetime.fromtimestamp(model.created, UTC).isoformat().replace("+00:00", "Z")
    said: Json = {
        "type": "model",
        "id": model.id,
        "display_name": model.name or model.id,
        "created_at": moment,
    }
    return said | {name: limit for name, limit in limits.items() if limit is not None} | own(model.vendor)


def _answer(fields: Json) -> WireAnswer:
    return WireAnswer(headers=JSON_HEADERS, body=msgspec.json.encode(fields))
