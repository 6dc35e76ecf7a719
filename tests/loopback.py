"""The guard that keeps tests off the network: a socket may bind and reach loopback, and nothing else.

It is an audit hook, which sees every socket that CPython opens (uvloop's it does not) and cannot be taken back.
"""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

NAMES_OF_LOOPBACK = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})


class LeftLoopback(RuntimeError):
    """A test tried to bind, look up or reach something that is not this machine's loopback."""


def is_loopback(host: object) -> bool:
    """Whether a host, as the socket functions take it, is this machine and closed to others."""
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str):
        # getaddrinfo says None for loopback; where it means any address, the bind that follows is seen.
        return name is None
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return name.lower() in NAMES_OF_LOOPBACK


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    match event, arguments:
        case (("socket.connect" | "socket.bind" | "socket.sendto"), (_, (host, *_))):
            allowed = is_loopback(host)
        case (("socket.getaddrinfo" | "socket.gethostbyname"), (host, *_)):
            allowed = is_loopback(host)
        case _:
            return
    if not allowed:
        raise LeftLoopback(f"{event} of '{host}': a test stays on loopback")


def stay_on_loopback() -> None:
    """Put the guard up for the rest of this process."""
    sys.addaudithook(_watch)
