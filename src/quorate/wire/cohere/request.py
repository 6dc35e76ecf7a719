"""Writes a question for Cohere, and notes whatever it could not write as it was.

Read `write_request`; `messages` writes the conversation: https://docs.cohere.com/reference/chat.
"""

from __future__ import annotations

import msgspec

from quorate.types.chat import ChatRequest, OutputFormat
from quorate.types.target import Quirks, Target
from quorate.wire.json_fields import Json, a_list
from quorate.wire.notes import Notes
from quorate.wire.seam import WireRequest

from .fields import own
from .messages import write_messages
from .quirks import SETTINGS, apply_quirks
from .thinking import write_thinking
from .tools import write_tools

_MOST_STOPS = 5
_OURS_ALONE = ("model", "messages", "stream")


def write_request(request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
    notes = Notes()
    written = write_messages(request.messages, target.quirks, notes)
    body: Json = {"model": target.model, "stream": stream, "messages": written.turns}
    body |= _settings(request, notes) | write_tools(request, notes)
    if (
        request.thinking is not None
        and (thinking := write_thinking(request.thinking, target.quirks, notes)) is not None
    ):
        body["thinking"] = thinking
    kept = own(request.vendor)
    if documents := written.documents + a_list(kept.get("documents")):
        body["documents"] = documents
    if request.output is not None:
        _ask_for_form(body, request.output, target.quirks, notes)
    named = (*_OURS_ALONE, "documents")
    body |= {name: value for name, value in kept.items() if name not in named}
    apply_quirks(body, target.quirks, notes)
    return WireRequest(
        path=path_of("chat", "/v2/chat", target),
        body=msgspec.json.encode(body),
        query=target.quirks.query,
        headers=target.quirks.headers,
        framing="sse" if stream else "json",
        fidelity=notes.all(),
    )


def path_of(operation: str, usual: str, target: Target) -> str:
    """Where the target answers that operation."""
    return target.quirks.paths.get(operation, usual).replace("{model}", target.model)


def _settings(request: ChatRequest, notes: Notes) -> Json:
    body = {
        theirs: value for ours, theirs in SETTINGS.items() if (value := getattr(request, ours)) is not None
    }
    if request.stop:
        body["stop_sequences"] = request.stop[:_MOST_STOPS]
    if len(request.stop) > _MOST_STOPS:
        notes.changed("stop", f"this protocol takes {_MOST_STOPS} at most: the first were sent")
    if request.top_logprobs:
        notes.dropped("top_logprobs", "this protocol tells of the chosen tokens alone")
    if request.n is not None and request.n > 1:
        notes.changed("n", "this protocol gives one answer")
    if request.user:
        notes.dropped("user", "this protocol knows no end users")
    if request.service_tier:
        notes.dropped("service_tier", "this protocol knows no tiers")
    return body


def _ask_for_form(body: Json, output: OutputFormat, quirks: Quirks, notes: Notes) -> None:
    """Cohere holds a model to a form, but neither beside tools nor beside documents."""
    if output.description:
        notes.dropped("output.description", "this protocol sends the schema alone")
    free = "tools" not in body and "documents" not in body
    form: Json = {"type": "json_object"} | own(output.vendor)
    if free and output.kind == "schema" and quirks.schema == "native":
        body["response_format"] = form | {"json_schema": output.schema}
        return
    if free and quirks.json_mode and quirks.schema != "prompt":
        body["response_format"] = form
        if output.kind == "json":
            return
    words = "Answer with one JSON object and nothing else."
    if output.kind == "schema":
        words += f" It must be valid against this JSON Schema:\n{msgspec.json.encode(output.schema).decode()}"
    why = "the target does not hold a model to it" if free else "no form is held beside tools or documents"
    notes.emulated("output", f"the prompt asks for it: {why}")
    turns: list[Json] = body["messages"]
    place = next((n for n, turn in enumerate(turns) if turn["role"] != "system"), len(turns))
    turns.insert(place, {"role": quirks.system_role, "content": words})
