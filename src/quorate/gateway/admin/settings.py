"""`/api/v1/settings`: what of the settings is safe to show."""

from __future__ import annotations

from typing import Any

import msgspec

from quorate.settings.settings import Settings

from .access import TheDesk, resource
from .shapes import SettingsReply

settings = resource("settings")

_SHOWN = (
    "default_model",
    "from_environment",
    "aliases",
    "routes",
    "fallback",
    "timeouts",
    "attempts",
    "unknown_prices",
    "strict",
)
"""Fields of the settings that can hold no secret."""

_OF_ENTRIES = ("name", "provider", "chat_model", "embedding_model", "priority", "max_output", "temperature")
_OF_SERVER = ("host", "port", "hosts", "origins", "body_limit", "grace")


@settings.get("")
async def read_settings(desk: TheDesk) -> SettingsReply:
    """Those in force. Neither keys nor addresses nor headers of providers are among them."""
    told = desk.household.current().settings
    return SettingsReply(source=told.source, values=_safe(told))


def _safe(told: Settings) -> dict[str, Any]:
    values = {name: msgspec.to_builtins(getattr(told, name)) for name in _SHOWN}
    values["providers"] = [
        {name: getattr(entry, name) for name in _OF_ENTRIES if hasattr(entry, name)} for entry in told.entries
    ]
    values["server"] = {name: msgspec.to_builtins(getattr(told.server, name)) for name in _OF_SERVER}
    return values
