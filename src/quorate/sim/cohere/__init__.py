"""The simulator's side of Cohere's protocol, which no client of the gateway speaks but for reranking."""

from __future__ import annotations

from quorate.types.value import replace
from quorate.wire.cohere import COHERE

from .front import CohereFront
from .work import EmbedFront, ModelsFront, RerankFront

SIMULATED_COHERE = replace(
    COHERE,
    front=CohereFront(),
    work_fronts={"embed": EmbedFront(), "rerank": RerankFront(), "models": ModelsFront()},
)

__all__ = ["SIMULATED_COHERE"]
