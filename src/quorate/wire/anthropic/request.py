"""Our request to the provider's JSON, with a note of everything that could not go as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest, Thinking
from quorate.types.target import Target
from quorate.wire.notes import Notes
from quorate.wire.seam import WireRequest

from . import thinking as thoughts
from .conversation import write_conversation
from .fields import Json, a_count, an_object, own
from .output import asked_in_words, write_format
from .quirks import apply_quirks, chat_path, headers_for
from .tools import write_choice, write_tools

DEFAULT_LIMIT = 4096
"""Tokens, where neither the request nor the target names a limit: the protocol demands one."""

_NO_PLACE: Mapping[str, str] = {
    "seed": "the protocol has no seed",
    "presence_penalty": "the protocol has no penalties",
    "frequency_penalty": "the protocol has no penalties",
    "logprobs": "the protocol tells no probabilities",
    "top_logprobs": "the protocol tells no probabilities",
}

_TIERS: Mapping[str, str] = {"priority": "auto", "default": "standard_only", "standard": "standard_only"}
_OWN_TIERS = ("auto", "standard_only")


def write_request(request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
    notes = Notes()
    kept = dict(own(request.vendor))
    betas = _betas(kept.pop("betas", None))
    try:
        body = _body(request, target, notes, betas)
        if stream:
            body["stream"] = True
        _add_leftovers(body, kept)
        apply_quirks(body, target.quirks, notes)
        data = msgspec.json.encode(body)
    except RecursionError as error:
        raise InvalidRequest("the request is nested too deeply") from error
    return WireRequest(
        path=chat_path(target, stream=stream),
        body=data,
        query=target.quirks.query,
        headers=headers_for(target, betas),
        framing="sse" if stream else "json",
        fidelity=notes.all(),
    )


def _betas(value: object) -> list[str]:
    return (
        [word for word in cast("list[Any]", value) if isinstance(word, str)]
        if isinstance(value, list)
        else []
    )


def _body(request: ChatRequest, target: Target, notes: Notes, betas: list[str]) -> Json:
    words = asked_in_words(request.output, target.quirks)
    system, turns = write_conversation(request.messages, words, target.quirks, notes)
    limit, thinking = _limits(request, target, notes, betas)
    body: Json = {"model": target.model, "max_tokens": limit, "messages": turns}
    if system is not None:
        body["system"] = system
    if tools := write_tools(request, target.quirks, notes):
        body["tools"] = tools
    if choice := write_choice(request, notes, offered=bool(tools)):
        body["tool_choice"] = choice
    config: Json = {}
    if thinking is not None:
        said, effort = thoughts.write_thinking(thinking)
        body |= {"thinking": said} if said else {}
        config |= {"effort": effort} if effort else {}
    if request.output is not None and (form := write_format(request.output, target.quirks, notes)):
        config["format"] = form
    if config:
        body["output_config"] = config
    return body | _sampling(request, notes, thinks=thoughts.thinks(thinking)) | _rest(request, notes)


def _limits(
    request: ChatRequest, target: Target, notes: Notes, betas: list[str]
) -> tuple[int, Thinking | None]:
    """The limit of the answer and how to think below it."""
    thinking = request.thinking and thoughts.fitted(request.thinking, target.quirks, notes)
    forced = request.tool_choice is not None and request.tool_choice.mode in ("required", "named")
    if request.tools and forced and thoughts.thinks(thinking):
        notes.dropped("thinking", "a model that must call a tool may not think")
        thinking = None
    limit = request.max_output or a_count(target.quirks.defaults.get("max_tokens")) or target.max_output
    if limit is None:
        limit = DEFAULT_LIMIT + (thinking.budget or 0 if thinking else 0)
        notes.changed("max_output", f"the protocol demands a limit: {limit} tokens")
    if thinking is not None:
        interleaved = any(beta.startswith("interleaved-thinking") for beta in betas)
        thinking = thoughts.budgeted(thinking, limit, notes, interleaved=interleaved)
    return limit, thinking


def _sampling(request: ChatRequest, notes: Notes, *, thinks: bool) -> Json:
    """Temperature and its like. While it thinks, the provider takes hardly any of them."""
    said: Json = {}
    if request.temperature is not None:
        said["temperature"] = min(request.temperature, 1.0)
        if request.temperature > 1.0:
            notes.changed("temperature", "the protocol takes 0 to 1: 1 was sent")
    if request.top_p is not None:
        said["top_p"] = request.top_p
    if request.top_k is not None:
        said["top_k"] = request.top_k
    if thinks:
        refused = {"temperature": said.get("temperature", 1) != 1, "top_p": said.get("top_p", 1) < 0.95}
        for name in ("temperature", "top_p", "top_k"):
            if name in said and refused.get(name, True):
                del said[name]
                notes.dropped(name, "a model that thinks takes none")
    return said


def _rest(request: ChatRequest, notes: Notes) -> Json:
    said: Json = {}
    if stops := [text for text in request.stop if text.strip()]:
        said["stop_sequences"] = stops
    if len(stops) < len(request.stop):
        notes.changed("stop", "stop texts of spaces alone are refused: left out")
    if request.user:
        said["metadata"] = {"user_id": request.user}
    if tier := request.service_tier:
        said |= _tier(tier, notes)
    for name, why in _NO_PLACE.items():
        value = getattr(request, name)
        if value is not None and value is not False:
            notes.dropped(name, why)
    if request.n not in (None, 1):
        notes.dropped("n", "the protocol gives one answer to a question")
    return said


def _tier(tier: str, notes: Notes) -> Json:
    if tier in _OWN_TIERS:
        return {"service_tier": tier}
    if other := _TIERS.get(tier):
        notes.changed("service_tier", f"sent as '{other}'")
        return {"service_tier": other}
    notes.dropped("service_tier", "the protocol has no such tier")
    return {}


def _add_leftovers(body: Json, kept: Json) -> None:
    """Fields of the protocol that we have none for; inside an object that we write, beside ours."""
    for name, value in kept.items():
        mine = an_object(body.get(name))
        if mine and isinstance(value, dict):
            body[name] = mine | an_object(cast("Json", value))
        else:
            body.setdefault(name, value)
