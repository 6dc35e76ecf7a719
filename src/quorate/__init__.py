"""Quorate: one door to every large-language-model provider.

The public names are loaded when they are first used, so that `import quorate` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quorate.client.attach import attach
    from quorate.client.client import Quorate
    from quorate.errors import QuorateError
    from quorate.types.chat import (
        ChatReply,
        ChatRequest,
        HostedTool,
        Message,
        OutputFormat,
        Thinking,
        Tool,
        ToolChoice,
    )
    from quorate.types.events import PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
    from quorate.types.parts import Media, Text

__all__ = [
    "ChatReply",
    "ChatRequest",
    "HostedTool",
    "Media",
    "Message",
    "OutputFormat",
    "PartDelta",
    "PartEnd",
    "PartStart",
    "Quorate",
    "QuorateError",
    "ReplyEnd",
    "ReplyStart",
    "Text",
    "Thinking",
    "Tool",
    "ToolChoice",
    "attach",
]

_HOMES = {
    "Quorate": "client.client",
    "attach": "client.attach",
    "QuorateError": "errors",
    "Media": "types.parts",
    "Text": "types.parts",
    **dict.fromkeys(("PartDelta", "PartEnd", "PartStart", "ReplyEnd", "ReplyStart"), "types.events"),
}
"""Where a public name lives; what is not listed lives in `types.chat`."""


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'quorate' has no attribute '{name}'")
    value = getattr(import_module(f"quorate.{_HOMES.get(name, 'types.chat')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
