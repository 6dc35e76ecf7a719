"""Reads provider rows strictly: every fault of every row at once, each with its place and the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, cast, get_args, get_origin

import msgspec

from quorate.errors import SettingsInvalid
from quorate.types.target import Auth, Quirks
from quorate.types.value import Value

from .entry import Family, Option, Provider
from .layers import as_table

Problem = tuple[str, str]
"""A dotted place, and what is wrong there."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_BLANK = re.compile(r"\{([a-z_]+)\}")

_ONE: Mapping[tuple[type[Value], str], type[Value]] = {
    (Provider, "auth"): Auth,
    (Provider, "quirks"): Quirks,
    (Family, "quirks"): Quirks,
}
_MANY: Mapping[tuple[type[Value], str], type[Value]] = {
    (Provider, "options"): Option,
    (Provider, "models"): Family,
    (Provider, "forms"): Provider,
}
"""Fields that hold values of ours: one, or a list or table of them."""


def check_rows(tables: Mapping[str, Any], place: str = "") -> list[Problem]:
    """All that is wrong with the form of some rows; a row may say only a part of what it could."""
    problems: list[Problem] = []
    for name, table in tables.items():
        where = _under(place, name)
        if not _NAME.fullmatch(name):
            problems.append((where, "a name is made of letters, digits, '.', '_' and '-'"))
        problems += check_table(Provider, table, where, partial=True)
        if "name" in (as_table(table) or {}):
            problems.append((_under(where, "name"), "a row is named by its table"))
    return problems


def check_table(kind: type[Value], table: Any, place: str, *, partial: bool = False) -> list[Problem]:
    """All that is wrong with one table that should become a `kind`; `partial`: nothing is demanded."""
    if (told := as_table(table)) is None:
        return [(place, "must be a table")]
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    problems = [(_under(place, key), unknown(key, fields)) for key in told if key not in fields]
    problems += [
        (_under(place, name), "is missing")
        for name, field in fields.items()
        if field.required and not partial and name not in told
    ]
    for name, field in fields.items():
        if name in told:
            problems += _check_field(kind, name, field.type, told[name], _under(place, name))
    return problems


def check_row(row: Provider, place: str = "") -> list[Problem]:
    """All that is wrong with the sense of a finished row."""
    problems: list[Problem] = []
    where = _under(place, row.name)
    if row.base_url and not row.base_url.startswith(("http://", "https://")):
        problems.append((_under(where, "base_url"), "starts with neither http:// nor https://"))
    if row.auth.kind in ("header", "query") and not row.auth.name:
        problems.append((_under(where, "auth.name"), f"is needed where the kind is '{row.auth.kind}'"))
    query: Mapping[str, str] = row.quirks.get("query", {})
    for field, text in [("base_url", row.base_url), *row.headers.items(), *query.items()]:
        problems += [
            (_under(where, field), f"has the blank '{blank}', which is no option")
            for blank in blanks(text)
            if blank not in row.options
        ]
    return problems


def refuse(problems: Iterable[Problem], source: str) -> None:
    """Raise `SettingsInvalid` with all problems, if there are any."""
    found = tuple(problems)
    if found:
        told = "; ".join(f"{place}: {fault}" for place, fault in found)
        raise SettingsInvalid(f"{source}: {told}", problems=found)


def blanks(text: str) -> list[str]:
    """The names of the `{blanks}` in a text."""
    return _BLANK.findall(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its blanks filled; a blank without a value becomes nothing."""
    return _BLANK.sub(lambda found: values.get(found[1], ""), text) if "{" in text else text


def nearest(word: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known words that look like it, the likeliest first."""
    return get_close_matches(word, list(known), n=limit, cutoff=0.5)


def unknown(word: str, known: Iterable[str]) -> str:
    """Says that a word is not known, and which known one is nearest."""
    near = nearest(word, known, 1)
    return f"is unknown; the nearest is '{near[0]}'" if near else "is unknown"


def _check_field(kind: type[Value], name: str, shape: Any, value: Any, place: str) -> list[Problem]:
    if one := _ONE.get((kind, name)):
        return check_table(one, value, place, partial=one is Quirks)
    if many := _MANY.get((kind, name)):
        return _check_many(many, value, place, by_name=get_origin(shape) is dict)
    try:
        msgspec.convert(value, shape)
    except msgspec.ValidationError as fault:
        return [(place, _told(fault, shape, value))]
    return []


def _check_many(kind: type[Value], value: Any, place: str, *, by_name: bool) -> list[Problem]:
    table = as_table(value)
    if table is None and (by_name or not isinstance(value, list)):
        return [(place, f"must be a {'table' if by_name else 'list'}")]
    items = enumerate(cast("list[Any]", value)) if table is None else table.items()
    partial = kind is Provider
    return [
        problem
        for key, item in items
        for problem in check_table(kind, item, _under(place, str(key)), partial=partial)
    ]


def _told(fault: msgspec.ValidationError, shape: Any, value: Any) -> str:
    words = get_args(shape) or get_args(getattr(shape, "__value__", None))
    if words and not isinstance(words[0], str):
        words = get_args(words[0])
    said = cast("list[object]", value) if isinstance(value, list) else [value]
    wrong = [word for word in said if isinstance(word, str) and word not in words]
    if words and wrong and isinstance(words[0], str):
        return "; ".join(f"'{word}' {unknown(word, words)}" for word in wrong)
    return str(fault).replace("`", "'")


def _under(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
