"""Who calls: a key, as any protocol's clients show it, to the caller whose it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256

from quorate.errors import ForbiddenCaller, UnknownCaller
from quorate.types.patterns import matches
from quorate.types.secret import Secret
from quorate.types.value import Value

QUERY_KEY = "key"
_HEADERS = ("x-api-key", "x-goog-api-key", "api-key")
_SHOWN_OF_HASH = 12


class Caller(Value):
    """Someone with a key."""

    scope: str
    """The tenant: everything that is kept of a call is kept under it."""
    key: str
    """The key's id. It is no secret."""
    name: str = ""
    models: tuple[str, ...] = ()
    """Patterns of the names that may be asked for; () = every one."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    expires_at: float | None = None
    """Seconds since 1970."""
    keep_bodies: bool = False
    is_admin: bool = False


NOBODY = Caller(scope="", key="")
"""Who shows no key, and may have none."""


class KeyRing:
    """The keys that open the gateway, by their SHA-256, from several sources: the settings, the store."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self._sources: dict[str, Mapping[str, Caller]] = {}
        self._callers: dict[str, Caller] = {}
        self._now = now

    def __len__(self) -> int:
        return len(self._callers)

    def learn(self, source: str, callers: Mapping[str, Caller]) -> None:
        """From this moment on that source's keys are these and no others; `callers` by the key's hash."""
        self._sources[source] = callers
        self._callers = {hashed: each for known in self._sources.values() for hashed, each in known.items()}

    def find(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Caller:
        """Whose key is shown. Raises `UnknownCaller`.

        Looked up by hash: how long that takes tells of the hash of what was shown, and nothing of any key.
        """
        is_shown = False
        for key in _shown(headers, query):
            is_shown = True
            caller = self._callers.get(hash_of(key))
            if caller is None:
                continue
            if caller.expires_at is not None and caller.expires_at <= self._now():
                raise UnknownCaller("that key has expired")
            return caller
        raise UnknownCaller(
            "that key is not known here"
            if is_shown
            else "a key is needed: send it as your client sends its API key"
        )


def check_model(caller: Caller, name: str, leads_to: Callable[[str], Iterable[str]]) -> None:
    """May that caller ask for that model? Raises `ForbiddenCaller`.

    The name asked for must fit one of the key's patterns, or every target that it leads to must.
    """
    if not caller.models or _fits(caller, name):
        return
    targets = list(leads_to(name))
    if not targets or not all(_fits(caller, target) for target in targets):
        raise ForbiddenCaller(f"this key may not ask for '{name}'")


def _fits(caller: Caller, name: str) -> bool:
    return any(matches(pattern, name) for pattern in caller.models)


def _shown(headers: Mapping[str, str], query: Mapping[str, str]) -> Iterator[str]:
    """Every key that the call shows, in each of the forms that clients have."""
    if (told := headers.get("authorization")) is not None:
        scheme, _, token = told.partition(" ")
        if scheme.lower() == "bearer" and (token := token.strip()):
            yield token
    for name in _HEADERS:
        if key := headers.get(name):
            yield key
    if key := query.get(QUERY_KEY):
        yield key


def hash_of(key: str) -> str:
    return sha256(key.encode(errors="surrogatepass")).hexdigest()


def callers_in_settings(keys: Iterable[Secret]) -> dict[str, Caller]:
    """Each a tenant of its own, named for its hash."""
    hashes = [hash_of(key.reveal()) for key in keys]
    return {hashed: named_for(hashed) for hashed in hashes}


def named_for(hashed: str) -> Caller:
    name = f"key-{hashed[:_SHOWN_OF_HASH]}"
    return Caller(scope=name, key=name, name="settings")
