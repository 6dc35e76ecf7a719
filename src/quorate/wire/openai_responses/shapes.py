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


_ABSENT = msgspec.Raw(b"")


class Echo(msgspec.Struct):
    """Settings of a call that its answer repeats, as they stand there."""

    instructions: msgspec.Raw = _ABSENT
    max_output_tokens: msgspec.Raw = _ABSENT
    metadata: msgspec.Raw = _ABSENT
    parallel_tool_calls: msgspec.Raw = _ABSENT
    previous_response_id: msgspec.Raw = _ABSENT
    reasoning: msgspec.Raw = _ABSENT
    store: msgspec.Raw = _ABSENT
    temperature: msgspec.Raw = _ABSENT
    text: msgspec.Raw = _ABSENT
    tool_choice: msgspec.Raw = _ABSENT
    tools: msgspec.Raw = _ABSENT
    top_logprobs: msgspec.Raw = _ABSENT
    top_p: msgspec.Raw = _ABSENT
    truncation: msgspec.Raw = _ABSENT
    user: msgspec.Raw = _ABSENT


read_ask = msgspec.json.Decoder(Ask).decode
read_echo = msgspec.json.Decoder(Echo).decode
