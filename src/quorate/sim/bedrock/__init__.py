"""The simulator's side of Bedrock's protocol, which no client of the gateway speaks."""

from __future__ import annotations

from quorate.types.value import replace
from quorate.wire.bedrock import BEDROCK

from .front import BedrockFront
from .work import CountFront, EmbedFront, ImageFront, ModelsFront

SIMULATED_BEDROCK = replace(
    BEDROCK,
    front=BedrockFront(),
    # Pictures and vectors have one path: those that name their models come first.
    work_fronts={
        "images": ImageFront(),
        "models": ModelsFront(),
        "count": CountFront(),
        "embed": EmbedFront(),
    },
)

__all__ = ["SIMULATED_BEDROCK"]
