"""Where options may stand beside settings and environment: in the files of other programs."""

from __future__ import annotations

import configparser
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

Environment = Mapping[str, str]


def look_up(place: str, environment: Environment, options: Mapping[str, str]) -> str:
    """What stands there; '' where nothing does. `options` are those of the entry."""
    return LOOKUPS[place](environment, options) if place in LOOKUPS else ""


def aws_region(environment: Environment, options: Mapping[str, str]) -> str:
    """The region of the profile in force, from AWS's own file of settings."""
    named = environment.get("AWS_CONFIG_FILE", "")
    home = environment.get("HOME") or environment.get("USERPROFILE", "")
    if not named and not home:
        return ""
    path = Path(named) if named else Path(home, ".aws", "config")
    variables = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
    told = [options.get("profile", ""), *(environment.get(name, "") for name in variables)]
    profile = next((name for name in told if name), "default")
    try:
        regions = _regions(path, path.stat().st_mtime_ns)
    except OSError:
        return ""
    return regions.get(profile, "")


@lru_cache(maxsize=16)
def _regions(path: Path, changed_at: int) -> Mapping[str, str]:
    """Profile → region. A file that makes no sense has none: who signs will tell of it."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return {}
    sections = parser.sections()
    return {
        section.removeprefix("profile ").strip(): parser.get(section, "region", fallback="").strip()
        for section in sections
    }


def google_project(environment: Environment, options: Mapping[str, str]) -> str:
    """The project that the credential's file was made for."""
    path = Path(environment.get("GOOGLE_APPLICATION_CREDENTIALS", ""))
    try:
        return _project(path, path.stat().st_mtime_ns) if path.is_file() else ""
    except OSError:
        return ""


class _Project(msgspec.Struct):
    project_id: str = ""
    quota_project_id: str = ""


@lru_cache(maxsize=16)
def _project(path: Path, changed_at: int) -> str:
    try:
        told = msgspec.json.decode(path.read_bytes(), type=_Project)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return told.project_id or told.quota_project_id


LOOKUPS: Mapping[str, Callable[[Environment, Mapping[str, str]], str]] = {
    "aws_region": aws_region,
    "google_project": google_project,
}
"""Name of a place → who looks there."""
