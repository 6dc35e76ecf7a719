"""Requests and replies of the operations that are not a chat."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from .chat import AttemptRecord, ChatRequest, Departure
from .parts import Vendor
from .usage import MISSING, Usage
from .value import Value

Operation = Literal["chat", "embed", "count", "models", "moderate", "greet", "answers"]
"""What can be asked of a provider, and by a client of us. 'count' is the tokens of a chat's input; 'greet' what
clients ask to see who is there, 'answers' what is done with kept ones, both answered without any provider."""


class EmbedRequest(Value):
    """Texts to turn into vectors."""

    model: str
    inputs: tuple[str, ...]
    tokens: tuple[tuple[int, ...], ...] = ()
    """Texts as numbers of the model's own vocabulary, in place of `inputs`."""
    dimensions: int | None = None
    packed: bool = False
    """The vectors may travel as packed bytes, where the protocol has that form: nothing in them changes."""
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


class CountRequest(Value):
    """How many tokens would the input of this chat have?"""

    model: str
    request: ChatRequest
    vendor: Vendor = {}


class CountReply(Value):
    """The tokens of a chat's input."""

    tokens: int
    estimated: bool = False
    """Counted by us, from the length of what is asked: the provider could not say."""
    model: str = ""
    """The model as the provider calls it."""
    provider: str = ""
    fidelity: tuple[Departure, ...] = ()
    attempts: tuple[AttemptRecord, ...] = ()
    vendor: Vendor = {}


class ModerateRequest(Value):
    """Is anything in these texts that should not be there?"""

    model: str
    inputs: tuple[str, ...]


class ModerateReply(Value):
    """How likely each category is, over all texts: the highest score of any of them."""

    model: str
    scores: dict[str, float]
    """Category → 0 to 1."""
    provider: str = ""
    fidelity: tuple[Departure, ...] = ()
    attempts: tuple[AttemptRecord, ...] = ()
    vendor: Vendor = {}


class ModelsRequest(Value):
    """Which models does a provider offer? `page` continues a list that came in pieces."""

    page: str = ""
    wanted: str = ""
    """The one model that a client asks about; '' where it asks for all."""


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
