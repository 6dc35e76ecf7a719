"""What the simulated models answer, in every protocol."""

from __future__ import annotations

import http.client
import json
from decimal import Decimal

import aiohttp
import pytest
from jsonschema import Draft202012Validator

from quorate.errors import OperatorError, TooLong
from quorate.sim import Simulator, simulated
from quorate.sim.models import MODELS, model_of
from quorate.sim.tokens import count, cut
from quorate.sim.truth import riddle_of
from quorate.types.chat import ChatReply, Message, OutputFormat, Thinking, Tool, ToolChoice
from quorate.types.parts import Media, Text, ToolCall, ToolResult
from quorate.types.value import replace
from quorate.types.work import EmbedRequest, ModelsRequest
from quorate.wire.wires import WIRES

from .asking import PROTOCOLS, ask, plain, question, send, target

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool(name="get_weather", description="Weather in a city", schema=CITY)
CLOCK = Tool(name="get_time", description="Time of day in a city", schema=CITY)


async def both(protocol: str, request, **settings) -> ChatReply:
    """The streamed answer, once it has been seen to be the whole one."""
    async with Simulator(seed=3, speed=0, **settings) as sim:
        whole = await ask(sim, protocol, request)
        streamed = await ask(sim, protocol, request, stream=True)
    assert plain(streamed).message == plain(whole).message
    assert streamed.finish.reason == whole.finish.reason
    assert streamed.usage.total == whole.usage.total
    return streamed


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_answer_says_that_it_is_simulated_and_by_whom(protocol: str):
    reply = await both(protocol, question())

    assert "simulat" in reply.text.lower()
    assert "sim-swift" in reply.text
    assert "Name three rivers in France" in reply.text
    assert reply.model == "sim-swift"
    assert reply.usage.quality == "exact"
    assert reply.usage.output_total == count(reply.text)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_any_model_name_is_answered_under_that_name(protocol: str):
    reply = await both(protocol, question(model="gpt-5"))

    assert reply.model == "gpt-5"
    assert "simulat" in reply.text.lower()


async def test_answers_depend_on_seed_model_and_question_alone():
    async with Simulator(seed=1, speed=0) as one, Simulator(seed=1, speed=0) as same:
        first = await ask(one, "ollama", question())
        assert plain(await ask(same, "ollama", question())) == plain(first)
        texts = {(await ask(one, protocol, question())).text for protocol in PROTOCOLS}

    assert texts == {first.text}


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_tool_is_called_with_true_arguments_and_its_result_is_told(protocol: str):
    request = question("What is the weather in Lima?", tools=(CLOCK, WEATHER))
    reply = await both(protocol, request)
    (call,) = reply.tool_calls
    result = ToolResult(call_id=call.id, name=call.name, content=(Text(text="Fog, 15 degrees"),))
    turns = (*request.messages, reply.message, Message(role="tool", parts=(result,)))

    told = await both(protocol, replace(request, messages=turns))

    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Lima"})
    assert reply.finish.reason == "tool_calls"
    assert "Fog, 15 degrees" in told.text
    assert told.finish.reason == "stop"


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_question_about_several_things_makes_several_calls(protocol: str):
    several = await both(protocol, question("Weather in both Lima and Quito, please", tools=(WEATHER,)))
    mixed = await both(protocol, question("Tell the weather and the time in Lima", tools=(WEATHER, CLOCK)))

    assert [json.loads(call.arguments)["city"] for call in several.tool_calls] == ["Lima", "Quito"]
    assert len({call.id for call in several.tool_calls}) == 2
    assert {call.name for call in mixed.tool_calls} == {"get_weather", "get_time"}


async def test_the_choice_of_tools_is_obeyed():
    asked = "What is the weather in Lima?"
    tools = (WEATHER, CLOCK)
    async with Simulator(speed=0) as sim:
        named = question(asked, tools=tools, tool_choice=ToolChoice(mode="named", name="get_time"))
        none = question(asked, tools=tools, tool_choice=ToolChoice(mode="none"))
        single = question("Weather and time in Lima", tools=tools, parallel_tools=False)

        forced = await ask(sim, "openai_chat", named)
        silent = await ask(sim, "openai_chat", none)
        one = await ask(sim, "openai_chat", single)

    assert [call.name for call in forced.tool_calls] == ["get_time"]
    assert silent.tool_calls == ()
    assert silent.text
    assert len(one.tool_calls) == 1


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_answer_has_the_form_that_is_asked_for(protocol: str):
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "people": {"type": "integer", "minimum": 1}},
        "required": ["city", "people"],
        "additionalProperties": False,
    }
    formed = question("A city in Peru", output=OutputFormat(kind="schema", schema=schema))

    reply = await both(protocol, formed)

    Draft202012Validator(schema).validate(json.loads(reply.text))


