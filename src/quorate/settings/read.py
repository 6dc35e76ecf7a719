"""From a settings file to `Settings`: read, fill, check everything, then translate."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from quorate.errors import SettingsInvalid

from .checks import contradictions, unusable
from .expand import Expanded, Problem
from .lines import lines_of, place_of
from .schema import SettingsFile
from .settings import Settings
from .translate import Origin, settings_of

_KEY_FIELD = "api_key"


def read_settings(path: Path, environment: Mapping[str, str]) -> Settings:
    """The settings in that file. `SettingsInvalid` names all that is wrong, each with file and line."""
    try:
        text = path.read_bytes().decode()
        document = tomllib.loads(text)
    except OSError as error:
        raise SettingsInvalid(f"'{path}' cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"'{path}' is no TOML: {error}", problems=[(str(path), str(error))]) from error
    filled = Expanded(document, environment)
    lines = lines_of(text)
    problems = [
        (
            place,
            f"the environment variable '{variable}' is not set; give it a default as ${{{variable}:-…}} or set it",
        )
        for place, variable in filled.missing.items()
        if place.rpartition(".")[2] != _KEY_FIELD
    ]
    try:
        checked = SettingsFile.model_validate(filled.document)
    except ValidationError as error:
        problems.extend(_problem(each) for each in error.errors(include_url=False))
        checked = None
    if checked is not None:
        settings = settings_of(checked, Origin(path=path, lines=lines, missing=filled.missing))
        problems.extend(contradictions(checked))
        problems.extend(unusable(settings))
        if not problems:
            return settings
    raise _invalid(path, lines, problems)


def _problem(error: ErrorDetails) -> Problem:
    place = [str(step) for step in error["loc"]]
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], _keys_around(place[:-1]), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return ".".join(place), f"there is no setting '{place[-1]}' here{hint}"
    if error["type"] == "missing":
        return ".".join(place), f"'{place[-1]}' is missing"
    shown = error.get("input")
    quoted = (
        f" (it is {shown!r})"
        if isinstance(shown, str | int | float | bool) and _KEY_FIELD not in place
        else ""
    )
    return ".".join(place), error["msg"] + quoted


def _keys_around(place: list[str]) -> list[str]:
    """The keys that may stand in the table at `place`."""
    table: Any = SettingsFile
    for step in place:
        if step in (fields := _fields(table)):
            table = fields[step].annotation
            arguments = [each for each in getattr(table, "__args__", ()) if _is_table(each)]
            table = arguments[-1] if arguments else table
    return list(_fields(table))


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(kind: Any) -> dict[str, FieldInfo]:
    return cast(type[BaseModel], kind).model_fields if _is_table(kind) else {}


def _invalid(path: Path, lines: Mapping[str, int], problems: Iterable[Problem]) -> SettingsInvalid:
    placed = sorted((place_of(where, lines), where, what) for where, what in problems)
    told = [
        (f"{path}:{line}" if line else str(path), f"{where}: {what}" if where else what)
        for line, where, what in placed
    ]
    listing = "\n".join(f"  {place} {what}" for place, what in told)
    return SettingsInvalid(
        f"{len(told)} settings are wrong:\n{listing}" if len(told) > 1 else listing.strip(), problems=told
    )
