"""The public models, a page at a time, newest first."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from quorate.types.target import Target
from quorate.types.work import ModelInfo, ModelList, ModelsRequest
from quorate.wire.json_fields import Json, a_text, is_list, is_object, objects
from quorate.wire.seam import WireAnswer, WireRequest

from .failure import broken
from .fields import vendor

_KEPT = ("description", "visibility", "run_count", "license_url")


class ModelsCodec:
    """GET /v1/models."""

    def write_request(self, request: ModelsRequest, target: Target) -> WireRequest:
        page = {"cursor": request.page} if request.page else {}
        return WireRequest(
            method="GET",
            path=target.quirks.paths.get("models", "/v1/models"),
            query=page | target.quirks.query,
            headers=target.quirks.headers,
        )

    def read_reply(self, answer: WireAnswer) -> ModelList:
        try:
            told: Any = msgspec.json.decode(answer.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise broken(answer, "the answer is no list of models") from error
        if not is_object(told) or not is_list(told.get("results")):
            raise broken(answer, "the answer is no list of models")
        models = tuple(_model(each) for each in objects(told["results"]))
        following = dict(parse_qsl(urlsplit(a_text(told.get("next"))).query))
        return ModelList(models=models, next_page=following.get("cursor", ""))


def _model(told: Json) -> ModelInfo:
    owner = a_text(told.get("owner"))
    kept = {name: told[name] for name in _KEPT if told.get(name) is not None}
    return ModelInfo(id=f"{owner}/{a_text(told.get('name'))}", owner=owner, vendor=vendor(kept))
