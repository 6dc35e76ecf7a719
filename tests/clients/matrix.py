"""Which feature works from which SDK to which target, and why the others do not. The tests hold it to be true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from quorate.types.value import Value
from tests.docs.markdown import table

from .targets import TARGETS


class Client(Value):
    """An SDK."""

    name: str
    about: str
    is_extra: bool = False
    """It needs an environment of its own, which only `make test-clients` makes."""
    is_foreign: bool = False
    """No front speaks its protocol: one call shows how that is told."""

    def has(self, feature: str) -> bool:
        """Is there a call for it in the SDK?"""
        if self.is_foreign:
            return feature == "whole"
        return feature not in OF_SOME or self.name in OF_SOME[feature]


class Gap(Value):
    """What cannot be, and how it is said."""

    clients: tuple[str, ...]
    features: tuple[str, ...]
    words: str
    """They stand in what the SDK tells."""
    reason: str
    targets: tuple[str, ...] = tuple(TARGETS)


FEATURES: Mapping[str, str] = {
    "whole": "whole answer, with its usage",
    "stream": "stream",
    "usage of a stream": "usage at a stream's end",
    "tools": "tool call and its result",
    "parallel tools": "two tool calls at once",
    "streamed tools": "tool calls in a stream",
    "tool loop": "tools run by the SDK itself",
    "structured": "structured output, parsed",
    "image": "image",
    "reasoning": "reasoning, readable",
    "streamed reasoning": "reasoning in a stream",
    "tools after thoughts": "tool call after thoughts, both handed back",
    "completion": "older completion of one text",
    "unknown model": "unknown model → the SDK's class for 404",
    "bad request": "bad request → its class for 400",
    "rate limit": "the provider's 429 → its class",
    "fault": "the provider's 500 → its class for 502",
    "broken stream": "a stream that breaks off is told",
    "hang-up": "hang-up ends the provider's call",
    "embeddings": "embeddings",
    "pictures": "pictures",
    "picture edits": "pictures made of pictures",
    "speech": "speech",
    "transcripts": "transcripts",
    "subtitles": "subtitles",
    "moderation": "moderation",
    "count": "tokens counted before a call",
    "models": "list of models",
    "one model": "one model by its name",
}

OF_SOME: Mapping[str, tuple[str, ...]] = {
    "tool loop": ("anthropic", "gemini"),
    "completion": ("openai", "ollama", "together"),
    "embeddings": ("openai", "gemini", "ollama", "mistral", "groq", "together"),
    "pictures": ("openai",),
    "picture edits": ("openai",),
    "speech": ("openai", "groq"),
    "transcripts": ("openai", "groq"),
    "subtitles": ("openai",),
    "moderation": ("openai",),
    "count": ("responses", "anthropic", "gemini"),
    "models": ("openai", "anthropic", "gemini", "ollama", "mistral", "groq", "together"),
    "one model": ("openai", "anthropic", "gemini", "mistral", "groq"),
}
"""Features that not every SDK has, and those that do. What Responses share with Chat Completions is tried there."""

CLIENTS: Mapping[str, Client] = {
    client.name: client
    for client in (
        Client(name="openai", about="openai, Chat Completions"),
        Client(name="responses", about="openai, Responses"),
        Client(name="anthropic", about="anthropic"),
        Client(name="gemini", about="google-genai"),
        Client(name="ollama", about="ollama"),
        Client(name="mistral", about="mistralai", is_extra=True),
        Client(name="groq", about="groq", is_extra=True),
        Client(name="together", about="together", is_extra=True),
        Client(name="huggingface", about="huggingface_hub", is_extra=True),
        Client(name="cohere", about="cohere", is_extra=True, is_foreign=True),
        Client(name="bedrock", about="boto3, bedrock-runtime", is_extra=True, is_foreign=True),
    )
}

GAPS: Sequence[Gap] = (
    Gap(
        clients=("openai", "gemini", "ollama", "groq", "together", "mistral"),
        features=("embeddings",),
        targets=("sim-anthropic",),
        words="offers no embeddings",
        reason="Anthropic's protocol has no embeddings; a 400 says so.",
    ),
    Gap(
        clients=("openai",),
        features=("pictures", "picture edits"),
        targets=("sim-responses", "sim-anthropic", "sim-ollama"),
        words="draws no pictures",
        reason="These protocols have no pictures of their own; a 400 says so.",
    ),
    Gap(
        clients=("openai", "groq"),
        features=("speech", "transcripts"),
        targets=("sim-responses", "sim-anthropic", "sim-ollama"),
        words="speaks no texts",
        reason="These protocols speak nothing; a 400 says so.",
    ),
    Gap(
        clients=("openai",),
        features=("subtitles",),
        targets=("sim-responses", "sim-anthropic", "sim-ollama"),
        words="speaks no texts",
        reason="These protocols speak nothing that could be written down; a 400 says so.",
    ),
    Gap(
        clients=("openai", "groq"),
        features=("transcripts",),
        targets=("sim-gemini",),
        words="writes no speech down",
        reason="Gemini has no transcripts of its own: a sound is sent to its chat.",
    ),
    Gap(
        clients=("openai",),
        features=("subtitles",),
        targets=("sim-gemini",),
        words="writes no speech down",
        reason="Nor has it subtitles.",
    ),
    Gap(
        clients=("openai",),
        features=("moderation",),
        targets=("sim-responses", "sim-anthropic", "sim-gemini", "sim-ollama"),
        words="has no moderation endpoint",
        reason="Of these protocols OpenAI's alone has moderation.",
    ),
    Gap(
        clients=("mistral",),
        features=("usage of a stream",),
        words="0 tokens read",
        reason="OpenAI's streams tell their usage only where it is asked for, and this SDK has no place to ask.",
    ),
    Gap(
        clients=("mistral",),
        features=("streamed tools",),
        words="function.name",
        reason="The SDK wants the tool's name in every piece of a call; OpenAI's streams have it in the first.",
    ),
    Gap(
        clients=("mistral",),
        features=("reasoning", "streamed reasoning"),
        words="simulated thoughts",
        reason="The SDK reads thoughts as parts of the content and drops `reasoning_content` beside it.",
    ),
    Gap(
        clients=("mistral",),
        features=("embeddings",),
        targets=tuple(name for name in TARGETS if name != "sim-anthropic"),
        words="body.id",
        reason="The SDK wants an `id`, which OpenAI's embeddings do not have.",
    ),
    Gap(
        clients=("mistral",),
        features=("models", "one model"),
        words="expected object with 'type' field",
        reason="The SDK wants Mistral's own description of each model.",
    ),
    Gap(
        clients=("together",),
        features=("models",),
        words="/v2/projects/",
        reason="The SDK lists the models of a Together project, under a path of its own.",
    ),
    Gap(
        clients=("cohere",),
        features=("whole",),
        words="404",
        reason="The SDK speaks Cohere's own protocol, which has no front here, and has no call for Cohere's "
        "OpenAI-shaped path (`/compatibility/v1`): that is meant for OpenAI's SDK.",
    ),
    Gap(
        clients=("bedrock",),
        features=("whole",),
        words="401",
        reason="Bedrock's protocol has no front here, and its signed calls show no key of the gateway.",
    ),
)

Cell = tuple[str, str]
"""Target and feature."""


def cells(client: Client) -> set[Cell]:
    """What the client is tried with."""
    return {(target, name) for target in TARGETS for name in FEATURES if client.has(name)}


def gaps(client: Client) -> Mapping[Cell, Gap]:
    """Those of its cells that cannot be."""
    return {
        (target, feature): gap
        for gap in GAPS
        if client.name in gap.clients
        for target in gap.targets
        for feature in gap.features
    }


def matrix() -> str:
    """As a table: ✓ where every target does it, the number of the gap where one does not, – where the SDK cannot."""
    rows = [[told, *(_mark(client, name) for client in CLIENTS.values())] for name, told in FEATURES.items()]
    whole = table(("", *(client.about for client in CLIENTS.values())), rows)
    return "\n\n".join((whole, *_reasons(), _sum()))


def _mark(client: Client, feature: str) -> str:
    if not client.has(feature):
        return "–"
    found = gaps(client)
    numbers = sorted(
        {GAPS.index(found[target, feature]) + 1 for target in TARGETS if (target, feature) in found}
    )
    works = any((target, feature) not in found for target in TARGETS)
    return " ".join(("✓" if works else "", *(f"[{number}]" for number in numbers))).strip()


def _reasons() -> Iterator[str]:
    for number, gap in enumerate(GAPS, 1):
        some = len(gap.targets) < len(TARGETS)
        where = f" With targets {', '.join(TARGETS[name] for name in gap.targets)}." if some else ""
        yield f"[{number}] {gap.reason}{where}"


def _sum() -> str:
    tried = sum(len(cells(client)) for client in CLIENTS.values())
    lost = sum(len(gaps(client)) for client in CLIENTS.values())
    return f"Of {tried} cells (SDK × target × feature) {tried - lost} work."
