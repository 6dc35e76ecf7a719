"""Reads an answer: whole, or piece by piece. A whole one is read as a stream of one piece."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count

import msgspec
from msgspec import Raw

from quorate.errors import UpstreamBroken, UpstreamError
from quorate.types.chat import ChatReply, Finish
from quorate.types.events import Event, ReplyEnd, ReplyStart, assemble
from quorate.types.value import replace
from quorate.wire.seam import Frame, WireAnswer

from .candidate import Candidate
from .failure import error_of, read_failure
from .fields import Fields, Json, Misshapen, vendor
from .finish import read_finish, word_of
from .usage import read_usage


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    thought: bool = False


class _Said(msgspec.Struct, forbid_unknown_fields=True):
    parts: list[_Words]
    role: str = ""


class _One(msgspec.Struct, forbid_unknown_fields=True):
    content: _Said
    index: int = 0


class _Quick(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A piece with nothing but words in it: most are. Anything more is read with care."""

    candidates: list[_One]
    usage_metadata: Raw = Raw()
    model_version: str = ""
    response_id: str = ""
    create_time: str = ""


_QUICK = msgspec.json.Decoder(_Quick)


def read_reply(answer: WireAnswer) -> ChatReply:
    """The reply in a whole answer."""
    reader = ReplyReader()
    return assemble([*reader.read_carefully(answer.body), *reader.end()])


class ReplyReader:
    """Reads the pieces of one answer."""

    def __init__(self) -> None:
        self._started = False
        self._id = ""
        self._numbers: Iterator[int] = count()
        self._candidates: dict[int, Candidate] = {}
        self._usage: Raw | None = None
        self._rest: Json = {}
        self._blocked: Finish | None = None

    def read(self, frame: Frame) -> list[Event]:
        try:
            piece = _QUICK.decode(frame.data)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return self.read_carefully(frame.data)
        events: list[Event] = []
        if not self._started:
            events += self._start(piece.response_id, piece.model_version, piece.create_time)
        self._count(piece.usage_metadata)
        for one in piece.candidates:
            candidate = self._candidate(one.index)
            for part in one.content.parts:
                events += candidate.say(part.text, thought=part.thought)
        return events

    def close(self) -> list[Event]:
        """Every candidate's own end was said, or the prompt was refused: else the stream broke off."""
        unfinished = any(not candidate.word for candidate in self._candidates.values())
        if self._blocked is None and (unfinished or not self._candidates):
            raise UpstreamBroken("the stream stopped before its end")
        return self.end()

    def end(self) -> list[Event]:
        """The events that end the reply, as far as it came."""
        candidates = [self._candidate(index) for index in range(max(self._candidates, default=0) + 1)]
        events = [event for candidate in candidates for event in candidate.close()]
        finishes = [candidate.finish() for candidate in candidates]
        if self._blocked is not None and not candidates[0].word:
            finishes[0] = self._blocked
        kept = [candidate.kept for candidate in candidates]
        rest = self._rest | ({"candidates": kept} if any(kept) else {})
        searches = sum(candidate.searches for candidate in candidates)
        usage = read_usage(self._usage)
        end = ReplyEnd(
            finish=finishes[0],
            finishes=tuple(finishes[1:]),
            usage=replace(usage, searches=searches) if searches else usage,
            vendor=vendor(rest),
        )
        return [*events, end]

    def _candidate(self, index: int) -> Candidate:
        if (known := self._candidates.get(index)) is None:
            known = self._candidates[index] = Candidate(index, self._id, self._numbers)
        return known

    def _start(self, identity: str, model: str, created: str) -> list[Event]:
        self._started, self._id = True, identity
        if created:
            self._rest["createTime"] = created
        told = vendor({"createTime": created} if created else {})
        return [ReplyStart(id=identity, model=model, created=_seconds(created), vendor=told)]

    def _count(self, usage: Raw | None) -> None:
        """Counts grow from piece to piece, so the last holds; a piece may also state none."""
        if usage and (self._usage is None or b"TokenCount" in bytes(usage)):
            self._usage = usage

    def read_carefully(self, data: bytes) -> list[Event]:
        """A piece that may hold anything."""
        try:
            piece = Fields(data)
            if "error" not in piece.rest:
                return self._read_piece(piece)
        except Misshapen as error:
            if (lines := data.splitlines()) and len(lines) > 1 and all(map(_is_document, lines)):
                return [event for line in lines for event in self.read(Frame(data=line))]
            if not error_of(data):
                raise _garbled(data, error) from error
        raise read_failure(WireAnswer(body=data))

    def _read_piece(self, piece: Fields) -> list[Event]:
        known = ("candidates", "promptFeedback", "usageMetadata", "responseId", "modelVersion")
        if not any(name in piece.rest for name in known):
            raise Misshapen("the answer has nothing of a reply in it")
        identity, model, created = (
            piece.text("responseId"),
            piece.text("modelVersion"),
            piece.text("createTime"),
        )
        events = [] if self._started else self._start(identity, model, created)
        self._count(piece.raw("usageMetadata"))
        for number, fields in enumerate(piece.items("candidates")):
            index = fields.integer("index")
            if index is not None and not 0 <= index < MAX_CANDIDATES:
                raise Misshapen(f"'{fields.at}.index' is {index}", f"{fields.at}.index")
            events += self._candidate(number if index is None else index).read(fields)
        rest = piece.left()
        self._rest |= rest
        if feedback := piece.inner("promptFeedback"):
            word, detail = word_of(feedback.word("blockReason")), feedback.text("blockReasonMessage")
            if word or detail:
                self._blocked = replace(read_finish(word, detail, calls=False), reason="blocked")
        return events


MAX_CANDIDATES = 64
"""More answers to one question no provider gives."""


def _is_document(line: bytes) -> bool:
    """A piece of its own: some relays leave out the empty line between two events."""
    return line.startswith(b"{") and line.endswith(b"}")


def _garbled(body: bytes, error: Misshapen) -> UpstreamError:
    quoted = body[:200].decode(errors="replace").strip() or "nothing"
    return UpstreamBroken(f"{error}; it begins: {quoted}", body=body)


def _seconds(created: str) -> int:
    """A timestamp of RFC 3339 as Unix seconds; 0 where it is none."""
    try:
        return int(datetime.fromisoformat(created).timestamp()) if created else 0
    except (ValueError, OverflowError):
        return 0
