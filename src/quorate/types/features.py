"""What a model or a provider can do: one closed set of words for providers, catalog, settings and screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Feature = Literal[
    "chat",
    "responses",
    "embed",
    "rerank",
    "moderate",
    "images",
    "speech",
    "transcribe",
    "models",
    "stream",
    "tools",
    "parallel_tools",
    "schema",
    "json",
    "reasoning",
    "vision",
    "files",
    "audio_in",
    "video_in",
    "audio_out",
    "image_out",
    "cache",
    "search",
    "prefill",
]

FEATURES: Mapping[Feature, str] = {
    "chat": "answers a conversation",
    "responses": "answers at the Responses endpoint alone",
    "embed": "turns texts into vectors",
    "rerank": "puts documents in order",
    "moderate": "judges texts",
    "images": "draws pictures when asked for nothing else",
    "speech": "speaks texts",
    "transcribe": "writes speech down",
    "models": "lists its own models",
    "stream": "sends an answer as it arises",
    "tools": "calls the caller's functions",
    "parallel_tools": "calls several functions in one turn",
    "schema": "holds its answer to a JSON Schema",
    "json": "holds its answer to some JSON object",
    "reasoning": "thinks before it answers, and takes a wish how much",
    "vision": "reads images",
    "files": "reads PDF and other documents",
    "audio_in": "hears",
    "video_in": "watches",
    "audio_out": "speaks",
    "image_out": "draws",
    "cache": "reads a repeated prompt cheaper",
    "search": "searches the web by itself",
    "prefill": "goes on with an answer the caller began",
}
