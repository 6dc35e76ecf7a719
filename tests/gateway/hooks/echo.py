"""A provider of every protocol that says again what it was told, letter by letter where it streams; in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from quorate.errors import UpstreamError
from quorate.gateway.app import Gateway
from quorate.providers.entry import Entry
from quorate.settings.settings import Fallback, HookSettings, ServerSettings, Settings
from quorate.transport.scripted import Answer, Scripted, ScriptedTransport, answer
from quorate.transport.seam import Send
from quorate.types.chat import ChatReply, ChatRequest, Finish, Message
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Part, Text, ToolCall
from quorate.types.secret import Secret
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.seam import Call
from quorate.wire.wires import WIRES
from tests.gateway.house import KEY, gateway_for

PROTOCOLS = tuple(name for name, wire in WIRES.items() if wire.front is not None)
USAGE = Usage(input=10, output=5)


def provider(protocol: str) -> str:
    """The name that it has in the settings."""
    return f"echo-{protocol.replace('_', '-')}"


def settings_for(*hooks: HookSettings, **server: Any) -> Settings:
    rows: dict[str, dict[str, Any]] = {
        provider(each): {
            "wire": each,
            "base_url": f"http://127.0.0.1:9/{each}",
            "keyless": True,
            "quirks": {"schema": "native"},
        }
        for each in PROTOCOLS
    }
    return Settings(
        rows=rows,
        entries=tuple(Entry(provider=name, name=name) for name in rows),
        from_environment=False,
        fallback=Fallback(tries=1, delay=0),
        server=ServerSettings(keys=(Secret(KEY),), hooks=hooks, **server),
    )


Reply = Callable[[ChatRequest], tuple[Part, ...]]


def words(request: ChatRequest) -> tuple[Part, ...]:
    """The last message's own."""
    return (Text(text=f"You said: {request.messages[-1].text}!"),)


def words_and_call(request: ChatRequest) -> tuple[Part, ...]:
    said = request.messages[-1].text
    return (
        Text(text=f"I shall write: {said}"),
        ToolCall(id="c1", name="send", arguments=f'{{"to":"{said}"}}'),
    )


class Echo:
    """What it was asked stands in `asked` and, as it came, in `bodies`."""

    def __init__(self, reply: Reply = words, *, pause: float = 0.0) -> None:
        """`pause` is before each piece of a stream, in seconds."""
        self._reply, self._pause = reply, pause
        self.asked: list[ChatRequest] = []
        self.bodies: list[bytes] = []
        self.transport = ScriptedTransport(self._answer)

    def gateway(self, settings: Settings, **more: Any) -> Gateway:
        return gateway_for(settings, self.transport, **more)[0]

    def _answer(self, sent: Send) -> Answer:
        url = urlsplit(sent.url)
        _, protocol, path = url.path.split("/", 2)
        prefix = {"openai_chat": "/v1/", "openai_responses": "/v1/", "gemini": "/v1beta/"}.get(protocol, "/")
        call = Call(
            path=prefix + unquote(path),
            query=dict(parse_qsl(url.query)),
            headers=dict(sent.headers),
            body=sent.body,
        )
        self.bodies.append(sent.body)
        front = WIRES[protocol].front
        assert front is not None
        if path.endswith(("embeddings", "count_tokens")):
            return answer(b'{"input_tokens": 1, "data": [{"index": 0, "embedding": [0.5]}]}')
        request = front.read_request(call)
        self.asked.append(request)
        try:
            parts = self._reply(request)
        except UpstreamError as error:
            refused = front.write_error(error, call)
            return answer(refused.body, refused.status)
        ends_with_call = isinstance(parts[-1], ToolCall)
        reply = ChatReply(
            id="echo-1",
            model=request.model,
            created=1,
            message=Message(role="assistant", parts=parts),
            finish=Finish(reason="tool_calls" if ends_with_call else "stop"),
            usage=USAGE,
        )
        if not front.outline(call).stream:
            return answer(front.write_reply(reply, call).body)
        writer = front.stream_writer(call)
        chunks = [*map(writer.write, events_of(reply)), writer.close()]
        return Scripted(
            headers={"content-type": writer.content_type},
            chunks=tuple(each for each in chunks if each),
            pause=self._pause,
        )


def events_of(reply: ChatReply, step: int = 1) -> Iterator[Event]:
    """As a stream, cut after every `step` letters."""
    yield ReplyStart(id=reply.id, model=reply.model, created=reply.created)
    for index, part in enumerate(reply.message.parts):
        yield PartStart(index=index, part=_emptied(part))
        yield from (PartDelta(index=index, text=piece) for piece in cut(_told(part), step))
        yield PartEnd(index=index, part=part)
    yield ReplyEnd(finish=reply.finish, usage=reply.usage)


def cut(text: str, step: int) -> Iterable[str]:
    return (text[place : place + step] for place in range(0, len(text), step))


def _told(part: Part) -> str:
    return part.arguments if isinstance(part, ToolCall) else part.text if isinstance(part, Text) else ""


def _emptied(part: Part) -> Part:
    return replace(part, arguments="") if isinstance(part, ToolCall) else Text(text="")
