"""Writes a streamed reply for a client, piece by piece, in the order the official client expects."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec

from quorate.errors import QuorateError
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    ToolCall,
)
from quorate.wire.framing import write_sse
from quorate.wire.json_fields import Json, a_list, an_object
from quorate.wire.openai_faults import error_object

from .calls import input_of, is_legacy
from .fields import own
from .finish import write_finish
from .reply import annotations_of, custom, executed_of, kept_choice, write_image, write_logprobs, write_sound
from .shapes import Ask
from .sources import write_annotation, write_beside
from .thoughts import CHUNK, DETAILS, PLAIN, is_chunk, write_chunk
from .usage import write_usage

_dumps = msgspec.json.encode
_QUIET = b',"logprobs":null,"finish_reason":null}]'


class _Open:
    """A part on its way: where it goes, and whether any of it was sent."""

    __slots__ = ("call", "choice", "kind", "part", "sent")

    def __init__(self, part: Part, choice: int, kind: str, call: int) -> None:
        self.part, self.choice, self.kind, self.call = part, choice, kind, call
        self.sent = False


class ChunkWriter:
    """Writes one streamed answer."""

    content_type = "text/event-stream"

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._open: dict[int, _Open] = {}
        self._calls: dict[int, int] = {}
        self._begun: set[int] = set()
        self._said: dict[int, list[Part]] = {}
        self._beside: list[Part] = []
        self._start: Json = {}
        self._head = b'{"choices":['
        self._tail = b"}"

    def write(self, event: Event) -> bytes:
        match event:
            case PartDelta():
                return self._grow(event)
            case PartStart():
                return self._begin(event.choice) + self._open_part(event)
            case PartEnd():
                return self._end_part(event)
            case ReplyStart():
                return self._start_reply(event)
            case ReplyEnd():
                return self._end_reply(event)

    def fail(self, error: QuorateError) -> bytes:
        return write_sse(_dumps({"error": error_object(error)}))

    def close(self) -> bytes:
        return b"data: [DONE]\n\n"

    def _start_reply(self, event: ReplyStart) -> bytes:
        self._start = dict(own(event.vendor))
        self._start.pop("choices", None)
        steady: Json = {
            "id": event.id,
            "object": "chat.completion.chunk",
            "created": event.created,
            "model": event.model,
        } | {name: value for name, value in self._start.items() if not isinstance(value, dict | list)}
        once: Json = {name: value for name, value in self._start.items() if isinstance(value, dict | list)}
        self._head = _dumps(steady)[:-1] + b',"choices":['
        self._tail = b',"usage":null}' if self._ask.usage_wanted else b"}"
        self._begun.add(0)
        return self._chunk({"index": 0, "delta": {"role": "assistant", "content": ""}}, once)

    def _begin(self, choice: int) -> bytes:
        """The role, before the first piece of an answer."""
        if choice in self._begun:
            return b""
        self._begun.add(choice)
        return self._delta(choice, {"role": "assistant", "content": ""})

    def _delta(self, choice: int, delta: Any) -> bytes:
        """A piece that ends nothing."""
        return b"".join(
            (
                b"data: ",
                self._head,
                b'{"index":%d,"delta":' % choice,
                _dumps(delta),
                _QUIET,
                self._tail,
                b"\n\n",
            )
        )

    def _chunk(self, choice: Json, more: Json) -> bytes:
        """A piece with more than a delta."""
        whole = {"logprobs": None, "finish_reason": None} | choice
        beside = b"," + _dumps(more)[1:-1] if more else b""
        return b"".join((b"data: ", self._head, _dumps(whole), b"]", beside, self._tail, b"\n\n"))

    def _open_part(self, event: PartStart) -> bytes:
        part, choice = event.part, event.choice
        call = -1
        if isinstance(part, ToolCall) and not part.hosted:
            call = self._calls[choice] = self._calls.get(choice, -1) + 1
        item = _Open(part, choice, self._kind(part), call)
        self._open[event.index] = item
        if item.kind not in ("function", "custom", "legacy") or not isinstance(part, ToolCall):
            return b""
        if item.kind == "legacy":
            return self._delta(choice, {"function_call": {"name": part.name, "arguments": ""}})
        inner = {"name": part.name, ("input" if item.kind == "custom" else "arguments"): ""}
        rest = {name: value for name, value in own(part.vendor).items() if name != "type"}
        inner |= an_object(rest.pop(item.kind, None))
        told = {"index": call, "id": part.id, "type": item.kind, item.kind: inner, **rest}
        return self._delta(choice, {"tool_calls": [told]})

    def _kind(self, part: Part) -> str:
        """How the pieces of a part are sent; 'whole' where they wait for its end."""
        match part:
            case Text():
                return "text"
            case Reasoning():
                return "chunk" if is_chunk(part) else "thought"
            case Refusal():
                return "refusal"
            case Media(kind="audio"):
                return "sound"
            case ToolCall(hosted=False):
                if self._ask.legacy or is_legacy(part):
                    return "legacy"
                return "custom" if custom(part, self._ask) else "function"
            case _:
                return "whole"

    def _grow(self, event: PartDelta) -> bytes:
        item = self._open.get(event.index)
        if item is None:
            return b""
        delta = _piece(item, event.text, event.data)
        if delta is None:
            return b""
        item.sent = True
        return self._delta(item.choice, delta)

    def _end_part(self, event: PartEnd) -> bytes:
        item = self._open.pop(event.index, None) or _Open(
            event.part, event.choice, self._kind(event.part), -1
        )
        part = event.part
        self._said.setdefault(event.choice, []).append(part)
        out = b""
        if not item.sent and item.kind != "whole":
            text, data = _words(part)
            first = _piece(item, text, data) if text or data else None
            out = b"" if first is None else self._delta(item.choice, first)
        last = self._last(item, part)
        if last:
            out += self._delta(item.choice, last)
        if isinstance(part, Text | Refusal) and (logprobs := write_logprobs([part])):
            out += self._chunk({"index": item.choice, "delta": {}, "logprobs": logprobs}, {})
        return out

    def _last(self, item: _Open, part: Part) -> Json:
        """What is known of a part only at its end, or all of one that was held back."""
        rest = own(part.vendor)
        match part:
            case Text():
                return {"content": [{"type": "text", "text": "", **rest}]} if rest else {}
            case Reasoning() if item.kind == "chunk":
                closing = write_chunk(part)
                others = [each for each in closing[CHUNK] if each.get("type") != "text"]
                return {"content": [closing | {CHUNK: others}]} if rest["chunk"] else {}
            case Reasoning():
                return {DETAILS: rest[DETAILS]} if DETAILS in rest else {}
            case Media(kind="audio"):
                return {
                    "audio": {k: v for k, v in write_sound(part).items() if k not in ("data", "transcript")}
                }
            case Media():
                return {"images": [write_image(part)]}
            case ToolCall() if part.hosted:
                entry = executed_of(part)
                return {"executed_tools": [entry]} if entry else {}
            case ToolCall():
                return self._last_of_call(item, part)
            case Citation() | Opaque() if annotations := annotations_of([part]):
                return {"annotations": [write_annotation(each) for each in annotations]}
            case Citation() | SearchResult():
                self._beside.append(part)
            case Opaque() if rest:
                return {"content": [rest]}
            case _:
                pass
        return {}

    def _last_of_call(self, item: _Open, part: ToolCall) -> Json:
        before, after = own(item.part.vendor), own(part.vendor)
        more = {name: value for name, value in after.items() if before.get(name) != value and name != "type"}
        if item.kind == "custom":
            more["custom"] = an_object(more.get("custom")) | {"input": input_of(part.arguments)}
        return {"tool_calls": [{"index": item.call, **more}]} if more and item.kind != "legacy" else {}

    def _end_reply(self, event: ReplyEnd) -> bytes:
        ended = own(event.vendor)
        rest = {name: value for name, value in ended.items() if self._start.get(name, event) != value}
        kept = a_list(rest.pop("choices", None))
        more = rest | write_beside(self._beside)
        out = b""
        for number, finish in enumerate((event.finish, *event.finishes)):
            parts = self._said.get(number, [])
            refused = any(isinstance(part, Refusal) for part in parts)
            declined = refused and not any(isinstance(part, Text) for part in parts)
            called = any(isinstance(part, ToolCall) for part in parts)
            legacy = called and (
                self._ask.legacy or any(isinstance(p, ToolCall) and is_legacy(p) for p in parts)
            )
            delta = own(event.messages[number]) if number < len(event.messages) else {}
            choice: Json = {
                "index": number,
                "delta": delta,
                "finish_reason": write_finish(finish, declined=declined, legacy=legacy),
            }
            out += self._begin(number)
            out += self._chunk(choice | kept_choice(kept, number), more)
            more = {}
        if self._ask.usage_wanted and (usage := write_usage(event.usage)) is not None:
            out += b"".join((b"data: ", self._head, b'],"usage":', _dumps(usage), b"}\n\n"))
        return out


def _words(part: Part) -> tuple[str, bytes]:
    """What a part would have grown by."""
    match part:
        case Text() | Reasoning() | Refusal():
            return part.text, b""
        case ToolCall():
            return part.arguments, b""
        case Media():
            return part.transcript, part.data
        case _:
            return "", b""


def _piece(item: _Open, text: str, data: bytes) -> Json | None:
    """The delta that carries a piece; None where the piece waits for the part's end."""
    match item.kind:
        case "text":
            return {"content": text}
        case "thought":
            fields = own(item.part.vendor).get("fields", [PLAIN])
            return dict.fromkeys(fields, text) if fields else None
        case "chunk":
            return {"content": [{"type": CHUNK, CHUNK: [{"type": "text", "text": text}]}]}
        case "function":
            return {"tool_calls": [{"index": item.call, "function": {"arguments": text}}]}
        case "legacy":
            return {"function_call": {"arguments": text}}
        case "refusal":
            return {"refusal": text}
        case "sound":
            sound = {"transcript": text} if text else {}
            return {"audio": sound | ({"data": b64encode(data).decode()} if data else {})}
        case _:
            return None
