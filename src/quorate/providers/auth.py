"""Joins a target's address and credential with what a codec wrote: the last step before the network."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import quote, urlencode

from quorate.errors import InvalidRequest, SettingsInvalid
from quorate.types.target import Target
from quorate.wire.seam import WireRequest

from .cloud import Cloud, Clouds

_JSON = {"content-type": "application/json"}
_DOTS = frozenset({".", ".."})
_MOST_PATHS = 16
_MOST = 4096
"""Targets remembered; past that, memory starts over."""


class _Prepared:
    """What all requests to one target share. It holds the credential and so has no `repr` of its own."""

    __slots__ = ("base_url", "cloud", "headers", "query", "target", "usual")

    def __init__(self, target: Target, cloud: Cloud | None) -> None:
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
            case _:
                pass  # no credential, or one that a cloud signs with
        _refuse_unsendable(target, headers)
        self.target, self.cloud = target, cloud
        self.base_url = target.base_url.rstrip("/")
        self.headers, self.query = headers, query
        self.usual: dict[str, tuple[str, Mapping[str, str]]] = {}
        """Path → address and headers of requests that bring neither query nor headers along."""


class Signer:
    """Addresses and signs requests. Hand it the same `Target` again and the work is done once."""

    def __init__(self, clouds: Clouds | None = None) -> None:
        """`clouds` sign for kinds of `Auth` that need more than a key."""
        self._clouds: Clouds = clouds or {}
        self._prepared: dict[int, _Prepared] = {}

    def sign(self, target: Target, request: WireRequest) -> tuple[str, Mapping[str, str]]:
        """The whole address, and all headers in lower case. Both hold the credential: never log them.

        The target's headers win over the codec's. Raises `InvalidRequest` for a model's name that would lead out of
        its place in the address.
        """
        if "/." in request.path and not _DOTS.isdisjoint(request.path.split("/")):
            raise InvalidRequest(f"'{target.model[:200]}' is no model's name", where="model")
        known = self._prepared.get(id(target))
        # An id may be given again once its target is gone: only the very same object counts.
        if known is None or known.target is not target:
            known = self._prepare(target)
        is_usual = not (request.query or request.headers or request.base_url) and known.cloud is None
        if is_usual and request.body and (usual := known.usual.get(request.path)) is not None:
            return usual
        url = (request.base_url or known.base_url) + request.path
        if query := request.query | known.query if request.query else known.query:
            url += "?" + urlencode(query, quote_via=quote)
        headers = request.headers | known.headers if request.headers else known.headers
        headers = _JSON | headers if request.body else dict(headers)
        if known.cloud is not None:
            headers = known.cloud.sign(target, request.method, url, headers, request.body)
        if is_usual and request.body and len(known.usual) < _MOST_PATHS:
            known.usual[request.path] = usual = url, MappingProxyType(headers)
            return usual
        return url, headers

    def _prepare(self, target: Target) -> _Prepared:
        if len(self._prepared) >= _MOST:
            self._prepared.clear()
        prepared = self._prepared[id(target)] = _Prepared(target, self._clouds.get(target.auth.kind))
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
