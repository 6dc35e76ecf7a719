"""OpenAI's responses: items in, items out, and a stream that tells each step."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import ResponsesCodec
from .count import CountCodec, CountFront
from .fields import NAME
from .front import ResponsesFront
from .kept import KeptFront
from .work import EmbedCodec, ModelsCodec

OPENAI_RESPONSES = Wire(
    name=NAME,
    codec=ResponsesCodec(),
    front=ResponsesFront(),
    work={"embed": EmbedCodec(), "models": ModelsCodec(), "count": CountCodec()},
    work_fronts={"count": CountFront(), "answers": KeptFront()},
)

__all__ = ["OPENAI_RESPONSES"]
