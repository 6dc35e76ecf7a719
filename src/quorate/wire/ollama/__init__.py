"""Ollama's own protocol: chat, generate, embed and tags, streamed as lines of JSON."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import OllamaCodec
from .front import OllamaFront
from .greeting import GreetFront
from .models import ModelsCodec, ModelsFront
from .work import EmbedCodec, EmbedFront

OLLAMA = Wire(
    name="ollama",
    codec=OllamaCodec(),
    front=OllamaFront(),
    work={"embed": EmbedCodec(), "models": ModelsCodec()},
    work_fronts={"embed": EmbedFront(), "models": ModelsFront(), "greet": GreetFront()},
)

__all__ = ["OLLAMA"]
