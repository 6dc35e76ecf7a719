"""Kinds of columns that take whatever a provider or a client may have sent, and are alike in both databases."""

from __future__ import annotations

import math
from decimal import Decimal

from sqlalchemy import BigInteger, Double, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from .money import dollars, picodollars

LARGEST = 2**63 - 1
"""Of an integer in a row."""


def words(text: str, most: int | None = None) -> str:
    """The text as both databases can hold it."""
    if most is not None and len(text) > most:
        text = text[:most]
    if "\0" in text:
        text = text.replace("\0", "�")
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def counted(number: int) -> int:
    return min(max(number, 0), LARGEST)


def lasted(seconds: float) -> float:
    return float(seconds) if math.isfinite(seconds) else 0.0


class Words(TypeDecorator[str]):
    """Text, ordered by its bytes. What no database can hold (NUL, half of a surrogate pair) is written as `�`.

    With `most`, longer text is cut to that many characters.
    """

    impl = Text
    cache_ok = True

    def __init__(self, most: int | None = None) -> None:
        super().__init__()
        self.most = most

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        return dialect.type_descriptor(Text(collation=self.collation_in(dialect)))

    def collation_in(self, dialect: Dialect) -> str | None:
        """PostgreSQL would order by the language of the server, and keyset pages go by order."""
        return "C" if dialect.name == "postgresql" else None

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else words(value, self.most)


class Count(TypeDecorator[int]):
    """A number of things: what is below 0 or beyond 63 bits is written as the nearest that fits."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return None if value is None else counted(value)


class Seconds(TypeDecorator[float]):
    """A duration; what is no number is written as 0."""

    impl = Double
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        return None if value is None else lasted(value)


class Money(TypeDecorator[Decimal]):
    """`Decimal` dollars in Python, picodollars in the row."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else picodollars(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else dollars(value)


class Moment(TypeDecorator[int]):
    """A time: microseconds since 1970, UTC."""

    impl = BigInteger
    cache_ok = True
