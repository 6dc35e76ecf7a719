"""What a client that asks for models is told: those of every provider, and the names that the operator gave."""

from __future__ import annotations

from collections.abc import Iterator

from quorate.assemble import Parts
from quorate.catalog.offers import Offer
from quorate.errors import ForbiddenCaller, QuorateError
from quorate.types.work import ModelInfo, ModelList

from .callers import Caller, check_model

_OWN = "quorate"


async def list_models(parts: Parts, wanted: str, caller: Caller) -> ModelList:
    """All that the caller may ask for, in one page: routes and aliases first.

    `wanted` stands in it too, where it leads to a model.
    """
    offers = await parts.discovery.models()
    listed = {name: _own(parts, name) or ModelInfo(id=name, owner=_OWN) for name in _own_names(parts)}
    for offer in offers:
        listed.setdefault(offer.name, _told(offer))
    if wanted and wanted not in listed and (found := _own(parts, wanted)):
        listed[wanted] = found
    allowed = (model for model in listed.values() if _is_allowed(parts, caller, model.id))
    return ModelList(models=tuple(allowed))


def _is_allowed(parts: Parts, caller: Caller, name: str) -> bool:
    try:
        check_model(caller, name, lambda asked: [each.name for each in parts.resolver(asked).targets])
    except ForbiddenCaller:
        return False
    except QuorateError:
        return not caller.models  # an alias that leads nowhere at present
    return True


def _own_names(parts: Parts) -> Iterator[str]:
    yield from (f"route/{name}" for name in parts.settings.routes)
    yield from (alias for alias in parts.settings.aliases if "*" not in alias)


def _own(parts: Parts, name: str) -> ModelInfo | None:
    """A name of ours, told as the model that would be asked first; None where it leads nowhere."""
    try:
        target = parts.resolver(name).targets[0]
    except QuorateError:
        return None
    entry = parts.directory.entry(target.provider)
    model = (
        parts.catalog.get(parts.directory.source(entry), target.stands_for or target.model) if entry else None
    )
    if model is None:
        return ModelInfo(id=name, owner=_OWN)
    return ModelInfo(
        id=name, owner=_OWN, context=model.context, max_output=model.max_output, features=model.features
    )


def _told(offer: Offer) -> ModelInfo:
    model = offer.model
    return ModelInfo(
        id=offer.name,
        name=model.title,
        owner=offer.provider,
        context=model.context,
        max_output=model.max_output,
        features=model.features,
    )
