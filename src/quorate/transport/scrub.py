"""What of an exchange may be kept: finds its credentials, and hides them wherever else they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

HIDDEN = "hidden"
_SECRET_WORDS = frozenset(
    """account accesskey apikey auth authentication authorization cookie credential key organization password
    project secret session sig signature token""".split()
)
_SHORTEST = 6
"""Characters; anything shorter stands in too many places that have nothing to do with it."""


def is_secret(name: str) -> bool:
    """Whether a header or query parameter of that name holds a credential, or says whose it is.

    'x-api-key' and 'token' do, 'x-ratelimit-remaining-tokens' does not.
    """
    return not _SECRET_WORDS.isdisjoint(re.split(r"[^a-z]+", name.lower()))


def without_secrets(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers with the values of secret ones hidden; lower-case names."""
    return {name.lower(): HIDDEN if is_secret(name) and value else value for name, value in headers.items()}


def open_address(url: str) -> str:
    """The address with user, password and the values of secret parameters hidden."""
    parts = urlsplit(url)
    pairs = [pair.partition("=") for pair in parts.query.split("&") if pair]
    query = "&".join(
        f"{name}={HIDDEN}" if is_secret(unquote(name)) else name + mark + value for name, mark, value in pairs
    )
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def secrets_of(url: str, headers: Mapping[str, str]) -> set[str]:
    """The credentials of a request, as they may stand elsewhere: in an error's text, in a body that echoes."""
    parts = urlsplit(url)
    found = [value for name, value in parse_qsl(parts.query) if is_secret(name)]
    found += [each for each in (parts.username, parts.password) if each]
    for name, value in headers.items():
        if is_secret(name):
            found += [value, *value.split()[1:]]  # 'Bearer …': the second word is the credential
    return {form for value in found for form in (value, quote(value, safe="")) if len(value) >= _SHORTEST}


def masked(text: bytes, secrets: Iterable[str]) -> bytes:
    """The bytes with every secret overwritten in its own length, so that lengths and cuts stay true."""
    for secret in sorted(secrets, key=len, reverse=True):
        raw = secret.encode()
        text = text.replace(raw, b"*" * len(raw))
    return text


def masked_pieces(pieces: Iterable[bytes], secrets: Iterable[str]) -> list[bytes]:
    """The same over the pieces of one body: a secret may lie across their borders."""
    pieces = list(pieces)
    clean, place = masked(b"".join(pieces), secrets), 0
    cut: list[bytes] = []
    for piece in pieces:
        cut.append(clean[place : place + len(piece)])
        place += len(piece)
    return cut
