"""Bodies of this protocol that hold files: a form's fields as those of an object, and back."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

import msgspec

from quorate.errors import InvalidRequest
from quorate.wire.json_fields import Fields, Json, is_list
from quorate.wire.multipart import FormPart, is_form, read_form, write_form
from quorate.wire.seam import Call

from .front import read_body


def read_fields(
    call: Call, *, numbers: Collection[str] = (), flags: Collection[str] = ()
) -> tuple[Fields, dict[str, list[FormPart]]]:
    """The plain fields of a form, or of JSON in its place, and the files by their fields' names.

    In a form everything is text: `numbers` and `flags` are read as what they mean. `name[]` is one of a list.
    """
    content_type = call.headers.get("content-type", "")
    if not is_form(content_type):
        return read_body(call), {}
    told: Json = {}
    files: dict[str, list[FormPart]] = {}
    for part in read_form(content_type, call.body):
        name = part.name.removesuffix("[]")
        if part.filename:
            files.setdefault(name, []).append(part)
            continue
        value = _meant(name, _text(part), numbers, flags)
        if part.name.endswith("[]"):
            told.setdefault(name, [])
            if is_list(told[name]):
                told[name].append(value)
        else:
            told[name] = value
    return Fields(told), files


def _text(part: FormPart) -> str:
    try:
        return part.data.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"'{part.name}' must be UTF-8 text", where=part.name) from error


def _meant(name: str, text: str, numbers: Collection[str], flags: Collection[str]) -> object:
    if name in numbers:
        return _number(name, text)
    if name in flags and text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    return text


def _number(name: str, text: str) -> int | float:
    try:
        value = int(text) if text.strip().lstrip("-").isdecimal() else float(text)
    except ValueError as error:
        raise InvalidRequest(f"'{name}' must be a number", where=name) from error
    if not math.isfinite(value):
        raise InvalidRequest(f"'{name}' must be a number", where=name)
    return value


_FLAGS: Mapping[str, bool] = {"true": True, "false": False}


def write_fields(fields: Json, files: Iterable[FormPart]) -> tuple[str, bytes]:
    """Content type and body; a list becomes a field for each of its values."""
    parts: list[FormPart] = []
    for name, value in fields.items():
        if is_list(value):
            parts += [FormPart(name=f"{name}[]", data=_written(each)) for each in value]
        else:
            parts.append(FormPart(name=name, data=_written(value)))
    return write_form([*parts, *files])


def _written(value: object) -> bytes:
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)
