"""The list of models, read from Google and written for its clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from quorate.errors import UpstreamBroken
from quorate.types.target import Target
from quorate.types.work import ModelInfo, ModelList, ModelsRequest
from quorate.wire.seam import Call, Route, WireAnswer, WireRequest

from .failure import error_of, read_failure
from .fields import NAME, Fields, Json, Misshapen, own
from .request import encode

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

    routes: Sequence[Route] = (
        Route(method="GET", path="/v1beta/models", operation="models"),
        Route(method="GET", path="/v1alpha/models", operation="models"),
        Route(method="GET", path="/v1/models", operation="models"),
    )

    def read_request(self, call: Call) -> ModelsRequest:
        return ModelsRequest(page=call.query.get("pageToken", ""))

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        body: Json = {"models": [_write_model(model) for model in reply.models]}
        if reply.next_page:
            body["nextPageToken"] = reply.next_page
        return WireAnswer(headers={"content-type": "application/json; charset=UTF-8"}, body=encode(body))


def _write_model(model: ModelInfo) -> Json:
    embeds = "embed" in model.features and "chat" not in model.features
    methods = ["embedContent"] if embeds else ["generateContent", "streamGenerateContent"]
    fields: Json = {"name": f"models/{model.id}", "displayName": model.name or model.id}
    if model.context is not None:
        fields["inputTokenLimit"] = model.context
    if model.max_output is not None:
        fields["outputTokenLimit"] = model.max_output
    return fields | {"supportedGenerationMethods": methods} | own(model.vendor)
