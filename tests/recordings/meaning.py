"""Requests by what they mean: two documents that ask the same of a provider become equal.

A codec need not keep which of several spellings a client chose; it must keep everything else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

TELLING = frozenset(
    {"arguments", "args", "input", "properties", "parameters", "schema", "response", "result"}
)
"""Members that say something even when they are empty; any other empty member is as good as absent."""

TEXTS = frozenset({"content", "system"})
"""Anthropic's members that are text or a list of blocks."""
OWN_NAMES = frozenset(
    {"args", "response", "parametersJsonSchema", "responseJsonSchema", "properties", "labels"}
)
"""Gemini's members whose own members have names of the user's choosing."""
LISTS = frozenset({"tools", "contents", "functionDeclarations"})
ENUMS = frozenset({"mode", "thinkingLevel"})
BASE64 = frozenset({"data", "thoughtSignature"})


def document_of(body: bytes) -> Any:
    """A body's JSON, None where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def meaning(document: dict[str, Any], protocol: str) -> Any:
    """What the request asks for, in one spelling."""
    return SPELLINGS[protocol](_without_silence(document))


def _without_silence(value: Any) -> Any:
    match value:
        case dict():
            return {
                name: _without_silence(member)
                for name, member in value.items()
                if member is not None and (name in TELLING or member not in ("", [], {}))
            }
        case list():
            return [_without_silence(member) for member in value]
        case _:
            return value


def _openai_chat(document: dict[str, Any]) -> dict[str, Any]:
    """Defaults are as good as absent, a list of one text as that text, functions of old as tools."""
    meant = {name: value for name, value in document.items() if (name, value) != ("stream", False)}
    options: dict[str, Any] = document.get("stream_options", {})  # asking for usage is ours to decide
    meant["stream_options"] = {name: value for name, value in options.items() if name != "include_usage"}
    if "max_completion_tokens" in meant:
        meant["max_tokens"] = meant.pop("max_completion_tokens")
    if meant.get("enable_thinking") is False:
        del meant["enable_thinking"]
        meant["reasoning_effort"] = "none"
    if isinstance(meant.get("stop"), str):
        meant["stop"] = [meant["stop"]]
    match meant.get("tool_choice"):
        case "any":
            meant["tool_choice"] = "required"
        case {"function": _} as named:
            meant["tool_choice"] = {"type": "function"} | named
        case _:
            pass
    if "functions" in meant:
        meant["tools"] = [{"function": each} for each in meant.pop("functions")]
        meant["tool_choice"] = meant.pop("function_call", None)
    meant["tools"] = [{"type": "function"} | _openai_part(tool) for tool in meant.get("tools", [])]
    meant["messages"] = [_openai_turn(turn) for turn in document.get("messages", [])]
    return _without_silence(meant)


def _openai_turn(turn: dict[str, Any]) -> dict[str, Any]:
    """Developers are systems, and what a turn thought is one thing under any name."""
    meant = {name: value for name, value in turn.items() if name not in ("reasoning", "reasoning_content")}
    if thought := turn.get("reasoning_content") or turn.get("reasoning"):
        meant["thought"] = thought
    if turn.get("role") == "developer":
        meant["role"] = "system"
    match turn.get("content"):
        case [{"type": "text", "text": str(text)} as only] if only.keys() == {"type", "text"}:
            meant["content"] = text
        case list(parts):
            meant["content"] = [_openai_part(part) for part in parts]
        case _:
            pass
    return meant


def _openai_part(part: dict[str, Any]) -> dict[str, Any]:
    """A bare URL is an image by its URL, a cache mark holds five minutes, thoughts are their words."""
    match part:
        case {"image_url": str(url)}:
            return part | {"image_url": {"url": url}}
        case {"cache_control": {"ttl": "5m"} as mark}:
            return part | {"cache_control": {name: value for name, value in mark.items() if name != "ttl"}}
        case {"thinking": list(thoughts)}:
            return part | {"thinking": "".join(thought["text"] for thought in thoughts)}
        case _:
            return part


def _openai_responses(document: dict[str, Any]) -> dict[str, Any]:
    """Defaults are as good as absent, words alone as one message, a list of one text as that text."""
    meant = {name: value for name, value in document.items() if (name, value) != ("stream", False)}
    words, items = document.get("instructions"), document.get("input", [])
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    meant["input"] = [_item(item) for item in items]
    meant["instructions"] = words
    if "include" in meant:
        meant["include"] = sorted(meant["include"])
    if document.get("text", {}).get("format") == {"type": "text"}:
        meant["text"] = {name: value for name, value in document["text"].items() if name != "format"}
    return _without_silence(meant)


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """What has a role is a message, what has only an id points to an item; that it is complete needs no saying."""
    meant = {name: value for name, value in item.items() if (name, value) != ("status", "completed")}
    if "role" in item and item.get("type") == "message":
        del meant["type"]
    for name in ("content", "output"):
        match item.get(name):
            case [{"type": "input_text" | "output_text", "text": str(text)} as only] if not (
                only.keys() - {"type", "text", "annotations", "logprobs"}
                or only.get("annotations")
                or only.get("logprobs")
            ):
                meant[name] = text
            case _:
                pass
    return meant


def _anthropic(document: dict[str, Any]) -> dict[str, Any]:
    """Defaults are as good as absent, a list of one text as that text, a field's old place as its later one."""
    meant = {
        name: _claude(name, value) for name, value in document.items() if (name, value) != ("stream", False)
    }
    if "output_format" in meant:
        meant["output_config"] = meant.get("output_config", {}) | {"format": meant.pop("output_format")}
    return meant


