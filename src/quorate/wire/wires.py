"""Every protocol Quorate speaks, by name."""

from __future__ import annotations

from .anthropic import ANTHROPIC
from .gemini import GEMINI
from .ollama import OLLAMA
from .openai_chat import OPENAI_CHAT
from .seam import Wire, Wires

WIRES: Wires = {wire.name: wire for wire in (OPENAI_CHAT, ANTHROPIC, GEMINI, OLLAMA)}

__all__ = ["WIRES", "Wire"]
