"""The form an answer must have: `outputConfig.textFormat`, or words in the prompt where a model has no grammar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.types.chat import OutputFormat
from quorate.types.parts import Text
from quorate.types.target import Quirks
from quorate.wire.json_fields import Json, a_text, an_object, is_list, is_object
from quorate.wire.notes import Notes
from quorate.wire.schema import NAMED, ONE, SEVERAL

from .fields import left, own, vendor

_PROMPT = "Answer with one JSON document and nothing else: no words around it, no code fence."
_SCHEMA = "It must be valid against this JSON Schema:"

_UNKEPT = frozenset(
    ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "maxItems", "uniqueItems")
)
"""Rules that the grammar does not keep; docs.aws.amazon.com/bedrock, "Structured outputs"."""

_SHELVES = NAMED | {"$defs", "definitions"}
_USUAL_NAME = "answer"
_KNOWN = ("schema", "name", "description")


def write_format(output: OutputFormat, quirks: Quirks, notes: Notes) -> Json | None:
    """None where the form must be asked for in words: see `asked_in_words`."""
    if not _is_native(output, quirks):
        notes.emulated("output", "asked for in the prompt: this target does not hold a model to a form")
        return None
    schema = closed(output.schema)
    if schema != output.schema:
        notes.changed(
            "output.schema", "objects were closed, and rules the grammar does not keep became descriptions"
        )
    said: Json = {"schema": msgspec.json.encode(schema).decode()}
    kept = own(output.vendor)
    if output.name != _USUAL_NAME or "name" not in kept:
        said["name"] = output.name
    if output.description:
        said["description"] = output.description
    return {"type": "json_schema", "structure": {"jsonSchema": said | left(kept, ("name",))}}


def _is_native(output: OutputFormat, quirks: Quirks) -> bool:
    return output.kind == "schema" and quirks.schema == "native"


def asked_in_words(output: OutputFormat | None, quirks: Quirks) -> Sequence[Text]:
    """What to add to the system prompt."""
    if output is None or _is_native(output, quirks):
        return ()
    lines = [_PROMPT]
    if output.description:
        lines.append(output.description)
    if output.kind == "schema":
        lines += [_SCHEMA, msgspec.json.encode(output.schema).decode()]
    return (Text(text="\n".join(lines)),)


def closed(schema: Json) -> Json:
    """The schema with its objects closed, and the rules that are not kept in its descriptions."""
    said: Json = {}
    moved: Json = {}
    for name, value in schema.items():
        if name in _UNKEPT and not is_object(value):
            moved[name] = value
        else:
            said[name] = _closed_inside(name, value)
    if _is_object(schema) and said.get("additionalProperties") is not False:
        if said.get("additionalProperties") not in (None, True):
            moved["additionalProperties"] = said["additionalProperties"]
        said["additionalProperties"] = False
    if moved:
        rules = msgspec.json.encode(moved).decode()
        said["description"] = f"{said['description']}\n\n{rules}" if said.get("description") else rules
    return said


def _closed_inside(name: str, value: object) -> Any:
    """The value of a keyword, with every schema in it closed."""
    if name in _SHELVES and is_object(value):
        return {key: _inner(each) for key, each in value.items()}
    if name in SEVERAL and is_list(value):
        return [_inner(each) for each in value]
    return _inner(value) if name in ONE else value


def _inner(schema: object) -> Any:
    return closed(schema) if is_object(schema) else schema


def _is_object(schema: Json) -> bool:
    kind = schema.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind) or "properties" in schema


def read_format(config: Json) -> OutputFormat | None:
    """The schema in `outputConfig`; None where it has none that can be read."""
    match config.get("textFormat"):
        case {"type": "json_schema", "structure": {"jsonSchema": {"schema": str(text), **rest}}}:
            try:
                schema = an_object(msgspec.json.decode(text))
            except (msgspec.MsgspecError, RecursionError):
                return None
        case _:
            return None
    kept = left(rest, _KNOWN)
    name = a_text(rest.get("name"))
    return OutputFormat(
        kind="schema",
        schema=schema,
        name=name or _USUAL_NAME,
        description=a_text(rest.get("description")),
        vendor=vendor(kept if name else kept | {"name": ""}),
    )
