"""A provider is data: where it is, which protocol it speaks, what it wants to see, how it departs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from quorate.types.features import Feature
from quorate.types.secret import Secret
from quorate.types.target import Auth, Timeouts
from quorate.types.value import Value


class Option(Value):
    """A blank `{name}` in a provider's address, query or headers."""

    variables: tuple[str, ...] = ()
    """Environment variables that may fill it, the first one set wins."""
    lookup: str = ""
    """Where else it may stand, of the places in `lookups.py`."""
    default: str = ""
    by: str = ""
    """An option above it that it goes by where nobody says it: it is then what stands in `cases`."""
    cases: dict[str, str] = {}
    """What the other option is → what this one is, blanks filled; '*' is any other."""
    known: tuple[str, ...] = ()
    """What it may well be; something else may be later than this list."""
    help: str = ""


class Family(Value):
    """Models that depart from their protocol in one way."""

    match: str
    """Patterns of model names, joined by '|'; '*' stands for anything, case counts for nothing."""
    quirks: dict[str, Any] = {}
    form: str = ""
    """The form in which they are reached, where the entry chooses none."""


class Provider(Value):
    """One row of the book. What is left out is what the protocol does by itself."""

    name: str = ""
    """The row's key in its table."""
    title: str = ""
    wire: str = "openai_chat"
    base_url: str = ""
    url_variables: tuple[str, ...] = ()
    """Environment variables that may hold another address."""
    auth: Auth = Auth()
    key_variables: tuple[str, ...] = ()
    """Environment variables that may hold the key, the first one set wins."""
    chain_variables: tuple[str, ...] = ()
    """Environment variables that show that a cloud's own chain of credentials is set up, without a key."""
    keyless: bool = False
    """It answers without a key, as servers on one's own machine do."""
    options: dict[str, Option] = {}
    headers: dict[str, str] = {}
    """Sent with every request. One whose blank stays empty is left out."""
    features: tuple[Feature, ...] = ()
    makes: tuple[str, ...] = ()
    """Patterns of the models it makes itself: a bare name goes to its maker first."""
    catalog: str = ""
    """Its name in the price data; `{suffix}` stands for what follows the last ':' of a model's name."""
    variants: dict[str, Literal["same", "free"]] = {}
    """Ends of models' names, after a ':', that only say how a model is served; 'free' ones cost nothing."""
    docs: str = ""
    quirks: dict[str, Any] = {}
    models: tuple[Family, ...] = ()
    """Departures of some of its models; where several match, the later one has the last word."""
    forms: dict[str, dict[str, Any]] = {}
    """Other ways to be reached, chosen by name: each is a row that says only what it changes."""


class Entry(Value):
    """A provider as an operator set it up: one provider may stand under several names."""

    provider: str
    """Name of the row it is made from."""
    name: str = ""
    """What the operator calls it; the row's own name where empty."""
    form: str = ""
    key: Secret = Secret()
    key_variable: str = ""
    """The environment variable that was to hold the key, where the settings name one."""
    place: str = ""
    """File and line of the settings that set it up; '' where it came from the environment."""
    base_url: str = ""
    options: dict[str, str] = {}
    headers: dict[str, str] = {}
    quirks: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    """Settings (`max_output`, `temperature`) for requests that leave them open."""
    chat_model: str = ""
    """The model that answers when a call names this entry, or nothing, instead of a model."""
    embedding_model: str = ""
    stands_for: dict[str, str] = {}
    """A name of the operator's own, of a deployment say → the model behind it: quirks, limits and prices go by that."""
    max_cost: Decimal | None = None
    """Most dollars that one call to it may cost."""
    priority: int = 0
    """Lower goes first."""
    timeouts: Timeouts | None = None
