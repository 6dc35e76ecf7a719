"""Questions as Cohere is asked them."""

from __future__ import annotations

import json

import pytest

from quorate.types.chat import HostedTool, Message, OutputFormat, Thinking, Tool, ToolChoice
from quorate.types.parts import Citation, Media, Opaque, Reasoning, SearchResult, Text, ToolCall, ToolResult
from quorate.types.target import Quirks
from quorate.wire.cohere.plan import plan
from quorate.wire.cohere.reply import read_reply

from .making import answer, asked, body, departures, sent, user

LOOK_UP = Tool(name="look_up", description="Looks up.", schema={"type": "object", "properties": {}})
CALL = ToolCall(id="c1", name="look_up", arguments='{"of":"x"}')


def test_a_plain_question_is_small():
    written = sent(asked())

    assert (written.path, written.framing) == ("/v2/chat", "json")
    assert json.loads(written.body) == {
        "model": "command-a-reasoning-08-2025",
        "stream": False,
        "messages": [{"role": "user", "content": "Hello"}],
    }


def test_a_stream_is_asked_for_in_the_body():
    written = sent(asked(), stream=True)

    assert written.framing == "sse"
    assert json.loads(written.body)["stream"] is True


def test_settings_have_cohere_s_names():
    settings = {
        "max_output": 9,
        "temperature": 0.5,
        "top_p": 0.75,
        "top_k": 3,
        "seed": 1,
        "frequency_penalty": 0.25,
        "presence_penalty": 0.5,
        "logprobs": True,
        "stop": ("END",),
    }

    written = body(asked(**settings))

    assert {name: written[name] for name in written if name not in ("model", "stream", "messages")} == {
        "max_tokens": 9,
        "temperature": 0.5,
        "p": 0.75,
        "k": 3,
        "seed": 1,
        "frequency_penalty": 0.25,
        "presence_penalty": 0.5,
        "logprobs": True,
        "stop_sequences": ["END"],
    }


def test_what_cohere_alone_has_goes_as_it_is():
    own = {"safety_mode": "STRICT", "priority": 5, "citation_options": {"mode": "FAST"}, "model": "no"}

    written = body(asked(vendor={"cohere": own}))

    assert (written["safety_mode"], written["priority"]) == ("STRICT", 5)
    assert written["citation_options"] == {"mode": "FAST"}
    assert written["model"] == "command-a-reasoning-08-2025"


def test_passages_of_the_question_are_the_request_s_documents():
    found = SearchResult(
        title="Rivers", text="The Loire is long.", url="https://example.com/r", published="2024"
    )

    written = body(asked(user("How long?", found), vendor={"cohere": {"documents": ["Another one."]}}))

    assert written["messages"] == [{"role": "user", "content": "How long?"}]
    assert written["documents"] == [
        {
            "data": {
                "title": "Rivers",
                "text": "The Loire is long.",
                "url": "https://example.com/r",
                "date": "2024",
            }
        },
        "Another one.",
    ]


def test_a_document_keeps_its_id_and_its_own_keys():
    kept = {"id": "doc-7", "data": {"author": "Ada"}}

    written = body(asked(user("Who?", SearchResult(text="Words.", vendor={"cohere": kept}))))

    assert written["documents"] == [{"id": "doc-7", "data": {"text": "Words.", "author": "Ada"}}]


def test_a_text_file_becomes_a_document_and_an_older_passage_moves():
    file = Media(kind="file", media_type="text/plain", data=b"Words.", name="a.txt")
    request = asked(user("Read", SearchResult(text="Old.")), user("Again", file))

    assert departures(request) == [("messages.0.parts.1", "changed"), ("messages.1.parts.1", "emulated")]
    assert json.loads(sent(request).body)["documents"] == [
        {"data": {"text": "Old."}},
        {"data": {"title": "a.txt", "text": "Words."}},
    ]


def test_images_go_inline_or_by_address():
    inline = Media(kind="image", media_type="image/png", data=b"abc", detail="low")
    linked = Media(kind="image", url="https://example.com/a.png")

    written = body(asked(user("Look", inline, linked)))

    assert written["messages"][0]["content"] == [
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]


