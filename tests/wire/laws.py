"""The laws that every wire keeps (DESIGN §2, laws 1 to 5), as functions a protocol's tests call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quorate.types.chat import ChatReply, ChatRequest, Message
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart, assemble
from quorate.types.parts import Media, Part, Reasoning, Refusal, SearchResult, Text, ToolCall
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.framing import framer
from quorate.wire.seam import Call, Framing, Wire, WireAnswer, WireRequest


def call_of(request: WireRequest, prefix: str = "") -> Call:
    """What a client that sent `request` would have sent to us."""
    return Call(
        method=request.method,
        path=prefix + request.path,
        query=request.query,
        headers=request.headers,
        body=request.body,
    )


def request_returns(
    wire: Wire, request: ChatRequest, target: Target, *, prefix: str = "", stream: bool = False
) -> ChatRequest:
    """Law 1: what the codec writes, the front reads back equal (the model under the target's name).

    Returns what was read, for tests that compare less than all.
    """
    assert wire.front is not None
    written = wire.codec.write_request(request, target, stream=stream)
    assert written.fidelity == (), written.fidelity
    returned = wire.front.read_request(call_of(written, prefix))
    assert returned == replace(request, model=target.model)
    return returned


def reply_returns(wire: Wire, reply: ChatReply, call: Call) -> None:
    """Law 1: what the front writes, the codec reads back equal, but for what no protocol holds."""
    assert wire.front is not None
    answer = wire.front.write_reply(reply, call)
    assert answer.status == 200
    assert plain(wire.codec.read_reply(answer)) == plain(reply)


def stream_is_whole(wire: Wire, reply: ChatReply, call: Call, framing: Framing) -> bytes:
    """Law 2: the stream that tells of a reply assembles to that reply. Returns the stream's bytes."""
    assert wire.front is not None
    writer = wire.front.stream_writer(call)
    stream = b"".join([writer.write(event) for event in events_of(reply)]) + writer.close()
    assert plain(assemble(read_stream(wire, [stream], framing))) == plain(reply)
    return stream


def any_chunking(wire: Wire, stream: bytes, cuts: Iterable[int], framing: Framing) -> None:
    """Law 3: however the bytes are cut, the events are the same."""
    whole = read_stream(wire, [stream], framing)
    places = sorted({cut % (len(stream) + 1) for cut in cuts})
    pieces = [stream[start:end] for start, end in zip([0, *places], [*places, len(stream)], strict=True)]
    assert read_stream(wire, pieces, framing) == whole
    assert read_stream(wire, [stream[place : place + 1] for place in range(len(stream))], framing) == whole


def nothing_is_silent(wire: Wire, request: ChatRequest, target: Target, *, prefix: str = "") -> None:
    """Law 4: each setting comes back as it was, or stands in `fidelity`."""
    assert wire.front is not None
    written = wire.codec.write_request(request, target, stream=False)
    returned = wire.front.read_request(call_of(written, prefix))
    told = {departure.setting.split(".")[0] for departure in written.fidelity}
    silent = [
        name
        for name in request.__struct_fields__
        if name not in ("model", "vendor", *told) and getattr(returned, name) != getattr(request, name)
    ]
    assert silent == []


def usage_adds_up(usage: Usage, input_total: int, output_total: int) -> None:
    """Law 5: the classes sum to the provider's totals, and each is a count."""
    assert usage.quality == "exact"
    assert (usage.input_total, usage.output_total) == (input_total, output_total)
    assert min(usage.input, usage.cache_read, usage.cache_write, usage.output - usage.reasoning) >= 0


def read_stream(wire: Wire, chunks: Sequence[bytes], framing: Framing) -> list[Event]:
    """The events of a stream that came in these chunks."""
    cutter, reader = framer(framing), wire.codec.stream_reader()
    events: list[Event] = []
    for chunk in chunks:
        for frame in cutter.feed(chunk):
            events.extend(reader.read(frame))
    for frame in cutter.close():
        events.extend(reader.read(frame))
    events.extend(reader.close())
    return joined(events)


def joined(events: Iterable[Event]) -> list[Event]:
    """The same events with neighbouring deltas of one part made one."""
    out: list[Event] = []
    for event in events:
        last = out[-1] if out else None
        if isinstance(event, PartDelta) and isinstance(last, PartDelta) and last.index == event.index:
            out[-1] = PartDelta(index=event.index, text=last.text + event.text, data=last.data + event.data)
        else:
            out.append(event)
    return out


def events_of(reply: ChatReply) -> list[Event]:
    """A reply as the events that a provider of another protocol might have streamed."""
    events: list[Event] = [
        ReplyStart(id=reply.id, model=reply.model, created=reply.created, vendor=reply.vendor)
    ]
    for index, part in enumerate(reply.message.parts):
        events.append(PartStart(index=index, part=_emptied(part)))
        events.extend(_deltas(index, part))
        events.append(PartEnd(index=index, part=part))
    events.append(ReplyEnd(finish=reply.finish, usage=reply.usage))
    return events


def _emptied(part: Part) -> Part:
    match part:
        case Text() | Reasoning() | Refusal() | SearchResult():
            return replace(part, text="")
        case ToolCall():
            return replace(part, arguments="")
        case Media():
            return replace(part, transcript="", data=b"")
        case _:
            return part


def _deltas(index: int, part: Part) -> list[Event]:
    match part:
        case Text(text=text) | Reasoning(text=text) | Refusal(text=text) | SearchResult(text=text):
            pieces = [text[start : start + 5] for start in range(0, len(text), 5)]
            return [PartDelta(index=index, text=piece) for piece in pieces]
        case ToolCall(arguments=text):
            return [PartDelta(index=index, text=piece) for piece in (text[:3], text[3:]) if piece]
        case Media(transcript=text, data=data) if text or data:
            return [PartDelta(index=index, text=text, data=data)]
        case _:
            return []


def plain(reply: ChatReply) -> ChatReply:
    """A reply without the words and objects of one provider: what every road must keep."""
    return replace(
        reply,
        created=0,
        finish=replace(reply.finish, raw="", detail=""),
        alternatives=tuple(
            replace(each, finish=replace(each.finish, raw="", detail="")) for each in reply.alternatives
        ),
        usage=replace(reply.usage, vendor={}),
        vendor={},
    )


def answer_of(body: bytes, status: int = 200, **headers: str) -> WireAnswer:
    """A provider's answer with that body."""
    return WireAnswer(status=status, body=body, headers={"content-type": "application/json"} | headers)


def assistant(*parts: Part) -> Message:
    """An assistant's turn."""
    return Message(role="assistant", parts=parts)
