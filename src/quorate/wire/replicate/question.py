"""Our request as the inputs of a model: each model has names of its own for them, which are quirks of its family."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from quorate.types.chat import ChatRequest, Departure, Message, OutputFormat
from quorate.types.parts import Citation, Media, Part, Reasoning, Refusal, SearchResult, Text
from quorate.types.target import Quirks
from quorate.wire.json_fields import Json
from quorate.wire.notes import Notes

from .fields import own
from .prompt import TEMPLATES, TRANSCRIPT, Turn, written

_PLAIN: Mapping[str, str] = {
    "max_tokens": "max_output",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
}
"""Input → setting of ours, where the two say the same."""

_SETTINGS = dict(_PLAIN) | {
    "stop_sequences": "stop",
    "system_prompt": "messages",
    "reasoning_effort": "thinking",
}

_NO_PLACE: Mapping[str, str] = {
    "tools": "predictions know no tools",
    "tool_choice": "predictions know no tools",
    "parallel_tools": "predictions know no tools",
    "logprobs": "predictions tell no probabilities",
    "top_logprobs": "predictions tell no probabilities",
    "user": "predictions have no field for the end user",
    "service_tier": "predictions have no tiers",
}

MESSAGES = "messages"
"""The form of a target whose models take a conversation after all."""

_RAW = "prompt_template"
"""The input by which a model's own template is put aside for one that is written out already."""


def write_input(request: ChatRequest, quirks: Quirks) -> tuple[Json, tuple[Departure, ...]]:
    notes = Notes()
    fields = _conversation(request, quirks, notes)
    for name, setting in _PLAIN.items():
        if (value := getattr(request, setting)) is not None:
            fields[name] = value
    if request.stop:
        fields["stop_sequences"] = ",".join(request.stop)
        if any("," in each for each in request.stop):
            notes.changed("stop", "a comma parts stop texts here: what has one is taken for two")
    _think(request, quirks, fields, notes)
    for setting, why in _NO_PLACE.items():
        if getattr(request, setting) not in (None, (), "", False):
            notes.dropped(setting, why)
    if request.n not in (None, 1):
        notes.dropped("n", "a prediction gives one answer")
    return bend(fields | own(request.vendor), quirks, notes), notes.all()


def bend(fields: Json, quirks: Quirks, notes: Notes) -> Json:
    """The inputs as this model has them."""
    for name, value in quirks.defaults.items():
        fields.setdefault(name, value)
    for name, (least, most) in quirks.clamp.items():
        value = fields.get(name)
        if isinstance(value, int | float) and not least <= value <= most:
            fields[name] = type(value)(min(max(value, least), most))
            notes.changed(_SETTINGS.get(name, name), f"this model takes {least:g} to {most:g}")
    for name in sorted(quirks.drop & fields.keys()):
        del fields[name]
        notes.dropped(_SETTINGS.get(name, name), "this model does not take it")
    return {quirks.rename.get(name, name): value for name, value in fields.items()}


def _conversation(request: ChatRequest, quirks: Quirks, notes: Notes) -> Json:
    turns: list[Turn] = []
    media: dict[str, list[str]] = {}
    for number, message in enumerate(request.messages):
        role = message.role if message.role in ("user", "assistant") else "system"
        role = "user" if message.role == "tool" else role
        said = _said(message, f"messages.{number}", quirks, media, notes)
        if said:
            turns.append(Turn(role=role, text=said))
    if words := _form_of(request.output, notes):
        turns.append(Turn(role="system", text=words))
    fields = _written(turns, quirks, notes)
    for name, found in media.items():
        fields[name.removesuffix("[]")] = found if name.endswith("[]") else found[-1]
    return fields


def _said(message: Message, place: str, quirks: Quirks, media: dict[str, list[str]], notes: Notes) -> str:
    """The words of a message; its pictures go to an input of their own."""
    words: list[str] = []
    for number, part in enumerate(message.parts):
        at = f"{place}.parts.{number}"
        match part:
            case Text() | Refusal():
                words.append(part.text)
            case SearchResult():
                words.append(f"{part.title}\n{part.text}".strip())
            case Media() if (name := quirks.media.get(part.kind, "none")) != "none" and _link(part):
                found = media.setdefault(name, [])
                if found and not name.endswith("[]"):
                    notes.dropped(at, "this model takes one: the last is sent")
                found.append(_link(part))
            case Reasoning() | Citation():
                pass
            case _:
                notes.dropped(at, _why_not(part))
    return "".join(words)


def _why_not(part: Part) -> str:
    return f"this model takes no {part.kind}" if isinstance(part, Media) else "a prompt is words alone"


def _link(part: Media) -> str:
    if part.url:
        return part.url
    kind = part.media_type or "application/octet-stream"
    return f"data:{kind};base64,{b64encode(part.data).decode()}" if part.data else ""


def _written(turns: Sequence[Turn], quirks: Quirks, notes: Notes) -> Json:
    if quirks.prompt == MESSAGES:
        return {MESSAGES: [{"role": turn.role, "content": turn.text} for turn in turns]}
    system = [turn.text for turn in turns if turn.role == "system"]
    spoken = [turn for turn in turns if turn.role != "system"]
    together = "\n\n".join(system)
    if len(spoken) > 1 and (template := TEMPLATES.get(quirks.prompt)):
        first = [Turn(role="system", text=together)] if together else []
        return {"prompt": written([*first, *spoken], template), _RAW: "{prompt}"}
    prompt = spoken[0].text if len(spoken) == 1 else written(spoken, TRANSCRIPT) if spoken else ""
    if len(spoken) > 1:
        notes.emulated("messages", "the conversation is written as one text")
    if not together:
        return {"prompt": prompt}
    if quirks.system_role == "user" or not prompt:
        return {"prompt": f"{together}\n\n{prompt}".strip()}
    return {"prompt": prompt, "system_prompt": together}


def _form_of(output: OutputFormat | None, notes: Notes) -> str:
    if output is None:
        return ""
    words = "Answer with JSON and nothing else."
    if output.kind == "schema":
        words += f" It must fit this JSON Schema:\n{_json(output.schema)}"
    notes.emulated("output" if output.kind == "json" else "output.schema", "the prompt asks for it")
    return words


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _think(request: ChatRequest, quirks: Quirks, fields: Json, notes: Notes) -> None:
    thinking = request.thinking
    if thinking is None:
        return
    if quirks.reasoning == "effort" and thinking.effort:
        known = not quirks.efforts or thinking.effort in quirks.efforts
        effort = thinking.effort if known else quirks.efforts[-1]
        fields["reasoning_effort"] = effort
        if not known:
            notes.changed("thinking.effort", f"'{effort}' was sent: this model has no '{thinking.effort}'")
    elif quirks.reasoning == "budget" and thinking.budget is not None:
        fields["thinking_budget"] = thinking.budget
    elif thinking.enabled is not False:
        notes.dropped("thinking", "this model is not asked to think in that way")
