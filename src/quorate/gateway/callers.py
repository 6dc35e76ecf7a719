"""Who calls: a key, as any protocol's clients show it, to the scope that everything of that caller is kept under."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from quorate.errors import OperatorError, UnknownCaller
from quorate.types.secret import Secret

KEY_FILE = "gateway-key.sha256"
QUERY_KEY = "key"
_HEADERS = ("x-api-key", "x-goog-api-key", "api-key")
_SHOWN_OF_HASH = 12


class Callers:
    """The keys that open the gateway, as hashes."""

    def __init__(self, hashes: Iterable[str]) -> None:
        """SHA-256, in hexadecimal."""
        self._hashes = tuple(hashes)

    def scope(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        """Whose key it is. Raises `UnknownCaller`."""
        is_shown = False
        for key in _shown(headers, query):
            is_shown = True
            hashed = hash_of(key)
            # All are compared, so that time tells nothing of which one it was.
            fitting = [known for known in self._hashes if hmac.compare_digest(known, hashed)]
            if fitting:
                return f"key-{fitting[0][:_SHOWN_OF_HASH]}"
        raise UnknownCaller(
            "that key is not known here"
            if is_shown
            else "a key is needed: send it as your client sends its API key"
        )


def _shown(headers: Mapping[str, str], query: Mapping[str, str]) -> Iterator[str]:
    """Every key that the call shows, in each of the forms that clients have."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        yield token.strip()
    for name in _HEADERS:
        if key := headers.get(name):
            yield key
    if key := query.get(QUERY_KEY):
        yield key


def hash_of(key: str) -> str:
    return sha256(key.encode(errors="surrogatepass")).hexdigest()


def callers_of(keys: Iterable[Secret]) -> Callers:
    return Callers(hash_of(key.reveal()) for key in keys)


def kept_key(folder: Path) -> tuple[str, Secret | None]:
    """The hash of the key that was made at the first start, and the key itself if that is this one.

    Of the key only its hash is kept: who loses it deletes the file and gets another.
    """
    path = folder / KEY_FILE
    try:
        if path.exists():
            return _read_hash(path), None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Secret(f"qk-{secrets.token_urlsafe(32)}")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, hash_of(key.reveal()).encode() + b"\n")
        finally:
            os.close(handle)
    except FileExistsError:
        return _read_hash(path), None  # another start was quicker
    except OSError as error:
        raise OperatorError(f"the gateway's key cannot be kept in '{path}': {error.strerror}") from error
    return hash_of(key.reveal()), key


def _read_hash(path: Path) -> str:
    kept = path.read_text(encoding="ascii", errors="replace").strip()
    if len(kept) != sha256().digest_size * 2 or not set(kept) <= set("0123456789abcdef"):
        raise OperatorError(f"'{path}' holds no hash of a key: delete it, and the next start makes a key")
    return kept
