"""Whom a target's name means: the provider's row and its address, for spans."""

from __future__ import annotations

from urllib.parse import urlsplit

from quorate.assemble import Household, Parts
from quorate.errors import QuorateError

from .spans import Upstream

_PORTS = {"http": 80, "https": 443}


class Upstreams:
    """Looked up once for each provider, and anew when the settings have changed."""

    def __init__(self, household: Household) -> None:
        self._household = household
        self._parts: Parts | None = None
        self._known: dict[str, Upstream] = {}

    def __call__(self, target: str) -> Upstream:
        if self._parts is not self._household.parts:
            self._parts, self._known = self._household.parts, {}
        provider, _, model = target.partition("/")
        known = self._known.get(provider)
        if known is None:
            known = self._known[provider] = _found(self._household.parts, provider, model)
        return known


def _found(parts: Parts, provider: str, model: str) -> Upstream:
    entry = parts.directory.entry(provider)
    if entry is None:
        return Upstream(provider=provider)
    try:
        url = urlsplit(parts.directory.target(entry, model).base_url)
        return Upstream(
            provider=entry.provider,
            address=url.hostname or "",
            port=url.port or _PORTS.get(url.scheme, 0),
        )
    except (QuorateError, ValueError):
        return Upstream(provider=entry.provider)
