"""Bounds are never below what a provider can count; estimates are a quarter of the bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.engine.estimate import MEDIA_BOUND, PER_MESSAGE, PER_TOOL, is_marked, size_of, spent_so_far
from quorate.engine.hide import hide
from quorate.errors import UpstreamBroken
from quorate.types.chat import ChatRequest, HostedTool, Message, OutputFormat, Tool
from quorate.types.events import PartDelta, ReplyStart
from quorate.types.parts import Media, Opaque, Part, Reasoning, SearchResult, Text, ToolCall, ToolResult
from quorate.types.secret import Secret
from quorate.types.usage import Usage


def asking(*parts: Part) -> ChatRequest:
    return ChatRequest(model="m", messages=(Message(role="user", parts=parts),))


@given(st.lists(st.text(max_size=20), max_size=4))
def test_no_text_is_larger_than_its_bytes(texts: list[str]):
    request = asking(*(Text(text=text) for text in texts))

    assert size_of(request) == PER_MESSAGE + sum(len(text.encode()) for text in texts)


@pytest.mark.parametrize(
    ("part", "size"),
    [
        (Text(text="é"), 2),
        (Reasoning(text="abc", signature="12"), 3),
        (SearchResult(text="abc"), 3),
        (ToolCall(id="1", name="fn", arguments="{}"), 4),
        (ToolResult(call_id="1", content=(Text(text="abc"), Media(kind="image"))), 3 + MEDIA_BOUND),
        (Media(kind="image", data=b"x" * 10**6), MEDIA_BOUND),
        (Media(kind="file", data=b"x" * 10**4), 10**4),
        (Media(kind="file", url="https://example.com/x.pdf"), MEDIA_BOUND),
        (Media(kind="audio", data=b"x"), MEDIA_BOUND),
        (Media(kind="video", data=b"x" * 80_000), 10_000),
        (Opaque(kind="x", vendor={"anthropic": {"a": 1}}), len("{'anthropic': {'a': 1}}")),
    ],
)
def test_every_part_has_its_bound(part: Part, size: int):
    assert size_of(asking(part)) == PER_MESSAGE + size


def test_tools_and_schemas_count():
    schema = {"type": "object"}
    request = ChatRequest(
        model="m",
        messages=(),
        tools=(Tool(name="f", description="ab", schema=schema), HostedTool(protocol="x", name="y")),
        output=OutputFormat(kind="schema", schema=schema),
    )

    assert size_of(request) == 2 * PER_TOOL + 2 + 2 * len(str(schema))


@pytest.mark.parametrize(
    ("request_", "marked"),
    [
        (asking(Text(text="a")), False),
        (asking(Opaque(kind="x")), False),
        (asking(Text(text="a"), Text(text="b", cache="5m")), True),
        (ChatRequest(model="m", messages=(), tools=(Tool(name="f", cache="1h"),)), True),
        (ChatRequest(model="m", messages=(), tools=(HostedTool(protocol="x", name="y"),)), False),
    ],
)
def test_marks_for_a_cache_are_seen(request_: ChatRequest, marked: bool):
    assert is_marked(request_) is marked


def test_what_came_is_estimated_by_its_bytes():
    events = [ReplyStart(id="", model=""), PartDelta(index=0, text="é" * 3), PartDelta(index=1, text="abc")]

    assert spent_so_far(41, events) == Usage(input=11, output=3, quality="estimated")
    assert spent_so_far(0, ()) == Usage(quality="estimated")


def test_a_secret_is_hidden_wherever_an_error_quotes_it():
    secret = Secret("sk-canary-0123456789")
    key = secret.reveal()
    error = UpstreamBroken(f"no: {key}!", upstream_code=key, request_id=key, body=key.encode())

    hide(secret, error)

    assert str(error) == "no: (hidden)!"
    assert (error.upstream_code, error.request_id, error.body) == ("(hidden)", "(hidden)", b"(hidden)")


@pytest.mark.parametrize("placeholder", ["", "none", "ollama"])
def test_a_placeholder_is_no_secret(placeholder: str):
    error = UpstreamBroken("none of ollama's models")

    hide(Secret(placeholder), error)

    assert str(error) == "none of ollama's models"
