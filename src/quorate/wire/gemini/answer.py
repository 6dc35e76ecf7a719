"""A reply as the answer to a client's generateContent, whole or piece by piece."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from quorate.errors import QuorateError
from quorate.types.chat import ChatReply, Finish
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Part, Reasoning, Refusal, SearchResult, Text

from .failure import write_failure
from .fields import Json, an_object, own
from .finish import write_finish
from .grounding import METADATA, write_sources
from .logprobs import write_logprobs
from .parts import write_part
from .usage import write_usage


def write_reply(reply: ChatReply) -> Json:
    """The whole answer."""
    kept = dict(own(reply.vendor))
    sides = [_side(reply.message.parts, reply.finish, 0, kept)]
    sides += [
        _side(each.message.parts, each.finish, number, kept)
        for number, each in enumerate(reply.alternatives, 1)
    ]
    refused = "promptFeedback" in kept and not reply.message.parts and not reply.alternatives
    kept.pop("candidates", None)
    body: Json = {} if refused and reply.finish.reason == "blocked" else {"candidates": sides}
    head = head_of(reply.id, reply.model, reply.created)
    if counts := write_usage(reply.usage):
        body["usageMetadata"] = counts
    return body | head | kept


def _side(parts: Sequence[Part], finish: Finish, index: int, kept: Json) -> Json:
    """One candidate, whole."""
    written = [fields for part in parts if (fields := write_part(part)) is not None]
    side: Json = {"content": {"parts": written, "role": "model"}, "index": index}
    side |= _ending(parts, finish, index, kept)
    if tokens := [token for part in parts if isinstance(part, Text) for token in part.logprobs]:
        side["logprobsResult"] = write_logprobs(tokens) | an_object(side.get("logprobsResult"))
    return side


def _ending(parts: Iterable[Part], finish: Finish, index: int, kept: Json) -> Json:
    """What a candidate's last piece tells: why it ended, and its sources, as they came or else rebuilt."""
    ending: Json = {"finishReason": write_finish(finish)}
    if finish.detail:
        ending["finishMessage"] = finish.detail
    told = _kept_of(kept, index)
    sources = {} if any(name in told for name in METADATA) else write_sources(parts)
    return ending | sources | told


def _kept_of(kept: Json, index: int) -> Json:
    candidates: Any = kept.get("candidates")
    if not isinstance(candidates, list) or index >= len(cast("list[Any]", candidates)):
        return {}
    return an_object(cast("list[Any]", candidates)[index])


def head_of(identity: str, model: str, created: int) -> Json:
    """What every piece of an answer repeats."""
    moment = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if created else ""
    fields = {"modelVersion": model, "responseId": identity, "createTime": moment}
    return {name: value for name, value in fields.items() if value}


class ReplyWriter:
    """Writes the events of a reply as pieces of a streamed answer: events of SSE, or items of one list."""

    def __init__(self, *, sse: bool) -> None:
        self.content_type = "text/event-stream" if sse else "application/json"
        self._sse = sse
        self._open = False
        self._head: Json = {}
        self._choices: dict[int, tuple[int, bool]] = {}
        self._sources: dict[int, list[Part]] = {}

    def write(self, event: Event) -> bytes:
        match event:
            case PartDelta(text=text) if text and event.index in self._choices:
                choice, thought = self._choices[event.index]
                return self._say([{"text": text, "thought": True} if thought else {"text": text}], choice)
            case PartDelta():
                return b""
            case ReplyStart():
                self._head = head_of(event.id, event.model, event.created) | own(event.vendor)
                return b""
            case PartStart():
                return self._start(event)
            case PartEnd():
                return self._end_part(event)
            case ReplyEnd():
                return self._end(event)

    def _start(self, event: PartStart) -> bytes:
        self._sources.setdefault(event.choice, [])
        if own(event.part.vendor).keys() - {"thoughtSignature"}:
            return b""  # words with more to them than a signature are a piece of their own
        match event.part:
            case Text(text=text) | Refusal(text=text) | Reasoning(text=text, redacted=False):
                thought = isinstance(event.part, Reasoning)
                self._choices[event.index] = (event.choice, thought)
                return self.write(PartDelta(index=event.index, text=text))
            case _:
                return b""

    def _end_part(self, event: PartEnd) -> bytes:
        """Words were said as they came; what belongs to them follows them. All else is said whole."""
        part = event.part
        if isinstance(part, Citation | SearchResult):
            self._sources.setdefault(event.choice, []).append(part)
            return b""
        fields = write_part(part)
        if fields is None:
            return b""
        if event.index in self._choices:
            del self._choices[event.index]
            fields["text"] = ""
        more: Json = {}
        if isinstance(part, Text) and part.logprobs:
            more["logprobsResult"] = write_logprobs(part.logprobs)
        if not more and fields.keys() <= {"text", "thought"} and not fields["text"]:
            return b""
        return self._say([fields], event.choice, more)

    def _end(self, event: ReplyEnd) -> bytes:
        kept = dict(own(event.vendor))
        finishes = (event.finish, *event.finishes)
        sides = [
            {"content": {"parts": [{"text": ""}], "role": "model"}, "index": number}
            | _ending(self._sources.get(number, ()), finish, number, kept)
            for number, finish in enumerate(finishes)
        ]
        refused = "promptFeedback" in kept and event.finish.reason == "blocked" and not self._sources
        kept.pop("candidates", None)
        body: Json = {} if refused else {"candidates": sides}
        if counts := write_usage(event.usage):
            body["usageMetadata"] = counts
        return self._piece(body | self._head | kept)

    def _say(self, parts: list[Json], choice: int, more: Json | None = None) -> bytes:
        side: Json = {"content": {"parts": parts, "role": "model"}, "index": choice}
        return self._piece({"candidates": [side | more if more else side]} | self._head)

    def _piece(self, body: Json) -> bytes:
        data = msgspec.json.encode(body)
        if self._sse:
            return b"data: " + data + b"\r\n\r\n"
        head, self._open = b",\r\n" if self._open else b"[", True
        return head + data

    def fail(self, error: QuorateError) -> bytes:
        return self._piece(write_failure(error)) + self.close()

    def close(self) -> bytes:
        if self._sse:
            return b""
        return b"]" if self._open else b"[]"
