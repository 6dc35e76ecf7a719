"""What is written for Gemini, feature by feature, and what is told of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest, HostedTool, Message, OutputFormat, Thinking, Tool, ToolChoice
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
from quorate.types.value import replace
from quorate.wire.gemini import GEMINI

from .making import TARGET, ask, body_of, departures, user, written

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"$ref": "#/$defs/City"}, "days": {"type": ["integer", "null"]}},
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"City": {"type": "string", "format": "city"}},
}
NARROW: dict[str, Any] = {
    "type": "OBJECT",
    "properties": {"city": {"type": "STRING"}, "days": {"type": "INTEGER", "nullable": True}},
    "required": ["city"],
}
WEATHER = Tool(name="weather", description="Weather in a city", schema=SCHEMA)


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


def test_a_later_instruction_is_said_by_the_user_and_told():
    request = ask(user("Hi"), Message(role="system", parts=(Text(text="Be brief"),)))

    assert body_of(request)["contents"][1] == {"role": "user", "parts": [{"text": "Be brief"}]}
    assert departures(request) == [("messages.1", "emulated")]


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


def test_settings_stand_in_the_generation_config():
    request = ask(
        max_output=9,
        temperature=0.5,
        top_p=0.9,
        top_k=4,
        stop=("END",),
        seed=7,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        logprobs=True,
        top_logprobs=3,
        n=2,
        service_tier="flex",
    )

    body = body_of(request)

    assert body["serviceTier"] == "flex"
    assert body["generationConfig"] == {
        "maxOutputTokens": 9,
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 4,
        "stopSequences": ["END"],
        "seed": 7,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "responseLogprobs": True,
        "logprobs": 3,
        "candidateCount": 2,
    }


def test_settings_that_it_lacks_are_told():
    assert departures(ask(user="u1", parallel_tools=False)) == [
        ("user", "dropped"),
        ("parallel_tools", "dropped"),
    ]


def test_functions_share_one_entry_and_google_s_own_tools_have_theirs():
    search = HostedTool(protocol="gemini", name="googleSearch", settings={"googleSearch": {}})
    foreign = HostedTool(protocol="anthropic", name="web_search", settings={"type": "web_search"})
    request = ask(tools=(WEATHER, Tool(name="clock"), search, foreign))

    assert body_of(request)["tools"] == [
        {
            "functionDeclarations": [
                {"name": "weather", "description": "Weather in a city", "parametersJsonSchema": SCHEMA},
                {"name": "clock"},
            ]
        },
        {"googleSearch": {}},
    ]
    assert departures(request) == [("tools.3", "dropped")]


def test_a_target_without_json_schema_gets_the_subset_and_what_is_lost_is_told():
    request = ask(
        tools=(WEATHER,),
        output=OutputFormat(kind="schema", schema=SCHEMA),
    )
    quirks: Any = {"drop": frozenset({"parametersJsonSchema", "responseJsonSchema"})}

    body = body_of(request, **quirks)

    assert body["tools"][0]["functionDeclarations"][0]["parameters"] == NARROW
    assert body["generationConfig"] == {"responseMimeType": "application/json", "responseSchema": NARROW}
    assert departures(request, **quirks) == [("tools.0.schema", "changed"), ("output.schema", "changed")]


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (ToolChoice(mode="auto"), {"mode": "AUTO"}),
        (ToolChoice(mode="none"), {"mode": "NONE"}),
        (ToolChoice(mode="required"), {"mode": "ANY"}),
        (ToolChoice(mode="named", name="weather"), {"mode": "ANY", "allowedFunctionNames": ["weather"]}),
    ],
)
def test_the_choice_of_tools_is_a_mode(choice: ToolChoice, config: Any):
    request = ask(tools=(WEATHER,), tool_choice=choice)

    assert body_of(request)["toolConfig"] == {"functionCallingConfig": config}


def test_a_choice_without_a_function_is_left_out():
    assert body_of(ask(tool_choice=ToolChoice(mode="auto"))).keys() == {"contents"}
    assert departures(ask(tool_choice=ToolChoice(mode="auto"))) == []
    assert departures(ask(tool_choice=ToolChoice(mode="required"))) == [("tool_choice", "dropped")]


def test_json_is_a_mime_type_and_a_schema_is_json_schema():
    plain = body_of(ask(output=OutputFormat(kind="json")))
    shaped = body_of(
        ask(output=OutputFormat(kind="schema", schema=SCHEMA, name="Trip", description="A trip"))
    )

    assert plain["generationConfig"] == {"responseMimeType": "application/json"}
    assert shaped["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA | {"title": "Trip", "description": "A trip"},
    }


@pytest.mark.parametrize(
    ("quirks", "config", "words"),
    [
        ({"schema": "object"}, {"responseMimeType": "application/json"}, "must fit this JSON Schema"),
        ({"schema": "prompt"}, None, "must fit this JSON Schema"),
        ({"json_mode": False}, None, "must fit this JSON Schema"),
    ],
)
def test_a_schema_that_a_target_takes_not_stands_in_the_prompt(quirks: Any, config: Any, words: str):
    request = ask(output=OutputFormat(kind="schema", schema={"type": "object"}))

    body = body_of(request, **quirks)

    assert body.get("generationConfig") == config
    assert words in body["systemInstruction"]["parts"][0]["text"]
    assert departures(request, **quirks) == [("output.schema", "emulated")]


@pytest.mark.parametrize(
    ("thinking", "config"),
    [
        (Thinking(effort="low"), {"thinkingLevel": "LOW"}),
        (Thinking(budget=512, show=True), {"thinkingBudget": 512, "includeThoughts": True}),
        (Thinking(enabled=False), {"thinkingBudget": 0}),
        (Thinking(effort="none"), {"thinkingBudget": 0}),
        (Thinking(enabled=True), {"thinkingBudget": -1}),
        (Thinking(show=False), {"includeThoughts": False}),
    ],
)
def test_thinking_is_a_level_or_a_budget(thinking: Thinking, config: Any):
    request = ask(thinking=thinking)

    assert body_of(request)["generationConfig"]["thinkingConfig"] == config
    assert departures(request) == []


@pytest.mark.parametrize(
    ("thinking", "quirks", "config", "told"),
    [
        (Thinking(effort="max"), {}, {"thinkingLevel": "HIGH"}, ("thinking.effort", "changed")),
        (
            Thinking(effort="minimal"),
            {"efforts": ("low", "high")},
            {"thinkingLevel": "LOW"},
            ("thinking.effort", "changed"),
        ),
        (
            Thinking(effort="medium"),
            {"reasoning": "budget"},
            {"thinkingBudget": 8192},
            ("thinking.effort", "emulated"),
        ),
        (Thinking(effort="low", budget=9), {}, {"thinkingBudget": 9}, ("thinking.effort", "dropped")),
        (Thinking(effort="low"), {"reasoning": "none"}, None, ("thinking", "dropped")),
    ],
)
def test_thinking_that_is_not_taken_as_it_is_is_told(thinking: Thinking, quirks: Any, config: Any, told: Any):
    request = ask(thinking=thinking)

    assert body_of(request, **quirks).get("generationConfig", {}).get("thinkingConfig") == config
    assert departures(request, **quirks) == [told]


def test_a_target_s_quirks_shape_the_body_and_losses_are_told():
    request = ask(temperature=3.0, frequency_penalty=0.5, seed=7)
    quirks: Any = {
        "clamp": {"temperature": (0.0, 2.0)},
        "drop": frozenset({"frequencyPenalty"}),
        "rename": {"seed": "randomSeed"},
        "defaults": {"safetySettings": [], "generationConfig": {"topP": 0.5, "temperature": 1}},
    }

    body = body_of(request, **quirks)

    assert body["safetySettings"] == []
    assert body["generationConfig"] == {"topP": 0.5, "temperature": 2.0, "randomSeed": 7}
    assert departures(request, **quirks) == [("temperature", "changed"), ("frequency_penalty", "dropped")]


def test_a_target_s_own_query_and_headers_are_sent():
    request = written(ask(), stream=True, query={"key2": "x"}, headers={"x-a": "b"})

    assert request.query == {"alt": "sse", "key2": "x"}
    assert request.headers == {"x-a": "b"}


def test_text_that_is_no_unicode_is_an_invalid_request():
    with pytest.raises(InvalidRequest):
        written(ask(user("\ud800")))


def test_a_schema_that_refers_to_nowhere_is_an_invalid_request():
    tool = Tool(name="f", schema={"properties": {"a": {"$ref": "#/$defs/None"}}})
    target = replace(TARGET, quirks=Quirks(drop=frozenset({"parametersJsonSchema"})))

    with pytest.raises(InvalidRequest) as caught:
        GEMINI.codec.write_request(ask(tools=(tool,)), target, stream=False)

    assert caught.value.where == "schema"
