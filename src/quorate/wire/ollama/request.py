"""Writes a question for an Ollama server, and notes whatever it could not write as it was.

Read `write_request`; `conversation` writes the messages.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec

from quorate.types.chat import ChatRequest, HostedTool, OutputFormat, Thinking, Tool
from quorate.types.target import Quirks, Target
from quorate.wire.notes import Notes
from quorate.wire.seam import WireRequest

from .conversation import write_messages
from .quirks import apply_quirks
from .shapes import GENERATE_ONLY, OPTIONS, PROTOCOL, kept

_EFFORTS = {"low": "low", "medium": "medium", "high": "high"}
_NEAREST_EFFORT = {"minimal": "low", "xhigh": "high", "max": "high"}


def write_request(request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
    notes = Notes()
    left = kept(request.vendor)
    generate = any(name in left for name in GENERATE_ONLY) and _is_one_turn(request)
    body: dict[str, Any] = {"model": target.model, "stream": stream}
    body |= _prompt(request, notes) if generate else _chat(request, notes)
    body |= _settings(request, target.quirks, notes)
    if not generate:
        for name in sorted(left.keys() & GENERATE_ONLY):
            notes.dropped(
                f"vendor.{PROTOCOL}.{name}", "only a question without earlier turns and tools can have it"
            )
        left = {name: value for name, value in left.items() if name not in GENERATE_ONLY}
    if request.output is not None:
        _instruct(body, request.output, notes)
    _add_leftovers(body, left)
    apply_quirks(body, target.quirks, notes)
    operation = "generate" if generate else "chat"
    return WireRequest(
        path=target.quirks.paths.get(operation, f"/api/{operation}").replace(
            "{model}", quote(target.model, safe=":@")
        ),
        body=msgspec.json.encode(body),
        query=target.quirks.query,
        headers=target.quirks.headers,
        framing="ndjson" if stream else "json",
        fidelity=notes.all(),
    )


def _is_one_turn(request: ChatRequest) -> bool:
    """/api/generate knows one question with its system text: no earlier turns, no tools."""
    roles = [message.role for message in request.messages]
    return not request.tools and roles in ([], ["user"], ["system"], ["system", "user"])


def _chat(request: ChatRequest, notes: Notes) -> dict[str, Any]:
    body: dict[str, Any] = {"messages": write_messages(request.messages, notes)}
    if tools := _tools(request, notes):
        body["tools"] = tools
    return body


def _prompt(request: ChatRequest, notes: Notes) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for number, message in enumerate(request.messages):
        written = write_messages((message,), notes, first=number)[0]
        body["system" if message.role == "system" else "prompt"] = written["content"]
        if images := written.get("images"):
            body["images"] = images
    return {"prompt": ""} | body


def _tools(request: ChatRequest, notes: Notes) -> list[dict[str, Any]]:
    choice = request.tool_choice
    offered: list[dict[str, Any]] = []
    for number, tool in enumerate(request.tools):
        match tool:
            case HostedTool(protocol=protocol, settings=settings):
                if protocol == PROTOCOL:
                    offered.append(settings)
                else:
                    notes.dropped(f"tools.{number}", f"only {protocol} runs this tool")
            case Tool():
                if choice is None or choice.mode != "named" or choice.name == tool.name:
                    offered.append(_tool(tool, number, notes))
    match choice.mode if choice else "auto":
        case "none":
            notes.emulated("tool_choice", "no tools are offered")
            offered.clear()
        case "named":
            notes.changed("tool_choice", "only this tool is offered; it cannot be forced")
        case "required":
            notes.dropped("tool_choice", "this protocol cannot force a tool call")
        case "auto":
            pass
    if len(offered) < len(request.tools):
        notes.changed("tools", "some are not offered")
    return offered


def _tool(tool: Tool, number: int, notes: Notes) -> dict[str, Any]:
    if tool.strict:
        notes.dropped(f"tools.{number}.strict", "this protocol does not hold arguments to their schema")
    if tool.cache:
        notes.dropped(f"tools.{number}.cache", "this protocol caches prompts by itself")
    left = dict(kept(tool.vendor))
    function: dict[str, Any] = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = tool.schema or {"type": "object", "properties": {}}
    function |= left.pop("function", {})
    return {"type": "function", "function": function} | left


def _settings(request: ChatRequest, quirks: Quirks, notes: Notes) -> dict[str, Any]:
    body: dict[str, Any] = {}
    options = {
        theirs: value
        for ours, theirs in OPTIONS.items()
        if (value := getattr(request, ours)) is not None and value != ()
    }
    if options:
        body["options"] = options
    if request.output is not None and (form := _format(request.output, quirks, notes)) is not None:
        body["format"] = form
    if request.thinking is not None and (think := _think(request.thinking, notes)) is not None:
        body["think"] = think
    if request.logprobs is not None:
        body["logprobs"] = request.logprobs
    if request.top_logprobs is not None:
        body["top_logprobs"] = request.top_logprobs
    _note_unknown(request, notes)
    return body


def _format(output: OutputFormat, quirks: Quirks, notes: Notes) -> Any:
    """What `format` says; None where the target takes no format of that kind."""
    if output.description:
        notes.dropped("output.description", "this protocol sends the schema alone")
    if output.kind == "schema" and quirks.schema == "native":
        return output.schema
    return "json" if quirks.json_mode and quirks.schema != "prompt" else None


def _instruct(body: dict[str, Any], output: OutputFormat, notes: Notes) -> None:
    """Ask in the prompt for what `format` cannot hold the model to."""
    form = body.get("format")
    if form is not None and (output.kind == "json" or form != "json"):
        return
    words = "Answer with one JSON object and nothing else."
    if output.kind == "schema":
        words += f" It must fit this JSON Schema: {msgspec.json.encode(output.schema).decode()}"
    notes.emulated("output", "the prompt asks for it")
    messages: list[dict[str, Any]] | None = body.get("messages")
    if messages is None:
        body["system"] = f"{body['system']}\n\n{words}" if body.get("system") else words
    elif messages and messages[0]["role"] == "system":
        messages[0]["content"] += f"\n\n{words}"
    else:
        messages.insert(0, {"role": "system", "content": words})


def _think(thinking: Thinking, notes: Notes) -> bool | str | None:
    if thinking.show is False:
        notes.dropped("thinking.show", "thoughts that are thought are shown")
    if thinking.enabled is False or thinking.effort == "none":
        return False
    if thinking.budget is not None:
        notes.dropped("thinking.budget", "this protocol has no limit for thoughts alone")
    if thinking.effort in _EFFORTS:
        return _EFFORTS[thinking.effort]
    if thinking.effort:
        nearest = _NEAREST_EFFORT.get(thinking.effort, "medium")
        notes.changed("thinking.effort", f"'{nearest}' is the nearest there is")
        return nearest
    return True if thinking.enabled or thinking.budget else None


def _note_unknown(request: ChatRequest, notes: Notes) -> None:
    if request.n is not None and request.n > 1:
        notes.changed("n", "this protocol gives one answer")
    if request.parallel_tools is False:
        notes.dropped("parallel_tools", "this protocol cannot hold back parallel calls")
    if request.user:
        notes.dropped("user", "this protocol knows no end users")
    if request.service_tier:
        notes.dropped("service_tier", "this protocol knows no tiers")


def _add_leftovers(body: dict[str, Any], left: dict[str, Any]) -> None:
    """Fields that were given for this protocol go as they are; what names the call stays ours."""
    for name, value in left.items():
        if name == "options" and isinstance(value, dict):
            body["options"] = body.get("options", {}) | value
        elif name not in ("model", "stream", "messages", "prompt"):
            body[name] = value
