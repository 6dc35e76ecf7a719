"""The list of models, read from Google and written for its clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from quorate.errors import InvalidRequest, UnknownModel, UpstreamBroken
from quorate.types.target import Target
from quorate.types.work import ModelInfo, ModelList, ModelsRequest
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .failure import error_of, read_failure
from .fields import NAME, Fields, Json, Misshapen, own
from .request import encode

_HEADERS = {"content-type": "application/json; charset=UTF-8"}

_FEATURES: Mapping[str, str] = {
    "generateContent": "chat",
    "embedContent": "embed",
    "createCachedContent": "cache",
}
"""What Google says a model can do, as our word for it."""

PAGE = 1000
"""The most that Google lists at once."""


class ModelsCodec:
    """Asks for one page of models."""

    def write_request(self, request: ModelsRequest, target: Target) -> WireRequest:
        query = {"pageSize": str(PAGE)} | ({"pageToken": request.page} if request.page else {})
        return WireRequest(
            method="GET",
            path=target.quirks.paths.get("models", "/models"),
            query=query | target.quirks.query,
            headers=target.quirks.headers,
        )

    def read_reply(self, answer: WireAnswer) -> ModelList:
        try:
            fields = Fields(answer.body)
            if "error" in fields.rest:
                raise read_failure(answer)
            if not fields.rest.keys() & {"models", "publisherModels", "tunedModels"} and fields.rest:
                raise Misshapen("there is no list of models in the answer")
            shelves = ("models", "publisherModels", "tunedModels")
            models = tuple(_read_model(each) for shelf in shelves for each in fields.items(shelf))
            return ModelList(models=models, next_page=fields.text("nextPageToken"))
        except Misshapen as error:
            if error_of(answer.body):
                raise read_failure(answer) from error
            raise UpstreamBroken(f"no models came: {error}", body=answer.body) from error


def _read_model(fields: Fields) -> ModelInfo:
    name = fields.text("name")
    label, context = fields.text("displayName"), fields.integer("inputTokenLimit")
    most = fields.integer("outputTokenLimit")
    kept = fields.left()
    methods: Any = kept.get("supportedGenerationMethods")
    known = cast("list[object]", methods) if isinstance(methods, list) else []
    features = [_FEATURES[each] for each in known if isinstance(each, str) and each in _FEATURES]
    if kept.get("thinking") is True:
        features.append("reasoning")
    return ModelInfo(
        id=_plain(name),
        name=label,
        context=context,
        max_output=most,
        features=tuple(features),
        vendor={NAME: kept} if kept else {},
    )


def _plain(name: str) -> str:
    """'models/x' and 'publishers/google/models/x' are both x; a tuned model keeps its shelf."""
    shelf, found, model = name.rpartition("models/")
    return model if found and not shelf.endswith("tuned") else name


class ModelsFront:
    """Answers clients that ask what there is. `/v1/models` is OpenAI's and Anthropic's path too: whoever serves
    them tells them apart by how the key is sent.
    """

    routes: Sequence[Route] = tuple(
        Route(method="GET", path=f"/{version}/models{rest}", operation="models")
        for version in ("v1beta", "v1alpha", "v1")
        for rest in ("", "/{id*}")
    )

    def read_request(self, call: Call) -> ModelsRequest:
        return ModelsRequest(wanted=call.path.partition("/models/")[2])

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        if wanted := self.read_request(call).wanted:
            one = next((model for model in reply.models if model.id == wanted), None)
            if one is None:
                raise UnknownModel(f"models/{wanted} is not found", model=wanted)
            return WireAnswer(headers=_HEADERS, body=encode(_write_model(one)))
        page, following = _page(reply.models, call.query)
        body: Json = {"models": [_write_model(model) for model in page]}
        if token := following or reply.next_page:
            body["nextPageToken"] = token
        return WireAnswer(headers=_HEADERS, body=encode(body))


def _page(models: Sequence[ModelInfo], query: Mapping[str, str]) -> tuple[Sequence[ModelInfo], str]:
    """The piece of the list that is asked for, and the token of the next. Without a size it is all.

    The token is the last model's name, so that a list which changes meanwhile repeats nothing.
    """
    if token := query.get("pageToken", ""):
        place = next((place for place, model in enumerate(models) if model.id == token), None)
        if place is None:
            raise InvalidRequest("'pageToken' is none of this list", where="pageToken")
        models = models[place + 1 :]
    told = query.get("pageSize", "0")
    if not told.isdecimal():
        raise InvalidRequest("'pageSize' must be a number", where="pageSize")
    most = min(int(told), PAGE)
    if not most or len(models) <= most:
        return models, ""
    return models[:most], models[most - 1].id


def _write_model(model: ModelInfo) -> Json:
    embeds = "embed" in model.features and "chat" not in model.features
    methods = ["embedContent"] if embeds else ["generateContent", "streamGenerateContent"]
    fields: Json = {"name": f"models/{model.id}", "displayName": model.name or model.id}
    if model.context is not None:
        fields["inputTokenLimit"] = model.context
    if model.max_output is not None:
        fields["outputTokenLimit"] = model.max_output
    return fields | {"supportedGenerationMethods": methods} | own(model.vendor)
