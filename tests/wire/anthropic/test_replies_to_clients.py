"""Replies of other protocols, as a client of this one sees them."""

from __future__ import annotations

import json

import pytest

from quorate.types.chat import ChatReply, Finish, Message
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)

from .making import FRONT, call

CALL = call({"model": "claude-x"})
CITED = {
    "type": "web_search_result_location",
    "cited_text": "q",
    "url": "https://e.com",
    "title": "T",
    "encrypted_index": "e",
}


def rewritten(reply: ChatReply) -> dict:
    return json.loads(FRONT.write_reply(reply, CALL).body)


def said(*parts) -> list[dict]:
    """The blocks that a client sees of a reply of another protocol."""
    told = ChatReply(
        id="r", model="m", message=Message(role="assistant", parts=parts), finish=Finish(reason="stop")
    )
    return rewritten(told)["content"]


@pytest.mark.parametrize(
    ("finish", "word"),
    [
        (Finish(reason="stop", raw="STOP"), "end_turn"),
        (Finish(reason="stop", stop="END"), "stop_sequence"),
        (Finish(reason="length", raw="length"), "max_tokens"),
        (Finish(reason="tool_calls", raw="stop"), "tool_use"),
        (Finish(reason="blocked", raw="content_filter"), "refusal"),
        (Finish(reason="error"), "max_tokens"),
        (Finish(reason="other", raw="?"), "end_turn"),
    ],
)
def test_a_finish_of_another_protocol_gets_this_ones_word(finish: Finish, word):
    told = ChatReply(id="r", model="m", message=Message(role="assistant", parts=()), finish=finish)

    assert rewritten(told)["stop_reason"] == word


def test_a_client_sees_of_other_protocols_what_this_one_can_show():
    foreign = {"openai_responses": {"x": 1}}
    blocks = said(
        Reasoning(text="Hm", signature="theirs", vendor={"gemini": {}}),
        Refusal(text="No."),
        Text(text="See"),
        Citation(url="https://e.com", title="T", quote="q"),
        Media(kind="image", media_type="image/png", data=b"p"),
        SearchResult(url="u", title="t", text="w"),
        ToolCall(id="ws", name="web_search", hosted=True, vendor=foreign),
        ToolResult(call_id="ws", hosted=True, vendor=foreign),
        Opaque(kind="widget", vendor=foreign),
        Media(kind="audio", data=b"p"),
    )

    assert [block["type"] for block in blocks] == ["thinking", "text", "text", "image", "search_result"]
    assert blocks[2]["citations"] == [CITED | {"encrypted_index": ""}]


def test_a_citation_without_a_text_gets_one():
    assert said(Citation(url="https://e.com", title="T", quote="q")) == [
        {"type": "text", "text": "", "citations": [CITED | {"encrypted_index": ""}]}
    ]
