"""Takes the known fields out of a JSON object of this protocol; what nobody takes is the vendor's.

Values stay undecoded until they are taken, so that a call's arguments keep their very digits. Known fields
are found under both spellings that Google's JSON allows, `maxOutputTokens` and `max_output_tokens`.
"""

from __future__ import annotations

import re
from typing import Any, cast

import msgspec
from msgspec import Raw

from quorate.types.parts import Vendor

NAME = "gemini"

Json = dict[str, Any]

UNNAMED = "quorate.unnamed"
"""Our mark on a call that came without an id: it and its result go without one again."""

SAME_TURN = "quorate.same_turn"
"""Our mark on words that stood in one turn with the results before them."""

_MARKS = frozenset((UNNAMED, SAME_TURN))

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_LIST = msgspec.json.Decoder(list[Raw])
_TEXT = msgspec.json.Decoder(str)
_WORDS = msgspec.json.Decoder(list[str])
_FLAG = msgspec.json.Decoder(bool)
_NUMBER = msgspec.json.Decoder(int | float)
_ENUM = msgspec.json.Decoder(str | int)

_KNOWN = """
    allowedFunctionNames blockReason blockReasonMessage candidateCount citationMetadata citationSources
    codeExecution codeExecutionResult createTime displayName executableCode fileData fileUri finishMessage
    finishReason frequencyPenalty functionCall functionCallingConfig functionDeclarations functionResponse
    generationConfig groundingMetadata includeThoughts inlineData logprobsResult maxOutputTokens mimeType
    modelVersion outputDimensionality parametersJsonSchema partialArgs presencePenalty promptFeedback
    responseId responseJsonSchema responseLogprobs responseMimeType responseSchema serviceTier stopSequences
    systemInstruction thinkingBudget thinkingConfig thinkingLevel thoughtSignature toolCall toolConfig
    toolResponse toolType topK topP urlContextMetadata usageMetadata willContinue
"""
_CAMEL: dict[str, str] = {re.sub("([A-Z])", r"_\1", name).lower(): name for name in _KNOWN.split()}


class Misshapen(ValueError):
    """A field has a type that the protocol does not allow there, or the bytes are no JSON."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.where = where


def own(vendor: Vendor) -> Json:
    """What this protocol left on a value, but for our marks."""
    kept = an_object(vendor.get(NAME))
    return {key: value for key, value in kept.items() if key not in _MARKS} if _MARKS & kept.keys() else kept


def is_marked(vendor: Vendor, mark: str) -> bool:
    return mark in an_object(vendor.get(NAME))


def vendor(rest: Json) -> Vendor:
    """Leftovers as a value's `vendor`; empty where nothing is left."""
    return {NAME: rest} if rest else {}


def an_object(value: object) -> Json:
    return cast("Json", value) if isinstance(value, dict) else {}


def decoded(raw: Raw | bytes, where: str = "") -> Any:
    """Any JSON value."""
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Misshapen(f"'{where or 'body'}' is not valid JSON", where) from error


def one_line(raw: Raw | bytes) -> str:
    """JSON text as it came, but for line ends: those stand between its tokens only."""
    data = bytes(raw)
    if b"\n" in data or b"\r" in data:
        data = msgspec.json.format(data, indent=-1)
    return data.decode()


class Fields:
    """A JSON object, checked as its fields are taken. `rest` is what nobody took."""

    __slots__ = ("at", "rest")

    def __init__(self, raw: Raw | bytes, at: str = "") -> None:
        self.at = at
        fields: dict[str, Raw] = self._read(_OBJECT, raw, at, "a JSON object")
        self.rest = {_CAMEL.get(key, key): value for key, value in fields.items()}

    def place(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    @staticmethod
    def _read(decoder: msgspec.json.Decoder[Any], raw: Raw | bytes, where: str, wanted: str) -> Any:
        try:
            return decoder.decode(raw)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise Misshapen(f"'{where or 'body'}' must be {wanted}", where) from error

    def raw(self, name: str) -> Raw | None:
        """The field undecoded; None where absent or null."""
        raw = self.rest.pop(name, None)
        return None if raw is None or bytes(raw) == b"null" else raw

    def _take(self, name: str, decoder: msgspec.json.Decoder[Any], wanted: str) -> Any:
        raw = self.raw(name)
        if raw is None:
            return None
        try:
            return decoder.decode(raw)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            where = self.place(name)
            raise Misshapen(f"'{where}' must be {wanted}", where) from error

    def maybe_text(self, name: str) -> str | None:
        return cast("str | None", self._take(name, _TEXT, "a string"))

    def text(self, name: str) -> str:
        return self.maybe_text(name) or ""

    def flag(self, name: str) -> bool | None:
        return cast("bool | None", self._take(name, _FLAG, "true or false"))

    def number(self, name: str) -> float | None:
        return cast("float | None", self._take(name, _NUMBER, "a number"))

    def integer(self, name: str) -> int | None:
        """A whole number, as such or as the text that Google writes for 64 bits."""
        raw = self.raw(name)
        if raw is None:
            return None
        value = decoded(raw, self.place(name))
        try:
            whole = int(value)
            exact = not isinstance(value, bool) and whole == float(value)
        except (TypeError, ValueError, OverflowError):
            whole, exact = 0, False
        if not exact:
            raise Misshapen(f"'{self.place(name)}' must be a whole number", self.place(name))
        return whole

    def word(self, name: str) -> str | int | None:
        """An enum: its name, or its number from clients that were asked for numbers."""
        return cast("str | int | None", self._take(name, _ENUM, "a string"))

    def words(self, name: str) -> list[str]:
        return cast("list[str]", self._take(name, _WORDS, "a list of strings") or [])

    def value(self, name: str) -> Any:
        raw = self.raw(name)
        return None if raw is None else decoded(raw, self.place(name))

    def inner(self, name: str) -> Fields | None:
        """The object under `name`; None where absent or null."""
        raw = self.raw(name)
        return None if raw is None else Fields(raw, self.place(name))

    def items(self, name: str) -> list[Fields]:
        """The objects of a list; one object alone counts as a list of one, as Google takes it."""
        raw = self.raw(name)
        if raw is None:
            return []
        at = self.place(name)
        if bytes(raw).startswith(b"{"):
            return [Fields(raw, at)]
        return [
            Fields(item, f"{at}.{number}")
            for number, item in enumerate(self._read(_LIST, raw, at, "a list of objects"))
            if bytes(item) != b"null"
        ]

    def put_back(self, name: str, value: object) -> None:
        """Leave a field that was taken to the vendor after all."""
        self.rest[name] = Raw(msgspec.json.encode(value))

    def left(self) -> Json:
        """What nobody took, decoded."""
        return {key: decoded(raw, self.place(key)) for key, raw in self.rest.items()}


def leftovers(inner: Fields, outer: Fields, name: str) -> Json:
    """What nobody took of a part and, under its name, of the object inside it."""
    rest, kept = outer.left(), inner.left()
    return rest | {name: kept} if kept else rest


def inside(kept: Json, name: str, inner: Json) -> Json:
    """The part again: `inner` with the leftovers of both. Undoes `leftovers`."""
    return kept | {name: inner | an_object(kept.get(name))}
