"""Tools and the choice among them, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Raw

from quorate.types.chat import ChatRequest, HostedTool, Tool, ToolChoice
from quorate.types.target import Quirks
from quorate.wire.notes import Notes

from .dialect import fitted
from .fields import NAME, Fields, Json, own, vendor
from .marks import read_mark, write_mark

_Mode = Literal["auto", "none", "required", "named"]

_MODES: Mapping[str, _Mode] = {"auto": "auto", "none": "none", "any": "required", "tool": "named"}
_KINDS: Mapping[str, str] = {mode: kind for kind, mode in _MODES.items()}

_PARALLEL = "disable_parallel_tool_use"


def read_tool(raw: Raw, at: str) -> Tool | HostedTool:
    """A tool of the caller's; or one whose type the provider knows, whoever runs it."""
    fields = Fields(raw, at)
    kind = fields.peek("type")
    if kind not in (None, "custom"):
        settings = fields.left()
        return HostedTool(protocol=NAME, name=str(settings.get("name") or kind), settings=settings)
    fields.rest.pop("type", None)
    return Tool(
        name=fields.needed_text("name"),
        description=fields.text("description"),
        schema=fields.object("input_schema") or {},
        strict=fields.flag("strict"),
        cache=read_mark(fields),
        vendor=vendor(fields.left()),
    )


def write_tools(request: ChatRequest, quirks: Quirks, notes: Notes) -> list[Json]:
    written: list[Json] = []
    for number, tool in enumerate(request.tools):
        at = f"tools.{number}"
        if isinstance(tool, Tool):
            written.append(_write_tool(tool, quirks, notes, at))
        elif tool.protocol == NAME:
            written.append(tool.settings)
        else:
            notes.dropped(at, f"a tool that only '{tool.protocol}' runs")
    return written


def _write_tool(tool: Tool, quirks: Quirks, notes: Notes, at: str) -> Json:
    schema = tool.schema if "type" in tool.schema else {"type": "object"} | tool.schema
    said: Json = {"name": tool.name}
    if tool.description:
        said["description"] = tool.description
    strict = tool.strict
    if strict and quirks.schema != "native":
        notes.dropped(f"{at}.strict", "this target does not hold a model to a schema")
        strict = None
    if strict and (closed := fitted(schema)) != schema:
        notes.changed(
            f"{at}.schema", "written in the provider's dialect: objects closed, rules as descriptions"
        )
        schema = closed
    said["input_schema"] = schema
    if strict is not None:
        said["strict"] = strict
    return said | own(tool.vendor) | write_mark(tool.cache)


def read_choice(fields: Fields | None) -> tuple[ToolChoice | None, bool | None]:
    """The choice, and whether several tools may be called at once."""
    if fields is None:
        return None, None
    kind = fields.text("type")
    mode = _MODES.get(kind)
    if mode is None:
        fields.wrong("type", "'auto', 'any', 'tool' or 'none'")
    single = fields.flag(_PARALLEL)
    parallel = None if single is None else not single
    name = fields.needed_text("name") if mode == "named" else ""
    left = vendor(fields.left())
    if mode == "auto" and parallel is not None and not left:
        # The flag has no place of its own: this is how a caller says it who leaves the choice alone.
        return None, parallel
    return ToolChoice(mode=mode, name=name, vendor=left), parallel


def write_choice(request: ChatRequest, notes: Notes, *, offered: bool) -> Json | None:
    """`offered`: a tool was written; without one the provider refuses a choice."""
    choice, parallel = request.tool_choice, request.parallel_tools
    if not offered:
        if choice is not None:
            notes.dropped("tool_choice", "no tools are offered")
        if parallel is not None:
            notes.dropped("parallel_tools", "no tools are offered")
        return None
    if choice is None and parallel is None:
        return None
    mode = choice.mode if choice else "auto"
    said: Json = {"type": _KINDS[mode]}
    if choice and mode == "named":
        said["name"] = choice.name
    if parallel is not None:
        if mode == "none":
            notes.dropped("parallel_tools", "no tool may be called")
        else:
            said[_PARALLEL] = not parallel
    return said | (own(choice.vendor) if choice else {})
