"""GET /foundation-models and /inference-profiles: what can be called, in two lists of another host.

A model that is served through profiles alone is left out of the first list: its profiles stand in the second, under
the names by which it can be called.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from quorate.types.target import Target
from quorate.types.work import ModelInfo, ModelList, ModelsRequest
from quorate.wire.json_fields import Json, a_list, a_text, an_object, objects
from quorate.wire.seam import WireAnswer, WireRequest

from .address import control_base
from .count import document
from .failure import broken
from .fields import left, vendor

_PROFILES = "profiles"
"""The page on which the second list begins; what follows its ':' is the provider's own mark of a further one."""

_MOST = "1000"
_CALLABLE = frozenset(("ON_DEMAND",))
_INPUTS = {"IMAGE": "vision", "SPEECH": "audio_in", "AUDIO": "audio_in", "VIDEO": "video_in"}
_OUTPUTS = {"TEXT": "chat", "EMBEDDING": "embed", "IMAGE": "image_out", "SPEECH": "audio_out"}


class ModelsCodec:
    """Lists foundation models, then inference profiles."""

    def write_request(self, request: ModelsRequest, target: Target) -> WireRequest:
        kind, _, mark = request.page.partition(":")
        base = control_base(target)
        if kind != _PROFILES:
            path = target.quirks.paths.get("models", "/foundation-models")
            return WireRequest(method="GET", path=path, base_url=base)
        query = {"maxResults": _MOST} | ({"nextToken": mark} if mark else {})
        return WireRequest(method="GET", path="/inference-profiles", base_url=base, query=query)

    def read_reply(self, answer: WireAnswer) -> ModelList:
        fields = document(answer)
        if "modelSummaries" in fields:
            found = map(_foundation, filter(_is_callable, objects(fields["modelSummaries"])))
            return ModelList(models=tuple(found), next_page=_PROFILES)
        if "inferenceProfileSummaries" not in fields:
            raise broken(answer, "the answer is not a list of models")
        mark = a_text(fields.get("nextToken"))
        return ModelList(
            models=tuple(map(_profile, objects(fields["inferenceProfileSummaries"]))),
            next_page=f"{_PROFILES}:{mark}" if mark else "",
        )


def _is_callable(told: Json) -> bool:
    ways = a_list(told.get("inferenceTypesSupported"))
    return not ways or not _CALLABLE.isdisjoint(ways)


def _foundation(told: Json) -> ModelInfo:
    return ModelInfo(
        id=a_text(told.get("modelId")),
        name=a_text(told.get("modelName")),
        owner=a_text(told.get("providerName")),
        features=tuple(dict.fromkeys(_features(told))),
        vendor=vendor(left(told, ("modelId", "modelName", "providerName"))),
    )


def _features(told: Json) -> Iterator[str]:
    for words, known in (("outputModalities", _OUTPUTS), ("inputModalities", _INPUTS)):
        for word in a_list(told.get(words)):
            if isinstance(word, str) and word in known:
                yield known[word]
    if told.get("responseStreamingSupported") is True:
        yield "stream"


def _profile(told: Json) -> ModelInfo:
    is_ours = told.get("type") == "APPLICATION"
    # A profile that an account made is called by its address; its id is told for the provider's own.
    address, identity = a_text(told.get("inferenceProfileArn")), a_text(told.get("inferenceProfileId"))
    return ModelInfo(
        id=address if is_ours and address else identity or address,
        name=a_text(told.get("inferenceProfileName")),
        created=_seconds(told.get("createdAt")),
        vendor=vendor({"models": an_object(told).get("models", []), "type": a_text(told.get("type"))}),
    )


def _seconds(moment: object) -> int:
    """Unix seconds of an RFC 3339 moment; 0 where it is none."""
    try:
        return int(datetime.fromisoformat(moment).timestamp()) if isinstance(moment, str) else 0
    except (ValueError, OverflowError):
        return 0
