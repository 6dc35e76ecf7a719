"""Anthropic messages: the protocol of Claude, and of every program that speaks to it."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import AnthropicCodec
from .count import CountCodec, CountFront
from .fields import NAME
from .front import AnthropicFront
from .glance import glance
from .work import ModelsCodec, ModelsFront

ANTHROPIC = Wire(
    name=NAME,
    codec=AnthropicCodec(),
    front=AnthropicFront(),
    glance=glance,
    work={"models": ModelsCodec(), "count": CountCodec()},
    work_fronts={"models": ModelsFront(), "count": CountFront()},
)

__all__ = ["ANTHROPIC"]
