"""The simulator as providers: a row for each protocol, and the prices of its models."""

from __future__ import annotations

from typing import Any

from quorate.catalog.prices import PriceRule
from quorate.settings.settings import Settings
from quorate.sim.models import MODELS
from quorate.sim.simulator import BASE_PATHS

NAMES = {
    "openai_chat": "sim-openai",
    "anthropic": "sim-anthropic",
    "gemini": "sim-gemini",
    "ollama": "sim-ollama",
}
"""Protocol → the provider under whose name it is reached."""


def simulated_settings(url: str) -> Settings:
    """Settings in which each protocol of the simulator at `url` is a provider; nothing else is set up."""
    rows: dict[str, dict[str, Any]] = {
        NAMES[protocol]: {
            "title": f"simulated, {protocol}",
            "wire": protocol,
            "base_url": url + BASE_PATHS.get(protocol, ""),
            "keyless": True,
        }
        for protocol in NAMES
    }
    prices = tuple(
        PriceRule(
            model=model.name,
            rates={"input": model.input_price, "output": model.output_price},
            source="simulator",
        )
        for model in MODELS.values()
    )
    return Settings(rows=rows, prices=prices, from_environment=False)
