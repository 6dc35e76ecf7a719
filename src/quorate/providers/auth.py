"""Joins a target's address and credential with what a codec wrote: the last step before the network."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from quorate.errors import SettingsInvalid
from quorate.types.target import Target
from quorate.wire.seam import WireRequest

_JSON = {"content-type": "application/json"}
_MOST = 4096
"""Targets remembered; past that, memory starts over."""


class _Prepared:
    """What all requests to one target share. It holds the credential and so has no `repr` of its own."""

    __slots__ = ("base_url", "headers", "query", "target")

    def __init__(self, target: Target) -> None:
        quirks, auth, key = target.quirks, target.auth, target.secret.reveal()
        headers = {name.lower(): text for name, text in (quirks.headers | target.headers).items()}
        query = dict(quirks.query)
        match auth.kind if key else "none":
            case "bearer":
                headers["authorization"] = f"Bearer {key}"
            case "header":
                headers[auth.name.lower()] = auth.prefix + key
            case "query":
                query[auth.name] = key
            case "none":
                pass
        _refuse_unsendable(target, headers)
        self.target = target
        self.base_url = target.base_url.rstrip("/")
        self.headers, self.query = headers, query


class Signer:
    """Addresses and signs requests. Hand it the same `Target` again and the work is done once."""

    def __init__(self) -> None:
        self._prepared: dict[int, _Prepared] = {}

    def sign(self, target: Target, request: WireRequest) -> tuple[str, dict[str, str]]:
        """The whole address, and all headers in lower case. Both hold the credential: never log them.

        The target's headers win over the codec's.
        """
        known = self._prepared.get(id(target))
        # An id may be given again once its target is gone: only the very same object counts.
        if known is None or known.target is not target:
            known = self._prepare(target)
        url = known.base_url + request.path
        if query := request.query | known.query if request.query else known.query:
            url += "?" + urlencode(query, quote_via=quote)
        headers = request.headers | known.headers if request.headers else known.headers
        return url, _JSON | headers if request.body else dict(headers)

    def _prepare(self, target: Target) -> _Prepared:
        if len(self._prepared) >= _MOST:
            self._prepared.clear()
        prepared = self._prepared[id(target)] = _Prepared(target)
        return prepared


def _refuse_unsendable(target: Target, headers: Mapping[str, str]) -> None:
    """A line break in a key smuggles headers; other odd characters make the HTTP client fail in its own way."""
    problems = [
        (f"providers.{target.provider}", f"the header '{name}' holds characters that no header may hold")
        for name, text in headers.items()
        if not (text.isascii() and text.isprintable())
    ]
    if problems:
        raise SettingsInvalid("; ".join(fault for _, fault in problems), problems=problems)
