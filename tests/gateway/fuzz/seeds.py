"""Valid requests for every route of every front: by the codecs' own hands, by generators, and as recorded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from quorate.errors import QuorateError
from quorate.types.chat import ChatRequest, Message, OutputFormat, Thinking, Tool, ToolChoice
from quorate.types.parts import Media, Text, ToolCall, ToolResult
from quorate.types.work import Operation
from quorate.wire.seam import Route
from quorate.wire.wires import WIRES
from tests.gateway.house import HOST, written
from tests.recordings.reading.folder import exchanges, recorded_files

from .shot import Header, Shot

MODELS = (
    "sim-openai/sim-swift",
    "sim-anthropic/sim-swift",
    "sim-gemini/sim-swift",
    "sim-ollama/sim-swift",
    "sim-responses/sim-swift",
    "route/mixed",
    "gpt-of-old",
)
"""A target of each protocol, a route over several and an alias."""

FRONTS = tuple(name for name, wire in WIRES.items() if wire.front is not None)
_PLACE = re.compile(r"\{(\w+)\*?\}")
_SCHEMA = {
    "type": "object",
    "properties": {
        "city": {"type": "string", "pattern": "^[A-Z]"},
        "days": {"type": "integer", "minimum": 1},
    },
    "required": ["city"],
    "additionalProperties": False,
}
_EDGE = b"edge-of-the-tests"
_PIXEL = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55")


@dataclass(frozen=True)
class Seed:
    """A request that makes sense but for its model, which is put in later."""

    front: str
    method: str
    path: str
    """With its places still in braces."""
    query: str = ""
    body: Any = None
    """A JSON value, or a form as bytes; None for none."""

    def aimed(self, luck: Random, key: str, answers: Sequence[str]) -> Shot:
        """At some target, with the key as this protocol's clients show it; `answers` are ids of kept ones."""
        model = MODELS[0] if self.path.endswith(_MAKERS) else luck.choice(MODELS)
        fill = {"model": model, "id": luck.choice(answers) if "/responses/" in self.path else model}
        path = _PLACE.sub(lambda place: fill.get(place[1], "some"), self.path)
        body, kind = b"", b"application/json"
        if isinstance(self.body, bytes):
            body, kind = (
                self.body.replace(b"{model}", model.encode()),
                b"multipart/form-data; boundary=" + _EDGE,
            )
        elif self.body is not None:
            named = self.body | {"model": model} if "model" in self.body else self.body
            body = json.dumps(named).encode()
        headers, query = _shown(self.front, luck, key)
        url = quote(path, safe="/:~-._") + "?" * bool(self.query or query)
        url += "&".join(each for each in (self.query, query) if each)
        headers = ((b"host", HOST.encode()), (b"content-type", kind), *headers)
        return Shot(front=self.front, url=url.encode(), method=self.method, headers=headers, body=body)


def _shown(front: str, luck: Random, key: str) -> tuple[tuple[Header, ...], str]:
    """The key, in a header or in the query."""
    sent = key.encode()
    match front:
        case "anthropic":
            return ((b"x-api-key", sent), (b"anthropic-version", b"2023-06-01")), ""
        case "gemini" if luck.random() < 0.3:
            return (), f"key={key}"
        case "gemini":
            return ((b"x-goog-api-key", sent),), ""
        case _:
            return ((b"authorization", b"Bearer " + sent),), ""


def questions() -> Iterator[ChatRequest]:
    """Of each kind of thing that can stand in one."""
    words = Message(role="user", parts=(Text(text="Name three rivers in France"),))
    tool = Tool(name="weather", description="of a city", schema=_SCHEMA)
    call = ToolCall(id="call_1", name="weather", arguments='{"city":"Rome"}')
    picture = Media(kind="image", media_type="image/png", data=_PIXEL)
    yield ChatRequest(model="m", messages=(words,), max_output=50, temperature=0.5, stop=("x",))
    yield ChatRequest(model="m", messages=(Message(role="system", parts=(Text(text="Be brief"),)), words))
    yield ChatRequest(
        model="m", messages=(words,), tools=(tool,), tool_choice=ToolChoice(mode="named", name="weather")
    )
    yield ChatRequest(
        model="m",
        messages=(
            words,
            Message(role="assistant", parts=(Text(text="Let me see"), call)),
            Message(
                role="tool",
                parts=(ToolResult(call_id="call_1", name="weather", content=(Text(text="dry"),)),),
            ),
        ),
        tools=(tool,),
    )
    yield ChatRequest(model="m", messages=(Message(role="user", parts=(Text(text="What is it?"), picture)),))
    yield ChatRequest(model="m", messages=(words,), output=OutputFormat(kind="schema", schema=_SCHEMA))
    yield ChatRequest(
        model="m", messages=(words,), thinking=Thinking(effort="low"), output=OutputFormat(kind="json")
    )


