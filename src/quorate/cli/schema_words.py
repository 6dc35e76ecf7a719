"""A JSON Schema from the command line: a file, the JSON itself, or a few words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import OutputFormat

_TYPES: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "list": {"type": "array", "items": {"type": "string"}},
}


def read_schema(said: str) -> OutputFormat:
    """The output format. In words: 'name, age int, tags list: words that describe it', fields of text by default."""
    text = said.strip()
    if text.startswith("{"):
        return _format(_json(text, "--schema"))
    if text.endswith(".json") or _is_file(said):
        try:
            return _format(_json(Path(said).read_text(encoding="utf-8"), said))
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"the schema '{said}' cannot be read: {error}", where="schema") from error
    return _format(_in_words(text))


def _is_file(said: str) -> bool:
    try:
        return Path(said).is_file()
    except OSError:
        return False  # too long for a name


def _in_words(text: str) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for field in text.split(","):
        described, _, description = field.partition(":")
        name, *kind = described.split() or [""]
        if not name or len(kind) > 1 or (kind and kind[0] not in _TYPES):
            raise InvalidRequest(
                f"'{field.strip()}' is no field: write 'name', or 'name TYPE' with one of {', '.join(_TYPES)}",
                where="schema",
            )
        if name in properties:
            raise InvalidRequest(f"two fields are named '{name}'", where="schema")
        told = {"description": description.strip()} if description.strip() else {}
        properties[name] = _TYPES[kind[0] if kind else "str"] | told
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _json(text: str, where: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidRequest(f"{where} is no JSON object: {error}", where="schema") from error


def _format(schema: dict[str, Any]) -> OutputFormat:
    return OutputFormat(kind="schema", schema=schema, name=str(schema.get("title", "answer")))
