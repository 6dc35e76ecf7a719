"""Takes the known fields out of a JSON object; what nobody took travels on as the vendor's leftovers.

Values stay undecoded until they are taken, so that a tool's arguments keep the very text that came.
"""

from __future__ import annotations

from typing import Any, NoReturn, cast

import msgspec
from msgspec import Raw

from quorate.types.parts import Vendor

NAME = "anthropic"

Json = dict[str, Any]

_ANY = msgspec.json.Decoder(Any)
_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_VALUES = msgspec.json.Decoder(dict[str, Any])
_LIST = msgspec.json.Decoder(list[Raw])
_TEXT = msgspec.json.Decoder(str)
_WORDS = msgspec.json.Decoder(list[str])
_FLAG = msgspec.json.Decoder(bool)
_WHOLE = msgspec.json.Decoder(int)
_NUMBER = msgspec.json.Decoder(float)

_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Misshapen(ValueError):
    """A field is not what the protocol wants there. `where` is its dotted path."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.where = where


def own(vendor: Vendor) -> Json:
    """What this protocol left on a value."""
    return an_object(vendor.get(NAME))


def vendor(rest: Json) -> Vendor:
    """Leftovers as a value's `vendor`; empty where nothing is left."""
    return {NAME: rest} if rest else {}


def is_foreign(vendor: Vendor) -> bool:
    """Whether another protocol left its mark on a value, and this one did not."""
    return bool(vendor) and NAME not in vendor


def an_object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def a_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def a_count(value: object) -> int:
    """A number of tokens; 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


class Fields:
    """A JSON object, checked as its fields are taken. A field that is null counts as absent."""

    __slots__ = ("at", "rest")

    def __init__(self, raw: Raw | bytes, at: str = "") -> None:
        self.at = at
        self.rest: dict[str, Raw] = self._read(_OBJECT, raw, at, "an object")

    def place(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    def wrong(self, name: str, wanted: str) -> NoReturn:
        raise Misshapen(f"'{self.place(name)}' must be {wanted}", self.place(name))

    @staticmethod
    def _read(decoder: msgspec.json.Decoder[Any], raw: Raw | bytes, where: str, wanted: str) -> Any:
        try:
            return decoder.decode(raw)
        except _UNREADABLE as error:
            raise Misshapen(f"'{where or 'body'}' must be {wanted}", where) from error

    def raw(self, name: str) -> Raw | None:
        """The field undecoded."""
        raw = self.rest.pop(name, None)
        return None if raw is None or bytes(raw) == b"null" else raw

    def _take(self, name: str, decoder: msgspec.json.Decoder[Any], wanted: str) -> Any:
        raw = self.raw(name)
        return None if raw is None else self._read(decoder, raw, self.place(name), wanted)

    def maybe_text(self, name: str) -> str | None:
        return cast("str | None", self._take(name, _TEXT, "a string"))

    def text(self, name: str) -> str:
        return self.maybe_text(name) or ""

    def needed_text(self, name: str) -> str:
        return self.text(name) or self.wrong(name, "a string that is not empty")

    def flag(self, name: str) -> bool | None:
        return cast("bool | None", self._take(name, _FLAG, "true or false"))

    def number(self, name: str) -> float | None:
        return cast("float | None", self._take(name, _NUMBER, "a number"))

    def whole(self, name: str) -> int | None:
        return cast("int | None", self._take(name, _WHOLE, "a whole number"))

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(self._take(name, _WORDS, "a list of strings") or ())

    def value(self, name: str) -> Any:
        """The field decoded, whatever it is."""
        return self._take(name, _ANY, "JSON")

    def object(self, name: str) -> Json | None:
        """The object under `name`, decoded whole."""
        return cast("Json | None", self._take(name, _VALUES, "an object"))

    def peek(self, name: str) -> Any:
        """The field decoded, and not taken; None where absent or null."""
        raw = self.rest.get(name)
        return None if raw is None else self._read(_ANY, raw, self.place(name), "JSON")

    def inner(self, name: str) -> Fields | None:
        raw = self.raw(name)
        return None if raw is None else Fields(raw, self.place(name))

    def items(self, name: str) -> list[Raw]:
        return self._take(name, _LIST, "a list") or []

    def text_or_items(self, name: str) -> str | list[Raw] | None:
        """For the fields in which a plain string may stand for a list of blocks."""
        raw = self.raw(name)
        if raw is None:
            return None
        decoder = _TEXT if bytes(raw).startswith(b'"') else _LIST
        return self._read(decoder, raw, self.place(name), "a string or a list")

    def left(self) -> Json:
        """What nobody took, decoded."""
        return {key: self._read(_ANY, raw, self.place(key), "JSON") for key, raw in self.rest.items()}
