"""What each provider is sent for one small request: written as the files under `golden/`, read by the test.

`python -m tests.providers.golden` writes the files anew; what changed in them is then reviewed like code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quorate.providers.auth import Signer
from quorate.providers.aws import Aws
from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry
from quorate.providers.targets import make_target
from quorate.types.chat import ChatRequest, Message, OutputFormat, Thinking, Tool
from quorate.types.parts import Text
from quorate.types.secret import Secret
from quorate.types.work import EmbedRequest, ModelsRequest
from quorate.wire.seam import WireRequest
from quorate.wire.wires import WIRES

FOLDER = Path(__file__).with_name("golden")
KEY = "<key>"

MODELS: Mapping[str, str] = {
    "openai": "gpt-5-mini",
    "anthropic": "claude-opus-4-7",
    "google": "gemini-2.5-flash",
    "ollama": "llama3.2",
    "bedrock": "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "cohere": "command-a-reasoning-08-2025",
    "groq": "openai/gpt-oss-20b",
    "mistral": "mistral-small-latest",
    "together": "openai/gpt-oss-20b",
    "fireworks": "accounts/fireworks/models/gpt-oss-20b",
    "deepinfra": "openai/gpt-oss-20b",
    "perplexity": "sonar",
    "deepseek": "deepseek-v4-pro",
    "novita": "openai/gpt-oss-20b",
    "openrouter": "anthropic/claude-sonnet-4.5",
    "huggingface": "openai/gpt-oss-20b:cerebras",
    "xai": "grok-4.3",
    "cerebras": "gpt-oss-120b",
    "nvidia": "openai/gpt-oss-20b",
    "sambanova": "gpt-oss-120b",
    "moonshot": "kimi-k2.5",
    "zai": "glm-4.6",
    "vertex": "gemini-2.5-flash",
    "azure": "my-deployment",
    "replicate": "meta/meta-llama-3-8b-instruct",
    "litellm": "gpt-5-mini",
    "portkey": "@openai/gpt-5-mini",
    "vllm": "Qwen/Qwen3-8B",
    "llamacpp": "any",
    "lmstudio": "qwen3-8b",
    "custom": "m",
}
"""A model for each provider, one with quirks of its own where there is one."""

OF_FORMS: Mapping[str, str] = {
    "vertex.anthropic": "claude-sonnet-4-5@20250929",
    "vertex.mistral": "mistral-medium-3",
    "vertex.openapi": "meta/llama-4-maverick-17b-128e-instruct-maas",
}
"""Models of forms that have others."""

EMBEDDERS: Mapping[str, str] = {"bedrock": "amazon.titan-embed-text-v2:0", "cohere": "embed-v4.0"}
"""A model that embeds, where the other one could not."""

ENTRIES: Mapping[str, Entry] = {
    "azure": Entry(provider="azure", options={"resource": "acme"}),
    "azure.v1": Entry(provider="azure", form="v1", options={"resource": "acme"}),
    "azure.responses": Entry(provider="azure", form="responses", options={"resource": "acme"}),
    "azure.inference": Entry(provider="azure", form="inference", options={"resource": "acme"}),
    "azure.secret": Entry(provider="azure", form="secret", options={"resource": "acme"}),
    "vertex": Entry(provider="vertex", options={"project": "acme"}),
    "vertex.anthropic": Entry(provider="vertex", form="anthropic", options={"project": "acme"}),
    "vertex.mistral": Entry(
        provider="vertex", form="mistral", options={"project": "acme", "location": "europe-west4"}
    ),
    "vertex.openapi": Entry(provider="vertex", form="openapi", options={"project": "acme", "location": "us"}),
    "vertex.express": Entry(provider="vertex", form="express", options={"project": "acme"}),
    "huggingface.endpoint": Entry(
        provider="huggingface", form="endpoint", base_url="https://own.endpoints.huggingface.cloud/v1"
    ),
    "google.query_key": Entry(provider="google", form="query_key"),
    "anthropic.bearer": Entry(provider="anthropic", form="bearer"),
    "portkey": Entry(provider="portkey", options={"config": "pc-1", "virtual_key": "vk-1"}),
    "openai": Entry(provider="openai", options={"organization": "org-1"}),
    "openai.responses": Entry(provider="openai", form="responses"),
    "cohere.compatibility": Entry(provider="cohere", form="compatibility"),
    "xai.responses": Entry(provider="xai", form="responses"),
    "bedrock": Entry(provider="bedrock", options={"region": "eu-west-1"}),
    "custom": Entry(provider="custom", base_url="http://localhost:9000/v1"),
    "custom.responses": Entry(provider="custom", form="responses", base_url="http://localhost:9000/v1"),
}
"""Entries that say more than the name of their provider; with a dot, another form of it."""

NAMES = [*MODELS, *(name for name in ENTRIES if "." in name)]

SCHEMA = {"type": "object", "properties": {"river": {"type": "string"}}, "required": ["river"]}


def ask(model: str) -> ChatRequest:
    """The one request: every setting that providers differ in."""
    return ChatRequest(
        model=model,
        messages=(
            Message(role="system", parts=(Text(text="Be brief."),)),
            Message(role="user", parts=(Text(text="Name a river."),)),
        ),
        tools=(Tool(name="look_up", description="Looks a river up.", schema=SCHEMA),),
        output=OutputFormat(kind="schema", schema=SCHEMA, name="answer"),
        thinking=Thinking(effort="low"),
        max_output=2048,
        temperature=0.5,
        seed=7,
        stop=("END",),
        user="u-1",
    )


def written(name: str) -> dict[str, Any]:
    """What the provider is sent, as the golden file has it."""
    provider = name.partition(".")[0]
    entry = ENTRIES.get(name, Entry(provider=provider))
    entry = Entry(
        provider=provider, form=entry.form, options=entry.options, base_url=entry.base_url, key=Secret(KEY)
    )
    row = ProviderBook(plug_ins=dict).row_of(entry)
    target = make_target(row, entry, OF_FORMS.get(name, MODELS[provider]), {})
    wire = WIRES[target.wire]
    sent = {"chat": wire.codec.write_request(ask(target.model), target, stream=True)}
    lacking = {operation for operation, path in target.quirks.paths.items() if not path}
    if (embed := wire.work.get("embed")) and "embed" not in lacking:
        embedder = make_target(row, entry, EMBEDDERS.get(provider, target.model), {})
        sent["embed"] = embed.write_request(EmbedRequest(model=embedder.model, inputs=("a river",)), embedder)
    if "models" not in lacking:
        sent["models"] = wire.work["models"].write_request(ModelsRequest(), target)
    sign = Signer({"sigv4": Aws({})}).sign
    return {operation: told(request, *sign(target, request)) for operation, request in sent.items()}


def told(request: WireRequest, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """A request as a reader wants to see it."""
    return {
        "request": f"{request.method} {url.replace('%3Ckey%3E', KEY)}",
        "headers": dict(sorted(headers.items())),
        "body": json.loads(request.body) if request.body else None,
        "fidelity": [f"{each.setting}: {each.kind}" for each in request.fidelity],
    }


def as_text(sent: Mapping[str, Any]) -> str:
    """The file's text."""
    return json.dumps(sent, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in NAMES:
        (FOLDER / f"{each}.json").write_text(as_text(written(each)), encoding="utf-8")
        print(each)