@pytest.mark.parametrize(
    "media",
    [
        Media(kind="audio", media_type="audio/wav", data=b"a"),
        Media(kind="file", media_type="application/pdf", data=b"a"),
        Media(kind="file", media_type="text/plain", data=b"\xff"),
        Media(kind="image", file_id="f"),
    ],
)
def test_media_that_cohere_cannot_take_is_told(media):
    assert departures(asked(user("Look", media))) == [("messages.0.parts.1", "dropped")]


def test_a_turn_with_tools_keeps_its_plan_its_thoughts_and_its_calls():
    said = (plan("I will look."), Reasoning(text="Hm."), Text(text="Wait."), CALL)
    result = ToolResult(call_id="c1", content=(Text(text="42"),))
    request = asked(user("Go"), Message(role="assistant", parts=said), Message(role="tool", parts=(result,)))

    assert body(request)["messages"][1:] == [
        {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Wait."}],
            "tool_plan": "I will look.",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"of":"x"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "42"},
    ]


def test_results_with_passages_are_documents_to_cite():
    passage = SearchResult(text="Long.", vendor={"cohere": {"id": "d1"}})
    result = ToolResult(call_id="c1", content=(Text(text="Found:"), passage))
    request = asked(
        user("Go"), Message(role="assistant", parts=(CALL,)), Message(role="tool", parts=(result,))
    )

    assert body(request)["messages"][2]["content"] == [
        {"type": "text", "text": "Found:"},
        {"type": "document", "document": {"id": "d1", "data": {"text": "Long."}}},
    ]


def test_a_call_without_arguments_is_sent_with_an_empty_object():
    turn = Message(role="assistant", parts=(ToolCall(id="c", name="now"),))

    written = body(asked(user("Go"), turn))

    assert written["messages"][1]["tool_calls"][0]["function"]["arguments"] == "{}"


def test_what_an_answer_said_goes_back_as_it_came():
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": "Long.", "x": 1}],
        "citations": [
            {
                "start": 0,
                "end": 4,
                "text": "Long",
                "type": "TEXT_CONTENT",
                "content_index": 0,
                "sources": [
                    {"type": "tool", "id": "c1:0", "tool_output": {"content": "Long."}},
                    {"type": "document", "id": "d1", "document": {"text": "It is long."}},
                ],
            }
        ],
        "tool_plan": "I will look.",
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}],
        "x_turn": True,
    }
    reply = read_reply(answer({"id": "r", "message": message, "finish_reason": "TOOL_CALL"}))

    assert body(asked(user("Go"), reply.message))["messages"][1] == message


def test_thoughts_stay_away_from_models_that_do_not_think():
    turn = Message(role="assistant", parts=(Reasoning(text="Hm."), Text(text="Yes.")))

    assert departures(asked(user("Go"), turn, user("So?")), Quirks()) == [("messages.1.parts.0", "dropped")]


@pytest.mark.parametrize(
    "part",
    [
        Reasoning(redacted=True, signature="sealed"),
        Citation(url="https://example.com"),
        ToolCall(id="s", name="web_search", hosted=True),
        Opaque(kind="strange", vendor={"another": {"type": "strange"}}),
    ],
)
def test_what_another_protocol_said_and_cohere_cannot_is_told(part):
    turn = Message(role="assistant", parts=(Text(text="Yes."), part))

    assert departures(asked(user("Go"), turn)) == [("messages.1.parts.1", "dropped")]


def test_tools_are_offered_with_their_schema_and_strictness_for_all():
    written = body(asked(tools=(Tool(name="a", strict=True), Tool(name="b", strict=True))))

    assert written["strict_tools"] is True
    assert written["tools"][0] == {
        "type": "function",
        "function": {"name": "a", "parameters": {"type": "object", "properties": {}}},
    }


@pytest.mark.parametrize(("mode", "word"), [("required", "REQUIRED"), ("none", "NONE")])
def test_the_choice_of_tools_is_a_word(mode, word):
    written = body(asked(tools=(LOOK_UP,), tool_choice=ToolChoice(mode=mode)))

    assert written["tool_choice"] == word


