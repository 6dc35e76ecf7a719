"""Writes the capability table that ships with the package, from LiteLLM's model file and genai-prices.

Facts only: names, limits, abilities, dates. Run it anew when either source has news:

    python scripts/make_model_table.py model_prices_and_context_window.json --version 1.109.1 --date 2026-11-20
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import genai_prices
from genai_prices.data import providers as price_lists

TABLE = Path(__file__).parent.parent / "src/quorate/catalog/data/models.jsonl"

ROWS: Mapping[str, tuple[str, str]] = {
    "openai": ("openai", ""),
    "anthropic": ("anthropic", ""),
    "gemini": ("google", "gemini/"),
    "ollama": ("ollama", "ollama/"),
    "groq": ("groq", "groq/"),
    "mistral": ("mistral", "mistral/"),
    "together_ai": ("together", "together_ai/"),
    "fireworks_ai": ("fireworks", "fireworks_ai/"),
    "fireworks_ai-embedding-models": ("fireworks", "fireworks_ai/"),
    "deepinfra": ("deepinfra", "deepinfra/"),
    "perplexity": ("perplexity", "perplexity/"),
    "deepseek": ("deepseek", "deepseek/"),
    "novita": ("novita", "novita/"),
    "xai": ("xai", "xai/"),
    "cerebras": ("cerebras", "cerebras/"),
    "nvidia_nim": ("nvidia", "nvidia_nim/"),
    "sambanova": ("sambanova", "sambanova/"),
    "moonshot": ("moonshot", "moonshot/"),
    "zai": ("zai", "zai/"),
    "azure": ("azure", "azure/"),
    "azure_ai": ("azure", "azure_ai/"),
    "bedrock": ("bedrock", ""),
    "bedrock_converse": ("bedrock", ""),
}
"""LiteLLM's name of a provider → ours, and the prefix its model names carry there."""

PRICES: Mapping[str, str] = {
    "openai": "openai",
    "anthropic": "anthropic",
    "google": "google",
    "groq": "groq",
    "mistral": "mistral",
    "together": "together",
    "fireworks": "fireworks",
    "perplexity": "perplexity",
    "deepseek": "deepseek",
    "novita": "novita",
    "xai": "x-ai",
    "cerebras": "cerebras",
    "moonshot": "moonshotai",
    "zai": "zai",
    "azure": "azure",
    "bedrock": "aws",
}
"""Our name of a provider → its name in genai-prices."""

MAKERS: Mapping[str, str] = {
    "anthropic": "anthropic",
    "openai": "openai",
    "google": "google",
    "x-ai": "xai",
    "deepseek": "deepseek",
    "mistralai": "mistral",
    "moonshotai": "moonshot",
    "z-ai": "zai",
    "perplexity": "perplexity",
}
"""The maker's part of an OpenRouter name → our row of that maker, whose facts it borrows."""

FLAGS: Mapping[str, str] = {
    "supports_function_calling": "tools",
    "supports_parallel_function_calling": "parallel_tools",
    "supports_response_schema": "schema",
    "supports_reasoning": "reasoning",
    "supports_vision": "vision",
    "supports_pdf_input": "files",
    "supports_audio_input": "audio_in",
    "supports_video_input": "video_in",
    "supports_audio_output": "audio_out",
    "supports_prompt_caching": "cache",
    "supports_web_search": "search",
    "supports_assistant_prefill": "prefill",
}
MODES: Mapping[str, str] = {"chat": "chat", "responses": "responses", "embedding": "embed"}

SKIPPED = re.compile(
    r"^(ft:|container$|(eu|us|global|global-standard)/)|-\d+(\.\d+)?b-(to-)?\d|-up-to-|-above-|-default$"
)
"""Price classes and regional doubles that are no model a request could name."""

SKIPPED_OF: Mapping[str, re.Pattern[str]] = {
    "bedrock": re.compile(r"^(bedrock/|claude-|(us|eu|apac|au|jp|in|ca|global|us-gov)\.)|@")
}
"""The same of providers whose models are named in another way."""

