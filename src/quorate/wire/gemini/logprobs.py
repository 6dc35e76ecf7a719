"""Log probabilities of an answer's tokens, in both directions."""

from __future__ import annotations

from collections.abc import Sequence

from quorate.types.parts import TokenLogprob
from quorate.types.value import replace

from .fields import Fields, Json, own, vendor


def read_logprobs(result: Fields) -> tuple[TokenLogprob, ...]:
    """Of each chosen token, with the likeliest at its place where those were asked for."""
    chosen = [_read(each) for each in result.items("chosenCandidates")]
    tops = [
        tuple(_read(each) for each in place.items("candidates")) for place in result.items("topCandidates")
    ]
    tops += [()] * (len(chosen) - len(tops))
    return tuple(replace(token, top=top) for token, top in zip(chosen, tops, strict=False))


def _read(fields: Fields) -> TokenLogprob:
    token, logprob = fields.text("token"), fields.number("logProbability")
    return TokenLogprob(token=token, logprob=logprob or 0.0, vendor=vendor(fields.left()))


def write_logprobs(tokens: Sequence[TokenLogprob]) -> Json:
    result: Json = {"chosenCandidates": [_write(token) for token in tokens]}
    if any(token.top for token in tokens):
        result["topCandidates"] = [{"candidates": [_write(each) for each in token.top]} for token in tokens]
    return result


def _write(token: TokenLogprob) -> Json:
    return {"token": token.token, "logProbability": token.logprob} | own(token.vendor)
