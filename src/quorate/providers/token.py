"""Bearer tokens that a cloud grants for an hour or so: found, sent, and found anew when one is refused."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Hashable, Mapping
from typing import Protocol

from quorate.errors import KeyInvalid
from quorate.types.secret import Secret
from quorate.types.target import Target

from .cloud import Keeper, advise


class Token:
    """A granted token. It holds a secret and so has no `repr` of its own."""

    __slots__ = ("advice", "expires", "headers", "text")

    def __init__(
        self,
        text: str,
        *,
        expires: float | None = None,
        headers: Mapping[str, str] | None = None,
        advice: str = "",
    ) -> None:
        """`expires` is in Unix seconds; `headers` go with it; `advice` says what to do once it is refused."""
        self.text, self.expires, self.headers, self.advice = text, expires, dict(headers or {}), advice

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Token) and hmac.compare_digest(self.text.encode(), other.text.encode())

    def __hash__(self) -> int:
        return hash(self.text)


class Finder(Protocol):
    """Where the tokens of one cloud come from."""

    def name(self, target: Target) -> Hashable:
        """Targets of one name share their token."""
        ...

    def find(self, target: Target, loop: asyncio.AbstractEventLoop) -> Token:
        """Runs in a thread beside `loop`. Raises `KeyInvalid`, with what to do."""
        ...


class Tokens:
    """Signs with a token that a finder found."""

    def __init__(self, finder: Finder, keeper: Keeper[Token] | None = None) -> None:
        self._finder, self._keeper = finder, keeper or Keeper[Token]()

    async def ready(self, target: Target) -> None:
        name = self._finder.name(target)
        if self._keeper.get(name) is None:
            await self._fetch(name, target, None)

    def sign(
        self, target: Target, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        token = self._keeper.last(self._finder.name(target))
        if token is None:
            raise KeyInvalid(f"the token of '{target.provider}' was not fetched")
        # What the operator says in headers of the entry comes before what the credential says.
        return {**token.headers, **headers, "authorization": f"Bearer {token.text}"}

    async def renew(self, target: Target, error: KeyInvalid, *, again: bool) -> bool:
        name = self._finder.name(target)
        used = self._keeper.last(name)
        if used is not None and not again:
            try:
                if await self._fetch(name, target, used) != used:
                    return True
            except KeyInvalid as failure:
                advise(error, str(failure))
                return False
        if used is not None and used.advice:
            advise(error, used.advice)
        return False

    async def _fetch(self, name: Hashable, target: Target, instead_of: Token | None) -> Token:
        loop = asyncio.get_running_loop()
        return await self._keeper.fetch(name, lambda: self._finder.find(target, loop), instead_of=instead_of)


def bearer(secret: Secret, advice: str) -> Token:
    """A token that was given as it is: nobody here knows when it ends."""
    return Token(secret.reveal(), advice=advice)
