"""What is written for Gemini, feature by feature, and what is told of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.types.chat import ChatRequest, Message
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
from quorate.types.value import replace
from quorate.wire.gemini import GEMINI

from .making import TARGET, answered, ask, body_of, candidate, departures, read, user, written


def test_a_question_goes_to_the_model_s_path_and_nothing_else_is_said():
    request = written(ask())

    assert request.path == "/models/gemini-2.5-flash:generateContent"
    assert (request.query, request.framing, request.fidelity) == ({}, "json", ())
    assert body_of(ask()) == {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}


def test_a_stream_is_asked_for_as_events():
    request = written(ask(), stream=True)

    assert request.path == "/models/gemini-2.5-flash:streamGenerateContent"
    assert (request.query, request.framing) == ({"alt": "sse"}, "sse")


def test_a_target_that_streams_no_events_gives_a_list():
    request = written(ask(), stream=True, query={"alt": "json"})

    assert (request.query, request.framing) == ({"alt": "json"}, "json_list")


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("models/gemini-2.5-pro", "/models/gemini-2.5-pro:generateContent"),
        ("tunedModels/mine", "/tunedModels/mine:generateContent"),
        ("gemma 3/é", "/models/gemma%203/%C3%A9:generateContent"),
    ],
)
def test_the_path_is_made_of_the_model_s_name(model: str, path: str):
    request = GEMINI.codec.write_request(ask(), replace(TARGET, model=model), stream=False)

    assert request.path == path


def test_a_row_may_say_where_the_method_is():
    assert written(ask(), paths={"chat": "/x/{model}/{method}"}).path == "/x/gemini-2.5-flash/generateContent"


def test_a_conversation_has_its_turns_and_the_system_apart():
    request = ask(
        Message(role="system", parts=(Text(text="Be brief"),)),
        user("Hi"),
        Message(role="assistant", parts=(Text(text="Ho"),)),
        user("Rivers?", "Three"),
    )

    assert body_of(request) == {
        "systemInstruction": {"parts": [{"text": "Be brief"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "Hi"}]},
            {"role": "model", "parts": [{"text": "Ho"}]},
            {"role": "user", "parts": [{"text": "Rivers?"}, {"text": "Three"}]},
        ],
    }


BRIEF = Message(role="system", parts=(Text(text="Be brief"),))
SAID = Message(role="assistant", parts=(Text(text="Ho"),))
CALLED = Message(role="assistant", parts=(ToolCall(id="c", name="look", arguments="{}"),))
FOUND = Message(role="tool", parts=(ToolResult(call_id="c", content=(Text(text="9"),)),))


def test_a_later_instruction_is_said_by_the_user_with_the_question_before_it_and_told():
    request = ask(user("Hi"), BRIEF)

    assert body_of(request)["contents"] == [{"role": "user", "parts": [{"text": "Hi"}, {"text": "Be brief"}]}]
    assert departures(request) == [("messages.1", "emulated")]


@pytest.mark.parametrize(
    ("messages", "spoken"),
    [
        ((user("Hi"), SAID, BRIEF, user("Go on")), [["Hi"], ["Ho"], ["Be brief", "Go on"]]),
        ((user("Hi"), SAID, BRIEF), [["Hi"], ["Ho"], ["Be brief"]]),
        ((user("Hi"), SAID, BRIEF, SAID), [["Hi"], ["Ho"], ["Be brief"], ["Ho"]]),
        ((user("Hi"), BRIEF, BRIEF), [["Hi", "Be brief", "Be brief"]]),
        ((user("Hi"), CALLED, BRIEF, FOUND), [["Hi"], [None], [None], ["Be brief"]]),
        ((user("Hi"), CALLED, FOUND, BRIEF, SAID), [["Hi"], [None], [None], ["Be brief"], ["Ho"]]),
        ((user("Hi"), CALLED, FOUND, BRIEF, user("So?")), [["Hi"], [None], [None], ["Be brief", "So?"]]),
    ],
)
def test_a_later_instruction_stands_beside_the_users_words_and_never_between_a_call_and_its_result(
    messages: tuple[Message, ...], spoken: list[list[str | None]]
):
    contents = body_of(ask(*messages))["contents"]

    assert [[part.get("text") for part in turn["parts"]] for turn in contents] == spoken


def test_a_model_without_a_system_hears_it_from_the_user():
    request = ask(Message(role="system", parts=(Text(text="Be brief"),)), user("Hi"))

    body = body_of(request, system_role="user")

    assert body["contents"] == [{"role": "user", "parts": [{"text": "Be brief"}, {"text": "Hi"}]}]
    assert "systemInstruction" not in body
    assert departures(request, system_role="user") == [("messages.0", "emulated")]


def test_an_instruction_alone_is_a_question():
    request = ask(Message(role="system", parts=(Text(text="Say hi"),)))

    assert body_of(request) == {"contents": [{"role": "user", "parts": [{"text": "Say hi"}]}]}


def test_messages_without_a_word_are_left_out():
    request = ask(user("Hi"), Message(role="assistant", parts=()), user("Ho"))

    assert len(body_of(request)["contents"]) == 2


def test_media_go_inline_or_by_address():
    parts = [
        Media(kind="image", media_type="image/png", data=b"\x89PNG"),
        Media(kind="image", url="https://example.com/a.webp?x=1"),
        Media(kind="audio", url="https://example.com/sound"),
        Media(kind="file", media_type="application/pdf", file_id="files/abc"),
    ]

    assert body_of(ask(user(*parts)))["contents"][0]["parts"] == [
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}},
        {"fileData": {"fileUri": "https://example.com/a.webp?x=1", "mimeType": "image/webp"}},
        {"fileData": {"fileUri": "https://example.com/sound", "mimeType": "audio/mpeg"}},
        {"fileData": {"fileUri": "files/abc", "mimeType": "application/pdf"}},
    ]


CALL = ToolCall(id="c1", name="weather", arguments='{"city":"Lima"}')
OTHER = ToolCall(id="c2", name="clock", arguments="")


def test_calls_and_their_results_are_turns_by_name():
    request = ask(
        user("Weather and time?"),
        Message(role="assistant", parts=(CALL, OTHER)),
        Message(role="tool", parts=(ToolResult(call_id="c1", content=(Text(text="warm"),)),)),
        Message(role="tool", parts=(ToolResult(call_id="c2", content=(Text(text='{"hour": 7}'),)),)),
    )

    assert body_of(request)["contents"][1:] == [
        {
            "role": "model",
            "parts": [
                {"functionCall": {"id": "c1", "name": "weather", "args": {"city": "Lima"}}},
                {"functionCall": {"id": "c2", "name": "clock", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c1", "name": "weather", "response": {"output": "warm"}}},
                {"functionResponse": {"id": "c2", "name": "clock", "response": {"hour": 7}}},
            ],
        },
    ]


def test_a_call_of_gemini_s_without_an_id_is_answered_without_one():
    reply = read(answered(candidate({"functionCall": {"name": "weather", "args": {}}})))
    result = ToolResult(call_id=reply.tool_calls[0].id, content=(Text(text="warm"),))

    contents = body_of(ask(user("Hi"), reply.message, Message(role="tool", parts=(result,))))["contents"]

    assert contents[1]["parts"] == [{"functionCall": {"name": "weather", "args": {}}}]
    assert contents[2]["parts"] == [{"functionResponse": {"name": "weather", "response": {"output": "warm"}}}]


def result_request(*content: Any, **more: Any) -> ChatRequest:
    result = ToolResult(call_id="c1", content=content, **more)
    return ask(user("Hi"), Message(role="assistant", parts=(CALL,)), Message(role="tool", parts=(result,)))


def test_a_failed_result_says_why():
    request = result_request(Text(text="no such city"), failed=True)

    response = body_of(request)["contents"][2]["parts"][0]["functionResponse"]
    assert response["response"] == {"error": "no such city"}


def test_a_result_has_media_inside_where_the_model_takes_them():
    picture = Media(kind="image", media_type="image/png", data=b"x")
    request = result_request(Text(text="see"), picture)
    inline = {"inlineData": {"mimeType": "image/png", "data": "eA=="}}

    inside = body_of(request)["contents"][2]["parts"]
    outside = body_of(request, drop=frozenset({"functionResponse.parts"}))["contents"][2]["parts"]

    assert inside[0]["functionResponse"]["parts"] == [inline]
    assert [list(part) for part in outside] == [["functionResponse"], ["inlineData"]]
    assert departures(request, drop=frozenset({"functionResponse.parts"})) == [
        ("messages.2.parts.0", "emulated")
    ]


def test_arguments_that_are_no_object_stand_inside_one_and_are_told():
    broken = ToolCall(id="c1", name="f", arguments='{"a":')
    request = ask(user("Hi"), Message(role="assistant", parts=(broken,)))

    assert body_of(request)["contents"][1]["parts"][0]["functionCall"]["args"] == {"arguments": '{"a":'}
    assert departures(request) == [("messages.1.parts.0.arguments", "changed")]


def test_arguments_keep_their_digits():
    exact = ToolCall(id="c1", name="f", arguments='{"n": 12345678901234567890.10}')

    body = written(ask(user("Hi"), Message(role="assistant", parts=(exact,)))).body

    assert b'{"n": 12345678901234567890.10}' in body


def test_unsigned_calls_of_another_model_are_signed_where_the_target_says_how():
    request = ask(user("Hi"), Message(role="assistant", parts=(CALL, OTHER)))

    parts = body_of(request, defaults={"thoughtSignature": "none-such"})["contents"][1]["parts"]

    assert parts[0]["thoughtSignature"] == "none-such"
    assert "thoughtSignature" not in parts[1]


def test_a_thought_of_its_own_goes_back_signed_and_one_of_another_protocol_unsigned():
    own = Reasoning(text="Hm", signature="c2ln", vendor={"gemini": {}})
    foreign = Reasoning(text="Hm", signature="abc", vendor={"anthropic": {}})
    sealed = Reasoning(signature="xyz", redacted=True)
    request = ask(user("Hi"), Message(role="assistant", parts=(own, foreign, sealed)))

    assert body_of(request)["contents"][1]["parts"] == [
        {"text": "Hm", "thought": True, "thoughtSignature": "c2ln"},
        {"text": "Hm", "thought": True},
    ]
    assert departures(request) == [
        ("messages.1.parts.1.signature", "dropped"),
        ("messages.1.parts.2", "dropped"),
    ]


def test_what_other_protocols_have_in_a_message_is_told():
    parts = (
        Text(text="a", cache="5m"),
        Media(kind="image", media_type="image/png", data=b"x", detail="low", name="a.png"),
        SearchResult(url="https://a.example", title="A", text="words"),
        Opaque(kind="odd", vendor={"anthropic": {"type": "odd"}}),
        Media(kind="image"),
    )
    request = ask(replace(user(*parts), name="bob"))

    assert departures(request) == [
        ("messages.0.name", "dropped"),
        ("messages.0.parts.0.cache", "dropped"),
        ("messages.0.parts.1.detail", "dropped"),
        ("messages.0.parts.1.name", "dropped"),
        ("messages.0.parts.2", "emulated"),
        ("messages.0.parts.3", "dropped"),
        ("messages.0.parts.4", "dropped"),
    ]
    assert {"text": "A\nhttps://a.example\nwords"} in body_of(request)["contents"][0]["parts"]


def test_what_the_model_cited_is_not_said_again():
    said = (Text(text="Rhine"), Citation(url="u"), SearchResult(url="u"), Refusal(text="No"))
    request = ask(user("Hi"), Message(role="assistant", parts=said), user("Why?"))

    assert body_of(request)["contents"][1]["parts"] == [{"text": "Rhine"}, {"text": "No"}]
    assert departures(request) == [("messages.1.parts.3", "emulated")]
