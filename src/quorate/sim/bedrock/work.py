"""Answers what Amazon's clients ask beside chats: counts, vectors, and the two lists of models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.pictures import ImageReply, ImageRequest
from quorate.types.work import (
    CountReply,
    CountRequest,
    EmbedReply,
    EmbedRequest,
    ModelInfo,
    ModelList,
    ModelsRequest,
)
from quorate.wire.bedrock.fields import write_blob
from quorate.wire.json_fields import Json, a_list, an_object
from quorate.wire.seam import Call, Route, WireAnswer

from .front import JSON
from .question import model_in, read_body

_INPUT = msgspec.json.Decoder(dict[str, dict[str, msgspec.Raw]])


class CountFront:
    """Counts the tokens of a conversation."""

    routes: Sequence[Route] = (Route(method="POST", path="/model/{model*}/count-tokens", operation="count"),)

    def read_request(self, call: Call) -> CountRequest:
        model = model_in(call.path)
        try:
            asked = _INPUT.decode(call.body)["input"]["converse"]
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError) as error:
            raise InvalidRequest("'input.converse' is needed", where="input") from error
        return CountRequest(model=model, request=read_body(bytes(asked), model))

    def write_reply(self, reply: CountReply, call: Call) -> WireAnswer:
        return _answer({"inputTokens": reply.tokens})


class EmbedFront:
    """Turns texts into vectors, asked as Titan's or as Cohere's models are."""

    routes: Sequence[Route] = (Route(method="POST", path="/model/{model*}/invoke", operation="embed"),)

    def read_request(self, call: Call) -> EmbedRequest:
        body = _document(call)
        texts = [
            each for each in (body.get("inputText"), *a_list(body.get("texts"))) if isinstance(each, str)
        ]
        if not texts:
            raise InvalidRequest("'inputText' or 'texts' is needed", where="inputText")
        length: Any = body.get("dimensions") or body.get("output_dimension")
        return EmbedRequest(
            model=model_in(call.path),
            inputs=tuple(texts),
            dimensions=length if isinstance(length, int) else None,
        )

    def write_reply(self, reply: EmbedReply, call: Call) -> WireAnswer:
        headers = {"x-amzn-bedrock-input-token-count": str(reply.usage.input)}
        if "texts" in _document(call):
            return _answer({"embeddings": reply.vectors, "response_type": "embeddings_floats"}, headers)
        said: Json = {"embedding": reply.vectors[0], "inputTextTokenCount": reply.usage.input}
        return _answer(said, headers)


class ImageFront:
    """Draws, asked as Amazon's own models or Stability's are."""

    routes: Sequence[Route] = tuple(
        Route(method="POST", path=f"/model/{model}{{model*}}/invoke", operation="images")
        for model in ("{region}.nova-canvas", "{region}.titan-image", "stability.")
    )

    def read_request(self, call: Call) -> ImageRequest:
        body = _document(call)
        task = an_object(body.get("textToImageParams")) or an_object(body.get("imageVariationParams")) or body
        prompt = task.get("text") or task.get("prompt")
        if not isinstance(prompt, str):
            raise InvalidRequest("a text is needed to draw by", where="prompt")
        count: object = an_object(body.get("imageGenerationConfig")).get("numberOfImages")
        return ImageRequest(
            model=model_in(call.path), prompt=prompt, n=count if isinstance(count, int) else None
        )

    def write_reply(self, reply: ImageReply, call: Call) -> WireAnswer:
        return _answer({"images": [write_blob(each.data) for each in reply.images], "error": None})


class ModelsFront:
    """The list of models, and that of profiles, which is empty."""

    routes: Sequence[Route] = (
        Route(method="GET", path="/foundation-models", operation="models"),
        Route(method="GET", path="/inference-profiles", operation="models"),
    )

    def read_request(self, call: Call) -> ModelsRequest:
        return ModelsRequest()

    def write_reply(self, reply: ModelList, call: Call) -> WireAnswer:
        if call.path.endswith("-profiles"):
            return _answer({"inferenceProfileSummaries": []})
        return _answer({"modelSummaries": [_summary(model) for model in reply.models]})


def _summary(model: ModelInfo) -> Json:
    moment = datetime.fromtimestamp(model.created, UTC).isoformat()
    return {
        "modelId": model.id,
        "modelName": model.name,
        "providerName": model.owner,
        "inputModalities": ["TEXT", "IMAGE"] if "vision" in model.features else ["TEXT"],
        "outputModalities": ["EMBEDDING"] if "embed" in model.features else ["TEXT"],
        "responseStreamingSupported": "stream" in model.features,
        "inferenceTypesSupported": ["ON_DEMAND"],
        "modelLifecycle": {"status": "ACTIVE", "startOfLifeTime": moment},
    }


def _document(call: Call) -> Json:
    try:
        return an_object(msgspec.json.decode(call.body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest("the body is no JSON") from error


def _answer(fields: Json, headers: dict[str, str] | None = None) -> WireAnswer:
    return WireAnswer(headers=JSON | (headers or {}), body=msgspec.json.encode(fields))
