"""Writes a streamed answer in the form of OpenAI's older completions."""

from __future__ import annotations

import msgspec

from quorate.errors import QuorateError
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Refusal, Text
from quorate.wire.framing import write_sse
from quorate.wire.json_fields import Json
from quorate.wire.openai_faults import error_object

from .completions import said, write_choice, write_end, write_logprobs
from .fields import own
from .usage import write_usage

_dumps = msgspec.json.encode


class CompletionWriter:
    """Words as they come; whatever else a model tells has no place here."""

    content_type = "text/event-stream"

    def __init__(self, echo: str, *, usage_wanted: bool) -> None:
        """`echo` is said before the words of each answer."""
        self._echo, self._usage_wanted = echo, usage_wanted
        self._head: Json = {}
        self._saying: dict[int, int] = {}
        """Open parts with words → the answer each belongs to."""
        self._grown: set[int] = set()
        self._begun: set[int] = set()

    def write(self, event: Event) -> bytes:
        match event:
            case PartDelta(index=index, text=text) if text and index in self._saying:
                self._grown.add(index)
                return self._say(self._saying[index], text)
            case PartStart(part=Text() | Refusal()):
                self._saying[event.index] = event.choice
                return b""
            case PartEnd(part=Text() | Refusal() as part):
                self._saying.pop(event.index, None)
                words = "" if event.index in self._grown else said([part])
                logprobs = write_logprobs([part])
                return self._say(event.choice, words, logprobs) if words or logprobs else b""
            case ReplyStart():
                self._head = {
                    "id": event.id,
                    "object": "text_completion",
                    "created": event.created,
                    "model": event.model,
                } | {name: value for name, value in own(event.vendor).items() if name != "choices"}
                return b""
            case ReplyEnd():
                return self._end(event)
            case _:
                return b""

    def fail(self, error: QuorateError) -> bytes:
        return write_sse(_dumps({"error": error_object(error)}))

    def close(self) -> bytes:
        return b"data: [DONE]\n\n"

    def _say(self, choice: int, text: str, logprobs: Json | None = None) -> bytes:
        return self._chunk(write_choice(choice, self._opening(choice) + text, None, logprobs))

    def _opening(self, choice: int) -> str:
        if choice in self._begun:
            return ""
        self._begun.add(choice)
        return self._echo

    def _chunk(self, choice: Json) -> bytes:
        unknown = {"usage": None} if self._usage_wanted else {}
        return write_sse(_dumps(self._head | {"choices": [choice]} | unknown))

    def _end(self, event: ReplyEnd) -> bytes:
        out = b""
        for number, finish in enumerate((event.finish, *event.finishes)):
            out += self._chunk(write_choice(number, self._opening(number), write_end(finish), None))
        if self._usage_wanted and (usage := write_usage(event.usage)) is not None:
            out += write_sse(_dumps(self._head | {"choices": [], "usage": usage}))
        return out
