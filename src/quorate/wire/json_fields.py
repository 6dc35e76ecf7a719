"""Takes the known fields out of a JSON object: strictly for what a client sends, leniently for a provider's.

What is left after all known fields were taken is the vendor's: it travels on unchanged.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeGuard, cast

from quorate.errors import InvalidRequest

Json = dict[str, Any]

How = Literal["emulated", "changed", "dropped"]
"""What became of a setting that could not be written as it was."""


def a_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def an_object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def an_amount(value: object) -> Decimal | None:
    """A number, or one in words, to its last digit; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def a_list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def a_count(value: object) -> int:
    """A number of tokens; 0 for anything else."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else 0


def objects(value: object) -> list[Json]:
    """The objects of a list, anything else passed over."""
    return [cast("Json", item) for item in a_list(value) if isinstance(item, dict)]


def identity(value: object) -> str:
    """An id as text; some servers number their calls."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return a_text(value)


class Fields:
    """A JSON object of a client, checked as its fields are taken. `rest` is what nobody took."""

    __slots__ = ("_at", "rest")

    def __init__(self, value: object, at: str = "") -> None:
        if not isinstance(value, dict):
            raise InvalidRequest(f"'{at or 'body'}' must be an object", where=at)
        self.rest: Json = dict(cast("Json", value))
        self._at = at

    def place(self, name: str) -> str:
        return f"{self._at}.{name}" if self._at else name

    def wrong(self, name: str, wanted: str) -> InvalidRequest:
        return InvalidRequest(f"'{self.place(name)}' must be {wanted}", where=self.place(name))

    def take(self, name: str) -> Any:
        """The raw value, out of the rest; None where absent or null."""
        return self.rest.pop(name, None)

    def text(self, name: str) -> str:
        value = self.take(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(name, "a string")
        return value

    def needed_text(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise self.wrong(name, "a string that is not empty")
        return value

    def number(self, name: str) -> float | None:
        value = self.take(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong(name, "a number")
        return value

    def integer(self, name: str) -> int | None:
        value = self.number(name)
        if value is not None and value != int(value):
            raise self.wrong(name, "a whole number")
        return None if value is None else int(value)

    def flag(self, name: str) -> bool | None:
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(name, "true or false")
        return value

    def items(self, name: str) -> list[Any]:
        value = self.take(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong(name, "a list")
        return cast("list[Any]", value)

    def inner(self, name: str) -> Fields | None:
        """The object under `name`; None where absent or null."""
        value = self.take(name)
        return None if value is None else Fields(value, self.place(name))
