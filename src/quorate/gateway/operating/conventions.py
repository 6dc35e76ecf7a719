"""Names of OpenTelemetry's conventions that our spans use: those of generative AI, of HTTP, and what both share.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
"""

from __future__ import annotations

from collections.abc import Mapping

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
REQUEST_MODEL = "gen_ai.request.model"
REQUEST_STREAM = "gen_ai.request.stream"
RESPONSE_MODEL = "gen_ai.response.model"
FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
CACHE_READ = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE = "gen_ai.usage.cache_creation.input_tokens"
REASONING = "gen_ai.usage.reasoning.output_tokens"

ERROR = "error.type"
SERVER_ADDRESS, SERVER_PORT = "server.address", "server.port"
METHOD, STATUS, PATH = "http.request.method", "http.response.status_code", "url.path"

FRONT, ROAD, OUTCOME = "quorate.front", "quorate.road", "quorate.outcome"
KEY, DECISION, REQUEST, COST = "quorate.key.id", "quorate.decision.id", "quorate.request.id", "quorate.cost"

OPERATIONS: Mapping[str, str] = {"chat": "chat", "embed": "embeddings"}
"""Our word → theirs; they have none for the others."""

PROVIDERS: Mapping[str, str] = {
    "google": "gcp.gemini",
    "azure": "azure.ai.openai",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}
"""Name of a provider's row → what they call it, where that differs."""
