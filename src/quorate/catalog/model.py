"""A model as the catalog knows it, and what an operator says over it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from quorate.types.features import Feature
from quorate.types.value import Value, replace
from quorate.types.work import ModelInfo


class Model(Value):
    """What is known of one model at one provider; what nobody told is None or empty."""

    provider: str
    """The provider's row; for an operator's own word over models, a pattern of rows."""
    id: str
    """The model as the provider calls it; for an operator's own word, a pattern of names."""
    title: str = ""
    context: int | None = None
    """Most tokens of prompt and answer together, or of the prompt where the provider tells them apart."""
    max_output: int | None = None
    features: tuple[Feature, ...] = ()
    """Empty = nobody told."""
    last_day: date | None = None
    """The day on which the provider takes it away."""
    source: str = ""
    told: datetime | None = None
    """When the source said so; None for an operator's word, which does not age."""

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.id}"

    def age(self, at: datetime) -> timedelta | None:
        """How old the knowledge is."""
        return None if self.told is None else at - self.told

    def is_gone(self, at: date) -> bool:
        """Has its provider taken it away by that day?"""
        return self.last_day is not None and at > self.last_day


def laid_over(under: Model, over: Model) -> Model:
    """One model from two tellings: what the upper one leaves empty, the lower one says."""
    return replace(
        under,
        title=over.title or under.title,
        context=over.context or under.context,
        max_output=over.max_output or under.max_output,
        features=over.features or under.features,
        last_day=over.last_day or under.last_day,
        source=", ".join(dict.fromkeys(each for each in (over.source, under.source) if each)),
        told=over.told or under.told,
    )


def from_listing(provider: str, info: ModelInfo, told: datetime, features: frozenset[Feature]) -> Model:
    """A model as its provider's own list tells of it; words that are no features of ours are passed over."""
    return Model(
        provider=provider,
        id=info.id,
        title=info.name,
        context=info.context,
        max_output=info.max_output,
        features=tuple(sorted(features & set(info.features))),
        last_day=info.last_day,
        source="the provider's own list",
        told=told,
    )
