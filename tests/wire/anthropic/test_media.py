"""Images, documents and search results in what is asked, with marks and leftovers."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import Message
from quorate.types.parts import CacheMark, Media, Opaque, SearchResult, Text, ToolResult

from .making import asked_with, body_of, departures, request, user

PNG = b"\x89PNG\r\n"
PDF = b"%PDF-1.7"
IMAGE = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PNG).decode()}
DOCUMENT = {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(PDF).decode()}


def content_of(part) -> dict:
    return body_of(request(user(part)))["messages"][0]["content"][0]


def part_of(block: dict) -> Any:
    (message,) = asked_with(messages=[{"role": "user", "content": [block]}]).messages
    (part,) = message.parts
    return part


@pytest.mark.parametrize(
    ("part", "block"),
    [
        (Media(kind="image", media_type="image/png", data=PNG), {"type": "image", "source": IMAGE}),
        (
            Media(kind="image", url="https://example.com/a.png"),
            {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}},
        ),
        (
            Media(kind="image", file_id="file_1"),
            {"type": "image", "source": {"type": "file", "file_id": "file_1"}},
        ),
        (
            Media(kind="file", media_type="application/pdf", data=PDF, name="A paper"),
            {"type": "document", "source": DOCUMENT, "title": "A paper"},
        ),
        (
            Media(kind="file", url="https://example.com/a.pdf"),
            {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}},
        ),
        (
            Media(kind="file", media_type="text/plain", data="Grün".encode()),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Grün"}},
        ),
        (
            Media(kind="file", file_id="file_1"),
            {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
        ),
        (
            SearchResult(url="https://example.com", title="A page", text="Words"),
            {
                "type": "search_result",
                "source": "https://example.com",
                "title": "A page",
                "content": [{"type": "text", "text": "Words"}],
            },
        ),
    ],
)
def test_a_part_is_its_block_and_the_block_the_part(part, block):
    assert content_of(part) == block
    assert part_of(block) == part


@pytest.mark.parametrize(
    "block",
    [
        {"type": "document", "source": DOCUMENT, "context": "Read it", "citations": {"enabled": True}},
        {"type": "image", "source": IMAGE | {"x_source": 1}, "transformations": {"crop": [1]}},
        {
            "type": "search_result",
            "source": "notes",
            "title": "Notes",
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            "citations": {"enabled": True},
        },
        {
            "type": "document",
            "title": "Blocks",
            "source": {
                "type": "content",
                "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
            },
        },
        {"type": "document", "source": {"type": "content", "content": "a"}},
        {"type": "document", "source": {"type": "content", "content": [{"type": "image", "source": IMAGE}]}},
        {"type": "image", "source": {"type": "hologram", "id": "h"}},
        {"type": "text", "text": "x", "cache_control": {"type": "ephemeral", "scope": "global"}},
    ],
)
def test_what_we_do_not_model_of_a_block_comes_back(block):
    assert content_of(part_of(block)) == block


def test_a_document_of_blocks_is_plain_text_to_other_protocols():
    source = {"type": "content", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    part = part_of({"type": "document", "source": source})

    assert (part.kind, part.media_type, part.data) == ("file", "text/plain", b"a\nb")


def test_a_source_of_times_to_come_is_opaque():
    assert isinstance(part_of({"type": "image", "source": {"type": "hologram"}}), Opaque)


def test_base64_may_be_broken_into_lines():
    source = {"type": "base64", "media_type": "image/png", "data": "iVBO\nRw0K\n"}

    assert part_of({"type": "image", "source": source}).data == b"\x89PNG\r\n"


def test_what_is_no_base64_is_refused_with_its_place():
    source = {"type": "base64", "media_type": "image/png", "data": "no!"}

    with pytest.raises(InvalidRequest) as caught:
        part_of({"type": "image", "source": source})

    assert caught.value.where == "messages.0.content.0.source.data"


@pytest.mark.parametrize(
    "part",
    [
        Media(kind="audio", media_type="audio/wav", data=b"RIFF"),
        Media(kind="video", media_type="video/mp4", url="https://example.com/a.mp4"),
        Media(kind="file", media_type="application/zip", data=b"PK\x03\x04\xff\xfe"),
    ],
)
def test_what_the_protocol_cannot_carry_is_dropped_and_told(part):
    asked = request(user("Hi", part))

    assert body_of(asked)["messages"][0]["content"] == "Hi"
    assert departures(asked) == [("messages.0.parts.1", "dropped")]


def test_a_file_of_text_is_sent_as_plain_text():
    asked = request(user(Media(kind="file", media_type="text/csv", data=b"a,b", name="table.csv")))
    block = body_of(asked)["messages"][0]["content"][0]

    assert block["source"] == {"type": "text", "media_type": "text/plain", "data": "a,b"}
    assert departures(asked) == [("messages.0.parts.0.media_type", "changed")]


def test_how_closely_to_look_cannot_be_said():
    asked = request(user(Media(kind="image", media_type="image/png", data=PNG, detail="high")))

    assert departures(asked) == [("messages.0.parts.0.detail", "dropped")]


@pytest.mark.parametrize(
    ("mark", "control"),
    [("5m", {"type": "ephemeral"}), ("1h", {"type": "ephemeral", "ttl": "1h"})],
)
def test_every_kind_of_part_may_be_marked(mark: CacheMark, control):
    parts = (
        Text(text="a", cache=mark),
        Media(kind="image", url="https://example.com/a.png", cache=mark),
        SearchResult(url="u", title="t", text="w", cache=mark),
    )
    result = ToolResult(call_id="toolu_1", content=(Text(text="b", cache=mark),), cache=mark)
    asked = request(user(*parts), Message(role="tool", parts=(result,)))
    turns = body_of(asked)["messages"]

    assert [block["cache_control"] for turn in turns for block in turn["content"]] == [control] * 4
    assert turns[1]["content"][0]["content"][0]["cache_control"] == control


def test_five_minutes_may_be_said_outright():
    block = {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "5m"}}

    assert part_of(block) == Text(text="a", cache="5m")


def test_results_of_tools_carry_images_documents_and_passages():
    content = [
        {"type": "text", "text": "a"},
        {"type": "image", "source": IMAGE},
        {"type": "document", "source": DOCUMENT},
        {"type": "search_result", "source": "u", "title": "t", "content": [{"type": "text", "text": "w"}]},
    ]
    block = {"type": "tool_result", "tool_use_id": "toolu_1", "content": content}
    part = part_of(block)

    assert [type(piece).__name__ for piece in part.content] == ["Text", "Media", "Media", "SearchResult"]
    assert body_of(request(user("Hi"), Message(role="tool", parts=(part,))))["messages"][1]["content"] == [
        block
    ]


def test_references_to_tools_in_a_result_come_back():
    content = [{"type": "text", "text": "a"}, {"type": "tool_reference", "tool_name": "weather"}]
    block = {"type": "tool_result", "tool_use_id": "toolu_1", "content": content}

    assert part_of(block).content == (Text(text="a"),)
    assert content_of(part_of(block)) == block


def test_a_sound_in_a_result_is_dropped_and_told():
    result = ToolResult(call_id="t", content=(Media(kind="audio", media_type="audio/wav", data=b"R"),))
    asked = request(user("Hi"), Message(role="tool", parts=(result,)))

    assert body_of(asked)["messages"][1]["content"] == [{"type": "tool_result", "tool_use_id": "t"}]
    assert departures(asked) == [("messages.1.parts.0.content.0", "dropped")]
