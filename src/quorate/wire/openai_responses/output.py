"""The form an answer must have: `text.format`, or the same asked for in words."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from quorate.types.chat import Departure, OutputFormat
from quorate.types.target import Quirks
from quorate.wire.json_fields import Fields, Json, a_text, an_object
from quorate.wire.strict import fit

from .fields import own, vendor


class WrittenFormat(NamedTuple):
    """The body field, what the prompt must say in its place or beside it, and what was changed."""

    field: Json | None
    words: str
    lost: list[Departure]


def fitted(schema: Json, setting: str, lost: list[Departure]) -> tuple[Json, bool]:
    """The schema as a strict target takes it; where it cannot be made to fit, it is not held to strictly."""
    fit_schema = fit(schema)
    if fit_schema is None:
        detail = "the schema has no form in the strict subset: the target is not held to it"
        lost.append(Departure(setting=f"{setting}.strict", kind="dropped", detail=detail))
        return schema, False
    if fit_schema != schema:
        detail = "made to fit the strict subset: all properties required, optional ones may be null"
        lost.append(Departure(setting=f"{setting}.schema", kind="changed", detail=detail))
    return fit_schema, True


def write_output(output: OutputFormat, quirks: Quirks) -> WrittenFormat:
    """`text.format` as the target takes it."""
    if output.kind == "json":
        if quirks.json_mode:
            return WrittenFormat({"type": "json_object", **own(output.vendor)}, "", [])
        lost = Departure(setting="output", kind="emulated", detail="JSON is asked for in the prompt")
        return WrittenFormat(None, "Answer with one JSON object and nothing else.", [lost])
    if quirks.schema == "native":
        return _write_schema(output)
    lost = Departure(setting="output", kind="emulated", detail="the schema stands in the prompt")
    text = msgspec.json.encode(output.schema).decode()
    words = f"Answer with one JSON value and nothing else. It must be valid against this JSON Schema:\n{text}"
    asked = quirks.schema == "object" and quirks.json_mode
    return WrittenFormat({"type": "json_object"} if asked else None, words, [lost])


def _write_schema(output: OutputFormat) -> WrittenFormat:
    lost: list[Departure] = []
    schema, strict = output.schema, output.strict
    if strict:
        schema, strict = fitted(schema, "output", lost)
    form: Json = {"type": "json_schema", "name": output.name, "schema": schema}
    if output.description:
        form["description"] = output.description
    if strict is not None:
        form["strict"] = strict
    return WrittenFormat(form | own(output.vendor), "", lost)


def read_output(text: Fields) -> OutputFormat | None:
    """The form a client asks for; a form we do not know stays among the leftovers."""
    form = a_text(an_object(text.rest.get("format")).get("type"))
    if form == "text" and len(text.rest["format"]) == 1:
        del text.rest["format"]
    if form not in ("json_object", "json_schema"):
        return None
    fields = Fields(text.take("format"), text.place("format"))
    fields.take("type")
    if form == "json_object":
        return OutputFormat(kind="json", vendor=vendor(fields.rest))
    schema = fields.inner("schema")
    return OutputFormat(
        kind="schema",
        schema=schema.rest if schema else {},
        name=fields.text("name") or "answer",
        description=fields.text("description"),
        strict=fields.flag("strict"),
        vendor=vendor(fields.rest),
    )
