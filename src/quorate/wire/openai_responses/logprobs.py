"""Log probabilities of an answer's tokens, both ways."""

from __future__ import annotations

from quorate.types.parts import TokenLogprob
from quorate.wire.json_fields import Json, a_text, objects

from .fields import own, vendor

_KNOWN = ("token", "logprob", "bytes", "top_logprobs")


def read_logprob(item: Json) -> TokenLogprob:
    """One token; its bytes are kept where they are not those of its text."""
    token, value, spelt = a_text(item.get("token")), item.get("logprob"), item.get("bytes")
    rest = {key: each for key, each in item.items() if key not in _KNOWN}
    if isinstance(spelt, list) and spelt != _bytes(token):
        rest["bytes"] = spelt
    return TokenLogprob(
        token=token,
        logprob=float(value) if isinstance(value, int | float) else 0.0,
        top=tuple(read_logprob(each) for each in objects(item.get("top_logprobs"))),
        vendor=vendor(rest),
    )


def write_logprob(one: TokenLogprob) -> Json:
    """One token as the protocol tells it, with the likeliest others."""
    return _write_bare(one) | {"top_logprobs": [_write_bare(each) for each in one.top]}


def _write_bare(one: TokenLogprob) -> Json:
    return {"token": one.token, "logprob": one.logprob, "bytes": _bytes(one.token)} | own(one.vendor)


def _bytes(token: str) -> list[int]:
    return list(token.encode(errors="replace"))
