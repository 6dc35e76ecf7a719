"""Anthropic messages: the protocol of Claude, and of every program that speaks to it."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import AnthropicCodec
from .fields import NAME
from .front import AnthropicFront
from .work import ModelsCodec, ModelsFront

ANTHROPIC = Wire(
    name=NAME,
    codec=AnthropicCodec(),
    front=AnthropicFront(),
    work={"models": ModelsCodec()},
    work_fronts={"models": ModelsFront()},
)

__all__ = ["ANTHROPIC"]
