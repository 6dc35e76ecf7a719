"""Answers as the caller's own types: a pydantic model, a msgspec struct, a dataclass, a list of them, a union."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from quorate.errors import InvalidOutput, InvalidRequest
from quorate.types.chat import ChatReply, OutputFormat
from quorate.types.value import Value, replace

Schema = dict[str, Any]
Decode = Callable[[str | bytes], Any]

WRAPPER = "answer"
"""The property in which what is not an object travels: providers want an object at the top."""


class Shape(Value):
    """A type of the caller's: how it is asked for, and how an answer is read as one."""

    name: str
    format: OutputFormat
    decode: Decode
    """Raises `ValueError` for what does not fit."""
    is_wrapped: bool
    """It stands in the property `WRAPPER`."""


def shape_of(kind: Any) -> Shape:
    """The shape of that type. `InvalidRequest` if JSON cannot hold it."""
    try:
        hash(kind)
    except TypeError as error:
        raise InvalidRequest(f"{kind!r} is no type", where="output") from error
    return _shape(kind)


@lru_cache(maxsize=256)
def _shape(kind: Any) -> Shape:
    name = str(getattr(kind, "__name__", "") or WRAPPER)
    found, decode = schema_of(kind, name, where="output")
    schema = flat(found)
    is_wrapped = schema.get("type") != "object"
    if is_wrapped:
        schema = _wrapped(schema)
    tidy = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:64]
    asked = OutputFormat(kind="schema", schema=schema, name=tidy or WRAPPER, strict=True)
    return Shape(name=name, format=asked, decode=decode, is_wrapped=is_wrapped)


def schema_of(kind: Any, name: str, *, where: str) -> tuple[Schema, Decode]:
    """The JSON Schema of a type, and what reads it. msgspec knows most types; pydantic knows its own."""
    try:
        if not hasattr(kind, "__pydantic_validator__"):
            return msgspec.json.schema(kind), msgspec.json.Decoder(kind).decode
    except (TypeError, NameError) as error:
        # A type that holds pydantic's models can only come from a program that has loaded pydantic.
        if "pydantic" not in sys.modules:
            raise _no_json(name, error, where) from error
    try:
        return _by_pydantic(kind)
    except (TypeError, NameError, RuntimeError) as error:
        raise _no_json(name, error, where) from error


def _by_pydantic(kind: Any) -> tuple[Schema, Decode]:
    from pydantic import TypeAdapter  # noqa: PLC0415  # heavy: only for types that are its own
    from pydantic.errors import PydanticUserError  # noqa: PLC0415  # as above

    try:
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        return adapter.json_schema(), adapter.validate_json
    except PydanticUserError as error:
        raise TypeError(str(error)) from error


def _no_json(name: str, error: Exception, where: str) -> InvalidRequest:
    return InvalidRequest(f"'{name}' is no type that JSON can hold: {error}", where=where)


def flat(schema: Schema) -> Schema:
    """The schema with its outermost type at the top, where it is only referred to."""
    definitions: Schema = dict(schema.get("$defs", {}))
    reference = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if reference not in definitions:
        return schema
    top = dict(definitions[reference])
    if f"#/$defs/{reference}'" not in str(definitions):
        del definitions[reference]
    return top | ({"$defs": definitions} if definitions else {})


def _wrapped(schema: Schema) -> Schema:
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    return {
        "type": "object",
        "properties": {WRAPPER: inner},
        "required": [WRAPPER],
        "additionalProperties": False,
    } | definitions


def read_output(reply: ChatReply[Any], shape: Shape) -> ChatReply[Any]:
    """The reply with its text read as that type, or `InvalidOutput` with what is wrong and the text as it came."""
    text = unfenced(reply.text)
    try:
        output = shape.decode(_unwrapped(text) if shape.is_wrapped else text)
    except (ValueError, RecursionError) as error:
        told = f"the answer of '{reply.provider}/{reply.model}' is no {shape.name}: {_why(reply) or error}"
        raise InvalidOutput(told, text=reply.text, reply=reply) from error
    return replace(reply, output=output)


def _unwrapped(text: str) -> str | bytes:
    """What stands in the wrapper; the text itself where a model left the wrapper out."""
    try:
        found = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    except ValueError:
        return text
    return bytes(found[WRAPPER]) if set(found) == {WRAPPER} else text


def _why(reply: ChatReply[Any]) -> str:
    """The reason that stands in the reply itself, where one does."""
    if reply.finish.reason == "length":
        return "it was cut off at the most tokens it may have"
    if reply.refusal:
        return f"the model declined: {reply.refusal}"
    if reply.finish.reason == "blocked":
        return "a filter cut it"
    if reply.tool_calls and not reply.text:
        return "the model calls tools first; `run` runs them"
    return "" if reply.text else "it is empty"


def unfenced(text: str) -> str:
    """The inside of a Markdown code fence where the whole text is one; else the text."""
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped:
        return stripped[stripped.index("\n") + 1 : -3].strip()
    return stripped
