"""Tools, and the choice among them."""

from __future__ import annotations

from collections.abc import Iterable

from quorate.types.chat import ChatRequest, HostedTool, Tool
from quorate.wire.json_fields import Json
from quorate.wire.notes import Notes

from .fields import NAME, own

_NO_ARGUMENTS: Json = {"type": "object", "properties": {}}


def write_tools(request: ChatRequest, notes: Notes) -> Json:
    """The body's fields that are about tools."""
    fields: Json = {}
    choice = request.tool_choice
    only = choice.name if choice is not None and choice.mode == "named" else ""
    if offered := list(_offered(request, only, notes)):
        fields["tools"] = offered
        fields |= _strict(request, only, notes)
    if len(offered) < len(request.tools):
        notes.changed("tools", "some are not offered")
    if request.parallel_tools is False and offered:
        notes.dropped("parallel_tools", "this protocol cannot hold back parallel calls")
    match choice.mode if choice is not None and offered else "auto":
        case "required":
            fields["tool_choice"] = "REQUIRED"
        case "none":
            fields["tool_choice"] = "NONE"
        case "named":
            fields["tool_choice"] = "REQUIRED"
            notes.emulated("tool_choice", "this tool alone is offered, and a call is required")
        case "auto":
            if choice is not None and choice.mode != "auto":
                notes.dropped("tool_choice", "no tools are offered")
    return fields


def _offered(request: ChatRequest, only: str, notes: Notes) -> Iterable[Json]:
    for number, tool in enumerate(request.tools):
        match tool:
            case HostedTool(protocol=protocol, settings=settings):
                if protocol == NAME:
                    yield settings
                else:
                    notes.dropped(f"tools.{number}", f"only {protocol} runs this tool")
            case Tool():
                if not only or tool.name == only:
                    yield _tool(tool, number, notes)


def _tool(tool: Tool, number: int, notes: Notes) -> Json:
    if tool.cache:
        notes.dropped(f"tools.{number}.cache", "this protocol caches prompts by itself")
    kept = dict(own(tool.vendor))
    function: Json = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool.schema or _NO_ARGUMENTS
    return {"type": "function", "function": function | kept.pop("function", {})} | kept


def _strict(request: ChatRequest, only: str, notes: Notes) -> Json:
    """Strictness is one switch for all tools."""
    told = [tool for tool in request.tools if isinstance(tool, Tool) and (not only or tool.name == only)]
    wishes = {tool.strict for tool in told}
    if True not in wishes:
        return {}
    if len(wishes) > 1:
        notes.changed("tools", "strictness is one switch for all: every tool is held to its schema")
    return {"strict_tools": True}
