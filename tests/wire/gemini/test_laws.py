"""Gemini's protocol keeps the laws of every wire (DESIGN §2)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.types.chat import ChatReply, ChatRequest, Choice, Finish, Message
from quorate.types.events import assemble
from quorate.types.parts import Citation, Media, Reasoning, Text, TokenLogprob, ToolCall, ToolResult
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import Call
from tests.wire.laws import (
    any_chunking,
    call_of,
    nothing_is_silent,
    plain,
    read_stream,
    reply_returns,
    request_returns,
    stream_is_whole,
    usage_adds_up,
)
from tests.wire.values import Carries, objects, replies, requests, words

from .making import LIST, SSE, TARGET, WHOLE, ask, user

CARRIES = Carries(
    protocol="gemini",
    media=("image/png", "audio/wav", "video/mp4", "application/pdf", "text/plain"),
    media_urls=False,
    settings=(
        "max_output",
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "logprobs",
        "top_logprobs",
        "n",
        "service_tier",
    ),
    efforts=("minimal", "low", "medium", "high"),
    budgets=True,
    parallel_tools=False,
    failed_results=True,
    result_media=True,
    result_names=True,
    text_parts=3,
    request_reasoning=True,
    logprobs=True,
    finishes=("stop", "length", "blocked", "other"),
    usage=("input", "cache_read", "input_audio", "input_image", "output", "reasoning", "output_audio"),
)
MORE = replace(
    CARRIES,
    media_names=True,
    names=True,
    cache_marks=True,
    strict_tools=True,
    settings=(*CARRIES.settings, "user", "parallel_tools"),
    efforts=(*CARRIES.efforts, "xhigh", "max"),
)
CUTS = st.lists(st.integers(0, 100_000), max_size=12)
VERTEX = "/v1/projects/p/locations/us-central1/publishers/google"


@given(requests(CARRIES), st.sampled_from(["/v1beta", "/v1", VERTEX]), st.booleans())
def test_a_request_comes_back_as_it_was_written(request: ChatRequest, prefix: str, stream: bool):
    request_returns(GEMINI, request, TARGET, prefix=prefix, stream=stream)


@given(requests(MORE).filter(lambda request: request.parallel_tools is not True))
def test_what_a_request_loses_is_told(request: ChatRequest):
    nothing_is_silent(GEMINI, request, TARGET, prefix="/v1beta")


@given(replies(CARRIES))
def test_a_reply_comes_back_as_it_was_written(reply: ChatReply):
    reply_returns(GEMINI, reply, WHOLE)


@given(replies(CARRIES), CUTS)
def test_a_stream_of_events_is_the_whole_reply_wherever_it_is_cut(reply: ChatReply, cuts: list[int]):
    stream = stream_is_whole(GEMINI, reply, SSE, "sse")

    any_chunking(GEMINI, stream, cuts, "sse")


@given(replies(CARRIES), CUTS)
def test_a_streamed_list_is_the_whole_reply_wherever_it_is_cut(reply: ChatReply, cuts: list[int]):
    stream = stream_is_whole(GEMINI, reply, LIST, "json_list")

    any_chunking(GEMINI, stream, cuts, "json_list")
    assert json.loads(stream)


@given(replies(replace(CARRIES, citations=True)).filter(lambda reply: not reply.tool_calls))
def test_sources_come_back_as_they_were_written(reply: ChatReply):
    reply_returns(GEMINI, reply, WHOLE)
    stream_is_whole(GEMINI, reply, SSE, "sse")


@given(st.text(max_size=40) | objects.map(json.dumps), st.booleans())
def test_whatever_a_tool_said_comes_back_word_for_word(text: str, failed: bool):
    text = text.encode(errors="replace").decode()
    call = Message(role="assistant", parts=(ToolCall(id="c", name="f", arguments="{}"),))
    result = ToolResult(call_id="c", name="f", content=(Text(text=text),), failed=failed)
    request = ask(user("Hi"), call, Message(role="tool", parts=(result,)))

    request_returns(GEMINI, request, TARGET, prefix="/v1beta")


SIGNED: list[Any] = [
    Reasoning(text="Hm", signature="c2ln", vendor={"gemini": {}}),
    Text(text="So", vendor={"gemini": {"thoughtSignature": "c2ln"}}),
    Text(text="", vendor={"gemini": {"thoughtSignature": "c2ln"}}),
    Text(text="So", vendor={"gemini": {"newField": {"deep": [1, None]}}}),
    ToolCall(id="c1", name="f", arguments='{"a": 1}', vendor={"gemini": {"thoughtSignature": "c2ln"}}),
    ToolCall(id="c1", name="f", arguments="{}", vendor={"gemini": {"functionCall": {"newField": 1}}}),
    Media(
        kind="video",
        media_type="video/mp4",
        data=b"film",
        vendor={"gemini": {"videoMetadata": {"fps": 2.5}, "inlineData": {"newField": "x"}}},
    ),
    Media(kind="image", media_type="image/png", url="https://example.com/a.png"),
    Media(kind="file", media_type="application/pdf", file_id="files/abc"),
]


@pytest.mark.parametrize("part", SIGNED, ids=lambda part: type(part).__name__)
def test_signatures_and_unknown_fields_of_a_part_return(part: Any):
    message = Message(role="assistant", parts=(part,))
    reply = ChatReply(id="r1", model="m", message=message, finish=Finish(reason="stop"))
    if isinstance(part, ToolCall):
        reply = replace(reply, finish=Finish(reason="tool_calls"))

    request_returns(GEMINI, ask(user("Hi"), message), TARGET, prefix="/v1beta")
    reply_returns(GEMINI, reply, WHOLE)
    stream_is_whole(GEMINI, reply, SSE, "sse")


@given(objects)
def test_unknown_fields_at_every_level_of_a_request_return(unknown: dict[str, Any]):
    vendor: Any = {
        "gemini": {
            "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
            "cachedContent": "cachedContents/abc",
            "generationConfig": {"speechConfig": unknown, "responseModalities": ["TEXT"]},
            "toolConfig": {"retrievalConfig": unknown},
            "newField": unknown,
        }
    }
    message = replace(user("Hi"), vendor={"gemini": {"newField": unknown}})
    request = ask(message, vendor=vendor)

    request_returns(GEMINI, request, TARGET, prefix="/v1beta")


def test_all_answers_to_one_question_return():
    def side(text: str) -> Message:
        return Message(role="assistant", parts=(Reasoning(text="Hm"), Text(text=text)))

    others = (
        Choice(message=side("b"), finish=Finish(reason="length")),
        Choice(message=side("c"), finish=Finish(reason="stop")),
    )
    reply = ChatReply(
        id="r1",
        model="m",
        message=side("a"),
        finish=Finish(reason="stop"),
        alternatives=others,
        usage=Usage(input=1, output=6),
    )

    reply_returns(GEMINI, reply, WHOLE)


def test_a_provider_s_own_words_about_a_reply_return():
    kept: Any = {
        "createTime": "2026-01-02T03:04:05.678901Z",
        "modelStatus": {"modelStage": "STABLE"},
        "candidates": [
            {
                "avgLogprobs": -0.25,
                "safetyRatings": [{"category": "HARM_CATEGORY_HARASSMENT", "probability": "NEGLIGIBLE"}],
                "groundingMetadata": {
                    "webSearchQueries": ["rivers"],
                    "groundingChunks": [{"web": {"uri": "u"}}],
                },
            }
        ],
    }
    body = {
        "candidates": [
            {"content": {"parts": [{"text": "Hi"}], "role": "model"}, "finishReason": "STOP", "index": 0}
            | kept["candidates"][0]
        ],
        "createTime": kept["createTime"],
        "modelStatus": kept["modelStatus"],
        "responseId": "r1",
        "modelVersion": "m",
        "usageMetadata": {
            "promptTokenCount": 1,
            "candidatesTokenCount": 1,
            "totalTokenCount": 2,
            "serviceTier": "x",
        },
    }
    assert GEMINI.front is not None
    answer = GEMINI.front.write_reply(GEMINI.codec.read_reply(_answer(body)), WHOLE)
    returned = json.loads(answer.body)

    assert returned == body
    assert GEMINI.codec.read_reply(answer).vendor == {"gemini": kept}


def _answer(body: Any) -> Any:
    from quorate.wire.seam import WireAnswer

    return WireAnswer(body=json.dumps(body).encode())


def test_the_counts_of_a_long_answer_add_up():
    counts = {
        "promptTokenCount": 1000,
        "cachedContentTokenCount": 600,
        "toolUsePromptTokenCount": 50,
        "candidatesTokenCount": 200,
        "thoughtsTokenCount": 300,
        "totalTokenCount": 1550,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 700},
            {"modality": "AUDIO", "tokenCount": 300},
        ],
        "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 100}],
    }
    usage = GEMINI.codec.read_reply(_answer({"candidates": [], "usageMetadata": counts})).usage

    usage_adds_up(usage, 1050, 500)
    assert (usage.input, usage.cache_read, usage.input_audio) == (250, 600, 200)


def test_a_citation_after_its_words_is_in_the_stream_too():
    reply = ChatReply(
        id="r1",
        model="m",
        message=Message(
            role="assistant",
            parts=(
                Text(text="Rhine"),
                Citation(url="https://a.example", title="A", quote="q", start=0, end=5),
            ),
        ),
        finish=Finish(reason="stop"),
    )
    stream = stream_is_whole(GEMINI, reply, SSE, "sse")

    assert plain(assemble(read_stream(GEMINI, [stream], "sse"))) == plain(reply)
    reply_returns(GEMINI, reply, WHOLE)


def test_logprobs_return_with_the_likeliest_tokens_and_their_numbers():
    token = TokenLogprob(
        token="Hi",
        logprob=-0.5,
        top=(TokenLogprob(token="Hi", logprob=-0.5), TokenLogprob(token="Ho", logprob=-1.5)),
        vendor={"gemini": {"tokenId": 7}},
    )
    message = Message(role="assistant", parts=(Text(text="Hi", logprobs=(token,)),))
    reply = ChatReply(id="r1", model="m", message=message, finish=Finish(reason="stop"))

    reply_returns(GEMINI, reply, WHOLE)
    stream_is_whole(GEMINI, reply, SSE, "sse")


@given(words)
def test_a_redirected_call_keeps_its_bytes(text: str):
    request = ask(user(text))
    call = call_of(GEMINI.codec.write_request(request, TARGET, stream=True), "/v1beta")
    assert GEMINI.front is not None

    sent = GEMINI.front.redirect(
        replace(call, query=call.query | {"key": "k"}), replace(TARGET, model="other")
    )

    assert sent.body == call.body
    assert (sent.path, sent.query) == ("/models/other:streamGenerateContent", {"alt": "sse"})
    assert sent.framing == "sse"


def test_a_call_without_events_is_framed_as_a_list():
    assert GEMINI.front is not None

    sent = GEMINI.front.redirect(Call(path="/v1beta/models/a:streamGenerateContent", body=b"{}"), TARGET)

    assert sent.framing == "json_list"
