"""The caller's own functions as tools: their schema from their signature, and the loop that runs them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_type_hints

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import HostedTool, Tool
from quorate.types.parts import Media, SearchResult, Text, ToolCall, ToolResult

Function = Callable[..., Any]
Offered = Tool | HostedTool | Function
"""What may stand in `tools=`: a description of a tool, or the function itself."""


class Toolbox:
    """The tools of one call: how they are told to the model, and the functions behind them."""

    def __init__(self, offered: Iterable[Offered]) -> None:
        self._functions: dict[str, tuple[Function, type[msgspec.Struct]]] = {}
        self.tools = tuple(self._tool(each) for each in offered)

    def _tool(self, offered: Offered) -> Tool | HostedTool:
        if isinstance(offered, Tool | HostedTool):
            return offered
        name = getattr(offered, "__name__", "")
        arguments = arguments_of(offered, name)
        self._functions[name] = (offered, arguments)
        schema = msgspec.json.schema(arguments)
        top: dict[str, Any] = schema["$defs"].pop(arguments.__name__)
        top.pop("title", None)
        definitions = {"$defs": schema["$defs"]} if schema["$defs"] else {}
        return Tool(name=name, description=inspect.getdoc(offered) or "", schema=top | definitions)

    def __contains__(self, name: object) -> bool:
        return name in self._functions

    async def run(self, call: ToolCall) -> ToolResult:
        """Run the function a call names. What it raises becomes a failed result: the model may mend its call."""
        if call.name not in self._functions:
            return _failed(call, f"there is no tool named '{call.name}'")
        function, arguments = self._functions[call.name]
        try:
            given = msgspec.json.decode(call.arguments or "{}", type=arguments)
        except msgspec.DecodeError as error:
            return _failed(call, f"these arguments do not fit: {error}")
        try:
            result = function(**{name: getattr(given, name) for name in arguments.__struct_fields__})
            if inspect.isawaitable(result):
                result = await result
        except Exception as error:  # noqa: BLE001  # the function is the caller's: the model is told, not the loop broken
            return _failed(call, f"{type(error).__name__}: {error}")
        return ToolResult(call_id=call.id, name=call.name, content=_content(result))


def arguments_of(function: Function, name: str) -> type[msgspec.Struct]:
    """A struct with a field for each parameter. `InvalidRequest` where a parameter has no name or no type."""
    try:
        signature, hints = inspect.signature(function), get_type_hints(function, include_extras=True)
    except (TypeError, ValueError, NameError) as error:
        raise InvalidRequest(f"'{name}' cannot be a tool: {error}", where="tools") from error
    fields: list[Any] = []
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise InvalidRequest(
                f"'{name}' cannot be a tool: '{parameter.name}' has no name to call it by", where="tools"
            )
        if parameter.name not in hints:
            raise InvalidRequest(f"'{name}' cannot be a tool: '{parameter.name}' has no type", where="tools")
        kind = hints[parameter.name]
        has_default = parameter.default is not parameter.empty
        fields.append((parameter.name, kind, parameter.default) if has_default else (parameter.name, kind))
    return msgspec.defstruct(f"{name}_arguments", fields, kw_only=True, forbid_unknown_fields=True)


def _content(result: Any) -> tuple[Text | Media | SearchResult, ...]:
    if isinstance(result, str):
        return (Text(text=result),)
    if isinstance(result, Text | Media | SearchResult):
        return (result,)
    return (Text(text=msgspec.json.encode(result, enc_hook=str).decode()),)


def _failed(call: ToolCall, why: str) -> ToolResult:
    return ToolResult(call_id=call.id, name=call.name, content=(Text(text=why),), failed=True)


def named(tools: Iterable[Tool | HostedTool]) -> Mapping[str, Tool]:
    """The functions among them by name."""
    return {tool.name: tool for tool in tools if isinstance(tool, Tool)}
