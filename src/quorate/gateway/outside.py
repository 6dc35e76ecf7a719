"""How the gateway is seen from outside: who calls through proxies, under which scheme, name and path."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from quorate.types.value import Value

from .intake import Scope

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_MOST_HOPS = 32
_SCHEMES = frozenset({"http", "https"})


class Client(Value):
    """Who calls, and what it called."""

    address: str
    """'' where a Unix socket brought the call."""
    scheme: str
    host: str
    """As in a Host header, with its port."""


class Trusted(Value):
    """The proxies whose word holds."""

    networks: tuple[str, ...] = ()
    """Addresses and networks; 'unix' = whoever uses our Unix socket."""

    def includes(self, address: str) -> bool:
        """`address` '' is a Unix socket's."""
        if not address:
            return "unix" in self.networks
        told = _address(address)
        return told is not None and any(
            told.version == network.version and told in network for network in _networks(self.networks)
        )


class _Hop(Value):
    address: str = ""
    scheme: str = ""
    host: str = ""


def within(base_path: str, path: str) -> str | None:
    """The path below the base path, or None outside of it. `base_path` is '' or has no slash at its end."""
    if not base_path:
        return path
    if path == base_path:
        return "/"
    return path[len(base_path) :] if path.startswith(base_path + "/") else None


def client_of(scope: Scope, trusted: Trusted) -> Client:
    """The last one on the way to us that is no trusted proxy. What others say of themselves counts for nothing."""
    peer = scope.get("client")
    address = str(peer[0]) if peer else ""
    direct = Client(address=address, scheme=scope.get("scheme", "http"), host=_first(scope, b"host"))
    if not trusted.networks or not trusted.includes(address):
        return direct
    told, usual = _forwarded(scope), _x_forwarded(scope)
    if told and usual and _first_stranger(told, trusted).address != _first_stranger(usual, trusted).address:
        return direct  # one of the two was written by the client: a proxy sets one and passes the other on
    hop = _first_stranger(told or usual, trusted)
    return Client(
        address=hop.address or address,
        scheme=hop.scheme if hop.scheme in _SCHEMES else direct.scheme,
        host=hop.host or direct.host,
    )


def _first_stranger(hops: Sequence[_Hop], trusted: Trusted) -> _Hop:
    """From the nearest on; one that cannot be read ends the way with the one before it."""
    found = _Hop()
    for hop in list(reversed(hops))[:_MOST_HOPS]:
        if hop.address and _address(hop.address) is None:
            break
        found = hop
        if not trusted.includes(hop.address):
            break
    return found


def _x_forwarded(scope: Scope) -> list[_Hop]:
    """A proxy adds to the addresses; of scheme and host it mostly sets one, which then holds for all."""
    addresses = _values(scope, b"x-forwarded-for")
    schemes, hosts = _values(scope, b"x-forwarded-proto"), _values(scope, b"x-forwarded-host")
    if not addresses and (schemes or hosts):
        addresses = [""]  # a proxy that tells of scheme and host alone
    return [
        _Hop(
            address=_without_port(address),
            scheme=_at(schemes, place, len(addresses)).lower(),
            host=_at(hosts, place, len(addresses)),
        )
        for place, address in enumerate(addresses)
    ]


def _at(values: Sequence[str], place: int, count: int) -> str:
    """What belongs to a hop: counted from the nearest, where there is one for each; else the nearest alone."""
    if len(values) == count:
        return values[place]
    return values[-1] if values else ""


def _forwarded(scope: Scope) -> list[_Hop]:
    """RFC 7239."""
    hops: list[_Hop] = []
    for element in _values(scope, b"forwarded"):
        pairs = {
            name.strip().lower(): value.strip().strip('"')
            for name, _, value in (pair.partition("=") for pair in element.split(";"))
        }
        hops.append(
            _Hop(
                address=_without_port(pairs.get("for", "")),
                scheme=pairs.get("proto", "").lower(),
                host=pairs.get("host", ""),
            )
        )
    return hops


def _values(scope: Scope, wanted: bytes) -> list[str]:
    """Every entry of a list that may stand in several headers."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    told = ",".join(value.decode("latin-1") for name, value in headers if name == wanted)
    return [entry.strip() for entry in told.split(",")] if told else []


def _first(scope: Scope, wanted: bytes) -> str:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return next((value.decode("latin-1") for name, value in headers if name == wanted), "")


def _without_port(told: str) -> str:
    """`1.2.3.4:5`, `[::1]:5` and `[::1]` without port and brackets."""
    if told.startswith("["):
        return told[1:].partition("]")[0]
    return told.partition(":")[0] if told.count(":") == 1 else told


@lru_cache(maxsize=1024)
def _address(told: str) -> Address | None:
    try:
        made = ip_address(told)
    except ValueError:
        return None
    return made.ipv4_mapped or made if isinstance(made, IPv6Address) else made


@lru_cache(maxsize=16)
def _networks(told: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in told if each != "unix")
