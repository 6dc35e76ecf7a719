"""Tool calls as they grow: finds the call each piece belongs to, whatever the server leaves out.

Servers number calls (`index`), or name them (`id`), or send each whole without either. Some give several
calls one number, some repeat id and name with every piece, some tell the name after the id.
"""

from __future__ import annotations

from collections.abc import Hashable

from quorate.types.events import Event
from quorate.types.parts import ToolCall
from quorate.wire.builder import PartBuilder
from quorate.wire.json_fields import Json, a_text, an_object, identity

from .calls import INPUT_END, INPUT_START, arguments_text, call_rest, escaped
from .fields import vendor

_OWN = ("index", "id", "type", "function", "custom")


class _Growing:
    """One call. It is told once its name is known; what came before that waits."""

    __slots__ = ("custom", "id", "key", "legacy", "name", "opened", "rest", "waiting")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.id = self.name = self.waiting = ""
        self.rest: Json = {}
        self.custom = self.legacy = self.opened = False


class Calls:
    """The calls of one answer. `called` is true once there was one."""

    def __init__(self, parts: PartBuilder, answer: int) -> None:
        self._parts, self._answer = parts, answer
        self._all: list[_Growing] = []
        self._by_index: dict[int, _Growing] = {}
        self._executed: dict[object, Json] = {}
        self._told: set[object] = set()

    @property
    def called(self) -> bool:
        return bool(self._all)

    def grow(self, index: int, text: str) -> list[Event] | None:
        """The hot path: arguments of an open call; None where there is none of that number."""
        call = self._by_index.get(index)
        if call is None or not call.opened or call.custom:
            return None
        return self._parts.grow(text, key=call.key)

    def take(self, piece: Json, reply_id: str) -> list[Event]:
        """A piece of a call, or a whole one."""
        function, custom = an_object(piece.get("function")), an_object(piece.get("custom"))
        is_custom = piece.get("type") == "custom" or (not any(function.values()) and any(custom.values()))
        inner = custom if is_custom else function
        call = self._find(piece.get("index"), identity(piece.get("id")), a_text(inner.get("name")))
        call.custom = call.custom or is_custom
        more = {key: value for key, value in piece.items() if key not in _OWN and value is not None}
        words = ("name", "input") if call.custom else ("name", "arguments")
        inner_rest = {key: value for key, value in inner.items() if key not in words}
        call.rest |= call_rest(more, "custom" if call.custom else "function", inner_rest)
        text = a_text(inner.get("input")) if call.custom else arguments_text(inner.get("arguments"))
        return self._continue(call, text, reply_id)

    def take_legacy(self, piece: Json, reply_id: str) -> list[Event]:
        """A piece of the older single call."""
        call = next((each for each in self._all if each.legacy), None) or self._start()
        call.legacy = True
        call.name = call.name or a_text(piece.get("name"))
        return self._continue(call, arguments_text(piece.get("arguments")), reply_id)

    def close(self, reply_id: str) -> list[Event]:
        """Ends what the calls hold open in their text, and tells those whose name never came."""
        events: list[Event] = []
        for call in self._all:
            if not call.opened:
                events += self._open(call, reply_id)
            if call.custom:
                events += self._parts.grow(INPUT_END, key=call.key)
            self._parts.mark(key=call.key, vendor=vendor(self._marks(call)))
        return events

    def executed(self, entry: Json) -> list[Json]:
        """A tool that the provider ran, again or for the first time: it is told when it has a result."""
        index = entry.get("index") if isinstance(entry.get("index"), int) else len(self._executed)
        self._executed[index] = entry
        if index in self._told or entry.get("output") is None:
            return []
        self._told.add(index)
        return [entry]

    def unfinished(self) -> list[Json]:
        """The tools that the provider ran without telling a result."""
        return [entry for index, entry in self._executed.items() if index not in self._told]

    def _find(self, index: object, call_id: str, name: str) -> _Growing:
        call = self._by_index.get(index) if isinstance(index, int) else self._last(call_id, name)
        if call is None or (call_id and call.id and call_id != call.id and name):
            call = self._start()
        if isinstance(index, int):
            self._by_index[index] = call
        call.id, call.name = call.id or call_id, call.name or name
        return call

    def _last(self, call_id: str, name: str) -> _Growing | None:
        """Of a piece without a number: the last call, unless the piece begins another."""
        last = self._all[-1] if self._all else None
        begins = bool(name) and not (last is not None and call_id and call_id == last.id)
        return None if begins else last

    def _start(self) -> _Growing:
        call = _Growing(("call", len(self._all)))
        self._all.append(call)
        return call

    def _continue(self, call: _Growing, text: str, reply_id: str) -> list[Event]:
        text = escaped(text) if call.custom else text
        if not call.name:
            call.waiting += text
            return []
        events = [] if call.opened else self._open(call, reply_id)
        return [*events, *self._parts.grow(text, key=call.key)]

    def _open(self, call: _Growing, reply_id: str) -> list[Event]:
        call.opened = True
        position = self._all.index(call)
        name = (
            f"call_{reply_id}_{position}"
            if not self._answer
            else f"call_{reply_id}_{self._answer}_{position}"
        )
        part = ToolCall(id=call.id or name, name=call.name, vendor=vendor(self._marks(call)))
        events = self._parts.open(call.key, part, keep=True)
        start = INPUT_START + call.waiting if call.custom else call.waiting
        return [*events, *self._parts.grow(start, key=call.key)]

    def _marks(self, call: _Growing) -> Json:
        kind = "custom" if call.custom else "function_call" if call.legacy else ""
        return {**call.rest, "type": kind} if kind else call.rest
