"""What an assistant said earlier, of this provider or another, when it goes back."""

from __future__ import annotations

import pytest

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
from quorate.types.target import Quirks

from .making import assistant, body_of, departures, request, user


def test_the_spaces_the_provider_said_itself_go_back():
    asked = request(user("Hi"), assistant("First.", " ", "Second."), user("Go on"))

    assert [block["text"] for block in body_of(asked)["messages"][1]["content"]] == ["First.", " ", "Second."]


def test_a_begun_answer_may_not_end_in_a_space():
    asked = request(user("Hi"), assistant("Once upon a time "))

    assert body_of(asked)["messages"][1]["content"] == "Once upon a time"
    assert departures(asked) == [("messages.1.parts", "changed")]


def test_signed_thoughts_go_back_and_others_do_not():
    ours = Reasoning(text="Hm", signature="sig", vendor={"anthropic": {}})
    sealed = Reasoning(signature="sealed", redacted=True, vendor={"anthropic": {}})
    foreign = Reasoning(text="Hm", signature="other", vendor={"gemini": {}})
    unsigned = Reasoning(text="Hm")
    asked = request(user("Hi"), assistant(ours, sealed, foreign, unsigned, "Hello"), user("Bye"))

    assert body_of(asked)["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "Hm", "signature": "sig"},
        {"type": "redacted_thinking", "data": "sealed"},
        {"type": "text", "text": "Hello"},
    ]
    assert departures(asked) == [("messages.1.parts.2", "dropped"), ("messages.1.parts.3", "dropped")]


def test_a_target_that_wants_its_thoughts_back_gets_unsigned_ones():
    asked = request(user("Hi"), assistant(Reasoning(text="Hm"), "Hello"), user("Bye"))
    body = body_of(asked, Quirks(replay_reasoning="thinking"))

    assert body["messages"][1]["content"][0] == {"type": "thinking", "thinking": "Hm", "signature": ""}


def test_a_refusal_goes_back_as_words():
    asked = request(user("Hi"), assistant(Refusal(text="I would rather not.")), user("Why?"))

    assert body_of(asked)["messages"][1]["content"] == "I would rather not."


@pytest.mark.parametrize(
    "part",
    [
        Citation(url="https://example.com", title="A page"),
        Opaque(kind="widget", vendor={"gemini": {"widget": 1}}),
        ToolCall(id="ws_1", name="web_search", hosted=True, vendor={"openai_responses": {}}),
        ToolResult(call_id="ws_1", hosted=True),
        SearchResult(url="https://example.com", text="Found"),
        Media(kind="image", media_type="image/png", data=b"p"),
    ],
)
def test_what_another_provider_said_in_its_own_way_is_dropped_and_told(part):
    asked = request(user("Hi"), assistant("Hello", part), user("Bye"))

    assert body_of(asked)["messages"][1]["content"] == "Hello"
    assert departures(asked) == [("messages.1.parts.1", "dropped")]


def test_a_citation_goes_with_the_text_it_supports_or_not_at_all():
    cited = Citation(quote="q", vendor={"anthropic": {"type": "char_location", "document_index": 0}})
    asked = request(user("Hi"), assistant("Hello", Text(text=""), cited), user("Bye"))

    assert body_of(asked)["messages"][1]["content"] == "Hello"
    assert departures(asked) == [("messages.1.parts.2", "dropped")]
