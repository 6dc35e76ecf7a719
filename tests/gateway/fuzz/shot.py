"""One request on its way to the gateway, as a client would put it on the line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from quorate.gateway.heads import scope_of

Header = tuple[bytes, bytes]


@dataclass(frozen=True, kw_only=True)
class Shot:
    """`front` is the protocol whose client sends it; '' for the gateway's own pages."""

    front: str
    url: bytes
    """Path and query, percent-encoded."""
    method: str = "POST"
    headers: tuple[Header, ...] = ()
    """Lower-case names."""
    body: bytes = b""
    kinds: tuple[str, ...] = ()
    """What was done to it."""
    is_placed: bool = True
    """Path, query and headers are a client's own: the gateway must know whose words to speak."""
    expected: frozenset[int] = frozenset()
    """What the only answers may be; empty where that is not known beforehand."""

    def scope(self) -> dict[str, Any]:
        """As a server hands it on."""
        scope = scope_of(self.method.encode(), self.url, "1.1", list(self.headers))
        return scope | {"client": ("127.0.0.1", 5000)}

    def written(self) -> str:
        """For a report: all there is, but no more of a long body than a screen."""
        told = {name.decode("latin-1"): value.decode("latin-1")[:300] for name, value in self.headers}
        return (
            f"{self.method} {self.url.decode('latin-1')[:500]}\n{json.dumps(told)}\n"
            f"{self.body[:2000]!r}{' …' if len(self.body) > 2000 else ''} ({len(self.body)} bytes)"
        )
