"""Which proxy leads to an address, if any: from a setting, or from the variables that other programs heed too."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from quorate.errors import SettingsInvalid
from quorate.types.secret import Secret
from quorate.types.value import Value

_PORTS = {"http": 80, "https": 443}


class Proxies(Value):
    """Proxies by the scheme of the address that is asked for. Their addresses may hold a password."""

    http: Secret = Secret()
    https: Secret = Secret()
    direct: tuple[str, ...] = ()
    """Hosts that are reached without: 'name' with all below it, 'name:port', an address, a network; '*' = all."""
    loopback: bool = False
    """Whether this machine's own addresses go through a proxy as well."""

    def leading_to(self, scheme: str, host: str, port: int | None) -> Secret:
        """The proxy for an address; an empty one means that it is reached without."""
        proxy = self.https if scheme == "https" else self.http
        if not proxy or (not self.loopback and _is_loopback(host)):
            return Secret()
        name = host.lower().rstrip(".")
        if any(_covers(rule, name, port or _PORTS.get(scheme, 0)) for rule in self.direct):
            return Secret()
        return proxy


def proxies_of(environment: Mapping[str, str], *, proxy: str = "") -> Proxies:
    """Proxies of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in capitals or not.

    `proxy`, where given, stands for all but `NO_PROXY`. Raises `SettingsInvalid` for one that cannot be used.
    """

    def said(name: str) -> str:
        return environment.get(name.lower(), "") or environment.get(name, "")

    # A web server hands a client's `Proxy:` header to its CGI scripts as HTTP_PROXY.
    plain = environment.get("http_proxy", "") if "REQUEST_METHOD" in environment else said("HTTP_PROXY")
    rules = said("NO_PROXY").replace(" ", ",").split(",")
    return Proxies(
        http=_checked(proxy or plain or said("ALL_PROXY")),
        https=_checked(proxy or said("HTTPS_PROXY") or said("ALL_PROXY")),
        direct=tuple(rule.strip().lower() for rule in rules if rule.strip()),
    )


def _checked(address: str) -> Secret:
    """The address with its scheme, where it is one of a proxy that we speak with."""
    if not address:
        return Secret()
    whole = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(whole)
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        wrong = "a proxy's address is http://host:port or https://host:port"
        raise SettingsInvalid(wrong, problems=[("network.proxy", wrong)])
    return Secret(whole)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost")


def _covers(rule: str, host: str, port: int) -> bool:
    """Whether a rule of `NO_PROXY` is about this host."""
    if rule == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        pass  # one of the two is a name
    name, colon, number = rule.rpartition(":")
    if colon and number.isdigit():
        if int(number) != port:
            return False
        rule = name
    rule = rule.strip("[]").removeprefix("*").strip(".")
    return bool(rule) and (host == rule or host.endswith(f".{rule}"))
