"""Log probabilities: Cohere tells them for chunks of text, each of several tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quorate.types.parts import TokenLogprob
from quorate.wire.json_fields import Json, a_list, a_text, objects

from .fields import left, own, vendor


def read_logprobs(raw: Any) -> tuple[TokenLogprob, ...]:
    """A chunk is as likely as its tokens one after the other; where it has several, each stays in `vendor`."""
    return tuple(_chunk(each) for each in objects(raw))


def _chunk(raw: Json) -> TokenLogprob:
    numbers = [float(one) for one in a_list(raw.get("logprobs")) if isinstance(one, int | float)]
    known = ("text", "logprobs") if len(numbers) == 1 else ("text",)
    return TokenLogprob(token=a_text(raw.get("text")), logprob=sum(numbers), vendor=vendor(left(raw, known)))


def write_logprobs(logprobs: Iterable[TokenLogprob]) -> list[Json]:
    return [{"text": each.token, "logprobs": [each.logprob]} | own(each.vendor) for each in logprobs]
