"""The JSON this protocol's hot paths read, decoded in part: a piece of a stream, what shapes the answer to a call."""

from __future__ import annotations

from typing import Any

import msgspec


class Piece(msgspec.Struct, gc=False):
    """As much of a stream's event as the commonest ones have: text that carries a part on."""

    type: str
    output_index: int = 0
    content_index: int = 0
    summary_index: int = 0
    delta: str = ""


read_piece = msgspec.json.Decoder(Piece).decode
read_object = msgspec.json.Decoder(dict[str, Any]).decode


class _ToolAsk(msgspec.Struct):
    type: str = "function"
    name: str = ""


class Ask(msgspec.Struct):
    """What shapes the answer to a call: read from the call's own body."""

    model: str
    stream: bool | None = None
    max_output_tokens: int | None = None
    tools: list[_ToolAsk] | None = None

    @property
    def custom(self) -> frozenset[str]:
        """Names of the free-text tools on offer."""
        return frozenset(tool.name for tool in self.tools or () if tool.type == "custom")


class Echo(msgspec.Struct, omit_defaults=True):
    """Settings of a call that its answer repeats, as they stand there."""

    instructions: msgspec.Raw | None = None
    max_output_tokens: msgspec.Raw | None = None
    metadata: msgspec.Raw | None = None
    parallel_tool_calls: msgspec.Raw | None = None
    previous_response_id: msgspec.Raw | None = None
    reasoning: msgspec.Raw | None = None
    store: msgspec.Raw | None = None
    temperature: msgspec.Raw | None = None
    text: msgspec.Raw | None = None
    tool_choice: msgspec.Raw | None = None
    tools: msgspec.Raw | None = None
    top_logprobs: msgspec.Raw | None = None
    top_p: msgspec.Raw | None = None
    truncation: msgspec.Raw | None = None
    user: msgspec.Raw | None = None


read_ask = msgspec.json.Decoder(Ask).decode
read_echo = msgspec.json.Decoder(Echo).decode
