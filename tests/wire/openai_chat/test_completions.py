"""The older completions: read as a chat, written from its answer, passed on only where a target has them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.errors import InvalidRequest, Unsupported
from quorate.types.chat import ChatReply, ChatRequest, Choice, Finish, Message
from quorate.types.parts import Text, TokenLogprob
from quorate.types.target import Quirks
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.openai_chat.front import ChatFront
from quorate.wire.seam import Call, WireAnswer
from tests.wire.laws import any_chunking, events_of, reply_returns, stream_is_whole
from tests.wire.openai_chat.given import sent, target
from tests.wire.values import Carries, replies

FRONT = ChatFront()
HAS_IT = Quirks(paths={"complete": "/completions"})
WORDS_ALONE = Carries(
    protocol="openai_chat",
    tool_choices=(),
    reasoning=False,
    logprobs=True,
    finishes=("stop", "length", "blocked", "error"),
    usage=("input", "output"),
)


def call(**fields: Any) -> Call:
    body = {"model": "any", "prompt": "Once"} | fields
    return Call(path="/v1/completions", body=json.dumps(body).encode())


def read(**fields: Any) -> ChatRequest:
    return FRONT.read_request(call(**fields))


def spoken(reply: ChatReply) -> ChatReply:
    """The form tells words and nothing else, in one text."""
    words = [part for part in reply.message.parts if isinstance(part, Text)][:1]
    finish = reply.finish if reply.finish.reason != "tool_calls" else Finish(reason="stop")
    return replace(reply, message=Message(role="assistant", parts=tuple(words)), finish=finish)


SPOKEN = replies(WORDS_ALONE).map(spoken)


@pytest.mark.parametrize("prompt", ["Once", ["Once"]])
def test_a_prompt_is_asked_as_a_users_message(prompt: Any):
    asked = read(prompt=prompt, n=2, stop=["x"], seed=3, user="u", logit_bias={"5": -100})

    assert asked.messages == (Message(role="user", parts=(Text(text="Once"),)),)
    assert (asked.n, asked.stop, asked.seed, asked.user) == (2, ("x",), 3, "u")
    assert asked.vendor == {"openai_chat": {"logit_bias": {"5": -100}}}


@pytest.mark.parametrize(("fields", "most"), [({}, 16), ({"max_tokens": 5}, 5), ({"max_tokens": None}, 16)])
def test_without_a_limit_the_protocols_own_holds(fields: Any, most: int):
    assert read(**fields).max_output == most


@pytest.mark.parametrize(("told", "flag", "top"), [(None, None, None), (0, True, None), (3, True, 3)])
def test_probabilities_are_asked_for_by_a_number(told: Any, flag: Any, top: Any):
    asked = read(logprobs=told)

    assert (asked.logprobs, asked.top_logprobs) == (flag, top)


@pytest.mark.parametrize(
    ("fields", "setting", "words"),
    [
        ({"prompt": ["a", "b"]}, "prompt", "a call for each"),
        ({"prompt": [1, 2]}, "prompt", "send the text"),
        ({"prompt": [[1], [2]]}, "prompt", "send the text"),
        ({"suffix": "the end"}, "suffix", "older completions"),
    ],
)
def test_what_no_chat_can_do_is_told_with_what_to_do(fields: Any, setting: str, words: str):
    with pytest.raises(Unsupported, match=words) as raised:
        read(**fields)

    assert raised.value.settings == (setting,)


@pytest.mark.parametrize("prompt", [None, "", [], [""], 5, {}, ["a", 5], [None]])
def test_a_prompt_that_makes_no_sense_is_refused(prompt: Any):
    with pytest.raises(InvalidRequest) as raised:
        read(prompt=prompt)

    assert raised.value.where == "prompt"


def test_the_best_of_several_is_kept_for_no_chat():
    assert read(best_of=3).vendor == {"openai_completions": {"best_of": 3}}
    assert read(best_of=1).vendor == {}


def test_a_target_that_has_the_form_gets_the_bytes():
    asked = call(suffix="the end", prompt=[1, 2], stream=True, stream_options={"include_usage": True})

    written = FRONT.redirect(asked, target(HAS_IT))

    assert (written.path, written.framing, written.hide) == ("/completions", "sse", None)
    assert json.loads(written.body) == json.loads(asked.body) | {"model": "some-model"}


def test_a_target_without_the_form_is_asked_in_another():
    with pytest.raises(Unsupported):
        FRONT.redirect(call(), target())


ANSWER = ChatReply(
    id="r1",
    model="m1",
    created=5,
    message=Message(role="assistant", parts=(Text(text=" upon a time"),)),
    finish=Finish(reason="length"),
    alternatives=(
        Choice(
            message=Message(role="assistant", parts=(Text(text=" there was"),)), finish=Finish(reason="stop")
        ),
    ),
    usage=Usage(input=1, output=6),
)


def test_a_whole_answer_is_a_text_completion():
    told = json.loads(FRONT.write_reply(ANSWER, call()).body)

    assert (told["id"], told["object"], told["created"], told["model"]) == ("r1", "text_completion", 5, "m1")
    assert told["choices"] == [
        {"text": " upon a time", "index": 0, "logprobs": None, "finish_reason": "length"},
        {"text": " there was", "index": 1, "logprobs": None, "finish_reason": "stop"},
    ]
    assert told["usage"]["total_tokens"] == 7


def test_an_echo_stands_before_each_answer():
    told = json.loads(FRONT.write_reply(ANSWER, call(echo=True)).body)
    writer = FRONT.stream_writer(call(echo=True, prompt=["Once"]))
    pieces = sent(b"".join(writer.write(event) for event in events_of(ANSWER)))

    assert [each["text"] for each in told["choices"]] == ["Once upon a time", "Once there was"]
    assert "".join(each["choices"][0]["text"] for each in pieces) == "Once upon a time"


def test_a_stream_is_made_of_text_completions():
    writer = FRONT.stream_writer(call(stream_options={"include_usage": True}))

    stream = b"".join(writer.write(event) for event in events_of(ANSWER)) + writer.close()

    assert stream.endswith(b"data: [DONE]\n\n")
    *pieces, usage = sent(stream.removesuffix(b"data: [DONE]\n\n"))
    assert {each["object"] for each in pieces} == {"text_completion"}
    assert [each["choices"][0]["finish_reason"] for each in pieces][-1] == "length"
    assert (usage["choices"], usage["usage"]["completion_tokens"]) == ([], 6)


def test_probabilities_stand_side_by_side():
    one = TokenLogprob(token=" a", logprob=-1.0, top=(TokenLogprob(token=" b", logprob=-0.5),))
    reply = replace(
        ANSWER,
        message=Message(
            role="assistant",
            parts=(Text(text=" a!", logprobs=(one, TokenLogprob(token="!", logprob=-2.0))),),
        ),
    )

    told = json.loads(FRONT.write_reply(reply, call(logprobs=1)).body)["choices"][0]["logprobs"]

    assert told == {
        "tokens": [" a", "!"],
        "token_logprobs": [-1.0, -2.0],
        "top_logprobs": [{" b": -0.5}, {"!": -2.0}],
        "text_offset": [0, 2],
    }


@pytest.mark.parametrize("odd", [{"tokens": 5}, {"tokens": ["a"], "token_logprobs": []}, {"tokens": [None]}])
def test_probabilities_that_make_no_sense_break_nothing(odd: Any):
    choice = {"text": "hi", "index": 0, "logprobs": odd, "finish_reason": "stop"}
    body = {"id": "r", "object": "text_completion", "model": "m", "choices": [choice]}

    assert OPENAI_CHAT.codec.read_reply(WireAnswer(body=json.dumps(body).encode())).text == "hi"


@settings(max_examples=40)
@given(SPOKEN.filter(lambda reply: not any(p.logprobs for p in reply.message.parts if isinstance(p, Text))))
def test_a_written_answer_is_read_back_equal(reply: ChatReply):
    reply_returns(OPENAI_CHAT, reply, call())


@settings(max_examples=40)
@given(SPOKEN, st.lists(st.integers(0, 5000), max_size=4))
def test_a_stream_is_its_whole_answer_however_it_is_cut(reply: ChatReply, cuts: list[int]):
    bare = [replace(p, logprobs=()) for p in reply.message.parts if isinstance(p, Text)]
    plain = replace(reply, message=Message(role="assistant", parts=tuple(bare)))

    stream = stream_is_whole(OPENAI_CHAT, plain, call(stream_options={"include_usage": True}), "sse")

    any_chunking(OPENAI_CHAT, stream, cuts, "sse")


def test_probabilities_come_back_as_they_were():
    tops = (TokenLogprob(token="a", logprob=-0.1), TokenLogprob(token="b", logprob=-2.0))
    part = Text(text="a", logprobs=(TokenLogprob(token="a", logprob=-0.1, top=tops),))
    reply = replace(ANSWER, message=Message(role="assistant", parts=(part,)), alternatives=())

    reply_returns(OPENAI_CHAT, reply, call(logprobs=2))
    stream_is_whole(OPENAI_CHAT, reply, call(logprobs=2, stream_options={"include_usage": True}), "sse")
