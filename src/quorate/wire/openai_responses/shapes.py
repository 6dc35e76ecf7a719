"""The JSON this protocol's hot paths read, decoded in part: a piece of a stream, what shapes the answer to a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from quorate.wire.json_fields import Json

from .custom import CUSTOM
from .namespaces import NAMESPACE, Home, flat_names, grouped_of


class Piece(msgspec.Struct, gc=False):
    """As much of a stream's event as the commonest ones have: text that carries a part on."""

    type: str
    output_index: int = 0
    content_index: int = 0
    summary_index: int = 0
    delta: str = ""


read_piece = msgspec.json.Decoder(Piece).decode
read_object = msgspec.json.Decoder(dict[str, Any]).decode


_ABSENT = msgspec.Raw(b"")
_read_any = msgspec.json.Decoder(Any).decode


class _ToolAsk(msgspec.Struct):
    type: str = "function"
    name: str = ""
    tools: msgspec.Raw = _ABSENT
    """Of a group."""


class Ask(msgspec.Struct):
    """What shapes the answer to a call: read from the call's own body."""

    model: str
    stream: bool | None = None
    max_output_tokens: int | None = None
    tools: list[_ToolAsk] | None = None

    @property
    def custom(self) -> frozenset[str]:
        """Names of the free-text tools on offer."""
        plain = {tool.name for tool in self.tools or () if tool.type == CUSTOM}
        tools = self._grouped()
        return frozenset(plain | grouped_of(tools, CUSTOM) if tools else plain)

    @property
    def homes(self) -> Mapping[str, Home]:
        """Grouped tools by the names under which others know them."""
        return {flat: home for home, flat in flat_names(self._grouped()).items()}

    def _grouped(self) -> list[Json]:
        """All tools, where there is a group among them."""
        tools = self.tools or ()
        if not any(tool.type == NAMESPACE for tool in tools):
            return []
        return [{"type": each.type, "name": each.name, "tools": _read_group(each.tools)} for each in tools]


def _read_group(tools: msgspec.Raw) -> object:
    try:
        return _read_any(tools) if tools else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


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