Row = tuple[str, str, int | None, int | None, str, str, str]
"""Provider, id, context, most output, features, last day, source."""


def main() -> None:
    """Read both sources and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path)
    parser.add_argument("--version", required=True, help="version of LiteLLM the file came with")
    parser.add_argument("--date", required=True, help="day of the file, YYYY-MM-DD")
    told = parser.parse_args()
    rows = {
        (row[0], row[1]): row for row in from_litellm(json.loads(told.source.read_text(encoding="utf-8")))
    }
    by_maker = {(provider, plain(name)): row for (provider, name), row in rows.items()}
    for row in from_prices(by_maker):
        rows.setdefault((row[0], row[1]), row)
    head = {
        "date": told.date,
        "sources": {
            "l": f"LiteLLM {told.version}",
            "g": f"genai-prices {genai_prices.__version__}",
            "m": f"LiteLLM {told.version}, of the maker's own",
        },
    }
    lines = [json.dumps(head), *(json.dumps(rows[key], separators=(",", ":")) for key in sorted(rows))]
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(rows)} models, {TABLE.stat().st_size:,} bytes")


def from_litellm(table: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    """The rows of the providers we know."""
    windows = {provider: price_models(PRICES.get(provider, "")) for provider, _ in ROWS.values()}
    for key, facts in table.items():
        if facts.get("litellm_provider") not in ROWS or facts.get("mode") not in MODES:
            continue
        provider, prefix = ROWS[facts["litellm_provider"]]
        name = key.removeprefix(prefix)
        if SKIPPED_OF.get(provider, SKIPPED).search(name) or (provider == "fireworks" and "/" not in name):
            continue
        context = whole(facts.get("max_input_tokens") or facts.get("max_tokens"))
        source = "l"
        if context is None and (found := windows[provider](name)):
            context, source = found.context_window, "g"
        last = facts.get("deprecation_date") or ""
        yield provider, name, context, whole(facts.get("max_output_tokens")), features(facts), last, source


def from_prices(by_maker: Mapping[tuple[str, str], Row]) -> Iterator[Row]:
    """Models that only genai-prices knows under the name a request would use."""
    for provider in price_lists:
        for model in provider.models:
            if provider.id == "openrouter":
                if model.id.startswith("~") or model.id.endswith(":batch"):
                    continue
                maker, _, name = model.id.partition("/")
                known = by_maker.get((MAKERS.get(maker, ""), plain(name)))
                if known:
                    context = model.context_window or known[2]
                    yield "openrouter", model.id, context, known[3], known[4], "", "m"
                else:
                    yield "openrouter", model.id, model.context_window, None, "", "", "g"
            elif provider.id.startswith("huggingface_"):
                suffix = provider.id.removeprefix("huggingface_")
                yield "huggingface", f"{model.id}:{suffix}", model.context_window, None, "", "", "g"


def price_models(provider_id: str) -> Callable[[str], Any]:
    """Finds a model of that provider in genai-prices."""
    known = [provider for provider in price_lists if provider.id == provider_id]
    return lambda name: known[0].find_model(name) if known else None


def features(facts: Mapping[str, Any]) -> str:
    """What the model can do, in our words."""
    words = [MODES[facts["mode"]], *(word for flag, word in FLAGS.items() if facts.get(flag))]
    if facts["mode"] != "embedding" and "image" in facts.get("supported_output_modalities", ()):
        words.append("image_out")
    return " ".join(words)


def plain(name: str) -> str:
    """A model's name without what differs from host to host."""
    return name.lower().removesuffix(":free").replace(".", "-")


def whole(number: Any) -> int | None:
    """A count, or None where the source has none or nonsense."""
    return int(number) if isinstance(number, int | float) and number > 0 else None


if __name__ == "__main__":
    main()
