"""Amazon's credentials: an access key from the settings or the environment, else whatever botocore's chain finds.

The chain is AWS's own: profiles, SSO, web identity, containers, instance metadata. It comes with the `bedrock` extra
and is loaded when it is first needed.
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Callable, Hashable, Mapping
from typing import Any
from urllib.parse import urlsplit

from quorate.errors import KeyInvalid, OperatorError
from quorate.types.secret import Secret
from quorate.types.target import Target

from .cloud import Keeper, advise
from .sigv4 import Credentials, signed

_PAIR = re.compile(r"(A[A-Z0-9]{15,127}):([^:\s]+)(?::(\S+))?")
"""An access key in the place of an API key: `AKIA…:secret`, and the token of a session behind it."""

_REGION = re.compile(r"(?:^|[.])([a-z]{2}(?:-[a-z]+)+-\d)[.]")
"""A region in a host's name."""

_SERVICE = "bedrock"

_ADVICE = {
    "env": "renew AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the environment",
    "settings": "renew the access key in the settings",
    "sso": "sign in anew with `aws sso login`",
}
"""What to do about a credential that is refused, by where it came from."""

_ANYWHERE = (
    "renew it there (`aws sts get-caller-identity` shows whether it is good), or sign in with `aws sso login`"
)

_NOWHERE = (
    "no AWS credential was found: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or AWS_PROFILE, or sign in with `aws sso login`"
)


class Aws:
    """Signs with Signature Version 4. Where a target has an API key, that goes as a bearer, and nothing is signed."""

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        chain: Callable[[str], Credentials] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`chain` finds the credentials of a profile, '' for the usual one; it may block."""
        self._environment, self._chain, self._now = environment, chain or from_chain, now
        self._keeper: Keeper[Credentials] = Keeper(now=now)

    async def ready(self, target: Target) -> None:
        if not is_bearer(target.secret) and self._keeper.get(_name(target)) is None:
            await self._keeper.fetch(_name(target), lambda: self._find(target))

    def sign(
        self, target: Target, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        if is_bearer(target.secret):
            return dict(headers) | {"authorization": f"Bearer {target.secret.reveal()}"}
        credentials = self._keeper.last(_name(target))
        if credentials is None:
            raise KeyInvalid(f"the AWS credential of '{target.provider}' was not fetched")
        return signed(
            credentials,
            method,
            url,
            headers,
            body,
            region=region_of(target),
            service=target.auth.name or _SERVICE,
            moment=self._now(),
        )

    async def renew(self, target: Target, error: KeyInvalid, *, again: bool) -> bool:
        if is_bearer(target.secret):
            advise(error, "make a new API key in the console of Amazon Bedrock")
            return False
        used = self._keeper.last(_name(target))
        if used is None:
            return False  # there was nothing to fetch, and the error says so
        if not again:
            try:
                found = await self._keeper.fetch(_name(target), lambda: self._find(target), instead_of=used)
            except KeyInvalid as failure:
                advise(error, str(failure))
                return False
            if found != used:
                return True
        advise(error, f"the credential came from '{used.source}': {_ADVICE.get(used.source, _ANYWHERE)}")
        return False

    def _find(self, target: Target) -> Credentials:
        """In the order of AWS's own programs: what is said outright, the environment, then the chain."""
        if pair := _PAIR.fullmatch(target.secret.reveal()):
            return Credentials(pair[1], pair[2], pair[3] or "", source="settings")
        told, profile = self._environment, target.options.get("profile", "")
        access, secret = told.get("AWS_ACCESS_KEY_ID", ""), told.get("AWS_SECRET_ACCESS_KEY", "")
        if access and secret and not profile:
            return Credentials(access, secret, told.get("AWS_SESSION_TOKEN", ""), source="env")
        return self._chain(profile)


def is_bearer(secret: Secret) -> bool:
    """Is it an API key, and no access key?"""
    return bool(secret) and _PAIR.fullmatch(secret.reveal()) is None


def region_of(target: Target) -> str:
    """Where it is signed for: the entry's option, else the region in the host's name."""
    if region := target.options.get("region", ""):
        return region
    found = _REGION.search(urlsplit(target.base_url).hostname or "")
    return found[1] if found else "us-east-1"


def _name(target: Target) -> Hashable:
    return target.options.get("profile", ""), target.secret


def from_chain(profile: str) -> Credentials:
    """What botocore finds. Blocks: it reads files, runs programs and asks other services. Raises `KeyInvalid`."""
    session, faults = _botocore()
    try:
        found: Any = session(profile=profile or None).get_credentials()
        if found is None:
            raise KeyInvalid(_NOWHERE)
        frozen: Any = found.get_frozen_credentials()
    except faults as error:
        raise KeyInvalid(f"AWS's chain of credentials failed: {error}") from error
    expires: Any = getattr(found, "_expiry_time", None)
    return Credentials(
        frozen.access_key,
        frozen.secret_key,
        frozen.token or "",
        expires=None if expires is None else float(expires.timestamp()),
        source=str(found.method),
    )


def _botocore() -> tuple[Any, tuple[type[Exception], ...]]:
    """Its session and the roots of its errors, loaded at first use."""
    try:
        session: Any = importlib.import_module("botocore.session")
        faults: Any = importlib.import_module("botocore.exceptions")
    except ModuleNotFoundError as error:
        raise OperatorError(
            "AWS's chain of credentials needs botocore: install 'quorate[bedrock]'"
        ) from error
    return session.Session, (faults.BotoCoreError, faults.ClientError)
