"""Google's credentials: a service account, gcloud's sign-in, another cloud's identity, or the machine's own.

What is read from files is turned into tokens by google-auth, which comes with the `vertex` extra and is loaded when
it is first needed. The order is that of Google's own programs ("application default credentials").
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any, Protocol

import msgspec

from quorate.errors import KeyInvalid, QuorateError
from quorate.types.secret import Secret
from quorate.types.target import Target

from .token import Token, bearer

SCOPE = "https://www.googleapis.com/auth/cloud-platform"

_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
_WAIT = 15.0
"""Seconds for one request of a credential's own."""

_METADATA = "169.254.169.254"
_FLAVOUR = {"metadata-flavor": "Google"}
_METADATA_WAIT = 3.0
"""Seconds: the machine's own server is next door, or there is none."""

_RENEW_KEY = (
    "check that the service account still exists, has this key and the role 'Vertex AI User', and that the "
    "clock is right"
)
_SIGN_IN = "sign in anew with `gcloud auth application-default login`"
_MACHINE = (
    "check that the machine's service account has the role 'Vertex AI User' and the scope 'cloud-platform'"
)
_TOKEN = "an access token holds for an hour: give a service account's file instead"  # noqa: S105  words, no token

_NOWHERE = (
    f"no Google credential was found: set {_FILE} to a service account's JSON file, or sign in with "
    "`gcloud auth application-default login`"
)


