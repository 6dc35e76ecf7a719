"""The words in requests that are not chats: what hooks are shown of them, and how what hooks made of it goes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from quorate.engine.guard import Guards
from quorate.types.value import Value, replace
from quorate.types.work import EmbedRequest, Operation


class Words(Value):
    """Where an operation's words stand."""

    read: Callable[[Any], Sequence[str]]
    write: Callable[[Any, Sequence[str]], Any]
    """The same number of them, in the same order."""


def _fields(*names: str) -> Words:
    """Each field is one text."""
    return Words(
        read=lambda request: [getattr(request, name) for name in names],
        write=lambda request, texts: replace(request, **dict(zip(names, texts, strict=True))),
    )


WORDS: Mapping[Operation, Words] = {
    "rerank": Words(
        read=lambda request: [request.query, *request.documents],
        write=lambda request, texts: replace(request, query=texts[0], documents=tuple(texts[1:])),
    ),
    "moderate": Words(
        read=lambda request: request.inputs,
        write=lambda request, texts: replace(request, inputs=tuple(texts)),
    ),
    "images": _fields("prompt"),
    "speech": _fields("text", "instructions"),
    "transcribe": _fields("prompt"),
}


async def guarded(operation: Operation, request: Any, guards: Guards) -> Any:
    """The request as the target is to see it. Its words pass as texts for vectors do: one by one, on their own."""
    words = WORDS.get(operation)
    if words is None:
        return request
    shown = EmbedRequest(
        model=request.model,
        inputs=tuple(words.read(request)),
        user=getattr(request, "user", ""),
        vendor=request.vendor,
    )
    seen = await guards.before_embed(shown)
    request = replace(words.write(request, seen.inputs), vendor=seen.vendor)
    return replace(request, user=seen.user) if seen.user else request
