"""Whole responses, read from providers and written for clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import QuotaExhausted, UpstreamBroken, UpstreamBusy, UpstreamError
from quorate.types.chat import ChatReply, Finish
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from quorate.wire.seam import WireAnswer
from tests.wire.laws import assistant
from tests.wire.openai_responses.given import NAME, WIRE, answered, message, reply, response, returned, text


def parts(*items: dict[str, Any]) -> tuple[Any, ...]:
    return reply(*items).message.parts


def test_words_with_their_item():
    read = reply(message(text("Hi.")))

    assert (read.id, read.model, read.created) == ("resp_1", "m1", 5)
    assert read.message.parts == (Text(text="Hi.", vendor={NAME: {"item": {"id": "msg_1"}}}),)
    assert read.finish == Finish(reason="stop", raw="completed")


def test_log_probabilities_stand_with_the_text():
    one = {"token": "Hi", "logprob": -0.5, "bytes": [72, 105], "top_logprobs": []}

    assert parts(message(text("Hi", logprobs=[one])))[0].logprobs == (TokenLogprob(token="Hi", logprob=-0.5),)


def test_sources_follow_their_text():
    url = {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 2}
    file = {"type": "file_citation", "file_id": "f", "filename": "a.txt", "index": 2}

    assert parts(message(text("Hi.", url, file)))[1:] == (
        Citation(url="u", title="t", start=0, end=2),
        Citation(title="a.txt", vendor={NAME: file}),
    )


def test_a_range_without_width_at_the_end_of_a_text_is_none():
    url = {"type": "url_citation", "url": "u", "title": "t", "start_index": 3, "end_index": 3}

    assert parts(message(text("Hi.", url)))[1] == Citation(url="u", title="t")


def test_thoughts_come_summary_by_summary_and_sealed():
    summary = [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}]
    item = {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": "sealed"}

    assert parts(item) == (
        Reasoning(text="a", vendor={NAME: {"item": {"id": "rs_1"}}}),
        Reasoning(text="b", signature="sealed", vendor={NAME: {"more": True}}),
    )


def test_a_sealed_thought_without_words_is_redacted():
    item = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}

    assert parts(item) == (
        Reasoning(signature="sealed", redacted=True, vendor={NAME: {"item": {"id": "rs_1"}}}),
    )


def test_thoughts_told_in_full_are_marked():
    item = {"type": "reasoning", "id": "rs_1", "content": [{"type": "reasoning_text", "text": "a"}]}

    assert parts(item) == (Reasoning(text="a", vendor={NAME: {"item": {"id": "rs_1"}, "content": True}}),)


def test_calls_ask_for_tools():
    call = {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"}

    read = reply(call)

    assert read.tool_calls == (ToolCall(id="c", name="f", arguments="{}", vendor={NAME: {"id": "fc_1"}}),)
    assert read.finish == Finish(reason="tool_calls", raw="completed")


def test_a_free_text_call_is_a_function_with_one_argument():
    call = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c", "name": "f", "input": 'say "hi"'}

    assert json.loads(reply(call).tool_calls[0].arguments) == {"input": 'say "hi"'}
    assert returned(call)["output"][0] == {"status": "completed"} | call


def test_an_errand_of_the_clients_is_a_call():
    patch = {"type": "delete_file", "path": "a"}
    item = {
        "type": "apply_patch_call",
        "id": "ap_1",
        "call_id": "c",
        "status": "completed",
        "operation": patch,
    }

    read = reply(item)

    assert [(each.id, each.name, json.loads(each.arguments)) for each in read.tool_calls] == [
        ("c", "apply_patch", patch)
    ]
    assert read.finish.reason == "tool_calls"


def test_a_tool_that_the_provider_ran_asks_for_nothing():
    source = {"type": "url", "url": "https://example.com"}
    search = {"type": "search", "query": "rivers", "sources": [source]}
    item = {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": search}

    read = reply(item)

    call, result = read.message.parts
    assert call == ToolCall(
        id="ws_1",
        name="web_search",
        arguments=json.dumps({"action": search}, separators=(",", ":")),
        hosted=True,
        vendor={NAME: {"item": item}},
    )
    assert isinstance(result, ToolResult)
    assert result.content == (SearchResult(url="https://example.com"),)
    assert read.finish.reason == "stop"


def test_a_failed_tool_of_a_server_is_told():
    item = {"type": "mcp_call", "id": "m", "name": "ask", "arguments": "{}", "error": {"message": "no net"}}

    result = parts(item)[1]

    assert (result.failed, result.content) == (True, (Text(text="no net"),))


def test_an_image_that_the_model_made_is_a_part():
    item = {"type": "image_generation_call", "id": "ig", "result": "YWJj", "output_format": "webp"}

    assert parts(item) == (
        Media(kind="image", media_type="image/webp", data=b"abc", vendor={NAME: {"item": {"id": "ig"}}}),
    )


def test_what_nobody_knows_is_kept_whole():
    item = {"type": "some_future_type", "id": "x", "deep": [1]}

    assert parts(item) == (Opaque(kind="some_future_type", vendor={NAME: {"item": item}}),)


@pytest.mark.parametrize(
    ("fields", "finish"),
    [
        ({"status": "completed"}, Finish(reason="stop", raw="completed")),
        ({"status": "complete"}, Finish(reason="stop", raw="complete")),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            Finish(reason="length", raw="max_output_tokens"),
        ),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            Finish(reason="blocked", raw="content_filter"),
        ),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "steered"}},
            Finish(reason="other", raw="steered"),
        ),
        ({"status": "incomplete", "incomplete_details": None}, Finish(reason="other", raw="incomplete")),
        ({"status": "queued"}, Finish(reason="other", raw="queued")),
        ({"status": "in_progress"}, Finish(reason="other", raw="in_progress")),
        ({"status": "cancelled"}, Finish(reason="other", raw="cancelled")),
    ],
)
def test_every_state_is_told_and_comes_back(fields: dict[str, Any], finish: Finish):
    told = returned(message(text("Hi.")), **fields)

    assert reply(message(text("Hi.")), **fields).finish == finish
    assert {name: told[name] for name in fields} == fields


def test_a_refusal_alone_is_a_refusal():
    read = reply(message({"type": "refusal", "refusal": "No."}))

    assert (read.refusal, read.finish.reason) == ("No.", "refusal")
    assert isinstance(read.message.parts[0], Refusal)


ITEMS: list[dict[str, Any]] = [
    {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"},
    message(text("One.")),
    message(text("Two.", x_unknown=1), id="msg_2", phase="final_answer", status="incomplete"),
    message(text("Three."), text("Four."), {"type": "smell", "smell": "rose"}, id="msg_3"),
    message(id="msg_4"),
    {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}},
    {"type": "compaction", "id": "cmp_1", "encrypted_content": "sealed"},
    {"type": "mcp_approval_request", "id": "m", "name": "n", "arguments": "{}", "server_label": "s"},
    {
        "type": "function_call",
        "id": "fc_1",
        "status": "in_progress",
        "call_id": "c",
        "name": "f",
        "arguments": '{"a": 1}',
        "caller": {"type": "direct"},
    },
]


def test_all_items_and_unknown_fields_come_back_as_they_were():
    whole = response(
        *ITEMS,
        usage={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "x": 1},
        error=None,
        incomplete_details=None,
        metadata={"k": "v"},
        x_unknown={"deep": [1.5, None]},
    )

    read = WIRE.codec.read_reply(WireAnswer(body=json.dumps(whole).encode()))

    assert answered(read) == whole


def test_a_foreign_reply_gets_ids_and_the_settings_of_its_call():
    foreign = ChatReply(
        id="r",
        model="m",
        message=assistant(
            Reasoning(text="hm", signature="s", vendor={"anthropic": {}}),
            Text(text="Hi."),
            ToolCall(id="c", name="f", arguments="{}"),
        ),
        finish=Finish(reason="tool_calls", raw="tool_use"),
    )

    told = answered(foreign, instructions="Be brief.", temperature=0.5, tools=[{"type": "web_search"}])

    assert [(each["type"], each["id"]) for each in told["output"]] == [
        ("reasoning", "rs_quorate_0_r"),
        ("message", "msg_quorate_1_r"),
        ("function_call", "fc_quorate_2_r"),
    ]
    assert "encrypted_content" not in told["output"][0]
    assert (told["status"], told["instructions"], told["temperature"]) == ("completed", "Be brief.", 0.5)
    assert (told["tools"], told["tool_choice"], told["usage"]) == ([{"type": "web_search"}], "auto", None)


def test_a_call_of_a_free_text_tool_on_offer_is_one_whoever_made_it():
    call = ToolCall(id="c", name="f", arguments='{"input": "x"}')
    foreign = ChatReply(id="r", model="m", message=assistant(call), finish=Finish(reason="tool_calls"))

    told = answered(foreign, tools=[{"type": "custom", "name": "f"}])

    assert (told["output"][0]["type"], told["output"][0]["input"]) == ("custom_tool_call", "x")


def test_an_image_of_another_protocol_is_an_item():
    picture = Media(kind="image", media_type="image/png", data=b"abc")
    foreign = ChatReply(id="r", model="m", message=assistant(picture), finish=Finish(reason="stop"))

    told = answered(foreign)["output"][0]

    assert (told["type"], told["result"], told["output_format"]) == ("image_generation_call", "YWJj", "png")


def test_a_foreign_failure_is_a_failed_response():
    foreign = ChatReply(
        id="r", model="m", message=assistant(), finish=Finish(reason="error", detail="It broke.")
    )

    told = answered(foreign)

    assert (told["status"], told["error"]) == ("failed", {"code": "server_error", "message": "It broke."})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "rate_limit_exceeded", "message": "too many"}, UpstreamBusy),
        ({"code": "insufficient_quota", "message": "too many"}, QuotaExhausted),
        ({"code": "server_error", "message": "too many"}, UpstreamBroken),
    ],
)
def test_a_failed_response_is_an_error(error: dict[str, Any], kind: type[UpstreamError]):
    with pytest.raises(kind, match="too many"):
        reply(status="failed", error=error)


@pytest.mark.parametrize(
    "body", [b"", b"<html>no</html>", b"[]", b"{}", b'{"output": 3}', b"null", b'{"output"', b"\xff"]
)
def test_bytes_that_make_no_sense_are_the_providers_fault(body: bytes):
    with pytest.raises(UpstreamBroken):
        WIRE.codec.read_reply(WireAnswer(body=body))
