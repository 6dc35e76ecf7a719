"""The models that the simulator plays: how fast, how good and how dear each one is.

Any other name is answered too, in the manner of one of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from quorate.types.value import Value


class SimModel(Value):
    """One simulated model."""

    name: str
    about: str
    context: int = 128_000
    max_output: int = 8_192
    input_price: Decimal
    """Dollars per million tokens read."""
    output_price: Decimal
    """Dollars per million tokens written."""
    tokens_per_second: float
    first_token: float
    """Seconds until it begins to answer."""
    quality: float
    """How often it is right about what can be right or wrong, from 0 to 1."""
    sentences: int = 2
    """How much it has to say of a question that asks for no length."""
    reasons: bool = False
    """Thinks before it answers, unless told not to."""
    embeds: bool = False
    """Gives vectors instead of answers; the others give them too, if asked."""


MODELS: Mapping[str, SimModel] = {
    model.name: model
    for model in (
        SimModel(
            name="sim-swift",
            about="quick and brief",
            input_price=Decimal("0.15"),
            output_price=Decimal("0.60"),
            tokens_per_second=160,
            first_token=0.15,
            quality=0.80,
        ),
        SimModel(
            name="sim-sage",
            about="slow, thorough and dear",
            context=400_000,
            max_output=32_768,
            input_price=Decimal(3),
            output_price=Decimal(15),
            tokens_per_second=45,
            first_token=0.8,
            quality=0.97,
            sentences=4,
        ),
        SimModel(
            name="sim-thrift",
            about="cheap, and sometimes wrong",
            context=32_000,
            max_output=4_096,
            input_price=Decimal("0.02"),
            output_price=Decimal("0.05"),
            tokens_per_second=90,
            first_token=0.35,
            quality=0.55,
            sentences=1,
        ),
        SimModel(
            name="sim-thinker",
            about="thinks before it answers",
            context=200_000,
            max_output=65_536,
            input_price=Decimal("1.25"),
            output_price=Decimal(10),
            tokens_per_second=70,
            first_token=0.5,
            quality=0.95,
            sentences=3,
            reasons=True,
        ),
        SimModel(
            name="sim-embed",
            about="vectors in which similar texts are near",
            context=8_192,
            max_output=1,
            input_price=Decimal("0.02"),
            output_price=Decimal(0),
            tokens_per_second=1_000,
            first_token=0.05,
            quality=0.5,
            embeds=True,
        ),
    )
}

UNKNOWN = MODELS["sim-swift"]
"""Whose manner a model of any other name has."""


def model_of(name: str) -> SimModel:
    """The model of that name, whatever stands before it (`models/`, a provider) or after it (`:latest`)."""
    short = name.rpartition("/")[2].partition(":")[0]
    return MODELS.get(short, UNKNOWN)
