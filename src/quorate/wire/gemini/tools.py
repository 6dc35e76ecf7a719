"""Tools and the choice among them, as Gemini's `tools` and `toolConfig`, in both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from quorate.types.chat import Departure, HostedTool, Tool, ToolChoice
from quorate.types.target import Quirks
from quorate.wire.openapi import narrowed, widened

from .fields import NAME, Fields, Json, an_object, own, vendor

_MODES: Mapping[str | int, Literal["auto", "required", "none"]] = {
    "AUTO": "auto",
    "ANY": "required",
    "NONE": "none",
    "VALIDATED": "auto",
    1: "auto",
    2: "required",
    3: "none",
}
_WRITTEN = {"auto": "AUTO", "required": "ANY", "named": "ANY", "none": "NONE"}


def write_tools(tools: Sequence[Tool | HostedTool], quirks: Quirks, notes: list[Departure]) -> list[Json]:
    """Neighbouring functions share one entry; a tool that Google runs has its own."""
    entries: list[Json] = []
    for number, tool in enumerate(tools):
        match tool:
            case HostedTool(protocol=protocol) if protocol != NAME:
                detail = f"'{tool.name}' is a tool that only '{protocol}' runs"
                notes.append(Departure(setting=f"tools.{number}", kind="dropped", detail=detail))
            case HostedTool():
                entries.append(tool.settings)
            case Tool():
                if not entries or "functionDeclarations" not in entries[-1]:
                    entries.append({"functionDeclarations": []})
                entries[-1]["functionDeclarations"].append(_declaration(tool, number, quirks, notes))
    return entries


def _declaration(tool: Tool, number: int, quirks: Quirks, notes: list[Departure]) -> Json:
    if tool.strict:
        detail = "this protocol holds no single tool to its schema"
        notes.append(Departure(setting=f"tools.{number}.strict", kind="dropped", detail=detail))
    if tool.cache:
        detail = "this protocol caches prompts by itself"
        notes.append(Departure(setting=f"tools.{number}.cache", kind="dropped", detail=detail))
    kept = dict(own(tool.vendor))
    original = kept.pop("parameters", None)
    fields: Json = {"name": tool.name}
    if tool.description:
        fields["description"] = tool.description
    if original is not None and widened(original) == tool.schema:
        fields["parameters"] = original
    elif tool.schema and "parametersJsonSchema" in quirks.drop:
        fields |= _subset(tool.schema, f"tools.{number}.schema", notes)
    elif tool.schema:
        fields["parametersJsonSchema"] = tool.schema
    return fields | kept


def _subset(schema: dict[str, Any], setting: str, notes: list[Departure]) -> Json:
    parameters, lost = narrowed(schema)
    notes.extend(Departure(setting=setting, kind="changed", detail=loss) for loss in lost)
    # An object without properties is refused here; a function without parameters is not.
    return {"parameters": parameters} if parameters.get("properties") else {}


def read_tools(entries: Sequence[Fields]) -> tuple[Tool | HostedTool, ...]:
    tools: list[Tool | HostedTool] = []
    for entry in entries:
        tools.extend(_read_declaration(fields) for fields in entry.items("functionDeclarations"))
        tools.extend(
            HostedTool(protocol=NAME, name=name, settings={name: settings})
            for name, settings in entry.left().items()
            if settings is not None
        )
    return tuple(tools)


def _read_declaration(fields: Fields) -> Tool:
    name, description = fields.text("name"), fields.text("description")
    schema, parameters = fields.value("parametersJsonSchema"), fields.value("parameters")
    kept = fields.left()
    if schema is None and isinstance(parameters, dict):
        schema = widened(cast("Json", parameters))
        kept["parameters"] = parameters
    return Tool(name=name, description=description, schema=an_object(schema), vendor=vendor(kept))


def write_choice(choice: ToolChoice) -> Json:
    """The function-calling part of `toolConfig`."""
    fields: Json = {"mode": _WRITTEN[choice.mode]}
    if choice.mode == "named":
        fields["allowedFunctionNames"] = [choice.name]
    return fields | own(choice.vendor)


def read_choice(fields: Fields) -> ToolChoice | None:
    word, allowed = fields.word("mode"), fields.words("allowedFunctionNames")
    mode = _MODES.get(word.upper() if isinstance(word, str) else word or "")
    kept = fields.left()
    if mode is None:
        return ToolChoice(mode="auto", vendor=vendor(kept | {"mode": word})) if word or kept else None
    if mode == "required" and len(allowed) == 1:
        return ToolChoice(mode="named", name=allowed[0], vendor=vendor(kept))
    if allowed:
        kept["allowedFunctionNames"] = allowed
    if word == "VALIDATED":
        kept["mode"] = word
    return ToolChoice(mode=mode, vendor=vendor(kept))
