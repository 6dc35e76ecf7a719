"""Our request to the provider's JSON, with a note of everything that could not go as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest
from quorate.types.target import Target
from quorate.wire.json_fields import Json, an_object
from quorate.wire.notes import Notes
from quorate.wire.seam import WireRequest

from .address import path_of
from .conversation import write_conversation
from .fields import merged, own
from .output import asked_in_words, write_format
from .quirks import EXTRA, INFERENCE, apply_quirks
from .thinking import Wish, write_thinking
from .tools import write_tools

_NO_PLACE: Mapping[str, str] = {
    "seed": "the protocol has no seed",
    "presence_penalty": "the protocol has no penalties",
    "frequency_penalty": "the protocol has no penalties",
    "logprobs": "the protocol tells no probabilities",
    "top_logprobs": "the protocol tells no probabilities",
}
_TIERS = ("priority", "default", "flex", "reserved")
_SAME_TIER: Mapping[str, str] = {"standard": "default", "standard_only": "default"}
_MODE = "streamProcessingMode"
"""Of a guardrail: known where there is a stream to process."""


def write_request(request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
    notes = Notes()
    try:
        body = _body(request, target, notes)
        body = merged(body, own(request.vendor))
        apply_quirks(body, target.quirks, notes)
        if not stream and _MODE in (guard := an_object(body.get("guardrailConfig"))):
            body["guardrailConfig"] = {name: value for name, value in guard.items() if name != _MODE}
        data = msgspec.json.encode(body)
    except RecursionError as error:
        raise InvalidRequest("the request is nested too deeply") from error
    operation = "converse-stream" if stream else "converse"
    return WireRequest(
        path=path_of("stream" if stream else "chat", target, f"/model/{{model}}/{operation}"),
        body=data,
        framing="event_stream" if stream else "json",
        fidelity=notes.all(),
    )


def _body(request: ChatRequest, target: Target, notes: Notes) -> Json:
    quirks = target.quirks
    system, turns = write_conversation(
        request.messages, asked_in_words(request.output, quirks), quirks, notes
    )
    body: Json = {"messages": turns}
    if system:
        body["system"] = system
    if config := write_tools(request, quirks, notes):
        body["toolConfig"] = config
    wish = write_thinking(request, quirks, notes)
    inference, extra = _sampling(request, wish, notes)
    if inference:
        body[INFERENCE] = inference
    if extra := merged(extra, wish.fields):
        body[EXTRA] = extra
    output: Json = {}
    if request.output is not None and (form := write_format(request.output, quirks, notes)):
        output["textFormat"] = form
    if wish.effort:
        output["effort"] = wish.effort
    if output:
        body["outputConfig"] = output
    return body | _rest(request, notes)


def _sampling(request: ChatRequest, wish: Wish, notes: Notes) -> tuple[Json, Json]:
    """Limits and sampling: what the protocol has words for, and what each model names in its own way."""
    said: dict[str, Any] = {
        "max_output": request.max_output,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
    }
    for name in wish.bars:
        if said[name] is not None:
            notes.dropped(name, "this target takes none while it thinks so hard")
            said[name] = None
    if wish.thinks:
        _leave_to_thoughts(said, notes)
    if said["temperature"] is not None and said["temperature"] > 1:
        notes.changed("temperature", "the protocol takes 0 to 1: 1 was sent")
        said["temperature"] = 1.0
    if stops := [text for text in request.stop if text]:
        said["stop"] = stops
    names = {
        "max_output": "maxTokens",
        "temperature": "temperature",
        "top_p": "topP",
        "stop": "stopSequences",
    }
    inference = {word: said[name] for name, word in names.items() if said.get(name) is not None}
    return inference, {"top_k": said["top_k"]} if said["top_k"] is not None else {}


def _leave_to_thoughts(said: dict[str, Any], notes: Notes) -> None:
    """While Claude thinks, it takes hardly any sampling."""
    refused = {
        "temperature": said["temperature"] not in (None, 1),
        "top_p": said["top_p"] is not None and said["top_p"] < 0.95,
        "top_k": said["top_k"] is not None,
    }
    for name, is_refused in refused.items():
        if is_refused:
            said[name] = None
            notes.dropped(name, "a model that thinks takes none")


def _rest(request: ChatRequest, notes: Notes) -> Json:
    said: Json = {}
    if tier := request.service_tier:
        same = _SAME_TIER.get(tier, tier)
        if same in _TIERS:
            said["serviceTier"] = {"type": same}
        if same != tier:
            notes.changed("service_tier", f"sent as '{same}'")
        elif same not in _TIERS:
            notes.dropped("service_tier", "the protocol has no such tier")
    if request.user:
        notes.dropped("user", "the protocol has no place for it")
    for name, why in _NO_PLACE.items():
        value = getattr(request, name)
        if value is not None and value is not False:
            notes.dropped(name, why)
    if request.n not in (None, 1):
        notes.dropped("n", "the protocol gives one answer to a question")
    return said
