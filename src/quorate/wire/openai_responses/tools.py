"""Tools on offer and which of them the model may call: functions, free-text tools, tools the provider runs.

A function that says nothing of `strict` is held to its schema here, and is not in other protocols. So in our
values `None` is what the others mean by silence, written as `false`; this protocol's own silence has a mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from quorate.types.chat import Departure, HostedTool, Tool, ToolChoice
from quorate.types.target import Quirks
from quorate.types.value import replace
from quorate.wire.json_fields import Fields, Json, a_text, an_object, is_object, objects

from .custom import CUSTOM, INPUT_SCHEMA
from .fields import NAME, own, vendor
from .namespaces import NAMESPACE, Home, flat_names
from .output import fitted

_KINDS = frozenset(("function", CUSTOM))
"""Types of tools that are no provider's own."""

_STRICT = "strict"
"""Mark of a tool that says nothing of it, with the value None."""


def write_tools(tools: Sequence[Tool | HostedTool], quirks: Quirks) -> tuple[list[Json], list[Departure]]:
    """The `tools` of the body, and what could not be offered as it was."""
    written: list[Json] = []
    lost: list[Departure] = []
    for number, tool in enumerate(tools):
        place = f"tools.{number}"
        match tool:
            case HostedTool() if tool.protocol == NAME:
                written.append(tool.settings)
            case HostedTool():
                detail = f"'{tool.name}' is run by providers of another protocol"
                lost.append(Departure(setting=place, kind="dropped", detail=detail))
            case Tool():
                _put(written, tool, _write_tool(tool, quirks, place, lost))
    return written, lost


def _put(written: list[Json], tool: Tool, told: Json) -> None:
    """A tool in its group, which goes on where the one before is of it too."""
    group = an_object(own(tool.vendor).get(NAMESPACE))
    if not group:
        written.append(told)
        return
    head = {"type": NAMESPACE} | group
    if written and {**written[-1], "tools": None} == head | {"tools": None}:
        written[-1]["tools"].append(told)
    else:
        written.append(head | {"tools": [told]})


def _write_tool(tool: Tool, quirks: Quirks, place: str, lost: list[Departure]) -> Json:
    rest = dict(own(tool.vendor))
    rest.pop(NAMESPACE, None)
    name, description = rest.pop("name", tool.name), rest.pop("description", tool.description)
    custom = rest.pop("type", "") == CUSTOM
    if tool.cache:
        detail = "this target takes no cache marks"
        lost.append(Departure(setting=f"{place}.cache", kind="dropped", detail=detail))
    out: Json = {"type": CUSTOM if custom and quirks.custom_tools else "function", "name": name}
    if description:
        out["description"] = description
    if custom and quirks.custom_tools:
        return out | rest
    if custom:
        rest = {}
        detail = "a tool with free text for arguments is offered as a function with one argument"
        lost.append(Departure(setting=place, kind="emulated", detail=detail))
    schema, strict = tool.schema, bool(tool.strict)
    if strict:
        schema, strict = fitted(schema, place, lost)
    out["parameters"] = schema
    if _STRICT not in rest:
        out[_STRICT] = strict
    return out | {name: value for name, value in rest.items() if name != _STRICT}


def write_choice(choice: ToolChoice, tools: Sequence[Tool | HostedTool], quirks: Quirks) -> object:
    """`tool_choice` of the body."""
    if kept := own(choice.vendor):
        return kept
    if choice.mode != "named":
        return choice.mode
    named = next((tool for tool in tools if isinstance(tool, Tool) and tool.name == choice.name), None)
    kept = own(named.vendor) if named else {}
    custom = kept.get("type") == CUSTOM and quirks.custom_tools
    return {"type": CUSTOM if custom else "function", "name": kept.get("name", choice.name)}


def read_tools(body: Fields) -> tuple[Tool | HostedTool, ...]:
    """What a client offers."""
    listed = body.items("tools")
    names = flat_names(listed)
    read = (_read_tools(Fields(item, f"tools.{n}"), names) for n, item in enumerate(listed))
    return tuple(tool for tools in read for tool in tools)


def _read_tools(fields: Fields, names: Mapping[Home, str]) -> list[Tool | HostedTool]:
    """A tool, or those of a group: the first of them says what the group is for."""
    listed = objects(fields.rest.get("tools"))
    if fields.rest.get("type") != NAMESPACE or not listed or not _KINDS.issuperset(map(_kind, listed)):
        return [_read_tool(fields)]
    fields.rest.pop("type")
    space, place = fields.needed_text("name"), fields.place("tools")
    group = {"name": space} | {name: value for name, value in fields.rest.items() if name != "tools"}
    about = a_text(group.get("description"))
    tools: list[Tool | HostedTool] = []
    for number, item in enumerate(listed):
        tool = _read_tool(Fields(item, f"{place}.{number}"))
        if isinstance(tool, Tool):
            kept = own(tool.vendor) | {NAMESPACE: group, "name": tool.name}
            told = tool.description
            if about and not number:
                kept |= {"description": told}
                told = f"{told}\n\n{space}: {about}".strip()
            flat = names[space, tool.name]
            tools.append(replace(tool, name=flat, description=told, vendor=vendor(kept)))
    return tools


def _kind(tool: Json) -> str:
    return a_text(tool.get("type")) or "function"


def _read_tool(fields: Fields) -> Tool | HostedTool:
    whole = dict(fields.rest)
    kind = fields.text("type") or "function"
    if kind not in _KINDS:
        return HostedTool(protocol=NAME, name=kind, settings=whole)
    name, description = fields.needed_text("name"), fields.text("description")
    if kind == CUSTOM:
        rest = fields.rest | {"type": CUSTOM}
        return Tool(name=name, description=description, schema=INPUT_SCHEMA, vendor=vendor(rest))
    schema, strict = fields.inner("parameters"), fields.flag(_STRICT)
    rest = fields.rest if strict is not None else fields.rest | {_STRICT: None}
    return Tool(
        name=name,
        description=description,
        schema=schema.rest if schema else {},
        strict=strict or None,
        vendor=vendor(rest),
    )


def read_choice(body: Fields, tools: Sequence[Tool | HostedTool] = ()) -> ToolChoice | None:
    """What a client says about tools; `tools` are those it offers."""
    match body.take("tool_choice"):
        case None:
            return None
        case "auto" | "none" | "required" as mode:
            return ToolChoice(mode=mode)
        case value if is_object(value):
            return _read_wish(Fields(value, "tool_choice"), tools)
        case _:
            raise body.wrong("tool_choice", "a word or an object with a type")


def _read_wish(wish: Fields, tools: Sequence[Tool | HostedTool]) -> ToolChoice:
    """A choice that says more than a word: one tool by its name, some of them, or one that the provider runs."""
    whole = dict(wish.rest)
    kind = wish.needed_text("type")
    if kind in ("function", CUSTOM):
        name = wish.needed_text("name")
        offered = [tool for tool in tools if isinstance(tool, Tool)]
        grouped = (tool.name for tool in offered if own(tool.vendor).get("name") == name)
        is_plain = any(tool.name == name for tool in offered)
        return ToolChoice(mode="named", name=name if is_plain else next(grouped, name))
    optional = kind == "allowed_tools" and a_text(whole.get("mode")) != "required"
    return ToolChoice(mode="auto" if optional else "required", vendor=vendor(whole))
