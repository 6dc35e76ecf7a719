"""The caller's own functions as tools: their schema from their signature, and how a model's call runs them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, NotRequired, cast, get_args, get_origin, get_type_hints

import msgspec
from typing_extensions import TypedDict

from quorate.errors import InvalidRequest
from quorate.types.chat import HostedTool, Tool
from quorate.types.parts import Media, SearchResult, Text, ToolCall, ToolResult
from quorate.types.value import Value

from .typed import Decode, flat, schema_of

Function = Callable[..., Any]
Offered = Tool | HostedTool | Function
"""What may stand in `tools=`: a description of a tool, or the function itself."""

# pydantic reads the typed dictionaries of typing_extensions alone; checkers know them as a statement only.
_typed_dict: Callable[[str, dict[str, Any]], Any] = cast("Any", TypedDict)

_CONTENT = (Text, Media, SearchResult)
_PLAIN = (str, int, float, bool, type(None))


class Offer(Value):
    """A function, told as a tool."""

    tool: Tool
    function: Function
    parameters: frozenset[str]
    decode: Decode


class Toolbox:
    """The tools of one call: how they are told to the model, and the functions behind them."""

    def __init__(self, offered: Iterable[Offered]) -> None:
        """Raises `InvalidRequest` for a function that cannot be told as a tool, and for two of one name."""
        self._offers: dict[str, Offer] = {}
        tools: list[Tool | HostedTool] = []
        for each in offered:
            tool = self._taken(each)
            if any(tool.name == other.name for other in tools):
                raise InvalidRequest(f"two tools are named '{tool.name}'", where="tools")
            tools.append(tool)
        self.tools = tuple(tools)

    def _taken(self, offered: Offered) -> Tool | HostedTool:
        if isinstance(offered, Tool | HostedTool):
            return offered
        if not callable(offered):
            raise InvalidRequest(
                f"a tool is a function or a Tool, not {type(offered).__name__}", where="tools"
            )
        offer = offer_of(offered)
        self._offers[offer.tool.name] = offer
        return offer.tool

    @property
    def without_function(self) -> list[str]:
        """Tools that are described and cannot be run here."""
        return [tool.name for tool in self.tools if isinstance(tool, Tool) and tool.name not in self._offers]

    async def run(self, call: ToolCall) -> ToolResult:
        """Run the function a call names. What it raises becomes a failed result: the model may mend its call.

        A plain function runs in a thread of its own, so that it holds up nobody.
        """
        offer = self._offers.get(call.name)
        if offer is None:
            return _told(call, f"there is no tool named '{call.name}'", failed=True)
        try:
            given = _arguments(offer, call.arguments or "{}")
        except (ValueError, RecursionError) as error:
            return _told(call, f"these arguments do not fit: {error}", failed=True)
        try:
            if inspect.iscoroutinefunction(offer.function):
                result = await offer.function(**given)
            else:
                result = await asyncio.to_thread(_called, offer.function, given)
                if inspect.isawaitable(result):
                    result = await result
            return ToolResult(call_id=call.id, name=call.name, content=_content(result))
        except Exception as error:  # noqa: BLE001  # the function is the caller's: the model is told, not the loop broken
            return _told(call, f"{type(error).__name__}: {error}", failed=True)


def offer_of(function: Function) -> Offer:
    """The function as a tool. `InvalidRequest` where it, or a parameter, has no name, or a parameter no type."""
    name = str(getattr(function, "__name__", ""))
    if not name.isidentifier():
        raise InvalidRequest(f"{function!r} cannot be a tool: it has no name to call it by", where="tools")
    try:
        signature, hints = inspect.signature(function), get_type_hints(function, include_extras=True)
    except (TypeError, ValueError, NameError) as error:
        raise InvalidRequest(f"'{name}' cannot be a tool: {error}", where="tools") from error
    fields: dict[str, Any] = {}
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
            raise _no_tool(name, parameter.name, "has no name to call it by")
        if parameter.name not in hints:
            raise _no_tool(name, parameter.name, "has no type")
        kind = hints[parameter.name]
        fields[parameter.name] = kind if parameter.default is parameter.empty else NotRequired[kind]
    kind: Any = _typed_dict(name, fields)
    schema, decode = schema_of(kind, name, where="tools")
    told = {key: value for key, value in flat(schema).items() if key != "title"}
    properties = {
        each: _described(told["properties"][each], signature.parameters[each], hints[each]) for each in fields
    }
    told |= {"properties": properties, "additionalProperties": False}
    tool = Tool(name=name, description=inspect.getdoc(function) or "", schema=told)
    return Offer(tool=tool, function=function, parameters=frozenset(fields), decode=decode)


def _no_tool(name: str, parameter: str, why: str) -> InvalidRequest:
    return InvalidRequest(f"'{name}' cannot be a tool: '{parameter}' {why}", where="tools")


def _described(schema: Mapping[str, Any], parameter: inspect.Parameter, hint: Any) -> dict[str, Any]:
    """The parameter's schema with its default, and with the words of `Annotated[str, "words"]`."""
    told = dict(schema)
    if isinstance(parameter.default, _PLAIN):
        told["default"] = parameter.default
    if get_origin(hint) is Annotated:
        words = [
            each if isinstance(each, str) else getattr(each, "description", "") for each in get_args(hint)[1:]
        ]
        if description := next(filter(None, words), ""):
            told["description"] = description
    return told


def _arguments(offer: Offer, text: str) -> dict[str, Any]:
    """What the model gives, as the types of the signature. Raises `ValueError`."""
    given = cast("dict[str, Any]", offer.decode(text))
    if strange := sorted(set(msgspec.json.decode(text)) - offer.parameters):
        raise ValueError(f"there is no parameter '{strange[0]}'")
    return given


def _called(function: Function, given: Mapping[str, Any]) -> Any:
    try:
        return function(**given)
    except StopIteration as error:
        # A future cannot carry this one: whoever waits for it would wait for ever.
        raise RuntimeError("StopIteration") from error


def _content(result: Any) -> tuple[Text | Media | SearchResult, ...]:
    if isinstance(result, str):
        return (Text(text=result),)
    if isinstance(result, _CONTENT):
        return (result,)
    if isinstance(result, list | tuple):
        parts = cast("list[Any]", result)
        if parts and all(isinstance(part, _CONTENT) for part in parts):
            return tuple(parts)
    return (Text(text=msgspec.json.encode(result, enc_hook=_plain).decode()),)


def _plain(value: Any) -> Any:
    """What JSON has no word for: a pydantic model as its fields, anything else as its text."""
    dump = getattr(value, "model_dump", None)
    return dump(mode="json") if callable(dump) else str(value)


def _told(call: ToolCall, words: str, *, failed: bool) -> ToolResult:
    return ToolResult(call_id=call.id, name=call.name, content=(Text(text=words),), failed=failed)
