"""Where a database is, read from its URL; the password in it is never shown."""

from __future__ import annotations

import re
from pathlib import Path

from quorate.errors import SettingsInvalid
from quorate.types.secret import Secret
from quorate.types.value import Value

_FILE = "sqlite:///"
_MEMORY = "sqlite://"
_SERVERS = ("postgresql", "postgres")
_PLAIN = re.compile(r"(?:([\w.%-]+)(?::[^/?#@]*)?@)?([^?#@]*)(?:\?[^@]*)?")


class PassingFile(Value):
    """A SQLite database that is gone when it is closed."""


class SqliteFile(Value):
    """A file on this machine."""

    path: Path
    """Absolute."""

    @property
    def shown(self) -> str:
        return str(self.path)


class PostgresServer(Value):
    """A database on a server, in the words of libpq."""

    url: Secret
    shown: str
    """The URL without its password and its query."""


Address = SqliteFile | PostgresServer
"""Of a database that is open."""


def read_address(url: str) -> PassingFile | Address:
    """`sqlite:///path`, `sqlite://` or `postgresql://…`; anything else is refused without being shown."""
    if url in (_MEMORY, _FILE):
        return PassingFile()
    if url.startswith(_FILE):
        return SqliteFile(path=Path(url.removeprefix(_FILE)).expanduser().absolute())
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in _SERVERS:
        told = f"'{scheme}://…'" if separator and scheme.isidentifier() else "this"
        raise SettingsInvalid(
            f"the store cannot be at {told}: take 'sqlite:///PATH' or 'postgresql://USER:PASSWORD@HOST/NAME'",
            problems=[("store.url", "not the URL of a database that is known here")],
        )
    return PostgresServer(url=Secret(f"postgresql://{rest}"), shown=_shown(rest))


def _shown(rest: str) -> str:
    """Neither password nor query, which may hold one too; nothing where it is not plain which part is which."""
    found = _PLAIN.fullmatch(rest)
    if found is None:
        return "postgresql://…"
    user, place = found.groups()
    return f"postgresql://{user + '@' if user else ''}{place}"
