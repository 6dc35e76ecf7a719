"""Vectors from a pipeline for features, beside OpenAI's paths: texts in `inputs`, nested lists of numbers back."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from quorate.errors import Unsupported
from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.types.work import EmbedReply, EmbedRequest
from quorate.wire.json_fields import Json, is_list
from quorate.wire.openai_faults import broken
from quorate.wire.seam import WireAnswer, WireRequest

from .fields import own

FORM = "inputs"
"""A target's word for it."""

_LOST = {
    "dimensions": "a pipeline has vectors of one length",
    "user": "a pipeline has no field for the end user",
}


def write_features(request: EmbedRequest, target: Target) -> WireRequest:
    """The path begins at the host's root: the pipelines do not lie under the base that chats have."""
    if request.tokens:
        raise Unsupported(f"'{target.name}' takes texts, not token numbers", settings=("input",))
    body: Json = {**own(request.vendor), "inputs": list(request.inputs)}
    template = target.quirks.paths.get("embed", "/pipeline/feature-extraction/{model}")
    base = urlsplit(target.base_url)
    lost = [
        Departure(setting=name, kind="dropped", detail=why)
        for name, why in _LOST.items()
        if getattr(request, name)
    ]
    return WireRequest(
        base_url=f"{base.scheme}://{base.netloc}",
        path=template.replace("{model}", quote(target.model)),
        body=msgspec.json.encode(body),
        query=target.quirks.query,
        headers=target.quirks.headers,
        fidelity=tuple(lost),
    )


def read_features(told: list[Any], answer: WireAnswer) -> EmbedReply:
    """One vector a text; a model that gives one a token has none for the whole text."""
    rows = told if told and is_list(told[0]) else [told]
    try:
        vectors = tuple(tuple(map(float, row)) for row in rows)
    except (TypeError, ValueError, OverflowError) as error:
        deep = bool(rows and rows[0] and is_list(rows[0]) and is_list(rows[0][0]))
        words = (
            "this model has a vector for each token and none for a text"
            if deep
            else "a vector cannot be read"
        )
        raise broken(words, answer) from error
    if not all(vectors):
        raise broken("a vector is empty", answer)
    return EmbedReply(vectors=vectors)
