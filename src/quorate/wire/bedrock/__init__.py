"""Amazon Bedrock: one protocol in front of every family of models there. Called, not imitated."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import BedrockCodec
from .count import CountCodec
from .embed import EmbedCodec
from .fields import NAME
from .images import ImageCodec
from .models import ModelsCodec

BEDROCK = Wire(
    name=NAME,
    codec=BedrockCodec(),
    work={"models": ModelsCodec(), "count": CountCodec(), "embed": EmbedCodec(), "images": ImageCodec()},
)

__all__ = ["BEDROCK"]
