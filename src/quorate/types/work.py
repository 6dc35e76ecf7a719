"""Requests and replies of the operations that are not a chat."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from .chat import AttemptRecord, Departure
from .parts import Vendor
from .usage import MISSING, Usage
from .value import Value

Operation = Literal["chat", "embed", "models"]
"""What can be asked of a provider."""


class EmbedRequest(Value):
    """Texts to turn into vectors."""

    model: str
    inputs: tuple[str, ...]
    dimensions: int | None = None
    user: str = ""
    vendor: Vendor = {}


class EmbedReply(Value):
    """One vector for each input, in order."""

    model: str
    vectors: tuple[tuple[float, ...], ...]
    usage: Usage = MISSING
    cost: Decimal | None = None
    price_rule: str = ""
    provider: str = ""
    fidelity: tuple[Departure, ...] = ()
    attempts: tuple[AttemptRecord, ...] = ()
    vendor: Vendor = {}


class ModelsRequest(Value):
    """Which models does a provider offer? `page` continues a list that came in pieces."""

    page: str = ""


class ModelInfo(Value):
    """A model as its provider's own list tells of it; what is not told is empty."""

    id: str
    name: str = ""
    owner: str = ""
    created: int = 0
    context: int | None = None
    """Most tokens of prompt and answer together, or of the prompt where the provider tells them apart."""
    max_output: int | None = None
    features: tuple[str, ...] = ()
    vendor: dict[str, Any] = {}


class ModelList(Value):
    """One page of a provider's models."""

    models: tuple[ModelInfo, ...]
    next_page: str = ""
    """Hand it to the next `ModelsRequest`; '' when this was the last."""
