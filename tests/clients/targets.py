"""The simulator as a provider of each protocol, and the gateway's settings in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from quorate.sim.simulator import BASE_PATHS

TARGETS: Mapping[str, str] = {
    "sim-openai": "openai_chat",
    "sim-responses": "openai_responses",
    "sim-anthropic": "anthropic",
    "sim-gemini": "gemini",
    "sim-ollama": "ollama",
}
"""Provider → its protocol."""


def written_settings(
    folder: Path, simulator: str, key: str, aliases: Mapping[str, str] | None = None
) -> Path:
    """A settings file with a provider of each protocol at that simulator, and the key that callers show."""
    tables = [f'from_environment = false\nfallback = {{max_retries = 0}}\n\n[server]\nkeys = ["{key}"]']
    tables += [
        f'[providers.{name}]\nwire = "{protocol}"\nbase_url = "{simulator}{BASE_PATHS.get(protocol, "")}"\n'
        'quirks = {schema = "native"}'
        for name, protocol in TARGETS.items()
    ]
    tables += ["[aliases]", *(f'"{pattern}" = "{model}"' for pattern, model in (aliases or {}).items())]
    path = folder / "clients.toml"
    path.write_text("\n".join(tables))
    return path