def _claude(name: str, value: Any) -> Any:
    match value:
        case [{"type": "text", "text": str(text)} as only] if name in TEXTS and only.keys() == {
            "type",
            "text",
        }:
            return text
        case {"ttl": "5m"} if name == "cache_control":
            return {key: member for key, member in value.items() if key != "ttl"}
        case dict() if name not in TELLING:
            kept = {key: _claude(key, member) for key, member in value.items()}
            return {key: member for key, member in kept.items() if (key, member) != ("is_error", False)}
        case list():
            return [_claude("", member) for member in value]
        case _:
            return value


def _gemini(document: dict[str, Any]) -> dict[str, Any]:
    """Google reads both spellings of a name, both alphabets of base64, one for a list of one, any case of an enum."""
    return {
        _camel(name): _google(_camel(name), member)
        for name, member in document.items()
        if (name, member) != ("thought", False)
    }


def _google(name: str, value: Any) -> Any:
    match value:
        case dict() if name in LISTS:
            return [_gemini(value)]
        case dict() if name not in OWN_NAMES:
            return _gemini(value)
        case list():
            return [_google("", member) for member in value]
        case str() if name in BASE64:
            return value.replace("-", "+").replace("_", "/").rstrip("=")
        case str() if name in ENUMS:
            return value.upper()
        case _:
            return value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _ollama(document: dict[str, Any]) -> dict[str, Any]:
    """A prompt is as good as a conversation of one turn, where nothing else needs it to be a prompt."""
    if "prompt" not in document:
        return document
    turns = [
        {"role": role, "content": document[name]}
        for role, name in (("system", "system"), ("user", "prompt"))
        if name in document
    ]
    rest = {name: value for name, value in document.items() if name not in ("system", "prompt")}
    return rest | {"messages": turns}


def _bedrock(document: dict[str, Any]) -> dict[str, Any]:
    """Turns of one speaker in a row are one; a cache point holds five minutes, a schema is what its text says."""
    meant = {name: _converse(name, value) for name, value in document.items()}
    turns: list[dict[str, Any]] = []
    for turn in meant.get("messages", []):
        if turns and turns[-1]["role"] == turn["role"]:
            turns[-1]["content"] = [*turns[-1]["content"], *turn["content"]]
        else:
            turns.append(turn)
    meant["messages"] = turns
    form = meant.get("outputConfig", {}).get("textFormat", {}).get("structure", {}).get("jsonSchema", {})
    if "schema" in form:
        form["schema"] = json.loads(form["schema"])
    return meant


def _converse(name: str, value: Any) -> Any:
    match value:
        case {"ttl": "5m"} if name == "cachePoint":
            return {key: member for key, member in value.items() if key != "ttl"}
        case dict() if name not in TELLING:
            return {key: _converse(key, member) for key, member in value.items()}
        case list():
            return [_converse("", member) for member in value]
        case _:
            return value


def _cohere(document: dict[str, Any]) -> dict[str, Any]:
    """A list of one text is that text; not to stream is to say nothing."""
    meant = {name: value for name, value in document.items() if (name, value) != ("stream", False)}
    meant["messages"] = [_cohere_turn(turn) for turn in document.get("messages", [])]
    return _without_silence(meant)


def _cohere_turn(turn: dict[str, Any]) -> dict[str, Any]:
    """A text of no words says nothing."""
    match turn.get("content"):
        case [{"type": "text"} as only] if only.keys() <= {"type", "text"}:
            return turn | {"content": only.get("text", "")}
        case _:
            return turn


SPELLINGS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "openai_chat": _openai_chat,
    "openai_responses": _openai_responses,
    "anthropic": _anthropic,
    "gemini": _gemini,
    "ollama": _ollama,
    "bedrock": _bedrock,
    "cohere": _cohere,
}
