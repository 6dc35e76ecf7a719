"""Amazon's Signature Version 4, for services whose paths are written in percent twice (all but S3).

docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html has the steps.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"
_USUAL_PORTS = {"https": 443, "http": 80}


class Credentials:
    """An access key. It holds a secret and so has no `repr` of its own."""

    __slots__ = ("access_key", "expires", "secret_key", "source", "token")

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        token: str = "",
        *,
        expires: float | None = None,
        source: str = "",
    ) -> None:
        """`expires` is in Unix seconds; `source` says where it came from."""
        self.access_key, self.secret_key, self.token = access_key, secret_key, token
        self.expires, self.source = expires, source

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Credentials)
            and self.access_key == other.access_key
            and hmac.compare_digest(self.secret_key.encode(), other.secret_key.encode())
            and hmac.compare_digest(self.token.encode(), other.token.encode())
        )

    def __hash__(self) -> int:
        return hash(self.access_key)


def signed(
    credentials: Credentials,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    region: str,
    service: str,
    moment: float,
) -> dict[str, str]:
    """The headers with the signature's own. Signed are the host, the content type and all of Amazon's headers."""
    host, path, query = _canonical(url)
    stamp = _stamp(int(moment))
    day = stamp[:8]
    said = {"host": host, "x-amz-date": stamp}
    for name, text in headers.items():
        if name == "content-type" or name.startswith("x-amz"):
            said[name] = " ".join(text.split())
    if credentials.token:
        said["x-amz-security-token"] = credentials.token
    names = sorted(said)
    listed = ";".join(names)
    lines = "".join([f"{name}:{said[name]}\n" for name in names])
    asked = f"{method}\n{path}\n{query}\n{lines}\n{listed}\n{sha256(body).hexdigest()}"
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{sha256(asked.encode()).hexdigest()}"
    key = _signing_key(credentials.secret_key, day, region, service)
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    whole = dict(headers)
    whole["x-amz-date"] = stamp
    if credentials.token:
        whole["x-amz-security-token"] = credentials.token
    whole["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={listed}, Signature={signature}"
    )
    return whole


@lru_cache(maxsize=1024)
def _canonical(url: str) -> tuple[str, str, str]:
    """Host, path and query as they are signed."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    if parts.port is not None and parts.port != _USUAL_PORTS.get(parts.scheme):
        host = f"{host}:{parts.port}"
    query = "&".join(sorted(each if "=" in each else f"{each}=" for each in parts.query.split("&") if each))
    return host, quote(parts.path or "/", safe="/-_.~"), query


@lru_cache(maxsize=4)
def _stamp(second: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))


@lru_cache(maxsize=64)
def _signing_key(secret_key: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for each in (day, region, service, "aws4_request"):
        key = hmac.digest(key, each.encode(), "sha256")
    return key
