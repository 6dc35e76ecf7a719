"""The JSON of the admin API. Each field's docstring is its documentation; money is decimal text, times ISO 8601."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Item = TypeVar("Item")


def _is_written_out(value: object) -> object:
    """A number is no time, though pydantic would take one for seconds."""
    if isinstance(value, str) and not value.replace(".", "").lstrip("+-").isdigit():
        return value
    raise ValueError("a time is written as in 2026-01-31T12:00:00Z")


Moment = Annotated[datetime, BeforeValidator(_is_written_out)]
"""A time that a client sends."""


class Shape(BaseModel):
    """Only known fields may stand in it."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Fault(Shape):
    """What is wrong."""

    code: str
    message: str
    where: str | None = None
    """The field or parameter it is about."""
    data: dict[str, Any] = {}
    """More of it, by the kind of fault."""


class FaultReply(Shape):
    """Every answer with a status of 400 or more."""

    error: Fault


class Page(Shape, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    next: str | None = None
    """Hand it to the next call as `after`; null when this was the last part."""


class HealthReply(Shape):
    """How the gateway is."""

    status: str
    """'ok', 'degraded' or 'draining'."""
    degraded: dict[str, str] = {}
    """Name of a part → what is wrong with it."""


class VersionReply(Shape):
    """What is running."""

    version: str
    python: str


class ProviderReply(Shape):
    """A provider that can be called, or could be."""

    name: str
    """What stands before the '/' of a model's name."""
    provider: str
    """The provider's row."""
    title: str
    ready: bool
    lacks: str
    """What has to be done before it is ready."""
    variables: list[str]
    """Environment variables that its key is looked for in."""
    features: list[str]
    docs: str
    calls: int
    """Since the start of this process."""
    failures: int


class ModelReply(Shape):
    """A model that can be asked for."""

    name: str
    provider: str
    id: str
    """As the provider calls it."""
    title: str
    context: int | None
    """Tokens."""
    max_output: int | None
    features: list[str]
    input_price: Decimal | None
    """Dollars per million tokens; null where nobody knows. So the next."""
    output_price: Decimal | None
    price_rule: str
    last_day: str
    """The day on which its provider takes it away."""
    source: str


class RouteReply(Shape):
    """A name for several models."""

    name: str
    targets: list[str]
    """As the settings name them."""
    leads_to: list[str]
    """The models at providers that are tried, in order; empty where none is set up."""
    strategy: str
    tries: int
    problem: str


class AttemptReply(Shape):
    """One try at one target."""

    target: str
    outcome: str
    seconds: float
    status: int
    detail: str
    cost: Decimal | None
    estimated: bool


class CallReply(Shape):
    """What became of a call."""

    id: str
    """The `x-quorate-decision` of its answer."""
    request_id: str
    started_at: datetime
    seconds: float
    first_byte_seconds: float | None
    scope: str
    key_id: str
    front: str
    operation: str
    path: str
    model: str
    stream: bool
    status: int
    outcome: str
    provider: str
    answered_model: str
    road: str
    decision: str
    fidelity: list[dict[str, Any]]
    tags: list[str]
    tokens: dict[str, int]
    """By class; classes with none are left out."""
    usage_quality: str
    cost: Decimal | None
    """Dollars; null where it is not known."""
    price_rule: str
    error: str
    attempts: list[AttemptReply]


class BodyReply(Shape):
    """One side of a call."""

    text: str
    """What is kept of it; bytes that are no UTF-8 are shown as `�`."""
    size: int
    """Bytes that it had."""
    truncated: bool
    """Not all of it is kept."""


class BodiesReply(Shape):
    """What a call asked and was answered."""

    call_id: str
    scope: str
    key_id: str
    redacted: bool
    """Personal data were taken out before it was written."""
    asked: BodyReply
    answered: BodyReply


class Erased(Shape):
    """What was erased."""

    erased: int
    """Calls."""


Patterns = Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(max_length=200)]
PerMinute = Annotated[int, Field(ge=1, le=1_000_000_000)]


class KeyAsked(Shape):
    """A key to be made."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    models: Patterns = []
    """Patterns of the models it may ask for, '*' stands for anything; empty = every model."""
    requests_per_minute: PerMinute | None = None
    tokens_per_minute: PerMinute | None = None
    expires_at: Moment | None = None
    """With its zone; null = never."""
    keep_bodies: bool = False
    admin: bool = False
    """May use this API too."""


class KeyReply(Shape):
    """A key, without the key."""

    id: str
    name: str
    shown: str
    """Its last four characters."""
    scope: str
    models: list[str]
    requests_per_minute: int | None
    tokens_per_minute: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    keep_bodies: bool
    admin: bool


class KeyMade(KeyReply):
    """A key that was made just now."""

    key: str
    """The key itself. It is shown this once and kept nowhere."""


class SettingsReply(Shape):
    """Settings that are safe to show: no keys, no addresses that could hold one."""

    source: str
    """The file they come from; '' for none."""
    values: dict[str, Any]
