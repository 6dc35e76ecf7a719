"""An OpenAI-shaped server that is not the bottleneck: fixed bytes, no parsing beyond the request's length.

Run as `python -m bench.upstream`; it prints its port, and ends when its standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import sys

TEXT = "The Rhine, the Danube and the Elbe are three rivers of Europe that many ships go along. " * 8
EVENTS = 100


def _whole() -> bytes:
    message = {"role": "assistant", "content": TEXT, "refusal": None, "annotations": []}
    body = json.dumps(
        {
            "id": "chatcmpl-bench",
            "object": "chat.completion",
            "created": 1790000000,
            "model": "gpt-4o-mini",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": _usage(),
            "service_tier": "default",
            "system_fingerprint": "fp_bench",
        }
    ).encode()
    return _head("application/json") + f"content-length: {len(body)}\r\n\r\n".encode() + body


def _usage() -> dict[str, object]:
    return {
        "prompt_tokens": 210,
        "completion_tokens": 190,
        "total_tokens": 400,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _stream() -> bytes:
    """`EVENTS` deltas, a finish, the usage, the end; all at once, so that wake-ups do not count."""
    head = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": "gpt-4o-mini",
        "service_tier": "default",
        "system_fingerprint": "fp_bench",
    }

    def chunk(delta: dict[str, object], finish: str | None = None) -> dict[str, object]:
        return head | {"choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]}

    chunks = [chunk({"role": "assistant", "content": ""})]
    chunks += [chunk({"content": f" word{number}"}) for number in range(EVENTS)]
    chunks += [chunk({}, "stop"), head | {"choices": [], "usage": _usage()}]
    body = b"".join(b"data: " + json.dumps(each).encode() + b"\n\n" for each in chunks) + b"data: [DONE]\n\n"
    framed = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    return _head("text/event-stream; charset=utf-8") + b"transfer-encoding: chunked\r\n\r\n" + framed


def _head(content_type: str) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        f"content-type: {content_type}",
        "x-request-id: req_bench",
        "openai-version: 2020-10-01",
    ]
    return "\r\n".join([*lines, "connection: keep-alive", ""]).encode()


WHOLE, STREAM = _whole(), _stream()


class _Connection(asyncio.Protocol):
    """Answers each request on a connection, in turn."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end].lower()
            start = head.find(b"content-length:")
            length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            if len(self._rest) < end + 4 + length:
                return
            body = self._rest[end + 4 : end + 4 + length]
            self._rest = self._rest[end + 4 + length :]
            streamed = b'"stream":true' in body or b'"stream": true' in body
            self._transport.write(STREAM if streamed else WHOLE)  # type: ignore[attr-defined]


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    import uvloop

    uvloop.run(_serve())
