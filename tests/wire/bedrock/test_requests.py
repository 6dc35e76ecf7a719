"""What is sent for a request: settings, system prompts, turns, thoughts, forms of answers, and what is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import Message, OutputFormat, Thinking, Tool, ToolChoice
from quorate.types.parts import Citation, Opaque, Reasoning, Refusal, Text, ToolCall, ToolResult
from quorate.types.target import Quirks

from .making import CLAUDE, WIRE, ask, departures, said, target, written

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CLOSED = SCHEMA | {"additionalProperties": False}
PLAIN = Quirks(reasoning="none", schema="prompt")
USER = said("user", Text(text="Hello"))


def test_a_small_request_is_small():
    assert written(ask(), PLAIN) == {"messages": [{"role": "user", "content": [{"text": "Hello"}]}]}


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("amazon.nova-lite-v1:0", "/model/amazon.nova-lite-v1%3A0/converse"),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.x",
            "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.x/converse",
        ),
    ],
)
def test_a_models_name_is_one_segment_of_the_path(model: str, path: str):
    assert WIRE.codec.write_request(ask(), target(model=model), stream=False).path == path
    streamed = WIRE.codec.write_request(ask(), target(model=model), stream=True)
    assert (streamed.path, streamed.framing) == (f"{path}-stream", "event_stream")


def test_settings_have_their_places():
    asked = ask(max_output=9, temperature=0.5, top_p=0.9, top_k=7, stop=("END",), service_tier="flex")
    body = written(asked, PLAIN)

    assert body["inferenceConfig"] == {
        "maxTokens": 9,
        "temperature": 0.5,
        "topP": 0.9,
        "stopSequences": ["END"],
    }
    assert body["additionalModelRequestFields"] == {"top_k": 7}
    assert body["serviceTier"] == {"type": "flex"}
    assert departures(asked, PLAIN) == {}


def test_a_family_of_models_has_names_and_bounds_of_its_own():
    quirks = Quirks(
        reasoning="none",
        rename={"top_k": "inferenceConfig.topK"},
        drop=frozenset({"topP"}),
        clamp={"maxTokens": (1, 100)},
        defaults={"performanceConfig": {"latency": "optimized"}, "inferenceConfig": {"temperature": 0.1}},
    )
    asked = ask(max_output=500, top_k=7, top_p=0.5)

    assert written(asked, quirks) | {"messages": []} == {
        "messages": [],
        "inferenceConfig": {"maxTokens": 100, "temperature": 0.1},
        "additionalModelRequestFields": {"inferenceConfig": {"topK": 7}},
        "performanceConfig": {"latency": "optimized"},
    }
    assert departures(asked, quirks) == {"max_output": "changed", "top_p": "dropped"}


def test_what_the_protocol_has_no_place_for_is_reported():
    asked = ask(
        seed=1, n=2, user="u", logprobs=True, presence_penalty=0.5, temperature=1.5, service_tier="scale"
    )

    assert departures(asked) == {
        "seed": "dropped",
        "n": "dropped",
        "user": "dropped",
        "logprobs": "dropped",
        "presence_penalty": "dropped",
        "temperature": "changed",
        "service_tier": "dropped",
    }


def test_the_protocols_own_fields_go_beside_ours():
    own = {
        "guardrailConfig": {"guardrailIdentifier": "g", "streamProcessingMode": "async"},
        "additionalModelRequestFields": {"thinking": {"type": "disabled"}},
        "inferenceConfig": {"maxTokens": 5},
        "requestMetadata": {"team": "a"},
    }
    asked = ask(top_k=7, temperature=0.5, vendor={"bedrock": own})

    body = written(asked, PLAIN)
    assert body["additionalModelRequestFields"] == {"top_k": 7, "thinking": {"type": "disabled"}}
    assert body["inferenceConfig"] == {"temperature": 0.5, "maxTokens": 5}
    assert body["guardrailConfig"] == {"guardrailIdentifier": "g"}, "a whole answer has no stream to process"
    assert written(asked, PLAIN, stream=True)["guardrailConfig"] == own["guardrailConfig"]
    assert body["requestMetadata"] == {"team": "a"}


def test_a_system_prompt_stands_apart_with_its_cache_point():
    asked = ask(said("system", Text(text="Be brief", cache="1h")), said("system", Text(text="Be kind")), USER)

    assert written(asked)["system"] == [
        {"text": "Be brief"},
        {"cachePoint": {"type": "default", "ttl": "1h"}},
        {"text": "Be kind"},
    ]


def test_cache_points_stand_behind_what_they_mark():
    asked = ask(
        said("user", Text(text="Long", cache="5m"), Text(text="Short")),
        tools=(Tool(name="f", schema=SCHEMA, cache="5m"), Tool(name="g", schema=SCHEMA)),
    )
    body = written(asked)

    assert body["messages"][0]["content"] == [
        {"text": "Long"},
        {"cachePoint": {"type": "default"}},
        {"text": "Short"},
    ]
    assert [next(iter(each)) for each in body["toolConfig"]["tools"]] == [
        "toolSpec",
        "cachePoint",
        "toolSpec",
    ]
    assert departures(asked, PLAIN) == {
        "messages.0.parts.0.cache": "dropped",
        "tools.0.cache": "dropped",
    }


def test_turns_of_one_speaker_are_joined_and_late_system_turns_are_the_users():
    asked = ask(
        USER,
        said("user", Text(text="Again")),
        said("assistant", Text(text="Yes")),
        said("system", Text(text="Be brief")),
        said("user", Text(text="So?")),
    )

    assert [(turn["role"], len(turn["content"])) for turn in written(asked)["messages"]] == [
        ("user", 2),
        ("assistant", 1),
        ("user", 2),
    ]
    assert departures(asked) == {"messages.3.role": "emulated"}


def test_a_model_without_a_system_prompt_hears_it_from_the_user():
    quirks = Quirks(system_role="user", reasoning="none")
    asked = ask(said("system", Text(text="Be brief")), USER)

    assert written(asked, quirks) == {
        "messages": [{"role": "user", "content": [{"text": "Be brief"}, {"text": "Hello"}]}]
    }
    assert departures(asked, quirks) == {"messages.0.role": "emulated"}


def test_a_beginning_of_the_answer_ends_in_no_space():
    asked = ask(USER, said("assistant", Text(text="The answer is ")))

    assert written(asked)["messages"][1]["content"] == [{"text": "The answer is"}]
    assert departures(asked) == {"messages.1.parts": "changed"}


def test_empty_words_are_left_out_and_an_empty_conversation_is_refused():
    asked = ask(said("user", Text(text=""), Text(text="Hi"), Text(text="\n")))

    assert written(asked)["messages"][0]["content"] == [{"text": "Hi"}, {"text": "\n"}]
    with pytest.raises(InvalidRequest):
        written(ask(said("user", Text(text=" "))))
    assert written(ask(said("system", Text(text="Alone"))))["messages"] == [
        {"role": "user", "content": [{"text": "Alone"}]}
    ]


def test_thoughts_go_back_to_who_signed_them():
    theirs = Reasoning(text="Hm", signature="sig", vendor={"anthropic": {}})
    others = Reasoning(text="Hm", signature="sig", vendor={"gemini": {}})
    sealed = Reasoning(signature="c2VhbA==", redacted=True, vendor={"bedrock": {}})
    asked = ask(USER, said("assistant", theirs, others, sealed, Text(text="Yes")), USER)

    assert written(asked)["messages"][1]["content"] == [
        {"reasoningContent": {"reasoningText": {"text": "Hm", "signature": "sig"}}},
        {"reasoningContent": {"redactedContent": "c2VhbA=="}},
        {"text": "Yes"},
    ]
    assert departures(asked) == {"messages.1.parts.1": "dropped"}


def test_what_only_others_understand_is_reported():
    asked = ask(
        said("user", Text(text="Hi"), Opaque(kind="x", vendor={"gemini": {"a": 1}})),
        said(
            "assistant",
            Refusal(text="No"),
            Citation(url="https://a.test"),
            ToolCall(id="1", name="search", hosted=True),
            ToolResult(call_id="1", hosted=True),
        ),
        USER,
    )

    assert written(asked)["messages"][1]["content"] == [{"text": "No"}]
    assert set(departures(asked)) == {
        "messages.0.parts.1",
        "messages.1.parts.1",
        "messages.1.parts.2",
        "messages.1.parts.3",
    }


def test_own_blocks_and_citations_go_back_as_they_came():
    guard = {"guardContent": {"text": {"text": "Guard this", "qualifiers": ["query"]}}}
    place = {"location": {"documentChar": {"documentIndex": 0, "start": 1, "end": 4}}}
    asked = ask(
        said("user", Text(text="Hi"), Opaque(kind="guardContent", vendor={"bedrock": guard})),
        said("assistant", Text(text="Cited"), Citation(title="T", quote="q", vendor={"bedrock": place})),
        USER,
    )
    user, assistant, _ = written(asked)["messages"]

    assert user["content"] == [{"text": "Hi"}, guard]
    assert assistant["content"] == [
        {
            "citationsContent": {
                "content": [{"text": "Cited"}],
                "citations": [{"title": "T", "sourceContent": [{"text": "q"}]} | place],
            }
        }
    ]


def test_a_form_is_native_or_asked_for_in_words():
    asked = ask(said("system", Text(text="Be kind")), USER, output=OutputFormat(kind="schema", schema=SCHEMA))
    form = written(asked)["outputConfig"]["textFormat"]
    told = form["structure"]["jsonSchema"]

    assert (form["type"], told["name"], json.loads(told["schema"])) == ("json_schema", "answer", CLOSED)
    assert departures(asked) == {"output.schema": "changed"}
    kind, words = written(asked, PLAIN)["system"]
    assert kind == {"text": "Be kind"}
    assert words["text"].endswith(json.dumps(SCHEMA, separators=(",", ":")))
    assert departures(asked, PLAIN) == {"output": "emulated"}
    assert departures(ask(output=OutputFormat(kind="json"))) == {"output": "emulated"}


def test_rules_that_the_grammar_does_not_keep_are_said_in_words():
    schema = {
        "type": "object",
        "properties": {
            "n": {"type": "integer", "minimum": 1, "description": "A count"},
            "minimum": {"type": "string"},
        },
        "$defs": {"X": {"type": "object", "properties": {}}},
        "additionalProperties": {"type": "string"},
    }
    asked = ask(output=OutputFormat(kind="schema", schema=schema))
    sent = json.loads(written(asked)["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"])

    assert sent["properties"]["n"] == {"type": "integer", "description": 'A count\n\n{"minimum":1}'}
    assert sent["properties"]["minimum"] == {"type": "string"}
    assert sent["$defs"]["X"]["additionalProperties"] is False
    assert sent["description"] == '{"additionalProperties":{"type":"string"}}'


def quirked(dialect: Any, *efforts: str) -> Quirks:
    return Quirks(reasoning=dialect, efforts=efforts)


@pytest.mark.parametrize(
    ("quirks", "thinking", "extra", "effort"),
    [
        (
            quirked("budget"),
            Thinking(budget=2000),
            {"thinking": {"type": "enabled", "budget_tokens": 2000}},
            "",
        ),
        (
            quirked("budget"),
            Thinking(effort="low"),
            {"thinking": {"type": "enabled", "budget_tokens": 2048}},
            "",
        ),
        (
            quirked("budget"),
            Thinking(budget=10),
            {"thinking": {"type": "enabled", "budget_tokens": 1024}},
            "",
        ),
        (quirked("budget"), Thinking(enabled=False), {"thinking": {"type": "disabled"}}, ""),
        (quirked("adaptive"), Thinking(enabled=True), {"thinking": {"type": "adaptive"}}, ""),
        (quirked("adaptive"), Thinking(effort="high"), {"thinking": {"type": "adaptive"}}, "high"),
        (quirked("adaptive"), Thinking(budget=9000), {"thinking": {"type": "adaptive"}}, "high"),
        (
            quirked("adaptive"),
            Thinking(enabled=True, show=False),
            {"thinking": {"type": "adaptive", "display": "omitted"}},
            "",
        ),
        (quirked("thinking"), Thinking(effort="max"), {"thinking": {"type": "adaptive"}}, "max"),
        (
            quirked("thinking"),
            Thinking(budget=5000),
            {"thinking": {"type": "enabled", "budget_tokens": 5000}},
            "",
        ),
        (quirked("effort", "low", "high"), Thinking(effort="max"), {"reasoning_effort": "high"}, ""),
        (
            quirked("config", "low", "medium", "high"),
            Thinking(enabled=True),
            {"reasoning_config": "medium"},
            "",
        ),
        (
            quirked("level", "low", "medium", "high"),
            Thinking(effort="minimal"),
            {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}},
            "",
        ),
        (quirked("level"), Thinking(enabled=False), {"reasoningConfig": {"type": "disabled"}}, ""),
        (quirked("effort", "none", "low"), Thinking(enabled=False), {"reasoning_effort": "none"}, ""),
        (quirked("none"), Thinking(effort="low"), {}, ""),
    ],
)
def test_each_family_is_asked_to_think_in_its_own_way(
    quirks: Quirks, thinking: Thinking, extra: Any, effort: str
):
    body = written(ask(thinking=thinking), quirks)

    assert body.get("additionalModelRequestFields", {}) == extra
    assert body.get("outputConfig", {}).get("effort", "") == effort


def test_what_bars_thinking_or_is_barred_by_it_is_reported():
    tools = (Tool(name="f", schema=SCHEMA),)
    budget = Thinking(budget=2000)

    assert departures(ask(thinking=budget, temperature=0.5, top_p=0.5, top_k=3)) == {
        "temperature": "dropped",
        "top_p": "dropped",
        "top_k": "dropped",
    }
    assert departures(ask(thinking=budget, tools=tools, tool_choice=ToolChoice(mode="required"))) == {
        "thinking": "dropped"
    }
    assert departures(ask(thinking=budget, max_output=1000)) == {"thinking": "dropped"}
    assert departures(ask(thinking=budget, max_output=1500)) == {"thinking.budget": "changed"}
    level = quirked("level", "low", "high")
    assert departures(ask(thinking=Thinking(effort="high"), max_output=9, temperature=0.5), level) == {
        "max_output": "dropped",
        "temperature": "dropped",
    }


def test_a_request_nested_beyond_all_measure_is_refused():
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}

    with pytest.raises(InvalidRequest):
        written(ask(vendor={"bedrock": {"requestMetadata": deep}}), CLAUDE)


def test_speakers_have_no_names_here():
    assert departures(ask(Message(role="user", parts=(Text(text="Hi"),), name="ann"))) == {
        "messages.0.name": "dropped"
    }