@pytest.mark.parametrize("protocol", ["openai_chat", "gemini", "ollama"])
async def test_any_json_is_json_that_says_it_is_simulated(protocol: str):
    reply = await both(protocol, question(output=OutputFormat(kind="json")))

    assert json.loads(reply.text)["simulated"] is True


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_thinker_shows_its_thoughts_where_it_may(protocol: str):
    asked = question(model="sim-thinker", thinking=Thinking(enabled=True, budget=1024), max_output=4096)

    reply = await both(protocol, asked)

    assert reply.reasoning.startswith("(simulated thoughts)")
    assert "simulat" in reply.text.lower()
    assert reply.usage.output == count(reply.reasoning) + count(reply.text)


async def test_thoughts_are_counted_and_can_be_switched_off():
    async with Simulator(speed=0) as sim:
        thought = await ask(sim, "openai_chat", question(model="sim-thinker"))
        plainly = await ask(sim, "ollama", question(model="sim-thinker", thinking=Thinking(enabled=False)))
        longer = await ask(sim, "openai_chat", question(thinking=Thinking(effort="high")))
        shorter = await ask(sim, "openai_chat", question(thinking=Thinking(effort="low")))

    assert thought.usage.reasoning > 0
    assert plainly.reasoning == ""
    assert longer.usage.reasoning > shorter.usage.reasoning > 0


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_limit_ends_an_answer(protocol: str):
    short = await both(protocol, question("Write 100 words", max_output=12))

    assert (short.finish.reason, count(short.text)) == ("length", 12)


@pytest.mark.parametrize("protocol", ["openai_chat", "anthropic", "gemini", "ollama"])
async def test_a_stop_text_ends_an_answer_where_the_protocol_has_them(protocol: str):
    stopped = await both(protocol, question("Write 100 words", stop=("words",)))

    assert stopped.finish.reason == "stop"
    assert "words" not in stopped.text


async def test_several_answers_and_logprobs_are_given_where_the_protocol_has_them():
    async with Simulator(speed=0) as sim:
        reply = await ask(sim, "openai_chat", question(n=3, logprobs=True, top_logprobs=2))

    (text,) = [part for part in reply.message.parts if isinstance(part, Text)]
    assert len(reply.alternatives) == 2
    assert [each.token for each in text.logprobs] == cut(text.text)
    assert all(len(each.top) == 2 and each.logprob < 0 for each in text.logprobs)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_pictures_are_told_of(protocol: str):
    picture = Media(kind="image", media_type="image/png", data=b"\x89PNG\r\n\x1a\n" + bytes(60))
    message = Message(role="user", parts=(Text(text="What is it?"), picture))

    reply = await both(protocol, replace(question(), messages=(message,)))

    assert "an image (image/png, 68 bytes)" in reply.text


@pytest.mark.parametrize(
    ("protocol", "media"),
    [
        ("openai_chat", Media(kind="audio", media_type="audio/wav", data=b"RIFF")),
        ("anthropic", Media(kind="file", media_type="application/pdf", data=b"%PDF-1.7")),
        ("gemini", Media(kind="video", media_type="video/mp4", data=b"film")),
    ],
)
async def test_sounds_films_and_documents_are_told_of(protocol: str, media: Media):
    message = Message(role="user", parts=(Text(text="What is it?"), media))

    reply = await both(protocol, replace(question(), messages=(message,)))

    assert f"({media.media_type}, {len(media.data)} bytes)" in reply.text


async def test_a_marked_prompt_is_written_to_the_cache_and_read_from_it():
    system = Message(role="system", parts=(Text(text="Many words. " * 50, cache="5m"),))
    request = replace(question(), messages=(system, *question().messages))
    async with Simulator(speed=0) as sim:
        first = (await ask(sim, "anthropic", request)).usage
        second = (await ask(sim, "anthropic", request)).usage
        sim.clear()
        cleared = (await ask(sim, "anthropic", request)).usage

    assert first.cache_write > 150
    assert (first.cache_read, second.cache_write) == (0, 0)
    assert second.cache_read == first.cache_write == cleared.cache_write
    assert first.input_total == second.input_total


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_prompt_beyond_the_context_is_refused_as_too_long(protocol: str):
    async with Simulator(speed=0) as sim:
        with pytest.raises(TooLong, match="32000"):
            await ask(sim, protocol, question("word " * 33_000, model="sim-thrift"))


