"""Personal data leave as placeholders, in every protocol, and stand in the answer as they were."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate import assemble as assemble_module
from quorate.assemble import read
from quorate.errors import SettingsInvalid, Unsupported, UpstreamRejected
from quorate.gateway.hooks.aliases import SHIPPED, Aliases
from quorate.gateway.hooks.mask import Mask, MaskGuard
from quorate.settings.settings import HookSettings
from quorate.types.chat import ChatReply, ChatRequest, Finish, Message, Tool
from quorate.types.events import PartDelta, assemble
from quorate.types.parts import Citation, Part, Reasoning, Text, ToolCall, ToolResult
from quorate.types.work import EmbedRequest
from tests.gateway.house import KEY, PLAIN, ask, call, written

from .echo import PROTOCOLS, Echo, events_of, provider, settings_for, words_and_call

EMAIL, CARD = "jane.roe@example.com", "4111 1111 1111 1111"
MASK = HookSettings(use="mask")
PAIRS = [
    (front, target)
    for front, after in zip(PROTOCOLS, (*PROTOCOLS[1:], PROTOCOLS[0]), strict=True)
    for target in (front, after)
]
"""Every front with a target of its own protocol and one of another."""


def asking(text: str, model: str = "m", **more: Any) -> ChatRequest:
    return ChatRequest(model=model, messages=(Message(role="user", parts=(Text(text=text),)),), **more)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("front", "target"), PAIRS)
async def test_a_value_leaves_as_a_placeholder_and_comes_back_as_it_was(
    front: str, target: str, stream: bool
):
    echo = Echo(words_and_call)
    tool = Tool(name="send", schema={"type": "object", "properties": {"to": {"type": "string"}}})
    request = asking(EMAIL, f"{provider(target)}/m", tools=(tool,), max_output=100)

    reply, answered = await ask(echo.gateway(settings_for(MASK)), front, request, stream=stream)

    assert EMAIL.encode() not in echo.bodies[0]
    assert echo.asked[0].messages[-1].text == "[EMAIL_1]"
    assert reply.text == f"I shall write: {EMAIL}"
    assert [json.loads(each.arguments) for each in reply.tool_calls] == [{"to": EMAIL}]
    assert b"EMAIL_1" not in answered.body


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_whole_conversation_leaves_without_its_values(protocol: str):
    echo = Echo()
    messages = (
        Message(role="system", parts=(Text(text=f"Write to {EMAIL} only"),)),
        Message(role="user", parts=(Text(text=f"Whose card is {CARD}?"),)),
        Message(
            role="assistant",
            parts=(
                ToolCall(id="c1", name="find", arguments=json.dumps({"card": CARD, "at": 4111111111111111})),
            ),
        ),
        Message(
            role="tool",
            parts=(ToolResult(call_id="c1", name="find", content=(Text(text=json.dumps({"mail": EMAIL})),)),),
        ),
        Message(role="user", parts=(Text(text="Thanks"),)),
    )
    tool = Tool(name="find", description=f"Ask {EMAIL}", schema={"type": "object", "properties": {}})
    request = ChatRequest(model=f"{provider(protocol)}/m", messages=messages, tools=(tool,), max_output=99)

    await ask(echo.gateway(settings_for(MASK)), protocol, request)

    sent = echo.bodies[0].decode()
    assert EMAIL not in sent
    assert "4111" not in sent
    assert "[EMAIL_1]" in sent
    assert "[CARD_1]" in sent


async def test_with_no_hook_for_it_a_call_is_relayed_as_it_is():
    echo = Echo()
    elsewhere = HookSettings(use="mask", on=("anthropic", "key-of-somebody-else"))
    asked = written("openai_chat", asking(EMAIL, f"{provider('openai_chat')}/m"))

    answered = await call(echo.gateway(settings_for(elsewhere)), asked.path, asked.body)

    assert EMAIL.encode() in echo.bodies[0]
    assert EMAIL.encode() in answered.body


async def test_a_hook_is_for_the_protocols_and_keys_that_it_names():
    echo = Echo()
    gateway = echo.gateway(settings_for(HookSettings(use="mask", on=("open*",))))

    await ask(gateway, "openai_chat", asking(EMAIL, f"{provider('gemini')}/m"))
    await ask(gateway, "ollama", asking(EMAIL, f"{provider('gemini')}/m"))

    assert [EMAIL.encode() in body for body in echo.bodies] == [False, True]


async def test_a_masked_value_stands_in_no_log_and_no_record(caplog: pytest.LogCaptureFixture):
    echo = Echo()
    gateway = echo.gateway(settings_for(MASK))
    asked = written("openai_chat", asking(EMAIL, "nobody/knows-it"))

    with caplog.at_level(logging.DEBUG):
        answered = await call(gateway, asked.path, asked.body)
        await ask(gateway, "openai_chat", asking(EMAIL, f"{provider('anthropic')}/m", max_output=9))

    assert answered.status == 404
    assert EMAIL.encode() not in answered.body
    assert EMAIL not in caplog.text


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_provider_that_quotes_the_question_in_its_error_quotes_no_value(
    stream: bool, caplog: pytest.LogCaptureFixture
):
    def quoting(request: ChatRequest) -> tuple[Part, ...]:
        raise UpstreamRejected(f"cannot read: {request.messages[-1].text}", status=400)

    echo = Echo(quoting)
    asked = written("anthropic", asking(EMAIL, f"{provider('gemini')}/m", max_output=9), stream=stream)

    with caplog.at_level(logging.DEBUG):
        answered = await call(echo.gateway(settings_for(MASK)), asked.path, asked.body)

    assert answered.status == 400
    assert b"cannot read: [EMAIL_1]" in answered.body
    assert EMAIL not in caplog.text


async def test_vectors_and_counts_are_asked_for_without_values():
    echo = Echo()
    gateway = echo.gateway(settings_for(MASK))
    embed = json.dumps({"model": f"{provider('openai_chat')}/m", "input": [f"Write to {EMAIL}"]})
    question = written("anthropic", asking(EMAIL, f"{provider('anthropic')}/m", max_output=9))

    await call(gateway, "/v1/embeddings", embed.encode())
    await call(
        gateway, "/v1/messages/count_tokens", question.body, headers=PLAIN | {"anthropic-version": "1"}
    )

    assert len(echo.bodies) == 2
    assert EMAIL.encode() not in b"".join(echo.bodies)
    assert all(b"[EMAIL_1]" in body for body in echo.bodies)


async def test_a_change_of_the_settings_holds_from_the_next_call_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(assemble_module, "LOOK_EVERY", 0.0)
    path = tmp_path / "quorate.toml"
    told = (
        f'from_environment = false\n[server]\nkeys = ["{KEY}"]\n'
        '[providers.echo-gemini]\nwire = "gemini"\nbase_url = "http://127.0.0.1:9/gemini"\n'
    )
    path.write_text(told)
    echo = Echo()
    gateway = echo.gateway(read(path, {}))

    await ask(gateway, "openai_chat", asking(EMAIL, "echo-gemini/m"))
    path.write_text(told + '[[server.hooks]]\nuse = "mask"\n')
    await ask(gateway, "openai_chat", asking(EMAIL, "echo-gemini/m"))
    path.write_text(told + '[[server.hooks]]\nuse = "musk"\n')
    await ask(gateway, "openai_chat", asking(EMAIL, "echo-gemini/m"))

    assert [EMAIL.encode() in body for body in echo.bodies] == [True, False, False]


def guard(**options: Any) -> MaskGuard:
    made = Mask(options).begin(None)  # pyright: ignore[reportArgumentType]  # masking asks nothing of the call
    assert isinstance(made, MaskGuard)
    return made


REPLY = ChatReply(
    id="1",
    model="m",
    message=Message(
        role="assistant",
        parts=(
            Reasoning(text="So [EMAIL_1]", signature="[EMAIL_1]"),
            Text(text="[[EMAIL_1] and [EMAIL_2]] [EMAIL_12] [EMAIL_1", vendor={"x": {"y": "[EMAIL_1]"}}),
            ToolCall(id="c", name="send", arguments='{"to":"[STAFF_1]"}'),
        ),
    ),
    finish=Finish(reason="stop"),
)


@given(step=st.integers(1, 14))
async def test_however_a_stream_is_cut_it_says_what_the_whole_answer_says(step: int):
    masking = guard(patterns={"STAFF": r'S"\d{3}'})
    await masking.before(asking('a@example.com b@example.com S"123'))

    events = [told for event in events_of(REPLY, step) for told in masking.on_event(event)]
    whole = await masking.after(REPLY)

    deltas = ["", "", ""]
    for each in (event for event in events if isinstance(event, PartDelta)):
        deltas[each.index] += each.text
    assert assemble(events).message == whole.message
    assert deltas[1:] == [whole.text, whole.tool_calls[0].arguments]
    assert whole.text == "[a@example.com and b@example.com] [EMAIL_12] [EMAIL_1"
    assert json.loads(whole.tool_calls[0].arguments) == {"to": 'S"123'}


async def test_a_stream_that_breaks_off_still_says_what_was_held_back():
    masking = guard()
    await masking.before(asking(EMAIL))

    cut_short = list(events_of(REPLY, 3))[:8]
    events = [told for event in cut_short for told in masking.on_event(event)]

    assert [*events, *masking.close()]
    assert masking.close() == []


async def test_what_looks_like_a_placeholder_already_comes_back_as_it_was():
    masking = guard()

    masked = await masking.before(asking(f"[EMAIL_1] is {EMAIL}, [NOTE_1] is none"))
    reply = await masking.after(
        ChatReply(id="", model="", message=masked.messages[0], finish=Finish(reason="stop"))
    )

    assert masked.messages[0].text == "[LITERAL_1] is [EMAIL_1], [NOTE_1] is none"
    assert reply.text == f"[EMAIL_1] is {EMAIL}, [NOTE_1] is none"


async def test_places_of_citations_are_dropped_where_the_text_is_another():
    masking = guard()
    await masking.before(asking(EMAIL))
    parts = (Text(text="[EMAIL_1] says"), Citation(quote="[EMAIL_1]", start=10, end=14))

    reply = await masking.after(
        ChatReply(
            id="", model="", message=Message(role="assistant", parts=parts), finish=Finish(reason="stop")
        )
    )

    assert reply.citations[0] == Citation(quote=EMAIL)


async def test_answers_may_keep_their_placeholders():
    echo = Echo()
    gateway = echo.gateway(settings_for(HookSettings(use="mask", options={"unmask": False})))

    reply, _ = await ask(gateway, "openai_chat", asking(EMAIL, f"{provider('ollama')}/m"))

    assert reply.text == "You said: [EMAIL_1]!"


async def test_sealed_fields_and_hosted_settings_pass_untouched():
    masking = guard()
    vendor = {"anthropic": {"signature": EMAIL, "metadata": {"user": EMAIL}}}

    masked = await masking.before(asking("Hello", vendor=vendor, user=EMAIL))

    assert masked.vendor == {"anthropic": {"signature": EMAIL, "metadata": {"user": "[EMAIL_1]"}}}
    assert masked.user == "[EMAIL_1]"


async def test_texts_for_vectors_are_masked_and_token_numbers_refused():
    masked = await guard().before_embed(EmbedRequest(model="m", inputs=(EMAIL, "plain")))

    assert masked.inputs == ("[EMAIL_1]", "plain")
    with pytest.raises(Unsupported):
        await guard().before_embed(EmbedRequest(model="m", inputs=(), tokens=((1, 2),)))


def test_escapes_in_json_hide_nothing():
    aliases = Aliases(SHIPPED)

    masked = aliases.mask_json('{"tel": "\\u002B49 170 1234567", "mail": "jane\\u0040example.com"}')

    assert masked == '{"tel":"[PHONE_1]","mail":"[EMAIL_1]"}'


@given(st.text(alphabet="ab@.[]_1 EMAIL+4-", max_size=60))
def test_what_is_masked_comes_back_whatever_it_was(text: str):
    aliases = Aliases(SHIPPED)

    assert aliases.unmask(aliases.mask(text)) == text


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"kinds": ["email", "dna"]}, "kinds"),
        ({"kinds": "email"}, "kinds"),
        ({"patterns": {"staff": "x"}}, "patterns.staff"),
        ({"patterns": {"EMAIL": "x"}}, "patterns.EMAIL"),
        ({"patterns": {"STAFF": "(a+)+"}}, "patterns.STAFF"),
        ({"unmaks": True}, "unmaks"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_its_place(options: dict[str, Any], place: str):
    with pytest.raises(SettingsInvalid) as caught:
        Mask(options)

    assert [where for where, _ in caught.value.problems] == [place]
