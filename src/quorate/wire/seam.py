"""The seam between our values and a protocol's bytes. Nothing under `wire` does I/O.

A `Codec` is our side of a call to a provider; a `Front` is our side of a call from a client.
They mirror each other: what one writes the other reads back equal.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

from quorate.errors import QuorateError, UpstreamError
from quorate.types.chat import ChatReply, ChatRequest, Departure
from quorate.types.events import Event
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import Value
from quorate.types.work import Operation

Framing = Literal["json", "sse", "ndjson", "json_list", "event_stream"]
"""How an answer's bytes divide into frames; 'json' is one whole document."""

Method = Literal["GET", "POST", "DELETE"]


Follow = Callable[["WireAnswer"], Generator["Step", "WireAnswer", "WireAnswer"]]
"""From the first answer on: yields what to ask next, is told each whole answer whatever its status, and returns the
one to be read as the answer, unless a step was the last.
"""


class WireRequest(Value):
    """What to send to a provider, but for its address and our credential."""

    path: str
    """Appended to the target's base URL; starts with '/'."""
    base_url: str = ""
    """Another base than the target's, for a protocol whose operations live at several hosts; no '/' at its end."""
    body: bytes = b""
    method: Method = "POST"
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    """Lower-case names. The content type is JSON unless it stands here."""
    framing: Framing = "json"
    """What the answer to a success will be."""
    fidelity: tuple[Departure, ...] = ()
    """Every setting that could not be written as it was."""
    hide: Callable[[bytes], bytes] | None = None
    """Takes out of whole frames of the answer what we asked for and the client did not; None: nothing."""
    follow: Follow | None = None
    """Where the first answer only takes the work on: how the last one is come by."""
    cancel: Callable[[WireAnswer], WireRequest | None] | None = None
    """From the first answer: what stops the work for which nobody waits any more."""


class WireAnswer(Value):
    """A whole answer: of a provider to us, or of us to a client."""

    status: int = 200
    headers: dict[str, str] = {}
    """Lower-case names."""
    body: bytes = b""


class Step(Value):
    """What is asked next on the way to an answer."""

    request: WireRequest
    wait: float = 0.0
    """Seconds before it is sent."""
    url: str = ""
    """A whole address that the provider named, in place of the request's own; it is not told our credential."""
    is_last: bool = False
    """Its answer is the one that was asked for, and is read as it comes."""


class Frame(Value):
    """One event of a stream, as framing cut it out of the bytes."""

    data: bytes
    event: str = ""
    content_type: str = ""
    """Of the data, where the framing tells it."""
    failed: bool = False
    """The framing itself says that the frame tells of an error; `event` is its kind."""


class StreamReader(Protocol):
    """Reads the frames of one streamed answer, in order."""

    def read(self, frame: Frame) -> Iterable[Event]:
        """The events a frame brings. Raises `UpstreamError` where the frame tells of one or is garbled."""
        ...

    def close(self) -> Iterable[Event]:
        """After the last frame: the events that end the reply.

        Raises `UpstreamBroken` where the stream stopped before the protocol's own mark of its end.
        """
        ...


class Codec(Protocol):
    """Calls a provider. Stateless: one instance serves all calls."""

    def write_request(self, request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
        """A setting it cannot write stands in `fidelity`; what makes no sense is `InvalidRequest`."""
        ...

    def read_reply(self, answer: WireAnswer) -> ChatReply:
        """Of a success. Raises `UpstreamError` for an error inside it, `UpstreamBroken` for garbled bytes."""
        ...

    def read_error(self, answer: WireAnswer) -> UpstreamError:
        """Of any status ≥ 400 and any body; never raises."""
        ...

    def stream_reader(self) -> StreamReader: ...


class Call(Value):
    """What a client sent us."""

    method: str = "POST"
    path: str
    """Without the query; percent-decoded."""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    """Lower-case names."""
    body: bytes = b""


class Route(Value):
    """A path a front answers. `{name}` stands for one segment, `{name*}` for the rest, slashes included."""

    method: str
    path: str
    operation: Operation = "chat"


class Outline(Value):
    """As much of a call as admission and routing need, read without translating it."""

    model: str
    stream: bool = False
    max_output: int | None = None
    size: int = 0
    """Bytes of the body: an upper bound of its text tokens."""


class StreamWriter(Protocol):
    """Writes one streamed answer in a client's protocol."""

    content_type: str

    def write(self, event: Event) -> bytes:
        """Empty where the protocol has nothing to say to this event."""
        ...

    def fail(self, error: QuorateError) -> bytes:
        """The protocol's own words for a failure after the stream began; no `close` follows."""
        ...

    def close(self) -> bytes: ...


class Front(Protocol):
    """Answers clients that speak the protocol. Stateless."""

    routes: Sequence[Route]
    request_id_header: str
    """The header of an answer in which this protocol's clients look for the call's id."""

    def outline(self, call: Call) -> Outline:
        """Raises `InvalidRequest` for bytes or types that make no sense."""
        ...

    def redirect(self, call: Call, target: Target) -> WireRequest:
        """The client's own bytes for a target of the same protocol: only the model's name is another.

        Usage that the client did not ask for may be asked for too; then `hide` keeps it from the client.
        Raises `Unsupported` where the target departs from the protocol in what the client uses: such a call
        is to be translated.
        """
        ...

    def read_request(self, call: Call) -> ChatRequest: ...

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer: ...

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer: ...

    def stream_writer(self, call: Call) -> StreamWriter: ...


Ask = TypeVar("Ask", contravariant=True)
Reply = TypeVar("Reply", covariant=True)
AskOut = TypeVar("AskOut", covariant=True)
ReplyIn = TypeVar("ReplyIn", contravariant=True)


class WorkCodec(Protocol[Ask, Reply]):
    """Calls a provider for one operation that is not a chat."""

    def write_request(self, request: Ask, target: Target) -> WireRequest: ...

    def read_reply(self, answer: WireAnswer) -> Reply: ...


class WorkFront(Protocol[AskOut, ReplyIn]):
    """Answers clients for one operation that is not a chat."""

    routes: Sequence[Route]

    def read_request(self, call: Call) -> AskOut: ...

    def write_reply(self, reply: ReplyIn, call: Call) -> WireAnswer: ...


class Wire(Value):
    """A protocol. It can do an operation when the operation is in the table."""

    name: str
    codec: Codec
    front: Front | None = None
    work: Mapping[Operation, WorkCodec[Any, Any]] = {}
    work_fronts: Mapping[Operation, WorkFront[Any, Any]] = {}
    glance: Callable[[bytes], Usage | None] | None = None
    """Reads what a usual whole answer used straight from its bytes, for answers of which nothing else is read.
    None of what is out of the common: the codec reads it then, to the same usage."""


Wires = Mapping[str, Wire]
