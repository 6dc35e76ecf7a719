"""Requests and replies of the operations that are not a chat."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Generic, Literal

from typing_extensions import TypeVar

from .chat import AttemptRecord, ChatRequest, Departure
from .parts import Media, Vendor
from .usage import MISSING, Usage
from .value import Value

Operation = Literal[
    "chat",
    "embed",
    "rerank",
    "moderate",
    "images",
    "speech",
    "transcribe",
    "count",
    "models",
    "account",
    "credits",
    "bill",
    "greet",
    "answers",
]
"""What can be asked of a provider, and by a client of us. 'count' is the tokens of a chat's input; 'greet' what
clients ask to see who is there, 'answers' what is done with kept ones, both answered without any provider.
'account' is what a key has spent and may spend, 'credits' what is left in the account behind it, 'bill' what one
answer has cost."""


Reply = TypeVar("Reply", bound="WorkReply", covariant=True)


class WorkRequest(Value, Generic[Reply]):
    """What is asked of an operation that is not a chat. `Reply` is what comes back."""

    model: str
    vendor: Vendor = {}
    """Fields of one protocol that the others do not have, keyed by protocol; sent as they are."""


class WorkReply(Value):
    """What came back, who answered, and what it took."""

    model: str = ""
    """The model as the provider names it."""
    usage: Usage = MISSING
    cost: Decimal | None = None
    """Dollars; None where the price or the usage is not known."""
    price_rule: str = ""
    provider: str = ""
    fidelity: tuple[Departure, ...] = ()
    attempts: tuple[AttemptRecord, ...] = ()
    vendor: Vendor = {}


class EmbedReply(WorkReply):
    """One vector for each input, in order."""

    vectors: tuple[tuple[float, ...], ...]


class EmbedRequest(WorkRequest[EmbedReply]):
    """Texts to turn into vectors."""

    inputs: tuple[str, ...]
    tokens: tuple[tuple[int, ...], ...] = ()
    """Texts as numbers of the model's own vocabulary, in place of `inputs`."""
    dimensions: int | None = None
    packed: bool = False
    """The vectors may travel as packed bytes, where the protocol has that form: nothing in them changes."""
    user: str = ""


class Ranked(Value):
    """One document's place in the order."""

    index: int
    """Of the document in the request, from 0."""
    score: float
    """Higher is better; the scale is the model's own."""
    vendor: Vendor = {}


class RerankReply(WorkReply):
    """The documents, best first. `usage.searches` counts the provider's search units, where it bills by them."""

    results: tuple[Ranked, ...]


class RerankRequest(WorkRequest[RerankReply]):
    """Documents to put in order: how well does each answer the query?"""

    query: str
    documents: tuple[str, ...]
    top_n: int | None = None
    """How many of the best to name; None: all of them."""
    max_document_tokens: int | None = None
    """A longer document is read to here only; None: the provider's own length."""
    user: str = ""


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


class Judgement(Value):
    """What is thought of one text."""

    flagged: bool
    """The provider's own verdict."""
    categories: dict[str, bool] = {}
    """Category → is it met?"""
    scores: dict[str, float] = {}
    """Category → 0 to 1; empty where a provider only says yes or no."""
    vendor: Vendor = {}


class ModerateReply(WorkReply):
    """How likely each category is."""

    scores: dict[str, float]
    """Category → 0 to 1: the highest score of any of the texts; where only yes or no is said, 1 or 0."""
    results: tuple[Judgement, ...] = ()
    """One for each text, in order."""


class ModerateRequest(WorkRequest[ModerateReply]):
    """Is anything in these texts that should not be there?"""

    inputs: tuple[str, ...]
    images: tuple[Media, ...] = ()
    """Judged together with all the texts, as one: there is a single result then."""


class ModelsRequest(Value):
    """Which models does a provider offer? `page` continues a list that came in pieces."""

    page: str = ""
    wanted: str = ""
    """The one model that a client asks about; '' where it asks for all."""


class ListedPrice(Value):
    """What a provider's own list says that a model costs."""

    rates: dict[str, Decimal]
    """Class of tokens, as in `Usage`, → dollars for one; 'request', 'search', 'image' and 'second' for a piece."""
    above: int = -1
    """Holds for calls whose input is longer than this many tokens."""


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
    prices: tuple[ListedPrice, ...] = ()
    """Empty = the list says nothing of them, or that they vary."""
    last_day: date | None = None
    """The day on which the provider takes it away."""
    vendor: dict[str, Any] = {}


class ModelList(Value):
    """One page of a provider's models."""

    models: tuple[ModelInfo, ...]
    next_page: str = ""
    """Hand it to the next `ModelsRequest`; '' when this was the last."""