class Answer(Protocol):
    """What a courier brings back."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class Courier(Protocol):
    """Sends the requests that a credential needs for itself, over the same network as all others."""

    async def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, wait: float
    ) -> Answer:
        """Raises our errors."""
        ...


class Kind(msgspec.Struct, frozen=True):
    """A kind of credentials file: who of google-auth reads it, and what to do about one that is refused."""

    module: str
    reader: str
    advice: str


_KINDS: Mapping[str, Kind] = {
    "service_account": Kind("google.oauth2.service_account", "from_service_account_info", _RENEW_KEY),
    "authorized_user": Kind("google.oauth2.credentials", "from_authorized_user_info", _SIGN_IN),
    "impersonated_service_account": Kind(
        "google.auth.impersonated_credentials", "from_impersonated_service_account_info", _RENEW_KEY
    ),
    "external_account": Kind(
        "google.auth.identity_pool", "from_info", "check the workload identity pool and its provider"
    ),
    "external_account_authorized_user": Kind(
        "google.auth.external_account_authorized_user", "from_info", _SIGN_IN
    ),
}
"""The `type` of a file → its kind."""

_BY_SOURCE: Mapping[str, str] = {"executable": "google.auth.pluggable", "environment_id": "google.auth.aws"}
"""Readers of `external_account` files, by what their `credential_source` has."""


class Google:
    """Finds tokens for Google's cloud."""

    def __init__(
        self, environment: Mapping[str, str], courier: Courier, *, now: Callable[[], float] = time.time
    ) -> None:
        self._environment, self._courier, self._now = environment, courier, now

    def name(self, target: Target) -> Hashable:
        return target.secret, target.options.get("quota_project", "")

    def find(self, target: Target, loop: asyncio.AbstractEventLoop) -> Token:
        quota = target.options.get("quota_project", "")
        if (told := target.secret.reveal()) and not told.startswith("{") and not _is_file(told):
            if told.startswith("ya29."):
                return _with_quota(bearer(Secret(told), _TOKEN), quota)
            raise KeyInvalid("the credential is no JSON, no file that can be read, and no access token")
        if told.startswith("{"):
            return _with_quota(self._from_info(told.encode(), "the settings", loop), quota)
        file = told or self._file()
        if file:
            return _with_quota(self._from_info(_read(file), file, loop), quota)
        return _with_quota(self._of_machine(loop), quota)

    def _file(self) -> str:
        """The variable's file, else gcloud's; '' where neither is there."""
        told = self._environment
        if file := told.get(_FILE, "").strip():
            return file
        home = Path(told.get("HOME") or told.get("USERPROFILE") or "~").expanduser()
        usual = Path(told["APPDATA"]) / "gcloud" if told.get("APPDATA") else home / ".config" / "gcloud"
        found = Path(told.get("CLOUDSDK_CONFIG") or usual) / "application_default_credentials.json"
        return str(found) if found.is_file() else ""

    def _from_info(self, data: bytes, place: str, loop: asyncio.AbstractEventLoop) -> Token:
        try:
            info: Any = msgspec.json.decode(data, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise KeyInvalid(f"the Google credential in {place} is no JSON object") from error
        kind = _KINDS.get(str(info.get("type", "")))
        if kind is None:
            known = "', '".join(_KINDS)
            raise KeyInvalid(f"the Google credential in {place} has no type that is known: '{known}'")
        reader, failed = _google_auth(kind, info)
        try:
            credentials = getattr(reader, kind.reader)(info, scopes=[SCOPE])
            credentials.refresh(self._request(loop))
        except (failed, ValueError) as error:
            raise KeyInvalid(
                f"the Google credential in {place} gave no token: {error}; {kind.advice}"
            ) from error
        quota = str(getattr(credentials, "quota_project_id", "") or "")
        expires = credentials.expiry  # in UTC, without saying so
        token = Token(
            credentials.token,
            expires=expires.replace(tzinfo=UTC).timestamp() if expires else None,
            advice=kind.advice,
        )
        return _with_quota(token, quota)

    def _request(self, loop: asyncio.AbstractEventLoop) -> Callable[..., Any]:
        """What google-auth calls for each request, from the thread it runs in."""
        failed: Any = importlib.import_module("google.auth.exceptions").TransportError

        def request(
            url: str,
            method: str = "GET",
            body: bytes | str | None = None,
            headers: Mapping[str, str] | None = None,
            timeout: float | None = None,
            **_: Any,
        ) -> _Response:
            data = body.encode() if isinstance(body, str) else body or b""
            try:
                answer = self._send(loop, method, url, headers or {}, data, min(timeout or _WAIT, _WAIT))
            except QuorateError as error:
                raise failed(str(error)) from error
            return _Response(answer)

        return request

    def _of_machine(self, loop: asyncio.AbstractEventLoop) -> Token:
        """Of the metadata server that every machine in Google's cloud has."""
        host = self._environment.get("GCE_METADATA_HOST") or _METADATA
        url = f"http://{host}/computeMetadata/v1/instance/service-accounts/default/token"
        try:
            answer = self._send(loop, "GET", f"{url}?scopes={SCOPE}", _FLAVOUR, b"", _METADATA_WAIT)
        except QuorateError as error:
            raise KeyInvalid(_NOWHERE) from error
        if "metadata-flavor" not in {name.lower() for name in answer.headers}:
            raise KeyInvalid(_NOWHERE)  # somebody else answers at that address
        try:
            told = msgspec.json.decode(answer.body, type=_Granted)
        except msgspec.MsgspecError as error:
            words = answer.body[:200].decode(errors="replace")
            raise KeyInvalid(f"the machine's own credential gave no token: {words}; {_MACHINE}") from error
        return Token(told.access_token, expires=self._now() + told.expires_in, advice=_MACHINE)

    def _send(
        self,
        loop: asyncio.AbstractEventLoop,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes,
        wait: float,
    ) -> Answer:
        small = {name.lower(): value for name, value in headers.items()}
        sending = self._courier(method, url, small, body, wait)
        return asyncio.run_coroutine_threadsafe(sending, loop).result(wait + 1)


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: float


class _Response:
    """An answer as google-auth reads it."""

    def __init__(self, answer: Answer) -> None:
        self.status, self.headers, self.data = answer.status, answer.headers, answer.body


def _with_quota(token: Token, project: str) -> Token:
    """Calls are counted for another project than the one they go to."""
    if project:
        token.headers["x-goog-user-project"] = project
    return token


def _is_file(told: str) -> bool:
    try:
        return Path(told).expanduser().is_file()
    except OSError:
        return False


def _read(file: str) -> bytes:
    try:
        return Path(file).expanduser().read_bytes()
    except OSError as error:
        raise KeyInvalid(f"the Google credential's file cannot be read: {error}") from error


def _google_auth(kind: Kind, info: Mapping[str, Any]) -> tuple[Any, Any]:
    """The class that reads a file of that kind, and the root of the library's errors; loaded at first use."""
    source: Any = info.get("credential_source")
    modules = [module for name, module in _BY_SOURCE.items() if isinstance(source, dict) and name in source]
    try:
        reader = importlib.import_module(modules[0] if modules else kind.module)
        failed = importlib.import_module("google.auth.exceptions").GoogleAuthError
    except ModuleNotFoundError as error:
        raise KeyInvalid("Google's credentials need google-auth: install 'quorate[vertex]'") from error
    return reader.Credentials, failed
