"""Where the protocol's operations live: paths with a model in them, and the host of the lists."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from quorate.types.target import Target

_RUNTIME, _CONTROL = "bedrock-runtime", "bedrock"


def path_of(operation: str, target: Target, usual: str) -> str:
    """The path of an operation on a model: an ARN's colons and slashes are written in percent."""
    return target.quirks.paths.get(operation, usual).replace("{model}", quote(target.model, safe=""))


def control_base(target: Target) -> str:
    """The base URL of the service that lists models; '' where one address serves both, as a proxy does."""
    host = urlsplit(target.base_url).hostname or ""
    if not host.startswith(_RUNTIME):
        return ""
    return target.base_url.replace(f"//{_RUNTIME}", f"//{_CONTROL}", 1).rstrip("/")
