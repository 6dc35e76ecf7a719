"""What a Gemini client asks, as our front reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import HostedTool, Message, OutputFormat, Thinking, Tool, ToolChoice
from quorate.types.parts import Media, Opaque, Reasoning, Text, ToolCall, ToolResult
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import Call

from .making import PATH, asked, body_of

HI: Any = {"parts": [{"text": "Hi"}], "role": "user"}


def test_both_spellings_of_a_field_are_read():
    camel = asked(
        {
            "contents": [
                {"role": "user", "parts": [{"inlineData": {"mimeType": "image/png", "data": "eA=="}}]}
            ],
            "systemInstruction": {"parts": [{"text": "Be brief"}]},
            "generationConfig": {"maxOutputTokens": 5, "thinkingConfig": {"thinkingBudget": 9}},
        }
    )
    snake = asked(
        {
            "contents": [
                {"role": "user", "parts": [{"inline_data": {"mime_type": "image/png", "data": "eA=="}}]}
            ],
            "system_instruction": {"parts": [{"text": "Be brief"}]},
            "generation_config": {"max_output_tokens": 5, "thinking_config": {"thinking_budget": 9}},
        }
    )

    assert snake == camel
    assert camel.max_output == 5
    assert camel.thinking == Thinking(enabled=True, budget=9)


def test_a_turn_without_a_role_is_the_user_s():
    assert asked({"contents": [{"parts": [{"text": "Hi"}]}]}).messages[0].role == "user"


def test_nothing_is_said_where_a_field_is_null():
    request = asked(
        {"contents": [HI], "tools": [{"codeExecution": None}], "generationConfig": None, "seed": None}
    )

    assert request.tools == ()


def test_base64_of_the_url_alphabet_is_read():
    part = asked({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "-_8"}}]}]})

    assert part.messages[0].parts == (Media(kind="image", media_type="image/png", data=b"\xfb\xff"),)


def test_the_name_of_a_file_is_read_and_goes_back():
    body = {
        "contents": [
            {"role": "user", "parts": [{"fileData": {"fileUri": "gs://a/b.pdf", "displayName": "b"}}]}
        ]
    }

    request = asked(body)

    assert request.messages[0].parts[0] == Media(
        kind="file", url="gs://a/b.pdf", name="b", vendor={"gemini": {"fileData": {"displayName": "b"}}}
    )
    assert body_of(request)["contents"][0]["parts"][0]["fileData"]["displayName"] == "b"


def test_calls_without_ids_are_named_and_their_results_found_by_name_then_by_order():
    def call(name: str) -> Any:
        return {"functionCall": {"name": name, "args": {}}}

    def result(name: str) -> Any:
        return {"functionResponse": {"name": name, "response": {"output": name}}}

    request = asked(
        {
            "contents": [
                HI,
                {"role": "model", "parts": [call("a"), call("b"), call("a")]},
                {"role": "function", "parts": [result("b"), result("a"), result("odd")]},
            ]
        }
    )

    calls = [part.id for part in request.messages[1].parts if isinstance(part, ToolCall)]
    results = [part.call_id for part in request.messages[2].parts if isinstance(part, ToolResult)]
    assert calls == ["call_1_0", "call_1_1", "call_1_2"]
    assert results == ["call_1_1", "call_1_0", "call_1_2"]
    assert request.messages[2].role == "tool"


def test_results_and_words_in_one_turn_are_two_messages():
    response = {"functionResponse": {"id": "c1", "name": "f", "response": {"output": "x"}}}

    request = asked({"contents": [HI, {"role": "user", "parts": [response, {"text": "And?"}]}]})

    assert [message.role for message in request.messages] == ["user", "tool", "user"]
    assert body_of(request)["contents"] == [HI, {"role": "user", "parts": [response, {"text": "And?"}]}]


def test_calls_without_ids_and_their_results_go_on_without_ids():
    contents: Any = [
        HI,
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s"}]},
        {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "x"}}}]},
    ]

    assert body_of(asked({"contents": contents}))["contents"] == contents


@pytest.mark.parametrize(
    ("response", "text", "failed"),
    [
        ({"output": "warm"}, "warm", False),
        ({"result": 7}, '{"result":7}', False),
        ({"output": {"a": 1}}, '{"output":{"a":1}}', False),
        ({"error": "gone"}, "gone", True),
        ({"error": {"code": 1}}, '{"code":1}', True),
    ],
)
def test_what_a_tool_said_is_read_by_google_s_convention(response: Any, text: str, failed: bool):
    body = json.dumps(
        {
            "contents": [
                {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": response}}]}
            ]
        },
        separators=(",", ":"),
    )
    assert GEMINI.front is not None

    result = GEMINI.front.read_request(Call(path=PATH, body=body.encode())).messages[0].parts[0]

    assert isinstance(result, ToolResult)
    assert (result.content, result.failed) == ((Text(text=text),), failed)


def test_tools_are_read_in_order_whatever_entry_they_stand_in():
    request = asked(
        {
            "contents": [HI],
            "tools": [
                {"functionDeclarations": [{"name": "a"}], "googleSearch": {}},
                {"function_declarations": [{"name": "b", "behavior": "BLOCKING"}]},
                {"urlContext": {}},
            ],
        }
    )

    assert request.tools == (
        Tool(name="a"),
        HostedTool(protocol="gemini", name="googleSearch", settings={"googleSearch": {}}),
        Tool(name="b", vendor={"gemini": {"behavior": "BLOCKING"}}),
        HostedTool(protocol="gemini", name="urlContext", settings={"urlContext": {}}),
    )


def test_one_tools_object_counts_as_a_list():
    assert asked({"contents": [HI], "tools": {"functionDeclarations": {"name": "a"}}}).tools == (
        Tool(name="a"),
    )


def test_google_s_own_schema_is_json_schema_here_and_goes_back_as_it_was():
    google: Any = {
        "type": "OBJECT",
        "properties": {
            "a": {"type": "STRING", "nullable": True},
            "b": {"type": 5, "items": {"type": "NUMBER"}},
        },
    }
    request = asked(
        {
            "contents": [HI],
            "tools": [{"functionDeclarations": [{"name": "f", "parameters": google}]}],
            "generationConfig": {"responseMimeType": "application/json", "responseSchema": google},
        }
    )

    assert isinstance(request.tools[0], Tool)
    assert request.tools[0].schema == {
        "type": "object",
        "properties": {
            "a": {"type": ["string", "null"]},
            "b": {"type": "array", "items": {"type": "number"}},
        },
    }
    assert isinstance(request.output, OutputFormat)
    assert request.output.schema == request.tools[0].schema
    body = body_of(request)
    assert body["tools"][0]["functionDeclarations"][0] == {"name": "f", "parameters": google}
    assert body["generationConfig"]["responseSchema"] == google


@pytest.mark.parametrize(
    ("config", "choice"),
    [
        ({"mode": "AUTO"}, ToolChoice(mode="auto")),
        ({"mode": "any"}, ToolChoice(mode="required")),
        ({"mode": 3}, ToolChoice(mode="none")),
        ({"mode": "ANY", "allowedFunctionNames": ["f"]}, ToolChoice(mode="named", name="f")),
        (
            {"mode": "ANY", "allowedFunctionNames": ["f", "g"]},
            ToolChoice(mode="required", vendor={"gemini": {"allowedFunctionNames": ["f", "g"]}}),
        ),
        ({"mode": "VALIDATED"}, ToolChoice(mode="auto", vendor={"gemini": {"mode": "VALIDATED"}})),
        ({"mode": "NEW"}, ToolChoice(mode="auto", vendor={"gemini": {"mode": "NEW"}})),
    ],
)
def test_the_choice_of_tools_is_read(config: Any, choice: ToolChoice):
    request = asked({"contents": [HI], "toolConfig": {"functionCallingConfig": config}})

    assert request.tool_choice == choice


@pytest.mark.parametrize(
    ("config", "thinking"),
    [
        ({"thinkingLevel": "low", "includeThoughts": True}, Thinking(effort="low", show=True)),
        ({"thinkingBudget": 0}, Thinking(enabled=False)),
        ({"thinkingBudget": -1}, Thinking(enabled=True)),
        ({"thinkingLevel": "XHIGH"}, Thinking(effort="xhigh", vendor={"gemini": {"thinkingLevel": "XHIGH"}})),
    ],
)
def test_thinking_is_read(config: Any, thinking: Thinking):
    request = asked({"contents": [HI], "generationConfig": {"thinkingConfig": config}})

    assert request.thinking == thinking


def test_a_level_we_have_no_word_for_goes_back_as_it_was():
    request = asked({"contents": [HI], "generationConfig": {"thinkingConfig": {"thinkingLevel": "XHIGH"}}})

    assert body_of(request)["generationConfig"]["thinkingConfig"] == {"thinkingLevel": "XHIGH"}


def test_thoughts_signatures_and_unknown_parts_are_kept():
    parts: Any = [
        {"text": "Hm", "thought": True, "thoughtSignature": "c2ln"},
        {"functionCall": {"id": "c1", "name": "f", "args": {}}, "thoughtSignature": "c2ln"},
        {"newPart": {"a": 1}},
        {"executableCode": {"language": "PYTHON", "code": "1+1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "2"}},
    ]

    request = asked({"contents": [HI, {"role": "model", "parts": parts}]})

    found = request.messages[1].parts
    assert found[0] == Reasoning(text="Hm", signature="c2ln", vendor={"gemini": {}})
    assert found[2] == Opaque(kind="newPart", vendor={"gemini": {"newPart": {"a": 1}}})
    assert body_of(request)["contents"][1]["parts"] == parts


def test_a_system_message_keeps_what_came_with_it():
    request = asked(
        {"contents": [HI], "systemInstruction": {"role": "user", "parts": [{"text": "Be brief"}]}}
    )

    assert request.messages[0] == Message(
        role="system", parts=(Text(text="Be brief"),), vendor={"gemini": {"role": "user"}}
    )
    assert body_of(request)["systemInstruction"] == {"role": "user", "parts": [{"text": "Be brief"}]}


def test_counts_may_be_floats_or_text():
    request = asked({"contents": [HI], "generationConfig": {"topK": 40.0, "maxOutputTokens": "12"}})

    assert (request.top_k, request.max_output) == (40, 12)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", ""),
        (b"[]", ""),
        (b"{", ""),
        (b'{"contents": "Hi"}', "contents"),
        (b'{"contents": [5]}', "contents.0"),
        (b'{"contents": [{"role": 5}]}', "contents.0.role"),
        (b'{"contents": [{"role": "robot"}]}', "contents.0.role"),
        (b'{"contents": [{"parts": [{"text": 5}]}]}', "contents.0.parts.0.text"),
        (b'{"contents": [{"parts": [{"inlineData": {"data": "!"}}]}]}', "contents.0.parts.0.inlineData.data"),
        (
            b'{"contents": [{"parts": [{"functionResponse": {"response": 5}}]}]}',
            "contents.0.parts.0.functionResponse.response",
        ),
        (b'{"generationConfig": {"topK": 1.5}}', "generationConfig.topK"),
        (b'{"generationConfig": {"topK": true}}', "generationConfig.topK"),
        (b'{"generationConfig": {"temperature": "hot"}}', "generationConfig.temperature"),
        (b'{"generationConfig": {"stopSequences": [5]}}', "generationConfig.stopSequences"),
        (b'{"contents": ' + b"[" * 5000, ""),
        (b'{"a": "\xff"}', "a"),
    ],
)
def test_what_makes_no_sense_is_an_invalid_request_that_says_where(body: bytes, where: str):
    assert GEMINI.front is not None

    with pytest.raises(InvalidRequest) as caught:
        GEMINI.front.read_request(Call(path=PATH, body=body))

    assert caught.value.where == where