@pytest.mark.parametrize("protocol", ["openai_chat", "gemini", "ollama"])
async def test_vectors_have_length_one_and_like_texts_are_near(protocol: str):
    codec = WIRES[protocol].work["embed"]
    inputs = ("the cat sat on the mat", "a cat sat on a mat", "quarterly revenue fell")
    request = EmbedRequest(model="sim-embed", inputs=inputs, dimensions=64)
    async with Simulator(speed=0) as sim, aiohttp.ClientSession() as session:
        sent = codec.write_request(request, target(sim, protocol, "sim-embed"))
        reply = codec.read_reply(await send(session, sim, protocol, sent))

    cat, other_cat, money = reply.vectors
    assert {len(vector) for vector in reply.vectors} == {64}
    assert sum(value * value for value in cat) == pytest.approx(1, abs=1e-5)
    assert dot(cat, other_cat) > dot(cat, money) + 0.3


def dot(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    return sum(mine * theirs for mine, theirs in zip(one, other, strict=True))


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_every_model_is_listed_in_every_protocol(protocol: str):
    codec = WIRES[protocol].work["models"]
    async with Simulator(speed=0) as sim, aiohttp.ClientSession() as session:
        sent = codec.write_request(ModelsRequest(), target(sim, protocol, ""))
        answer = await send(session, sim, protocol, sent)

    assert {model.id.removeprefix("models/") for model in codec.read_reply(answer).models} == set(MODELS)
    assert answer.headers["x-quorate-simulated"] == "true"


async def test_one_model_can_be_asked_for_whatever_its_name():
    async with (
        Simulator(speed=0) as sim,
        aiohttp.ClientSession() as session,
        session.get(f"{sim.url}/v1/models/meta/llama-9") as answer,
    ):
        told = await answer.json()

    assert told["id"] == "meta/llama-9"


def test_every_model_has_a_price_and_a_pace():
    assert all(model.input_price > Decimal(0) and model.tokens_per_second > 0 for model in MODELS.values())
    assert model_of("models/sim-sage:latest").name == "sim-sage"
    assert model_of("claude-sonnet-4-5").name == "sim-swift"


@pytest.mark.parametrize(
    ("asked", "kind", "right"),
    [
        ("What is 12 * (7 + 3)?", "sum", "120"),
        ("seven is 7; what is 9 divided by 2?", "sum", "4.5"),
        ("2 plus 3 times 4", "sum", "14"),
        ("-3 - -4 =", "sum", "1"),
        ("7 × 8?\nA) 54\nB) 56\nC) 63", "choice", "B"),
        ("1 ÷ 3", "sum", "0.333333"),
    ],
)
def test_sums_and_choices_have_a_right_answer(asked: str, kind: str, right: str):
    riddle = riddle_of(asked)

    assert riddle is not None
    assert (riddle.kind, riddle.right) == (kind, right)
    assert riddle.right not in riddle.wrong


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "Born 2026-01-02",
        "Version 3.12",
        "4 / 0",
        "((((",
        "1 +",
        "A) only",
        "1" * 50 + " + 1",
        "5 - " * 200,
    ],
)
def test_what_is_no_riddle_is_none(asked: str):
    assert riddle_of(asked) is None


async def test_better_models_are_right_more_often():
    asked = [f"What is {number} + {number * 3}?" for number in range(11, 71)]
    right = [f"Answer: {number * 4}" for number in range(11, 71)]
    scores: dict[str, int] = {}
    async with Simulator(seed=5, speed=0) as sim:
        for model in ("sim-sage", "sim-swift", "sim-thrift"):
            replies = [await ask(sim, "ollama", question(text, model)) for text in asked]
            scores[model] = sum(reply.text.endswith(end) for reply, end in zip(replies, right, strict=True))

    assert 60 >= scores["sim-sage"] > scores["sim-swift"] > scores["sim-thrift"] > 20


def test_the_tokens_of_a_text_joined_are_the_text():
    text = "  Interminable   words, und Umlaute: äöü…\n\n\tEnd  "

    assert "".join(cut(text)) == text
    assert count("Interminable") == 2


def test_a_program_without_an_event_loop_can_hold_a_simulator():
    with simulated(Simulator(speed=0)) as sim:
        client = http.client.HTTPConnection(sim.url.removeprefix("http://"), timeout=5)
        client.request("GET", "/health")
        told = json.load(client.getresponse())
        client.close()

    assert told["simulated"] is True


def test_what_keeps_a_simulator_from_starting_is_raised_where_it_was_asked_for():
    with simulated(Simulator(speed=0)) as sim:
        taken = int(sim.url.rpartition(":")[2])
        second = simulated(Simulator(port=taken))

        with pytest.raises(OperatorError, match="cannot listen"):
            second.__enter__()


async def test_a_calls_id_is_its_own():
    async with Simulator(speed=0) as sim:
        first = await ask(sim, "ollama", question("Weather in Lima?", tools=(WEATHER,)))
        other = await ask(sim, "ollama", question("Weather in Quito?", tools=(WEATHER,)))

    assert isinstance(first.message.parts[0], ToolCall)
    assert first.tool_calls[0].id != other.tool_calls[0].id