def _chat_bodies(front: str, asked: Sequence[ChatRequest]) -> Iterator[tuple[Any, str]]:
    """Each body with the query that goes with it."""
    for request in asked:
        for stream in (False, True):
            try:
                sent = written(front, request, stream=stream)
            except QuorateError:  # not every protocol can say everything
                continue
            yield json.loads(sent.body), sent.query


_EMBED: dict[str, list[Any]] = {
    "/embeddings": [
        {"model": "m", "input": ["one", "two"], "dimensions": 8, "encoding_format": "base64"},
        {"model": "m", "input": [[1, 2, 3]], "user": "u"},
    ],
    ":embedContent": [{"content": {"parts": [{"text": "one"}]}, "taskType": "RETRIEVAL_QUERY"}],
    ":batchEmbedContents": [
        {
            "requests": [
                {"model": "models/m", "content": {"parts": [{"text": "one"}]}, "outputDimensionality": 8}
            ]
        }
    ],
    "/api/embed": [{"model": "m", "input": ["one", "two"], "truncate": True, "options": {"num_ctx": 64}}],
    "/api/embeddings": [{"model": "m", "prompt": "one"}],
}
_COMPLETIONS: list[Any] = [
    {"model": "m", "prompt": "Once upon", "max_tokens": 20, "echo": True, "logprobs": 2, "stream": False},
    {"model": "m", "prompt": ["Once"], "stream": True, "stream_options": {"include_usage": True}, "n": 1},
]
_GENERATE: list[Any] = [
    {
        "model": "m",
        "prompt": "Once upon",
        "system": "Be brief",
        "stream": False,
        "options": {"num_predict": 20},
    },
    {"model": "m", "prompt": "What is it?", "images": ["aGVsbG8="], "format": "json", "keep_alive": "5m"},
]
_MADE: dict[str, Any] = {
    "/rerank": {"model": "m", "query": "rivers", "documents": ["Loire", {"text": "Alps"}], "top_n": 1},
    "/moderations": {"model": "m", "input": ["one", {"type": "text", "text": "two"}]},
    "/images/generations": {
        "model": "m",
        "prompt": "a river",
        "n": 1,
        "size": "256x256",
        "response_format": "b64_json",
    },
    "/audio/speech": {
        "model": "m",
        "input": "a river",
        "voice": "alloy",
        "response_format": "wav",
        "speed": 1.5,
    },
}
"""What else is asked for, by the end of its path."""

_KEPT: list[Any] = [
    {"model": "m", "input": "Name a river", "store": True, "previous_response_id": "resp_unknown"},
    {"model": "m", "input": "Name a river", "background": True, "store": True, "metadata": {"a": "b"}},
    {
        "model": "m",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Name"}]}],
        "stream": True,
    },
]


