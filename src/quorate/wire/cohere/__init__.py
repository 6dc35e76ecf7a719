"""Cohere's own protocol, version 2: chat with documents and citations, vectors, reranking."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import CohereCodec
from .fields import NAME
from .work import EmbedCodec, ModelsCodec, RerankCodec

COHERE = Wire(
    name=NAME,
    codec=CohereCodec(),
    work={"embed": EmbedCodec(), "rerank": RerankCodec(), "models": ModelsCodec()},
)

__all__ = ["COHERE"]
