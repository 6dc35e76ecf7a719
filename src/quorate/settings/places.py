"""Where the settings file is looked for: what was named, then the project's, then the user's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from quorate.errors import SettingsInvalid
from quorate.types.secret import Secret

FILE = "quorate.toml"
VARIABLE = "QUORATE_CONFIG"
STORE_FILE = "quorate.db"


def find_settings(environment: Mapping[str, str], named: str | Path | None = None) -> Path | None:
    """The file in force: `named`, `$QUORATE_CONFIG`, `./quorate.toml`, the user's own; None where none is.

    A file that was named and is not there is an error, not a reason to look further.
    """
    if named or environment.get(VARIABLE):
        path = Path(named or environment[VARIABLE]).expanduser()
        if not path.is_file():
            origin = "" if named else f" (from ${VARIABLE})"
            raise SettingsInvalid(
                f"there is no settings file '{path}'{origin}", problems=[(str(path), "not there")]
            )
        return path
    for path in (Path(FILE), user_folder(environment) / FILE):
        if path.is_file():
            return path
    return None


def lists_file(environment: Mapping[str, str]) -> Path:
    """Where the providers' own lists of models are kept between processes."""
    import platformdirs  # noqa: PLC0415  # only where lists are asked for

    override = environment.get("XDG_CACHE_HOME")
    folder = Path(override) / "quorate" if override else platformdirs.user_cache_path("quorate")
    return folder / "models.json"


def data_folder(environment: Mapping[str, str]) -> Path:
    """The user's folder for what outlives a process."""
    import platformdirs  # noqa: PLC0415  # only where something is kept

    override = environment.get("XDG_DATA_HOME")
    return Path(override) / "quorate" if override else platformdirs.user_data_path("quorate")


def store_url(url: Secret, environment: Mapping[str, str]) -> Secret:
    """Where the store is: as the settings say, or a file in the data folder."""
    return url or Secret(f"sqlite:///{data_folder(environment) / STORE_FILE}")


def user_folder(environment: Mapping[str, str]) -> Path:
    """The user's configuration folder for Quorate."""
    import platformdirs  # noqa: PLC0415  # only where no file is named

    override = environment.get("XDG_CONFIG_HOME")
    return Path(override) / "quorate" if override else platformdirs.user_config_path("quorate")
