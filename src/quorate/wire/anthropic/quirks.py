"""Applies how one target departs from the protocol: fields renamed, refused, bounded or given by default."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from quorate.types.target import Quirks, Target
from quorate.wire.notes import Notes

from .fields import Json

VERSION = "2023-06-01"
"""Of the protocol; the provider has had no other since."""

BETA = "anthropic-beta"

_OURS = {
    "max_tokens": "max_output",
    "stop_sequences": "stop",
    "metadata": "user",
    "output_config": "output",
    "system": "messages",
}
_STRUCTURE = ("model", "stream")
"""Fields whose absence loses nothing: some hosts have them in the address."""


def apply_quirks(body: Json, quirks: Quirks, notes: Notes) -> None:
    for name, value in quirks.defaults.items():
        body.setdefault(name, value)
    for name, (least, most) in quirks.clamp.items():
        value = body.get(name)
        if isinstance(value, int | float) and not least <= value <= most:
            body[name] = type(value)(min(max(value, least), most))
            notes.changed(_OURS.get(name, name), f"this target takes {least:g} to {most:g}")
    for name in sorted(quirks.drop):
        if body.pop(name, None) is not None and name not in _STRUCTURE:
            notes.dropped(_OURS.get(name, name), "this target refuses it")
    for name, other in quirks.rename.items():
        if name in body:
            body[other] = body.pop(name)


def path_for(operation: str, target: Target, usual: str) -> str:
    return target.quirks.paths.get(operation, usual).replace("{model}", quote(target.model, safe=":@"))


def chat_path(target: Target, *, stream: bool) -> str:
    """Some hosts have another address for streams."""
    operation = "stream" if stream and "stream" in target.quirks.paths else "chat"
    return path_for(operation, target, "/v1/messages")


def headers_for(target: Target, betas: Iterable[str] = ()) -> dict[str, str]:
    """The protocol's own headers; what the target's row says of them comes first."""
    said = {name.lower(): value for name, value in (target.quirks.headers | target.headers).items()}
    listed = [beta.strip() for beta in said.pop(BETA, "").split(",")] + list(betas)
    headers = {"anthropic-version": VERSION} | said
    if words := ",".join(dict.fromkeys(beta for beta in listed if beta)):
        headers[BETA] = words
    return headers
