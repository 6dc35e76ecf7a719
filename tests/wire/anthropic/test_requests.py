"""Settings of a request, as the provider wants them, and a note of every one it does not take."""

from __future__ import annotations

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import Tool, ToolChoice
from quorate.types.target import Quirks

from .making import CODEC, FRONT, asked_with, body_of, call, departed, departures, request, target, written

WEATHER = Tool(name="weather", description="Tells it", schema={"type": "object", "properties": {}})


def test_a_plain_question_is_a_plain_body():
    sent = written(request(max_output=50))

    assert (sent.method, sent.path, sent.framing, sent.fidelity) == ("POST", "/v1/messages", "json", ())
    assert sent.headers == {"anthropic-version": "2023-06-01"}
    assert body_of(request(max_output=50)) == {
        "model": "claude-x",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Hi"}],
    }


def test_a_stream_is_asked_for_and_framed_as_events():
    sent = written(request(), stream=True)

    assert sent.framing == "sse"
    assert body_of(request(), stream=True)["stream"] is True


def test_all_settings_of_the_protocol_are_written():
    asked = request(
        max_output=50, temperature=0.5, top_p=0.9, top_k=5, stop=("END",), user="u-1", service_tier="auto"
    )
    body = body_of(asked)

    assert {name: body[name] for name in body if name not in ("model", "messages")} == {
        "max_tokens": 50,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 5,
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u-1"},
        "service_tier": "auto",
    }
    assert departures(asked) == []


def test_without_a_limit_the_targets_own_is_sent():
    assert body_of(request(), max_output=64000)["max_tokens"] == 64000
    assert departures(request(), max_output=64000) == []


def test_a_limit_may_stand_in_the_targets_row():
    quirks = Quirks(defaults={"max_tokens": 2000})

    assert body_of(request(), quirks, max_output=None)["max_tokens"] == 2000
    assert departures(request(), quirks, max_output=None) == []


def test_where_nobody_names_a_limit_one_is_invented_and_told():
    assert body_of(request(), max_output=None)["max_tokens"] == 4096
    assert departures(request(), max_output=None) == [("max_output", "changed")]


@pytest.mark.parametrize(
    ("setting", "value", "kind"),
    [
        ("seed", 0, "dropped"),
        ("presence_penalty", 0.5, "dropped"),
        ("frequency_penalty", 0.0, "dropped"),
        ("logprobs", True, "dropped"),
        ("top_logprobs", 3, "dropped"),
        ("n", 2, "dropped"),
        ("temperature", 1.5, "changed"),
        ("service_tier", "priority", "changed"),
        ("service_tier", "flex", "dropped"),
        ("stop", (" ", "END"), "changed"),
        ("tool_choice", ToolChoice(mode="required"), "dropped"),
        ("parallel_tools", False, "dropped"),
    ],
)
def test_what_the_protocol_has_no_place_for_is_told(setting, value, kind):
    assert departures(request(**{setting: value})) == [(setting, kind)]


@pytest.mark.parametrize(("setting", "value"), [("logprobs", False), ("n", 1)])
def test_what_asks_for_nothing_is_no_departure(setting, value):
    assert departures(request(**{setting: value})) == []


def test_fields_we_do_not_model_come_back():
    fields = {
        "container": {"id": "c", "skills": [{"type": "anthropic", "skill_id": "pptx"}]},
        "context_management": {"edits": [{"type": "compact_20260112", "trigger": {"value": 5}}]},
        "mcp_servers": [{"type": "url", "url": "https://example.com/mcp", "name": "m"}],
        "metadata": {"user_id": "u-1", "x_more": 1},
        "output_config": {"effort": "low", "task_budget": {"total": 5}},
        "cache_control": {"type": "ephemeral"},
        "x_unknown": {"a": [None, 1.5, 10**30]},
    }
    asked = asked_with(**fields)
    body = body_of(asked)

    assert asked.user == "u-1"
    assert {name: body[name] for name in fields} == fields


def test_leftovers_of_other_protocols_are_not_sent():
    asked = request(vendor={"gemini": {"safetySettings": []}})

    assert set(body_of(asked)) == {"model", "max_tokens", "messages"}
    assert departures(asked) == []


def test_betas_travel_in_a_header_both_ways():
    body = {"model": "claude-x", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
    asked = FRONT.read_request(call(body, anthropic_beta="files-api-2025-04-14, a-b"))
    sent = CODEC.write_request(asked, target(headers={"Anthropic-Beta": "own,a-b"}), stream=False)

    assert asked.vendor == {"anthropic": {"betas": ["files-api-2025-04-14", "a-b"]}}
    assert sent.headers["anthropic-beta"] == "own,a-b,files-api-2025-04-14"
    assert b"betas" not in sent.body


def test_the_row_may_want_another_version():
    assert written(request(), Quirks(headers={"anthropic-version": "2024-01-01"})).headers == {
        "anthropic-version": "2024-01-01"
    }


def test_a_rows_quirks_shape_the_body():
    quirks = Quirks(
        rename={"stop_sequences": "stop"},
        drop=frozenset({"model", "top_k"}),
        clamp={"temperature": (0.0, 0.5)},
        defaults={"anthropic_version": "cloud", "top_p": 0.9},
        paths={"chat": "/models/{model}:predict"},
        query={"v": "1"},
    )
    asked = request(temperature=0.75, top_k=5, stop=("END",))
    sent, body = written(asked, quirks), body_of(asked, quirks)

    assert (sent.path, sent.query) == ("/models/claude-x:predict", {"v": "1"})
    assert (body["temperature"], body["top_p"], body["stop"], body["anthropic_version"]) == (
        0.5,
        0.9,
        ["END"],
        "cloud",
    )
    assert "model" not in body
    assert "top_k" not in body
    assert departures(asked, quirks) == [("temperature", "changed"), ("top_k", "dropped")]


def test_a_schema_without_a_bottom_is_refused():
    schema: dict = {"type": "object"}
    for _ in range(100_000):
        schema = {"type": "array", "items": schema}

    with pytest.raises(InvalidRequest):
        written(request(tools=(Tool(name="deep", schema=schema),)))


def test_a_refused_default_is_told_with_the_detail():
    assert departed(request(), max_output=None).detail == "the protocol demands a limit: 4096 tokens"
