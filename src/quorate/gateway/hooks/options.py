"""A hook's options: from the table in the settings to the hook's own value, with everything checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from quorate.errors import SettingsInvalid

Options = TypeVar("Options", bound=msgspec.Struct)


def read_options(options: Mapping[str, Any], kind: type[Options]) -> Options:
    """Raises `SettingsInvalid` for an option that is not known, missing, or not of its type."""
    unknown = sorted(set(options) - {each.name for each in msgspec.structs.fields(kind)})
    if unknown:
        known = ", ".join(each.name for each in msgspec.structs.fields(kind))
        raise wrong((name, f"there is no such option; there are: {known}") for name in unknown)
    try:
        return msgspec.convert(dict(options), kind)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise wrong([(where.strip("`").removeprefix("."), what)]) from error


def wrong(problems: Iterable[tuple[str, str]]) -> SettingsInvalid:
    """Of (option, what is wrong) pairs."""
    listed = list(problems)
    told = "; ".join(f"{place}: {what}" if place else what for place, what in listed)
    return SettingsInvalid(told, problems=listed)
