"""Parts as output items: which parts belong to one item, and what that item is.

Marks in a part's `vendor` tell how it came: `item` (what its item said at its start, on the first part of it),
`ended` (what the item said only at its end, on its last part), `more` (a thought that goes on with the item of
the thought before), `content` (a thought told as it was, not in summary), `blank` (a summary without words).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from quorate.types.parts import Citation, Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall
from quorate.wire.json_fields import Json, a_text, an_object

from .citations import write_annotation
from .custom import CUSTOM, input_of
from .fields import NAME, own
from .hosted import ITEM, write_item
from .logprobs import write_logprob

ENDED, MORE, CONTENT, BLANK = "ended", "more", "content", "blank"
_MARKS = frozenset((ITEM, ENDED))
_THOUGHT_MARKS = frozenset((ITEM, ENDED, MORE, CONTENT, BLANK))

MESSAGE, REASONING, FUNCTION, CUSTOM_CALL, WHOLE = (
    "message",
    "reasoning",
    "function_call",
    "custom_tool_call",
    "whole",
)
"""Kinds of items: the types of the first four, and any other that is one part by itself."""


def kind_of(part: Part, custom: Collection[str] = ()) -> str:
    """The kind of item a part stands in; '' where this protocol has no place for it in an answer.

    `custom` are names of free-text tools on offer.
    """
    match part:
        case Text() | Refusal() | Citation():
            return MESSAGE
        case Opaque() if own(part.vendor):
            return WHOLE if ITEM in own(part.vendor) else MESSAGE
        case Reasoning():
            return REASONING
        case ToolCall() if ITEM in own(part.vendor):
            return WHOLE
        case ToolCall(hosted=False):
            return CUSTOM_CALL if is_custom(part) or part.name in custom else FUNCTION
        case Media(kind="image"):
            return WHOLE
        case Media(kind="audio"):
            return MESSAGE
        case _:
            return WHOLE if ITEM in own(part.vendor) else ""


def is_custom(call: ToolCall) -> bool:
    return own(call.vendor).get("type") == CUSTOM


def joins(part: Part, before: str) -> bool:
    """Whether a part belongs to the same item as the one before it, which is of the kind `before`."""
    match part:
        case Text() | Refusal():
            return before == MESSAGE and ITEM not in own(part.vendor)
        case Citation() | Opaque() | Media():
            return before == MESSAGE and kind_of(part) == MESSAGE
        case Reasoning():
            return before == REASONING and bool(own(part.vendor).get(MORE))
        case _:
            return False


def grouped(parts: Iterable[Part], custom: Collection[str] = ()) -> list[tuple[str, list[Part]]]:
    """The parts of an answer item by item, each with its kind; parts without a place are left out."""
    groups: list[tuple[str, list[Part]]] = []
    for part in parts:
        kind = kind_of(part, custom)
        if not kind:
            continue
        if groups and joins(part, groups[-1][0]):
            groups[-1][1].append(part)
        else:
            groups.append((kind, [part]))
    return groups


def item_of(kind: str, parts: Sequence[Part], fallback_id: str) -> Json:
    """The item that these parts make up; `fallback_id` is its id where it came without."""
    first = parts[0]
    match kind:
        case "message":
            return _message(parts, fallback_id)
        case "reasoning":
            return _reasoning(parts, fallback_id)
        case "whole":
            return write_item(first, fallback_id) or {}
        case _:
            return (
                call_item(first, fallback_id, custom=kind == CUSTOM_CALL)
                if isinstance(first, ToolCall)
                else {}
            )


def call_item(call: ToolCall, fallback_id: str, *, custom: bool) -> Json:
    """A call of a function or free-text tool; `fallback_id` '' leaves out what only an answer needs."""
    rest = {name: value for name, value in own(call.vendor).items() if name != "type"}
    head: Json = {"type": CUSTOM_CALL if custom else FUNCTION}
    if fallback_id:
        head |= {"id": fallback_id, "status": "completed"}
    head |= {"call_id": call.id, "name": call.name}
    said: Json = {"input": input_of(call.arguments)} if custom else {"arguments": call.arguments}
    return head | said | rest


def told_at_start(parts: Sequence[Part]) -> Json:
    """What the item's first part knows of it."""
    return an_object(own(parts[0].vendor).get(ITEM))


def _told(parts: Sequence[Part]) -> Json:
    """All that the item said beside its content."""
    told = dict(told_at_start(parts))
    for part in parts:
        told |= an_object(own(part.vendor).get(ENDED))
    return told


def _message(parts: Sequence[Part], fallback_id: str) -> Json:
    head: Json = {"type": MESSAGE}
    if fallback_id:
        head |= {"id": fallback_id, "status": "completed"}
    full = bool(fallback_id)
    return head | {"role": "assistant", "content": contents(parts, full=full)} | _told(parts)


def contents(parts: Sequence[Part], *, full: bool) -> list[Json]:
    """The content of a message; `full` with the empty lists that an answer's texts have."""
    out: list[Json] = []
    for part in parts:
        if isinstance(part, Citation):
            if not out or out[-1].get("type") != "output_text":
                out.append({"type": "output_text", "text": "", "annotations": []})
            text = out[-1]
            text["annotations"] = [
                *text.get("annotations", ()),
                write_annotation(part, len(a_text(text["text"]))),
            ]
        else:
            out.append(content_of(part, full=full))
    return out


def content_of(part: Part, *, full: bool) -> Json:
    """One piece of a message's content, without its sources."""
    rest = {name: value for name, value in own(part.vendor).items() if name not in _MARKS}
    match part:
        case Text():
            out: Json = {"type": "output_text", "text": part.text}
            if full:
                out["annotations"] = []
            if full or part.logprobs:
                out["logprobs"] = [write_logprob(each) for each in part.logprobs]
            return out | rest
        case Refusal():
            return {"type": "refusal", "refusal": part.text} | rest
        case Media():
            return {"type": "output_text", "text": part.transcript}
        case _:
            return rest


def thought_of(part: Reasoning) -> tuple[str, Json]:
    """The list of a reasoning item that a thought stands in, and how it stands there."""
    rest = {name: value for name, value in own(part.vendor).items() if name not in _THOUGHT_MARKS}
    plain = bool(own(part.vendor).get(CONTENT))
    field = "content" if plain else "summary"
    return field, {"type": "reasoning_text" if plain else "summary_text", "text": part.text} | rest


def _is_told(thought: Reasoning) -> bool:
    """A sealed thought alone has no words, and so no place among the summaries."""
    return bool(thought.text) or bool(own(thought.vendor).keys() & (CONTENT, BLANK))


def _reasoning(parts: Sequence[Part], fallback_id: str) -> Json:
    item: Json = {"type": REASONING}
    if fallback_id:
        item["id"] = fallback_id
    item["summary"] = []
    thoughts = [part for part in parts if isinstance(part, Reasoning)]
    for thought in thoughts:
        if len(thoughts) > 1 or _is_told(thought):
            field, told = thought_of(thought)
            item.setdefault(field, []).append(told)
    sealed = next((each.signature for each in thoughts if each.signature and NAME in each.vendor), "")
    if sealed:
        item["encrypted_content"] = sealed
    return item | _told(parts)
