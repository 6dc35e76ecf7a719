"""Whole replies, read and written back: blocks, citations, the provider's own tools, finishes."""

from __future__ import annotations

import json

import pytest

from quorate.types.chat import ChatReply, Finish, FinishReason, Message
from quorate.types.parts import (
    Citation,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)

from .making import FRONT, call, message, parts_of, reply_of

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


def test_a_reply_is_read_with_all_that_came():
    reply = reply_of(message({"type": "text", "text": "Hello"}, container={"id": "c"}, stop_details=None))

    assert (reply.id, reply.model, reply.text) == ("msg_1", "claude-x", "Hello")
    assert reply.finish == Finish(reason="stop", raw="end_turn")
    assert (reply.usage.input, reply.usage.output) == (3, 5)
    assert reply.vendor == {"anthropic": {"container": {"id": "c"}, "stop_details": None}}


@pytest.mark.parametrize(
    "block",
    [
        {"type": "text", "text": "Hello", "x_new": {"a": [None]}},
        {"type": "text", "text": "Hello", "citations": [CITED, CITED | {"x": 1}]},
        {
            "type": "text",
            "text": "Hello",
            "citations": [
                {
                    "type": kind,
                    "cited_text": "q",
                    "document_index": 0,
                    "document_title": title,
                    "start": 1,
                }
                for kind, title in (
                    ("char_location", "Doc"),
                    ("page_location", None),
                    ("content_block_location", "D"),
                )
            ],
        },
        {
            "type": "text",
            "text": "",
            "citations": [
                {"type": "search_result_location", "cited_text": "q", "source": "s", "title": None}
            ],
        },
        {
            "type": "text",
            "text": "a",
            "citations": [{"type": "place_to_come", "cited_text": "q", "title": "t"}],
        },
        {"type": "thinking", "thinking": "Hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "sealed"},
        {
            "type": "tool_use",
            "id": "t",
            "name": "weather",
            "input": {"city": "Lima"},
            "caller": {"type": "direct"},
        },
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
        {"type": "mcp_tool_use", "id": "m", "name": "echo", "server_name": "srv", "input": {}},
        {
            "type": "mcp_tool_result",
            "tool_use_id": "m",
            "is_error": False,
            "content": [{"type": "text", "text": "a"}],
        },
        {
            "type": "web_search_tool_result",
            "tool_use_id": "s",
            "content": [
                {
                    "type": "web_search_result",
                    "url": "u",
                    "title": "t",
                    "encrypted_content": "e",
                    "page_age": None,
                }
            ],
        },
        {
            "type": "bash_code_execution_tool_result",
            "tool_use_id": "s",
            "content": {
                "type": "bash_code_execution_result",
                "stdout": "1",
                "stderr": "",
                "return_code": 0,
                "content": [],
            },
        },
        {"type": "compaction", "content": "Summary", "encrypted_content": None},
        {"type": "block_to_come", "x": {"y": 1}},
    ],
)
def test_every_kind_of_block_comes_back_as_it_was(block):
    assert rewritten(reply_of(message(block)))["content"] == [block]


def test_citations_follow_the_text_they_support():
    parts = parts_of({"type": "text", "text": "A", "citations": [CITED]}, {"type": "text", "text": "B"})

    assert parts == (
        Text(text="A"),
        Citation(
            url="https://e.com",
            title="T",
            quote="q",
            vendor={"anthropic": {"type": "web_search_result_location", "encrypted_index": "e"}},
        ),
        Text(text="B"),
    )


def test_what_the_provider_ran_is_told_apart_from_what_the_caller_runs():
    reply = reply_of(
        message(
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
            {"type": "tool_use", "id": "t", "name": "weather", "input": {}},
        )
    )

    assert [part.hosted for part in reply.message.parts if isinstance(part, ToolCall)] == [True, False]
    assert [each.name for each in reply.tool_calls] == ["weather"]


@pytest.mark.parametrize(
    ("kind", "content", "found", "failed"),
    [
        (
            "web_search",
            [{"type": "web_search_result", "url": "u", "title": "t", "page_age": "May 1"}],
            (SearchResult(url="u", title="t", published="May 1"),),
            False,
        ),
        (
            "web_search",
            {"type": "web_search_tool_result_error", "error_code": "max_uses"},
            (Text(text="max_uses"),),
            True,
        ),
        (
            "web_fetch",
            {
                "type": "web_fetch_result",
                "url": "u",
                "content": {"type": "document", "title": "t", "source": {"type": "text", "data": "Words"}},
            },
            (SearchResult(url="u", title="t", text="Words"),),
            False,
        ),
        ("code_execution", {"stdout": "1\n", "stderr": "oh"}, (Text(text="1\noh"),), False),
        ("mcp", [{"type": "text", "text": "a"}], (Text(text="a"),), False),
        ("tool_search", {"tool_references": [{"tool_name": "a"}]}, (), False),
        ("to_come", "words", (Text(text="words"),), False),
        ("to_come", [7, None], (), False),
    ],
)
def test_what_the_providers_tools_found_is_told_in_our_words(kind, content, found, failed):
    (part,) = parts_of({"type": f"{kind}_tool_result", "tool_use_id": "s", "content": content})

    assert isinstance(part, ToolResult)
    assert (part.hosted, part.name, part.content, part.failed) == (True, kind, found, failed)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("pause_turn", "paused"),
        ("compaction", "paused"),
        ("refusal", "refusal"),
        ("reason_to_come", "other"),
    ],
)
def test_a_finish_is_ours_and_the_providers(raw: str, reason: FinishReason):
    reply = reply_of(message(stop_reason=raw))

    assert (reply.finish.reason, reply.finish.raw) == (reason, raw)
    assert rewritten(reply)["stop_reason"] == raw


def test_the_stop_text_that_was_met_is_kept():
    reply = reply_of(message(stop_reason="stop_sequence", stop_sequence="END"))

    assert reply.finish.stop == "END"
    assert rewritten(reply)["stop_sequence"] == "END"


def test_a_refusal_is_explained():
    details = {"type": "refusal", "category": "cyber", "explanation": "Not this."}
    reply = reply_of(message(stop_reason="refusal", stop_details=details))

    assert reply.finish == Finish(reason="refusal", raw="refusal", detail="Not this.")
    assert rewritten(reply)["stop_details"] == details
