"""Where a request goes, taken from its URL: the connection it needs, and what stands in its first line."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from quorate.transport.wording import unreachable
from quorate.types.value import Value

_PORTS = {"http": 80, "https": 443}
_STANDS = re.compile(r"https?://[!#-;=?-Z\[\]_a-z~%]+")
"""An address of which every character may stand in a request line."""
_PARTS = re.compile(
    r"""
    (?P<scheme>https?)://
    (?:(?P<user>[^/?\#@]*)@)?
    (?:\[(?P<six>[^\]/?\#@]+)\]|(?P<name>[^\[\]/?\#@:]+))
    (?::(?P<port>[0-9]{1,5}))?
    (?P<path>/[^?\#]*)?
    (?P<query>\?[^\#]*)?
    (?:\#.*)?
    """,
    re.VERBOSE,
)


class Address(Value):
    """An `http` or `https` URL in its parts."""

    scheme: str
    host: str
    """Without the brackets of an IPv6 address."""
    port: int
    place: str
    """Host, and the port where it is not the usual one: what a request calls its host, and all of an address
    that may be told."""
    path: str
    """With the query; what it holds may be a credential."""
    basic: str = ""
    """The credential of `user:password@`, as a header says it."""


@lru_cache(maxsize=256)
def address_of(url: str) -> Address:
    """Taken as it stands where it can stand in a request: a signature may cover every byte of it.

    Raises `Unreachable` for anything else than an address of a host.
    """
    try:
        parts = _PARTS.fullmatch(url if _STANDS.fullmatch(url) else _mended(url))
    except ValueError:
        parts = None
    if parts is None:
        raise _no_address()
    scheme, host = parts["scheme"], (parts["six"] or parts["name"]).lower()
    port = int(parts["port"]) if parts["port"] else _PORTS[scheme]
    if not 0 < port < 65536:
        raise _no_address()
    named = f"[{host}]" if parts["six"] else host
    return Address(
        scheme=scheme,
        host=host,
        port=port,
        place=named if port == _PORTS[scheme] else f"{named}:{port}",
        path=(parts["path"] or "/") + (parts["query"] or ""),
        basic=_basic(parts["user"]) if parts["user"] else "",
    )


def _mended(url: str) -> str:
    """With letters beyond ASCII, spaces and the like made fit for a request, as the other client does it."""
    from yarl import URL  # noqa: PLC0415  # few addresses need it

    return str(URL(url))


def _basic(user: str) -> str:
    name, _, password = user.partition(":")
    return "Basic " + b64encode(unquote_to_bytes(name) + b":" + unquote_to_bytes(password)).decode()


def _no_address() -> Exception:
    return unreachable("the address is not one of http:// or https:// with a host", "address")
