"""Reads the table of models that comes with us; `scripts/make_model_table.py` writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

import msgspec

from quorate.types.features import Feature
from quorate.types.value import Value

from .model import Model

TABLE = Path(__file__).with_name("data") / "models.jsonl"


class _Head(Value):
    date: date
    sources: dict[str, str]


class _Row(msgspec.Struct, array_like=True, frozen=True):
    provider: str
    id: str
    context: int | None
    max_output: int | None
    features: str
    last_day: str
    source: str


_head = msgspec.json.Decoder(_Head)
_rows = msgspec.json.Decoder(_Row)


class Shipped(Mapping[str, Sequence[Model]]):
    """The table's models by provider. Reading it takes a millisecond; a provider is made out when asked for."""

    def __init__(self, table: Path = TABLE) -> None:
        first, _, rest = table.read_bytes().partition(b"\n")
        self._head = _head.decode(first)
        self._rows: dict[str, list[_Row]] = {}
        for row in _rows.decode_lines(rest):
            self._rows.setdefault(row.provider, []).append(row)

    def __getitem__(self, provider: str) -> Sequence[Model]:
        told = datetime.combine(self._head.date, time(), UTC)
        return [_model(row, self._head, told) for row in self._rows[provider]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def _model(row: _Row, head: _Head, told: datetime) -> Model:
    return Model(
        provider=row.provider,
        id=row.id,
        context=row.context,
        max_output=row.max_output,
        features=msgspec.convert(row.features.split(), tuple[Feature, ...]),
        last_day=date.fromisoformat(row.last_day) if row.last_day else None,
        source=head.sources[row.source],
        told=told,
    )


def folded(name: str) -> str:
    """A name as look-ups compare it: without case, and without a ':latest' that says nothing."""
    return name.lower().removesuffix(":latest")


def without_address(name: str) -> str:
    """The model in an address that stands in the place of a name, as Amazon's ARNs do; any other name as it is."""
    return name.rpartition("/")[2] if name.startswith("arn:") else name


def tail(name: str) -> str:
    """The part of a name that hosts agree on: 'Qwen/Qwen3-8B' and 'qwen3-8b' end alike."""
    return folded(name).rpartition("/")[2]
