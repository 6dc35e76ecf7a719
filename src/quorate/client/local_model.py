"""A model for a question that names none, where only a server on this machine can tell what it holds."""

from __future__ import annotations

from typing import TypeVar

from quorate.assemble import LOCAL, Parts
from quorate.engine.resolve import Purpose
from quorate.errors import UnknownModel, UpstreamError
from quorate.types.chat import ChatRequest
from quorate.types.value import replace
from quorate.types.work import EmbedRequest

Request = TypeVar("Request", ChatRequest, EmbedRequest)


async def with_model(parts: Parts, request: Request) -> Request:
    """The request with a model's name, where only a server on this machine can tell one.

    Where nothing at all is set up, that is an Ollama, asked once an hour at most: for the model that the request
    names, or for its first one. Where no settings give a model, it is the first provider that needs no key.
    Raises `UnknownModel` where no Ollama runs, or it holds none.
    """
    if request.model and parts.directory.entries:
        return request
    purpose: Purpose = "embed" if isinstance(request, EmbedRequest) else "chat"
    provider = _local_provider(parts)
    if not provider or _is_known(parts, request.model, purpose):
        return request
    try:
        listed = [model.id for model in await parts.discovery.listed(provider)]
    except UpstreamError as error:
        if request.model or parts.directory.entries:
            return request
        raise UnknownModel(
            "no provider is set up: set a key in the environment (`quorate providers` lists the names), "
            "write a settings file, or start Ollama"
        ) from error
    if request.model:
        fitting = [name for name in listed if name in (request.model, f"{request.model}:latest")]
    else:
        fitting = [name for name in listed if ("embed" in name) is (purpose == "embed")]
    if fitting:
        return replace(request, model=f"{provider}/{fitting[0]}")
    if request.model:
        return request
    example = "nomic-embed-text" if purpose == "embed" else "llama3.2"
    raise UnknownModel(f"'{provider}' holds no model for this; an Ollama gets one by `ollama pull {example}`")


def _local_provider(parts: Parts) -> str:
    """Whose first model stands for no name: of those set up, the first that needs no key; '' where all do."""
    if not parts.directory.entries:
        return LOCAL
    entries = parts.directory.chosen or parts.directory.entries
    keyless = (entry for entry in entries if parts.book.row_of(entry).keyless)
    return next((entry.name or entry.provider for entry in keyless), "")


def _is_known(parts: Parts, name: str, purpose: Purpose) -> bool:
    try:
        parts.resolver(name, purpose)
    except UnknownModel:
        return False
    return True
