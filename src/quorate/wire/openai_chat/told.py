"""Reads the JSON of an answer that is not a chat."""

from __future__ import annotations

import msgspec

from quorate.wire.json_fields import Json, an_object
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.seam import WireAnswer

from .stream import tells_error


def read_told(answer: WireAnswer, expected: str) -> Json:
    """Its object. Raises `UpstreamBroken`; or the error that stands in the place of the `expected` field."""
    try:
        body: Json = dict(an_object(msgspec.json.decode(answer.body.strip())))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken("the answer cannot be read as JSON", answer) from error
    if expected not in body and tells_error(body):
        raise error_of(body, answer)
    return body
