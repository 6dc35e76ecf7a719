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
    listed = {model.id: model for model in _own_names(parts)}
    for offer in await parts.discovery.models():
        listed.setdefault(offer.name, _told(offer))
    if wanted and wanted not in listed and _leads_somewhere(parts, wanted):
        listed[wanted] = ModelInfo(id=wanted, owner=_OWN)
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


def _own_names(parts: Parts) -> Iterator[ModelInfo]:
    for name in parts.settings.routes:
        yield ModelInfo(id=f"route/{name}", owner=_OWN)
    for alias in parts.settings.aliases:
        if "*" not in alias:
            yield ModelInfo(id=alias, owner=_OWN)


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


def _leads_somewhere(parts: Parts, name: str) -> bool:
    try:
        parts.resolver(name)
    except QuorateError:
        return False
    return True
