"""Answers as the caller's own types: a pydantic model, a msgspec struct, a dataclass, a typed dictionary."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar, runtime_checkable

import msgspec

from quorate.errors import InvalidOutput, InvalidRequest
from quorate.types.chat import ChatReply, OutputFormat
from quorate.types.value import replace

Typed = TypeVar("Typed")


@runtime_checkable
class _Pydantic(Protocol):
    """As much of a pydantic model class as is needed, so that pydantic is not imported for others."""

    def model_json_schema(self) -> dict[str, Any]: ...
    def model_validate_json(self, json_data: str) -> Any: ...


def format_of(kind: type[Any]) -> OutputFormat:
    """The output format that asks for an answer of this type. `InvalidRequest` if JSON cannot hold it."""
    name = getattr(kind, "__name__", "answer")
    if isinstance(kind, _Pydantic):
        schema = kind.model_json_schema()
    else:
        try:
            schema = _flat(msgspec.json.schema(kind))
        except TypeError as error:
            raise InvalidRequest(
                f"'{name}' is no type that JSON can hold: {error}", where="output"
            ) from error
    return OutputFormat(kind="schema", schema=schema, name=name, strict=True)


def _flat(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its outermost type at the top, where providers want an object; msgspec refers to it."""
    definitions = dict(schema.get("$defs", {}))
    reference = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if reference not in definitions:
        return schema
    top = dict(definitions[reference])
    if f"#/$defs/{reference}" not in str(definitions):
        del definitions[reference]
    return top | ({"$defs": definitions} if definitions else {})


def read_output(reply: ChatReply, kind: type[Typed]) -> ChatReply[Typed]:
    """The reply with its text read as `kind`, or `InvalidOutput` with what is wrong and the text as it came."""
    text, name = unfenced(reply.text), getattr(kind, "__name__", "answer")
    try:
        output = (
            kind.model_validate_json(text)
            if isinstance(kind, _Pydantic)
            else msgspec.json.decode(text, type=kind)
        )
    except ValueError as error:
        raise InvalidOutput(
            f"the answer of '{reply.provider}/{reply.model}' is no {name}: {error}", text=reply.text
        ) from error
    return replace(reply, output=output)


def unfenced(text: str) -> str:
    """The inside of a Markdown code fence where the whole text is one; else the text."""
    stripped = text.strip()
    if stripped.startswith("```") and stripped.endswith("```") and "\n" in stripped:
        return stripped[stripped.index("\n") + 1 : -3].strip()
    return stripped