def test_a_named_tool_is_the_only_one_offered():
    other = Tool(name="other")
    request = asked(tools=(LOOK_UP, other), tool_choice=ToolChoice(mode="named", name="other"))

    written = json.loads(sent(request).body)

    assert [tool["function"]["name"] for tool in written["tools"]] == ["other"]
    assert written["tool_choice"] == "REQUIRED"
    assert departures(request) == [("tools", "changed"), ("tool_choice", "emulated")]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"tools": (Tool(name="a", strict=True), LOOK_UP)}, [("tools", "changed")]),
        ({"tools": (LOOK_UP,), "parallel_tools": False}, [("parallel_tools", "dropped")]),
        (
            {"tools": (HostedTool(protocol="anthropic", name="web_search"),)},
            [("tools.0", "dropped"), ("tools", "changed")],
        ),
        ({"tool_choice": ToolChoice(mode="required")}, [("tool_choice", "dropped")]),
        ({"n": 2}, [("n", "changed")]),
        ({"user": "u"}, [("user", "dropped")]),
        ({"service_tier": "flex"}, [("service_tier", "dropped")]),
        ({"top_logprobs": 2}, [("top_logprobs", "dropped")]),
        ({"stop": tuple("abcdef")}, [("stop", "changed")]),
    ],
)
def test_settings_that_cohere_cannot_honour_are_told(settings, told):
    assert departures(asked(**settings)) == told


@pytest.mark.parametrize(
    ("thinking", "written"),
    [
        (Thinking(enabled=True), {"type": "enabled"}),
        (Thinking(enabled=False), {"type": "disabled"}),
        (Thinking(effort="none"), {"type": "disabled"}),
        (Thinking(budget=500), {"type": "enabled", "token_budget": 500}),
    ],
)
def test_thinking_is_a_switch_and_a_budget(thinking, written):
    assert body(asked(thinking=thinking))["thinking"] == written


def test_a_word_of_effort_becomes_a_budget():
    request = asked(thinking=Thinking(effort="high"))

    assert json.loads(sent(request).body)["thinking"] == {"type": "enabled", "token_budget": 16384}
    assert departures(request) == [("thinking.effort", "emulated")]


def test_a_model_that_does_not_think_is_not_asked_to():
    quirks = Quirks(reasoning="none")

    assert departures(asked(thinking=Thinking(effort="low")), quirks) == [("thinking", "dropped")]
    assert departures(asked(thinking=Thinking(enabled=False)), quirks) == []


def test_a_form_is_held_by_the_target():
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}

    assert body(asked(output=OutputFormat(kind="json")))["response_format"] == {"type": "json_object"}
    assert body(asked(output=OutputFormat(kind="schema", schema=schema)))["response_format"] == {
        "type": "json_object",
        "json_schema": schema,
    }


@pytest.mark.parametrize(
    "settings", [{"tools": (LOOK_UP,)}, {"vendor": {"cohere": {"documents": ["A document."]}}}]
)
def test_beside_tools_or_documents_the_prompt_asks_for_the_form(settings):
    request = asked(output=OutputFormat(kind="json"), **settings)

    written = json.loads(sent(request).body)

    assert "response_format" not in written
    assert written["messages"][0] == {
        "role": "system",
        "content": "Answer with one JSON object and nothing else.",
    }
    assert departures(request) == [("output", "emulated")]


def test_a_target_bends_the_body():
    quirks = Quirks(
        defaults={"safety_mode": "OFF"},
        clamp={"temperature": (0.0, 1.0)},
        drop=frozenset({"seed"}),
        rename={"max_tokens": "max_output_tokens"},
        paths={"chat": "/other/{model}"},
    )
    request = asked(temperature=1.5, seed=1, max_output=5)

    written = sent(request, quirks)

    assert written.path == "/other/command-a-reasoning-08-2025"
    assert json.loads(written.body) | {"messages": []} == {
        "model": "command-a-reasoning-08-2025",
        "stream": False,
        "messages": [],
        "temperature": 1.0,
        "safety_mode": "OFF",
        "max_output_tokens": 5,
    }
    assert departures(request, quirks) == [("temperature", "changed"), ("seed", "dropped")]
