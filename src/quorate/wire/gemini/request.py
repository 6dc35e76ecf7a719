"""A `ChatRequest` as the body of generateContent; whatever cannot be said in it is noted."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest, Departure, OutputFormat, Tool
from quorate.types.target import Target
from quorate.wire.seam import WireRequest

from .config import SETTINGS, write_config
from .contents import SIGNATURE, Contents
from .fields import Json, an_object, own
from .tools import write_choice, write_tools


def write_request(request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
    """Path, query and body for one call."""
    notes: list[Departure] = []
    body = _body(request, target, notes)
    query = ({"alt": "sse"} if stream else {}) | target.quirks.query
    return WireRequest(
        path=path_to(target, "streamGenerateContent" if stream else "generateContent"),
        body=encode(body),
        query=query,
        headers=target.quirks.headers,
        framing=("sse" if query.get("alt") == "sse" else "json_list") if stream else "json",
        fidelity=tuple(notes),
    )


def path_to(target: Target, method: str, operation: str = "chat") -> str:
    """Where that method of the target's model is."""
    model = quote(target.model, safe="/:@,~")
    if template := target.quirks.paths.get(operation):
        return template.replace("{model}", model).replace("{method}", method)
    collection = "" if model.startswith(("models/", "tunedModels/")) else "models/"
    return f"/{collection}{model}:{method}"


def encode(body: Json) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(f"the request cannot be written as JSON: {error}") from error


def _body(request: ChatRequest, target: Target, notes: list[Departure]) -> Json:
    quirks = target.quirks
    kept = dict(own(request.vendor))
    _note_foreign(request, notes)
    contents = Contents(quirks, notes)
    system = contents.write(request.messages)
    system.extend(_instructions(request.output, target, notes))
    if quirks.system_role == "user" or not contents.turns:
        contents.say_first(system)
        system = []
    body: Json = {"contents": contents.turns}
    if system:
        body["systemInstruction"] = contents.system_fields | {"parts": system}
    if tools := write_tools(request.tools, quirks, notes):
        body["tools"] = tools
    if tool_config := _tool_config(request, an_object(kept.pop("toolConfig", None)), notes):
        body["toolConfig"] = tool_config
    config = write_config(request, quirks, notes) | an_object(kept.pop("generationConfig", None))
    if request.service_tier:
        body["serviceTier"] = request.service_tier
    return _with_quirks(body | kept, config, target, notes)


def _note_foreign(request: ChatRequest, notes: list[Departure]) -> None:
    if request.user:
        detail = "this protocol has no field for the end user"
        notes.append(Departure(setting="user", kind="dropped", detail=detail))
    if request.parallel_tools is False:
        detail = "this protocol always lets a model call several tools"
        notes.append(Departure(setting="parallel_tools", kind="dropped", detail=detail))


def _tool_config(request: ChatRequest, kept: Json, notes: list[Departure]) -> Json:
    choice = request.tool_choice
    if choice is None:
        return kept
    if not any(isinstance(tool, Tool) for tool in request.tools):
        if choice.mode in ("required", "named"):  # the other two change nothing where there is no function
            detail = "there is no function to choose"
            notes.append(Departure(setting="tool_choice", kind="dropped", detail=detail))
        return kept
    return kept | {"functionCallingConfig": write_choice(choice)}


def _instructions(output: OutputFormat | None, target: Target, notes: list[Departure]) -> list[Json]:
    """What the prompt must say of the answer's form, where the target takes no field for it."""
    quirks = target.quirks
    if output is None or (quirks.json_mode and (output.kind == "json" or quirks.schema == "native")):
        return []
    if output.kind == "json" and quirks.schema != "prompt":
        words = "Answer with one JSON object and nothing else."
    elif output.kind == "json":
        words = "Answer with JSON and nothing else."
    else:
        schema = encode(output.schema).decode()
        words = f"Answer with JSON and nothing else. It must fit this JSON Schema:\n{schema}"
    setting = "output" if output.kind == "json" else "output.schema"
    notes.append(Departure(setting=setting, kind="emulated", detail="the prompt asks for it"))
    return [{"text": words}]


def _with_quirks(body: Json, config: Json, target: Target, notes: list[Departure]) -> Json:
    """The body as this target takes it: limits, other names, refused fields, defaults."""
    quirks = target.quirks
    for field, (least, most) in quirks.clamp.items():
        value = config.get(field)
        if isinstance(value, int | float) and not least <= value <= most:
            config[field] = type(value)(min(max(value, least), most))
            detail = f"{value} became {config[field]}: this target takes {least} to {most}"
            notes.append(Departure(setting=SETTINGS.get(field, field), kind="changed", detail=detail))
    for fields in (body, config):
        for field in quirks.drop & fields.keys():
            del fields[field]
            detail = f"this target refuses '{field}'"
            notes.append(Departure(setting=_setting(field), kind="dropped", detail=detail))
        for field, name in quirks.rename.items():
            if field in fields:
                fields[name] = fields.pop(field)
    defaults = {field: value for field, value in quirks.defaults.items() if field != SIGNATURE}
    config = an_object(defaults.pop("generationConfig", None)) | config
    if config:
        body["generationConfig"] = config
    return defaults | body


_FIELDS = {
    "systemInstruction": "messages",
    "toolConfig": "tool_choice",
    "serviceTier": "service_tier",
    "thinkingConfig": "thinking",
    "responseMimeType": "output",
    "responseJsonSchema": "output",
    "responseSchema": "output",
}


def _setting(field: str) -> str:
    return SETTINGS.get(field) or _FIELDS.get(field, field)
