"""Under which names and from which web pages the gateway may be called: no browser is tricked into it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import urlsplit

from quorate.errors import ForbiddenCaller

UNIX = "unix:"
"""Before the path of a Unix socket that stands in place of a host."""

_NAMES = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})


class Gate:
    """Looks at Host and Origin.

    On loopback a page of another site can reach the gateway by a name that it makes lead there; so only
    loopback's own names, and those of the settings, are let in. Beyond loopback every name is, unless the
    settings give some.
    """

    def __init__(self, host: str, hosts: Iterable[str], origins: Iterable[str]) -> None:
        """`host` is what the gateway listens at."""
        self._hosts = frozenset(name.lower() for name in hosts)
        self._origins = frozenset(origin.rstrip("/").lower() for origin in origins)
        self._is_open = not is_loopback(host) and not self._hosts
        if not is_loopback(host):
            self._hosts |= {host.lower()}
        self._lets_in = lru_cache(maxsize=256)(self._is_known)

    def check(self, headers: Mapping[str, str]) -> None:
        """Raises `ForbiddenCaller`."""
        host = headers.get("host", "")
        if not self._is_open and not self._lets_in(host):
            raise ForbiddenCaller(f"this gateway is not called '{host[:100]}': see `hosts` under [server]")
        origin = headers.get("origin")
        if origin is not None and origin.rstrip("/").lower() not in self._origins:
            raise ForbiddenCaller(
                f"pages of '{origin[:100]}' may not call this gateway: see `origins` under [server]"
            )

    def _is_known(self, host: str) -> bool:
        name = name_in(host)
        return is_loopback(name) or name.lower() in self._hosts


@lru_cache(maxsize=256)
def is_loopback(host: str) -> bool:
    """Is it this machine, and closed to others?"""
    if host.startswith(UNIX):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in _NAMES


def name_in(host: str) -> str:
    """The name in a Host header, without its port and brackets; '' where it makes no sense."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
