"""OpenAI's chat completions, and the dialects of all that is shaped like it."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import ChatCodec
from .fields import NAME
from .front import ChatFront
from .glance import glance
from .moderation import ModerateCodec
from .work import EmbedCodec, EmbedFront, ModelsCodec, ModelsFront

OPENAI_CHAT = Wire(
    name=NAME,
    codec=ChatCodec(),
    front=ChatFront(),
    glance=glance,
    work={"embed": EmbedCodec(), "models": ModelsCodec(), "moderate": ModerateCodec()},
    work_fronts={"embed": EmbedFront(), "models": ModelsFront()},
)

__all__ = ["OPENAI_CHAT"]
