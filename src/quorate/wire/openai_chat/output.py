"""The form an answer must have: `response_format`, or the same asked for in words."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from quorate.types.chat import Departure, OutputFormat
from quorate.types.target import Quirks
from quorate.wire.json_fields import Fields, Json, a_text, an_object
from quorate.wire.strict import fit

from .fields import own, vendor

_BESIDE = ("schema", "value")
"""Where dialects put the schema beside the type `json_object`; `value` is what Hugging Face's servers take."""


class WrittenFormat(NamedTuple):
    """The body field, what the prompt must say in its place or beside it, and what was changed."""

    field: Json | None
    words: str
    lost: list[Departure]


def fitted(
    schema: Json, strict: bool | None, setting: str, lost: list[Departure]
) -> tuple[Json, bool | None]:
    """The schema as a strict target takes it; where it cannot be made to fit, it is not held to strictly."""
    if not strict:
        return schema, strict
    fit_schema = fit(schema)
    if fit_schema is None:
        lost.append(
            Departure(
                setting=f"{setting}.strict",
                kind="dropped",
                detail="the schema has no form in the strict subset: the target is not held to it",
            )
        )
        return schema, False
    if fit_schema != schema:
        lost.append(
            Departure(
                setting=f"{setting}.schema",
                kind="changed",
                detail="made to fit the strict subset: all properties required, optional ones may be null",
            )
        )
    return fit_schema, True


def write_output(output: OutputFormat, quirks: Quirks) -> WrittenFormat:
    """`response_format` as the target takes it."""
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
    schema, strict = fitted(output.schema, output.strict, "output", lost)
    rest = dict(own(output.vendor))
    inner: Json = {"name": output.name, "schema": schema, **an_object(rest.pop("json_schema", None))}
    if output.description:
        inner["description"] = output.description
    if strict is not None:
        inner["strict"] = strict
    return WrittenFormat({"type": "json_schema", "json_schema": inner, **rest}, "", lost)


def read_output(body: Fields) -> OutputFormat | None:
    """The form a client asks for; a form we do not know stays among the leftovers."""
    asked = an_object(body.rest.get("response_format"))
    form = a_text(asked.get("type"))
    beside = next((name for name in _BESIDE if name in asked), None)
    if form == "json_object" and beside is None:
        fields = Fields(body.take("response_format"), body.place("response_format"))
        fields.take("type")
        return OutputFormat(kind="json", vendor=vendor(fields.rest))
    if form not in ("json_object", "json_schema"):
        return None
    fields = Fields(body.take("response_format"), body.place("response_format"))
    fields.take("type")
    inner = (
        fields.inner("json_schema")
        if form == "json_schema" or beside is None
        else Fields({"schema": fields.take(beside)})
    )
    if inner is None:
        raise fields.wrong("json_schema", "an object")
    schema = inner.inner("schema")
    read = OutputFormat(
        kind="schema",
        schema=schema.rest if schema else {},
        name=inner.text("name") or "answer",
        description=inner.text("description"),
        strict=inner.flag("strict"),
    )
    rest = fields.rest | ({"json_schema": inner.rest} if inner.rest else {})
    return msgspec.structs.replace(read, vendor=vendor(rest)) if rest else read
