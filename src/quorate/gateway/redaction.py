"""Takes personal data out of bodies that are to be kept. What cannot be read cannot be cleaned, and is not kept."""

from __future__ import annotations

import json
from collections.abc import Mapping

from quorate.errors import QuorateError
from quorate.types.events import Event, assemble
from quorate.types.value import Value
from quorate.wire.framing import framer
from quorate.wire.seam import Call, Framing

from .hooks.aliases import Aliases
from .hooks.finders import Detector
from .routes import Found

_FRAMINGS: Mapping[str, Framing] = {"text/event-stream": "sse", "application/x-ndjson": "ndjson"}
"""What a front says that its streams are → how they are cut; else they are a list."""


class Said(Value):
    """Both sides of a call, as they went over the line."""

    call: Call
    found: Found
    asked: bytes
    answered: bytes
    is_stream: bool


def redacted(said: Said, detector: Detector) -> tuple[bytes | None, bytes | None]:
    """What was asked and answered, the same value under the same placeholder in both; None for what nobody can read.

    A streamed answer becomes the whole answer of the same protocol: in a stream values are cut in two. One that
    broke off may end in half a value, and is nothing that anybody can read.
    """
    aliases = Aliases(detector)
    asked = _clean(said.asked, aliases)
    answered = _put_together(said) if said.is_stream and said.answered else said.answered
    return asked, None if answered is None else _clean(answered, aliases)


def _clean(body: bytes, aliases: Aliases) -> bytes | None:
    if not body:
        return body
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        # Escapes may hide in what is no JSON as a whole: only plain words are certain to be seen.
        text = body.decode(errors="replace")
        return aliases.mask(text).encode() if "\\" not in text else None
    masked = aliases.mask_tree(told, with_keys=True)
    return json.dumps(masked, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _put_together(said: Said) -> bytes | None:
    front, codec = said.found.front, said.found.wire.codec
    kind = front.stream_writer(said.call).content_type.partition(";")[0]
    cutter, reader = framer(_FRAMINGS.get(kind, "json_list")), codec.stream_reader()
    events: list[Event] = []
    try:
        for frame in [*cutter.feed(said.answered), *cutter.close()]:
            events.extend(reader.read(frame))
        events.extend(reader.close())
        return front.write_reply(assemble(events), said.call).body
    except QuorateError:
        return None
