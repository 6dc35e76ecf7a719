"""Answers what Replicate's clients ask of predictions: submitted, asked after, streamed, cancelled."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.errors import InvalidRequest, QuorateError
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.events import Event, PartDelta, PartStart, ReplyEnd
from quorate.types.parts import Text
from quorate.types.target import Target
from quorate.wire.json_fields import Json
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .question import FOLDER, Asked, asked_in, read_request

JSON = {"content-type": "application/json"}

_CREATED = "2026-01-01T00:00:00.000Z"


def routes(method: str, path: str) -> tuple[Route, ...]:
    """Where Replicate has it, and under a folder of its own."""
    return tuple(Route(method=method, path=base + path) for base in (FOLDER, ""))


class ReplicateFront:
    """A provider of this protocol, played."""

    routes: Sequence[Route] = (
        *routes("POST", "/v1/models/{owner}/{name}/predictions"),
        *routes("POST", "/v1/deployments/{owner}/{name}/predictions"),
        *routes("POST", "/v1/predictions"),
        *routes("GET", "/v1/predictions/{id}"),
        *routes("POST", "/v1/predictions/{id}/cancel"),
        *routes("GET", "/v1/streams/{id}"),
    )
    request_id_header = "x-request-id"

    def outline(self, call: Call) -> Outline:
        return Outline(model=asked_in(call).model, stream="/v1/streams/" in call.path, size=len(call.body))

    def redirect(self, call: Call, target: Target) -> WireRequest:
        """Nobody is redirected: no client of the gateway speaks this protocol."""
        raise InvalidRequest("calls of this protocol are not forwarded")

    def read_request(self, call: Call) -> ChatRequest:
        return read_request(asked_in(call))

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        asked = asked_in(call)
        if call.path.endswith("/cancel"):
            return _told(call, asked, {"status": "canceled"})
        waits = call.method == "GET" or call.headers.get("prefer", "").startswith("wait")
        if asked.stream or not waits:
            return _told(call, asked, {"status": "starting"}, status=201)
        usage = reply.usage
        done: Json = {
            "status": "succeeded",
            "output": reply.text.splitlines(keepends=True),
            "metrics": {"input_token_count": usage.input_total, "output_token_count": usage.output_total},
        }
        return _told(call, asked, done, status=200 if call.method == "GET" else 201)

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        retry_after = getattr(error, "retry_after", None)
        wait = {"retry-after": f"{retry_after:g}"} if retry_after is not None else {}
        body = {"title": error.code, "detail": str(error), "status": error.http_status}
        headers = {"content-type": "application/problem+json"} | wait
        return WireAnswer(status=error.http_status, headers=headers, body=msgspec.json.encode(body))

    def stream_writer(self, call: Call) -> StreamWriter:
        return OutputWriter()


def _told(call: Call, asked: Asked, fields: Json, status: int = 200) -> WireAnswer:
    folder = FOLDER if call.path.startswith(FOLDER) else ""
    base = f"http://{call.headers.get('host', 'localhost')}{folder}/v1"
    identity = asked.identity
    urls = {"get": f"{base}/predictions/{identity}", "cancel": f"{base}/predictions/{identity}/cancel"}
    if asked.stream:
        urls["stream"] = f"{base}/streams/{identity}"
    body = {
        "id": identity,
        "model": asked.model,
        "version": "hidden",
        "created_at": _CREATED,
        "output": None,
        "error": None,
        "urls": urls,
    }
    return WireAnswer(status=status, headers=JSON, body=msgspec.json.encode(body | fields))


class OutputWriter:
    """Writes the words of one answer as events."""

    content_type = "text/event-stream"

    def __init__(self) -> None:
        self._texts: set[int] = set()
        self._count = 0

    def write(self, event: Event) -> bytes:
        match event:
            case PartStart(part=Text(), index=index):
                self._texts.add(index)
            case PartDelta(text=text, index=index) if text and index in self._texts:
                return self._event("output", text)
            case ReplyEnd():
                return self._event("done", "{}")
            case _:
                pass
        return b""

    def fail(self, error: QuorateError) -> bytes:
        return self._event("error", msgspec.json.encode({"detail": str(error)}).decode())

    def close(self) -> bytes:
        return b""

    def _event(self, name: str, data: str) -> bytes:
        self._count += 1
        lines = "".join(f"data: {line}\n" for line in data.split("\n"))
        return f"event: {name}\nid: {self._count}:0\n{lines}\n".encode()
