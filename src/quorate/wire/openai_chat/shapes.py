"""The JSON this protocol's hot paths read, decoded in part: a plain piece of a stream, a call's outline."""

from __future__ import annotations

from typing import Any

import msgspec


class _FastFunction(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    arguments: str | None = None
    name: None = None


class _FastCall(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    index: int
    function: _FastFunction
    id: None = None
    type: str | None = None


class _FastDelta(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_FastCall] | None = None
    role: str | None = None
    refusal: None = None
    function_call: None = None
    audio: None = None


class _FastChoice(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    delta: _FastDelta
    index: int = 0
    logprobs: None = None
    finish_reason: None = None
    native_finish_reason: None = None
    stop_reason: None = None
    token_ids: None = None


class FastChunk(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A piece that only carries text on: the commonest by far. Anything else does not fit this shape.

    The fields without meaning here were read from the first piece, or are padding.
    """

    choices: list[_FastChoice]
    id: str = ""
    object: str = ""
    created: int = 0
    model: str = ""
    system_fingerprint: str | None = None
    service_tier: str | None = None
    provider: str | None = None
    usage: None = None
    obfuscation: str | None = None
    p: str | None = None


read_fast = msgspec.json.Decoder(FastChunk).decode

PADDING = ("obfuscation", "p")
"""Chunk fields that only hide a piece's length."""


class _StreamOptions(msgspec.Struct):
    include_usage: bool | None = None


class _ToolName(msgspec.Struct):
    name: str = ""


class _ToolAsk(msgspec.Struct):
    type: str = "function"
    custom: _ToolName | None = None


class Ask(msgspec.Struct):
    """What shapes the answer to a call: read from the call's own body."""

    model: str = ""
    stream: bool | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    stream_options: _StreamOptions | None = None
    functions: list[Any] | None = None
    tools: list[_ToolAsk] | None = None

    @property
    def legacy(self) -> bool:
        """The client knows only the older single function call."""
        return self.functions is not None and not self.tools

    @property
    def custom(self) -> frozenset[str]:
        """Names of the free-text tools on offer."""
        return frozenset(tool.custom.name for tool in self.tools or () if tool.custom is not None)

    @property
    def usage_wanted(self) -> bool:
        return self.stream_options is not None and bool(self.stream_options.include_usage)


read_ask = msgspec.json.Decoder(Ask).decode
read_object = msgspec.json.Decoder(dict[str, Any]).decode
