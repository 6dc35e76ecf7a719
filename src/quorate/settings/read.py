"""From a settings file to `Settings`: read, fill, check everything, then translate."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence, Set
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
MOST_PASSES = 4
"""A fault taken out may leave a hole, and that one taken out a smaller file."""
_SECRET_FIELDS = frozenset({_KEY_FIELD, "keys", "headers", "url"})
"""What stands there is never shown."""


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
    checked, faults = _checked(filled.document)
    problems.extend(faults)
    if checked is not None:
        settings = settings_of(checked, Origin(path=path, lines=lines, missing=filled.missing))
        sense = (*contradictions(checked), *unusable(settings))
        wrong = {place for place, _ in problems}
        problems.extend(each for each in sense if not _is_doubtful(each[0], wrong))
        if not problems:
            return settings
    raise _invalid(path, lines, problems)


def _is_doubtful(place: str, wrong: Set[str]) -> bool:
    """Is it, or something in its provider's table, wrong already? Then this may only be what that one left."""
    table = place.rpartition(".")[0]
    return place in wrong or ("." in table and table in {each.rpartition(".")[0] for each in wrong})


def _checked(document: dict[str, Any]) -> tuple[SettingsFile | None, list[Problem]]:
    """The file without what is wrong in its form, and that; None where too little is left to go on with."""
    faults: list[Problem] = []
    for _ in range(MOST_PASSES):
        try:
            return SettingsFile.model_validate(document), faults
        except ValidationError as error:
            found = error.errors(include_url=False)
            # Later passes meet only the holes that the first one left.
            faults = faults or [_problem(each) for each in found]
            for each in found:
                place = each["loc"][:-1] if each["type"] == "missing" else each["loc"]
                document = _without(document, place)
    return None, faults


def _without(table: dict[Any, Any], place: Sequence[int | str]) -> dict[Any, Any]:
    """The same without what stands there; a list goes as a whole, since its elements would change places."""
    if not place or place[0] not in table:
        return table
    first, *rest = place
    inner = table[first]
    if rest and isinstance(inner, dict):
        return table | {first: _without(cast("dict[Any, Any]", inner), rest)}
    return {key: each for key, each in table.items() if key != first}


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
        if isinstance(shown, str | int | float | bool) and _SECRET_FIELDS.isdisjoint(place)
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
