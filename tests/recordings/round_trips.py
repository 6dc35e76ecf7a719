"""Law 1 on real traffic: what a client sent, and what a provider answered, comes back equal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from quorate.errors import QuorateError
from quorate.types.chat import ChatReply
from quorate.types.events import Event, assemble
from quorate.types.value import replace
from quorate.wire.seam import Call, Framing, Wire

from .exchange import Exchange
from .json_paths import told
from .meaning import document_of, meaning
from .streams import stream_events
from .targets import target_of
from .verdict import parsed

PATHS: Mapping[str, str] = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
    "cohere": "/v2/chat",
}
"""Where a client of the protocol calls us, whatever the provider's own path was."""

FRAMINGS: Mapping[str, Framing] = {
    "event-stream": "sse",
    "amazon.eventstream": "event_stream",
    "ndjson": "ndjson",
    "json": "json_list",
}
"""Content type of a stream, by a word in it → how it is framed."""

SIMPLEST: Mapping[str, str] = {
    "gemini": "/v1beta/models/any:generateContent",
    "ollama": "/api/chat",
    "bedrock": "/model/any/converse",
}
"""Where the path was not kept."""


STREAM_WISHES: Mapping[str, dict[str, Any]] = {
    "openai_chat": {"stream": True, "stream_options": {"include_usage": True}}
}
"""What a client must say to be told as much in a stream as in a whole reply."""


def call_of(exchange: Exchange, protocol: str) -> Call:
    """The recorded request as a client of ours would have sent it."""
    path = PATHS.get(protocol) or _own_path(exchange.path) or SIMPLEST[protocol]
    return Call(
        method=exchange.method or "POST",
        path=path,
        query=dict(parse_qsl(urlsplit(exchange.url).query)),
        headers=exchange.request_headers,
        body=exchange.request,
    )


def _own_path(path: str) -> str:
    """The path without what a proxy put before it."""
    found = re.search(
        r"/v1(?:beta\d?|alpha\d?)?/(?:models|projects|publishers)/.*|/api/(?:chat|generate)$|/model/.*", path
    )
    return found[0] if found else ""


def request_round_trip(wire: Wire, exchange: Exchange) -> str | None:
    """'' where the request comes back equal, else what differs; None where none was recorded, or it was refused.

    The provider answered it: so neither may anything be lost, nor may we report that something was.
    """
    front, call = wire.front, call_of(exchange, wire.name)
    document = document_of(exchange.request)
    if front is None or not isinstance(document, dict) or exchange.status >= 400:
        return None
    if wire.name in PATHS and "model" not in document:  # a deployment's URL names the model
        document["model"] = "any"
        call = replace(call, body=json.dumps(document).encode())
    try:
        outline, request = front.outline(call), front.read_request(call)
        target = target_of(exchange, wire.name, request.model)
        written = wire.codec.write_request(request, target, stream=outline.stream)
    except QuorateError as error:
        return f"{type(error).__name__}: {error}"
    if (asked_of := _method(call.path)) != (sent_to := _method(written.path)):
        return f"path: {asked_of} -> {sent_to}"
    asked, sent = meaning(document, wire.name), meaning(json.loads(written.body), wire.name)
    return told(asked, sent) or "; ".join(
        f"departure: {each.setting} {each.kind} ({each.detail})" for each in written.fidelity
    )


def _method(path: str) -> str:
    """Model and method of a path that names them; '' of any other."""
    found = re.search(r"[^/]+:\w+$", path)
    return found[0] if found else ""


def reply_round_trip(wire: Wire, exchange: Exchange, reply: ChatReply) -> str | None:
    """'' where a reply that our front writes is read back equal, else what differs."""
    if wire.front is None:
        return None
    written = wire.front.write_reply(reply, call_of(exchange, wire.name))
    try:
        returned = wire.codec.read_reply(written)
    except QuorateError as error:
        return f"{type(error).__name__}: {error}"
    return _differences(reply, returned)


def stream_round_trip(wire: Wire, exchange: Exchange, events: list[Event]) -> str | None:
    """'' where a stream that our front writes assembles to the same reply, else what differs."""
    if wire.front is None:
        return None
    call, wishes = call_of(exchange, wire.name), STREAM_WISHES.get(wire.name)
    if wishes is not None:
        call = replace(call, body=json.dumps((document_of(call.body) or {"model": "any"}) | wishes).encode())
    writer = wire.front.stream_writer(call)
    framings: list[Framing] = [framing for word, framing in FRAMINGS.items() if word in writer.content_type]
    body = b"".join(writer.write(event) for event in events) + writer.close()
    try:
        returned = assemble(stream_events(wire, [body], framings[0]))
    except QuorateError as error:
        return f"{type(error).__name__}: {error}"
    return _differences(assemble(events), returned)


def _differences(reply: ChatReply, returned: ChatReply) -> str:
    """Where a provider gave no word for its finish, a front must find one; arguments are documents."""
    if not reply.finish.raw:
        returned = replace(returned, finish=replace(returned.finish, raw=""))
    return told(_document(reply), _document(returned))


def _document(reply: ChatReply) -> Any:
    document = json.loads(msgspec.json.encode(reply))
    for part in document["message"]["parts"]:
        if "arguments" in part:
            part["arguments"] = parsed(part["arguments"])
    return document
