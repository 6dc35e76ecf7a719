"""Reads the stream of a prediction: plain text in events, then a word that it is done."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from quorate.errors import UpstreamBroken
from quorate.types.chat import Finish
from quorate.types.events import Event, ReplyEnd, ReplyStart
from quorate.types.parts import Text
from quorate.types.usage import MISSING
from quorate.wire.builder import PartBuilder
from quorate.wire.json_fields import a_text, an_object
from quorate.wire.seam import Frame, WireAnswer

from .failure import failed, told_in_stream
from .prediction import finish_of


class OutputReader:
    """One stream. It names neither prediction nor model, and counts nothing."""

    def __init__(self) -> None:
        self._parts = PartBuilder()
        self._has_begun = False
        self._finish: Finish | None = None

    def read(self, frame: Frame) -> Iterable[Event]:
        match frame.event:
            case "output" if self._finish is None:
                text = frame.data.decode(errors="replace")
                return [*self._begin(), *self._parts.open("text", Text(text="")), *self._parts.grow(text)]
            case "error":
                raise told_in_stream(frame.data)
            case "done" if self._finish is None:
                self._finish = finish_of(_told(frame.data))
                return [*self._begin(), *self._parts.close(), ReplyEnd(finish=self._finish, usage=MISSING)]
            case _:
                return []

    def close(self) -> Iterable[Event]:
        if self._finish is None:
            raise UpstreamBroken("the stream ended before the prediction was done")
        return []

    def _begin(self) -> list[Event]:
        if self._has_begun:
            return []
        self._has_begun = True
        return [ReplyStart(id="", model="")]


def _told(data: bytes) -> str:
    """How it ended: nothing is said of a success. Raises where it failed."""
    try:
        reason = a_text(an_object(msgspec.json.decode(data)).get("reason"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        reason = ""
    if reason in ("error", "canceled"):
        raise failed("failed" if reason == "error" else reason, "", WireAnswer(body=data))
    return "succeeded"
