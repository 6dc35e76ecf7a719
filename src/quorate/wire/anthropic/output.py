"""The form an answer must have: `output_config.format`, or words in the prompt where a target has no grammar."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.types.chat import OutputFormat
from quorate.types.parts import Text
from quorate.types.target import Quirks
from quorate.wire.notes import Notes

from .dialect import fitted
from .fields import Fields, Json, own, vendor

_PROMPT = "Answer with one JSON document and nothing else: no words around it, no code fence."
_SCHEMA = "It must be valid against this JSON Schema:"


def read_format(fields: Fields | None) -> OutputFormat | None:
    if fields is None:
        return None
    if fields.text("type") != "json_schema":
        fields.wrong("type", "'json_schema'")
    return OutputFormat(kind="schema", schema=fields.object("schema") or {}, vendor=vendor(fields.left()))


def write_format(output: OutputFormat, quirks: Quirks, notes: Notes) -> Json | None:
    """None where the form must be asked for in words: see `asked_in_words`."""
    if not _is_native(output, quirks):
        notes.emulated("output", "asked for in the prompt: this target does not hold a model to a form")
        return None
    schema = output.schema
    if output.description and "description" not in schema:
        schema = schema | {"description": output.description}
    written = fitted(schema)
    if written != schema:
        notes.changed(
            "output.schema", "written in the provider's dialect: objects closed, rules as descriptions"
        )
    return {"type": "json_schema", "schema": written} | own(output.vendor)


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
