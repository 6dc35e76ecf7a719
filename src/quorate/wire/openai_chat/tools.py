"""Tools on offer and which of them the model may call: functions, free-text tools, tools the provider runs."""

from __future__ import annotations

from collections.abc import Sequence

from quorate.types.chat import Departure, HostedTool, Tool, ToolChoice
from quorate.types.target import Quirks
from quorate.types.value import replace
from quorate.wire.json_fields import Fields, Json, an_object, is_object

from .calls import INPUT_SCHEMA
from .fields import NAME, own, vendor
from .messages import cache_control
from .output import fitted
from .turns import read_mark


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
                written.append(_write_tool(tool, quirks, place, lost))
    return written, lost


def _write_tool(tool: Tool, quirks: Quirks, place: str, lost: list[Departure]) -> Json:
    rest = dict(own(tool.vendor))
    custom = rest.pop("type", "") == "custom"
    out: Json
    if custom and quirks.custom_tools:
        inner: Json = {"name": tool.name, **an_object(rest.pop("custom", None))}
        if tool.description:
            inner["description"] = tool.description
        out = {"type": "custom", "custom": inner, **rest}
    else:
        if custom:
            rest.pop("custom", None)
            detail = "a tool with free text for arguments is offered as a function with one argument"
            lost.append(Departure(setting=place, kind="emulated", detail=detail))
        out = {"type": "function", "function": _function(tool, rest, place, lost), **rest}
    if tool.cache and quirks.cache_marks:
        out["cache_control"] = cache_control(tool.cache)
    elif tool.cache:
        lost.append(
            Departure(setting=f"{place}.cache", kind="dropped", detail="this target takes no cache marks")
        )
    return out


def _function(tool: Tool, rest: Json, place: str, lost: list[Departure]) -> Json:
    schema, strict = fitted(tool.schema, tool.strict, place, lost)
    inner: Json = {"name": tool.name}
    if tool.description:
        inner["description"] = tool.description
    if schema:
        inner["parameters"] = schema
    if strict is not None:
        inner["strict"] = strict
    return inner | an_object(rest.pop("function", None))


def write_choice(choice: ToolChoice, tools: Sequence[Tool | HostedTool], quirks: Quirks) -> object:
    """`tool_choice` of the body."""
    if kept := own(choice.vendor):
        return kept
    if choice.mode != "named":
        return choice.mode
    named = next((tool for tool in tools if isinstance(tool, Tool) and tool.name == choice.name), None)
    custom = named is not None and own(named.vendor).get("type") == "custom" and quirks.custom_tools
    kind = "custom" if custom else "function"
    return {"type": kind, kind: {"name": choice.name}}


def read_tools(body: Fields) -> tuple[Tool | HostedTool, ...]:
    """What a client offers, the older `functions` included."""
    tools = [_read_tool(Fields(item, f"tools.{number}")) for number, item in enumerate(body.items("tools"))]
    tools += [
        _read_function(Fields(item, f"functions.{number}"), {})
        for number, item in enumerate(body.items("functions"))
    ]
    return tuple(tools)


def _read_tool(fields: Fields) -> Tool | HostedTool:
    whole = dict(fields.rest)
    kind = fields.text("type") or "function"
    if kind not in ("function", "custom"):
        return HostedTool(protocol=NAME, name=kind, settings=whole)
    inner = fields.inner(kind)
    if inner is None:
        raise fields.wrong(kind, "an object")
    mark = read_mark(fields)
    if kind == "function":
        return replace(_read_function(inner, fields.rest), cache=mark)
    name, description = inner.needed_text("name"), inner.text("description")
    rest = {**fields.rest, "type": "custom"} | ({"custom": inner.rest} if inner.rest else {})
    return Tool(name=name, description=description, schema=INPUT_SCHEMA, cache=mark, vendor=vendor(rest))


def _read_function(inner: Fields, rest: Json) -> Tool:
    schema = inner.inner("parameters")
    return Tool(
        name=inner.needed_text("name"),
        description=inner.text("description"),
        schema=schema.rest if schema else {},
        strict=inner.flag("strict"),
        vendor=vendor({**rest, "function": inner.rest} if inner.rest else rest),
    )


def read_choice(body: Fields) -> ToolChoice | None:
    """What a client says about tools, the older `function_call` included."""
    value, older = body.take("tool_choice"), body.take("function_call")
    if value is None:
        value = {"function": older} if is_object(older) else older
    match value:
        case None:
            return None
        case "auto" | "none" | "required" as mode:
            return ToolChoice(mode=mode)
        case "any":  # a dialect's word
            return ToolChoice(mode="required")
        case _ if is_object(value):
            return _read_wish(Fields(value, "tool_choice"))
        case _:
            raise body.wrong("tool_choice", "a word or an object with a type")


def _read_wish(wish: Fields) -> ToolChoice:
    """A choice that says more than a word."""
    whole = dict(wish.rest)
    kind = wish.text("type") or "function"
    if kind in ("function", "custom"):
        return ToolChoice(
            mode="named", name=Fields(wish.take(kind), f"tool_choice.{kind}").needed_text("name")
        )
    required = an_object(whole.get("allowed_tools")).get("mode") == "required"
    return ToolChoice(mode="required" if required else "auto", vendor=vendor(whole))