def _bodies(
    front: str, operation: Operation, route: Route, chats: Sequence[tuple[Any, str]]
) -> list[tuple[Any, str]]:
    """What may be sent there."""
    path = route.path
    match operation:
        case "chat" if path.endswith("/generate"):
            return [(body, "") for body in _GENERATE]
        case "chat" if path.endswith("/completions") and not path.endswith("/chat/completions"):
            return [(body, "") for body in _COMPLETIONS]
        case "chat" if front == "gemini":
            is_stream = path.endswith(":streamGenerateContent")
            return [(body, query) for body, query in chats if is_stream or "alt" not in query]
        case "chat" if front == "openai_responses":
            return [*chats, *((body, "") for body in _KEPT)]
        case "chat":
            return list(chats)
        case "embed":
            ending = next(each for each in sorted(_EMBED, key=len, reverse=True) if path.endswith(each))
            return [(body, "") for body in _EMBED[ending]]
        case "count" if front == "gemini":
            wrapped = [{"generateContentRequest": {"model": "models/m"} | body} for body, _ in chats]
            return [(body, "") for body in (*wrapped, {"contents": [{"parts": [{"text": "one"}]}]})]
        case "count":
            return [
                ({k: v for k, v in body.items() if k not in ("stream", "max_tokens")}, "")
                for body, _ in chats
            ]
        case "transcribe":
            return [(_form(b"file", b"sound.wav", b"audio/wav", b"RIFF\x24\0\0\0WAVEfmt \xff"), "")]
        case _:
            made = next((body for ending, body in _MADE.items() if path.endswith(ending)), {"model": "m"})
            if path.endswith("/images/edits"):
                made = _form(b"image", b"river.png", b"image/png", _PIXEL)
            return [(made, "")] if route.method == "POST" else [(None, "")]


_MAKERS = (
    "/images/generations",
    "/images/edits",
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
)
"""What the simulator makes for clients of one protocol alone."""


def _form(field: bytes, name: bytes, kind: bytes, data: bytes) -> bytes:
    """With a file and some texts; the model's name is filled in later."""
    texts = {b"model": b"{model}", b"prompt": b"a river", b"response_format": b"json", b"n": b"1"}
    parts = [b'content-disposition: form-data; name="%b"\r\n\r\n%b' % each for each in texts.items()]
    head = b'content-disposition: form-data; name="%b"; filename="%b"\r\ncontent-type: %b' % (
        field,
        name,
        kind,
    )
    parts.append(head + b"\r\n\r\n" + data)
    return b"".join(b"--%b\r\n%b\r\n" % (_EDGE, part) for part in parts) + b"--%b--\r\n" % _EDGE


def seeds_of(front: str, more: Sequence[ChatRequest] = ()) -> list[list[Seed]]:
    """A list of seeds for every route of a front."""
    wire = WIRES[front]
    assert wire.front is not None
    chats = list(_chat_bodies(front, [*questions(), *more]))
    routes = [*wire.front.routes, *(route for work in wire.work_fronts.values() for route in work.routes)]
    return [
        [
            Seed(front, route.method, route.path, query, body)
            for body, query in _bodies(front, route.operation, route, chats)
        ]
        for route in routes
    ]


PAGES = tuple(
    [Seed("", "GET", path)]
    for path in (
        "/health",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/api/v1/keys",
        "/api/v1/calls",
        "/nothing",
    )
)

_RECORDED: dict[str, tuple[str, ...]] = {
    "openai_chat": ("/chat/completions", "/embeddings"),
    "openai_responses": ("/responses",),
    "anthropic": ("/messages",),
    "gemini": (":generateContent", ":streamGenerateContent", ":embedContent", ":countTokens"),
    "ollama": ("/api/chat", "/api/generate", "/api/embed"),
}
_PREFIX = {
    "openai_chat": "/v1",
    "openai_responses": "/v1",
    "anthropic": "/v1",
    "gemini": "/v1beta/models/{model}",
}
_LONGEST = 20_000


def recorded_seeds(root: Path, luck: Random, files: int) -> dict[str, list[Seed]]:
    """Requests that real programs sent, from that many files of the folder."""
    names = recorded_files(root)
    found: dict[str, list[Seed]] = {front: [] for front in FRONTS}
    for name in luck.sample(names, min(files, len(names))):
        for each in exchanges(root, name):
            for front, endings in _RECORDED.items():
                ending = next((end for end in endings if each.path.endswith(end)), "")
                if ending and (body := _object(each.request)) is not None:
                    path = _PREFIX.get(front, "") + ending
                    found[front].append(Seed(front, "POST", path, "", body))
    return found


def _object(data: bytes) -> Any:
    """A JSON object that is not too long to be sent often; None for anything else."""
    if len(data) > _LONGEST:
        return None
    try:
        value = json.loads(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
