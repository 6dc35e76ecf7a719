"""Tools and the choice among them, both ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from quorate.types.chat import ChatRequest, HostedTool, Message, Tool, ToolChoice
from quorate.types.parts import ToolCall, ToolResult
from quorate.types.target import Quirks
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_text, an_object, is_object, objects
from quorate.wire.notes import Notes

from .blocks import write_mark
from .fields import NAME, Misshapen, left, own, vendor

_LEAVES_MARKS = "tools.cachePoint"
"""Named in a target's `drop`: it keeps no tools, though it keeps prompts."""

_OPEN: Json = {"type": "object"}


def write_tools(request: ChatRequest, quirks: Quirks, notes: Notes) -> Json | None:
    """`toolConfig`; None where no tool is offered.

    A conversation in which tools were called must name them, whoever may call them from here on.
    """
    choice, called = request.tool_choice, list(dict.fromkeys(_called(request.messages)))
    tools = list(_tools(request, quirks, notes))
    if choice is not None and choice.mode == "none" and tools and not called:
        notes.emulated("tool_choice", "the protocol cannot forbid calls: the tools were left out")
        notes.dropped("tools", "they were left out, so that none is called")
        return None
    known = {a_text(an_object(tool.get("toolSpec")).get("name")) for tool in tools}
    if called and known.isdisjoint(called) and not request.tools:
        notes.emulated("tools", "tools that the conversation tells of were named: the protocol demands it")
        tools = [{"toolSpec": {"name": name, "inputSchema": {"json": _OPEN}}} for name in called]
    if request.parallel_tools is False:
        notes.dropped("parallel_tools", "the protocol has no such switch")
    if not tools:
        if choice is not None:
            notes.dropped("tool_choice", "no tools are offered")
        return None
    said = _choice(choice, notes) if choice is not None else None
    return {"tools": tools} | ({"toolChoice": said} if said else {})


def _called(messages: Sequence[Message]) -> Iterator[str]:
    """Names of the tools that were called; one name for results of which the call is not there."""
    for message in messages:
        for part in message.parts:
            match part:
                case ToolCall(hosted=False, name=name):
                    yield name
                case ToolResult(hosted=False, name=name) if name:
                    yield name
                case _:
                    pass


def _tools(request: ChatRequest, quirks: Quirks, notes: Notes) -> Iterator[Json]:
    for number, tool in enumerate(request.tools):
        at = f"tools.{number}"
        if isinstance(tool, HostedTool):
            if tool.protocol == NAME:
                yield tool.settings
            else:
                notes.dropped(at, f"a tool that only '{tool.protocol}' runs")
            continue
        yield _write_tool(tool, quirks, notes, at)
        if tool.cache is not None and (not quirks.cache_marks or _LEAVES_MARKS in quirks.drop):
            notes.dropped(f"{at}.cache", "this target keeps no tools")
        elif tool.cache is not None:
            yield write_mark(tool.cache)


def _write_tool(tool: Tool, quirks: Quirks, notes: Notes, at: str) -> Json:
    schema = tool.schema if "type" in tool.schema else _OPEN | tool.schema
    said: Json = {"name": tool.name, "inputSchema": {"json": schema}}
    if tool.description.strip():
        said["description"] = tool.description
    if tool.strict is not None:
        if quirks.schema == "native":
            said["strict"] = tool.strict
        elif tool.strict:
            notes.dropped(f"{at}.strict", "this target does not hold a model to a schema")
    return {"toolSpec": said | own(tool.vendor)}


def _choice(choice: ToolChoice, notes: Notes) -> Json | None:
    kept = own(choice.vendor)
    match choice.mode:
        case "auto":
            return {"auto": kept}
        case "required":
            return {"any": kept}
        case "named":
            return {"tool": {"name": choice.name} | kept}
        case "none":
            notes.dropped("tool_choice", "the protocol cannot forbid calls of tools it has seen")
            return None


def read_tools(config: Json, where: str) -> tuple[Tool | HostedTool, ...]:
    """Raises `Misshapen`."""
    tools: list[Tool | HostedTool] = []
    for number, each in enumerate(objects(config.get("tools"))):
        match each:
            case {"toolSpec": told, **rest} if not rest:
                tools.append(_read_tool(an_object(told), f"{where}.tools.{number}.toolSpec"))
            case {"cachePoint": {"type": "default", **ttl}} if tools and isinstance(last := tools[-1], Tool):
                tools[-1] = replace(last, cache="1h" if ttl.get("ttl") == "1h" else "5m")
            case _:
                name = a_text(an_object(each.get("systemTool")).get("name"))
                tools.append(HostedTool(protocol=NAME, name=name or next(iter(each), ""), settings=each))
    return tuple(tools)


def _read_tool(told: Json, at: str) -> Tool:
    schema: object = an_object(told.get("inputSchema")).get("json")
    if not isinstance(told.get("name"), str) or not is_object(schema):
        raise Misshapen(f"'{at}' needs a name and an inputSchema.json", at)
    strict = told.get("strict")
    return Tool(
        name=told["name"],
        description=a_text(told.get("description")),
        schema=schema,
        strict=strict if isinstance(strict, bool) else None,
        vendor=vendor(left(told, ("name", "description", "inputSchema", "strict"))),
    )


def read_choice(config: Json) -> ToolChoice | None:
    match config.get("toolChoice"):
        case {"any": kept}:
            return ToolChoice(mode="required", vendor=vendor(an_object(kept)))
        case {"tool": {"name": str(name), **kept}}:
            return ToolChoice(mode="named", name=name, vendor=vendor(kept))
        case {"auto": kept}:
            return ToolChoice(mode="auto", vendor=vendor(an_object(kept)))
        case _:
            return None
