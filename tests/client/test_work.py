"""Operations that are not a chat, as a program asks for them: against the simulator, and by what is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from quorate import Media, Quorate
from quorate.cli.simulated import NAMES, simulated_settings
from quorate.errors import BudgetExceeded, InvalidRequest, UnknownModel
from quorate.sim import Simulator
from quorate.sync import Quorate as Blocking
from quorate.transport.scripted import answer
from quorate.types.pictures import ImageReply
from quorate.wire.multipart import read_form

from .answers import client

MODEL = f"{NAMES['openai_chat']}/sim-swift"
PNG = b"\x89PNG\r\n\x1a\n\xff"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(seed=1, speed=0) as running:
        yield running


@pytest.fixture
async def q(simulator: Simulator) -> AsyncIterator[Quorate]:
    async with Quorate(simulated_settings(simulator.url), environment={}) as made:
        yield made


async def test_pictures_are_drawn_and_drawn_over(q: Quorate, tmp_path: Path):
    first = await q.images("a boat", model=MODEL, n=2)
    path = tmp_path / "boat.png"
    path.write_bytes(first.images[0].data)

    second = await q.images("more sea", images=[path, first.images[1].data], mask=path, model=MODEL)

    assert [each.data[:4] for each in (*first.images, *second.images)] == [b"\x89PNG"] * 3
    assert (second.usage.input_image, second.usage.output_image) == (3 * 323, 1056)
    assert second.provider == NAMES["openai_chat"]


async def test_speech_is_heard_again(q: Quorate, tmp_path: Path):
    spoken = await q.speech("The tide is out. Come.", model=MODEL, voice="any")
    path = tmp_path / "tide.wav"
    path.write_bytes(spoken.audio)

    from_file = await q.transcribe(path, model=MODEL, timestamps="word")
    from_bytes = await q.transcribe(spoken.audio, model=MODEL)

    assert from_file.text == from_bytes.text == "The tide is out. Come."
    assert [each.text for each in from_file.words] == ["The", "tide", "is", "out.", "Come."]
    assert spoken.usage.characters == 22


async def test_texts_are_judged_one_by_one(q: Quorate):
    reply = await q.moderate(["a walk", "I will kill him"], model=MODEL)

    assert [each.flagged for each in reply.results] == [False, True]
    assert reply.scores["violence"] > reply.scores["hate"]


async def test_the_blocking_client_does_them_too(simulator: Simulator):
    def blocking() -> tuple[ImageReply, str, bool]:
        with Blocking(simulated_settings(simulator.url), environment={}) as q:
            written = q.transcribe(q.speech("Come.", model=MODEL).audio, model=MODEL)
            judged = q.moderate("a walk", model=MODEL)
            return q.images("a boat", model=MODEL), written.text, judged.results[0].flagged

    drawn, text, flagged = await asyncio.to_thread(blocking)

    assert (len(drawn.images), text, flagged) == (1, "Come.", False)


async def test_bytes_are_asked_for_unless_addresses_are():
    told = answer(b'{"data": [{"url": "https://p.test/1"}]}')
    q, network = client([told, told])

    await q.images("a boat", model="openai/dall-e-3")
    await q.images("a boat", model="openai/dall-e-3", link=True)

    asked = [json.loads(sent.body)["response_format"] for sent in network.sent]
    assert asked == ["b64_json", "url"]


async def test_a_model_that_always_gives_bytes_is_not_told_to_and_costs_what_it_says():
    usage = {"input_tokens": 10, "output_tokens": 1000, "total_tokens": 1010}
    q, network = client([answer(json.dumps({"data": [{"b64_json": "aGk="}], "usage": usage}).encode())])

    reply = await q.images("a boat", model="gpt-image-1")

    assert "response_format" not in json.loads(network.sent[0].body)
    assert reply.cost is not None
    assert reply.cost > 0


async def test_seconds_of_speech_have_their_price():
    q, network = client([answer(b'{"text": "Come.", "usage": {"type": "duration", "seconds": 60}}')])

    reply = await q.transcribe(b"RIFF", model="openai/whisper-1", name="a.wav")

    assert str(reply.cost) == "0.0060"
    sound = read_form(network.sent[0].headers["content-type"], network.sent[0].body)[-1]
    assert (sound.filename, sound.data) == ("a.wav", b"RIFF")


async def test_many_texts_go_to_a_provider_in_several_requests():
    def script(sent: Any) -> Any:
        texts = json.loads(sent.body)["input"]
        data = [{"index": place, "embedding": [float(len(text))]} for place, text in enumerate(texts)]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        return answer(json.dumps({"data": data, "usage": usage}).encode())

    q, network = client(script)

    reply = await q.embed(
        ["x" * (place % 7 + 1) for place in range(5_000)], model="openai/text-embedding-3-small"
    )

    assert len(network.sent) == 3
    assert [vector[0] for vector in reply.vectors] == [place % 7 + 1 for place in range(5_000)]
    assert reply.usage.input == 5_000


async def test_a_limit_of_dollars_holds():
    q, network = client([])

    with pytest.raises(BudgetExceeded):
        await q.images("a boat", model="openai/gpt-image-1", max_cost=0.001)

    assert network.sent == []


@pytest.mark.parametrize(
    ("call", "where"),
    [
        (lambda q: q.images("p", sice="x"), "sice"),
        (lambda q: q.images("p", n="two"), "n"),
        (lambda q: q.images("p", images=Media(kind="audio", data=b"x")), "images.0"),
        (lambda q: q.images("p", mask="missing.png"), "attachment"),
        (lambda q: q.speech(" "), "text"),
        (lambda q: q.speech("x", speed="fast"), "speed"),
        (lambda q: q.transcribe(b""), "audio"),
        (lambda q: q.transcribe("https://sounds.test/a.mp3"), "audio"),
        (lambda q: q.transcribe(b"x", timestamps=["letter"]), "timestamps[0]"),
        (lambda q: q.moderate([]), "inputs"),
        (lambda q: q.rerank("q", []), "documents"),
        (lambda q: q.rerank("q", [3]), "documents[0]"),
    ],
)
async def test_a_wrong_wish_is_told_before_anything_is_sent(call: Any, where: str):
    q, network = client([])

    with pytest.raises(InvalidRequest) as raised:
        await call(q)

    assert raised.value.where == where
    assert network.sent == []


async def test_a_call_that_names_no_model_is_told_to():
    q, _ = client([])

    with pytest.raises(UnknownModel, match="names no model"):
        await q.images("a boat")
