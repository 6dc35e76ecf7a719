"""The target a recorded request went to: its provider's own row, quirks and all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry, Provider
from quorate.providers.targets import quirks_for
from quorate.types.target import Target

from .exchange import Exchange

BOOK = ProviderBook(plug_ins=dict)

ROWS: Mapping[str, str] = {
    "gemini": "google",
    "vertex": "google",
    "hf": "huggingface",
    "hf_together": "huggingface",
    "hf_nebius": "huggingface",
    "litellm-proxy": "litellm",
}
"""Folders of recordings that are not called as the row is."""

TUNED: Mapping[str, dict[str, Any]] = {
    "crusoe": {"replay_reasoning": "reasoning"},
    "doubleword": {"replay_reasoning": "reasoning_content"},
    "gpustack": {"replay_reasoning": "reasoning_content"},
    "ollama": {"replay_reasoning": "reasoning"},
    "venice": {"replay_reasoning": "reasoning_content"},
    "snowflake": {"reasoning": "object", "replay_reasoning": "reasoning_details"},
}
"""Servers without a row of their own, as an operator would set them up."""

RESPONSES, RESPONSES_FORM = "openai_responses", "responses"
"""A protocol that a row speaks in a form of its own."""

RESPONDING: Mapping[str, Any] = {"developer_role": True, "tool_media": True, "custom_tools": True}
"""Servers of that protocol take these beside what its maker's models do."""

UNNAMED = "custom"
"""The row of a server that has none of its own."""


def target_of(exchange: Exchange, protocol: str, model: str) -> Target:
    """Where a row of another protocol has the name (OpenAI's protocol at Google, say), it is some server's."""
    name = exchange.provider.partition(":")[0]
    row = BOOK.get(ROWS.get(name, name))
    if row is not None and protocol == RESPONSES and RESPONSES_FORM in row.forms:
        row = BOOK.row_of(Entry(provider=row.name, form=RESPONSES_FORM))
    elif row is None or row.wire != protocol:
        row = _tuned(name, protocol)
    elif "inference" in row.forms and "/models/" in exchange.path:
        row = BOOK.row_of(Entry(provider=row.name, form="inference"))
    quirks = quirks_for(row, model, dict.fromkeys(row.options, "any"))
    return Target(
        provider=exchange.provider, model=model, wire=protocol, base_url="http://127.0.0.1", quirks=quirks
    )


@cache
def _tuned(name: str, protocol: str) -> Provider:
    if protocol == RESPONSES:
        return BOOK.row_of(Entry(provider=UNNAMED, form=RESPONSES_FORM, quirks=dict(RESPONDING)))
    speakers = {row.name: row for row in BOOK if row.wire == protocol}
    base = UNNAMED if UNNAMED in speakers else next(iter(speakers))
    return BOOK.row_of(Entry(provider=base, quirks=TUNED.get(name, {})))
