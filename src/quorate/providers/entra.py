"""Microsoft Entra's credentials: an application's secret, else whatever azure-identity's chain finds.

The chain is Microsoft's own: environment, workload identity, managed identity, the Azure CLI. It comes with the
`azure` extra and is loaded when it is first needed.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Hashable
from typing import Any

from quorate.errors import KeyInvalid
from quorate.types.target import Target

from .token import Token

SCOPE = "https://cognitiveservices.azure.com/.default"

_LONGEST = 400
"""Characters of the chain's own words that are told: it lists all that it tried."""

_SECRET = "renew the application's client secret in Microsoft Entra"  # noqa: S105  words, no secret
_CHAIN = (
    "check that the identity has the role 'Cognitive Services OpenAI User' on the resource, or sign in anew with "
    "`az login`"
)
_WAYS = (
    "set the resource's key, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, "
    "or sign in with `az login`"
)


class Entra:
    """Finds tokens for Azure."""

    def name(self, target: Target) -> Hashable:
        options = target.options
        return target.secret, *(options.get(name, "") for name in ("tenant", "client", "authority", "scope"))

    def find(self, target: Target, loop: asyncio.AbstractEventLoop) -> Token:
        """azure-identity has connections of its own, which know the proxies of the environment."""
        identity, failed = _azure_identity()
        options = target.options
        told = (
            {"authority": options["authority"], "disable_instance_discovery": True}
            if options.get("authority")
            else {}
        )
        tenant, client = options.get("tenant", ""), options.get("client", "")
        try:
            if target.secret and tenant and client:
                credential, advice = (
                    identity.ClientSecretCredential(tenant, client, target.secret.reveal(), **told),
                    _SECRET,
                )
            elif target.secret:
                raise KeyInvalid("a client secret needs the options 'tenant' and 'client' beside it")
            else:
                mine = (
                    {"managed_identity_client_id": client, "workload_identity_client_id": client}
                    if client
                    else {}
                )
                credential, advice = identity.DefaultAzureCredential(**told, **mine), _CHAIN
            with credential:
                granted = credential.get_token(options.get("scope") or SCOPE)
        except (failed, ValueError) as error:
            words = " ".join(str(error).split())[:_LONGEST]
            raise KeyInvalid(f"Microsoft Entra gave no token: {words}; {_WAYS}") from error
        return Token(granted.token, expires=float(granted.expires_on), advice=advice)


def _azure_identity() -> tuple[Any, type[Exception]]:
    """The library and the root of its errors, loaded at first use."""
    try:
        identity: Any = importlib.import_module("azure.identity")
        faults: Any = importlib.import_module("azure.core.exceptions")
    except ModuleNotFoundError as error:
        raise KeyInvalid(
            "without a key, Azure needs azure-identity: install 'quorate[azure]', or set the resource's key"
        ) from error
    return identity, faults.AzureError
