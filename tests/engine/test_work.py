"""Operations that are not a chat: fallback, money and usage as of every call; many texts go in several requests."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from quorate.engine.batches import AT_ONCE, in_batches
from quorate.engine.routing.seam import Route
from quorate.engine.routing.strategies import priority
from quorate.errors import (
    BudgetExceeded,
    NoAnswer,
    Unsupported,
    UpstreamBusy,
    UpstreamRefused,
    UpstreamTimeout,
)
from quorate.types.chat import AttemptRecord
from quorate.types.parts import Media
from quorate.types.pictures import ImageRequest
from quorate.types.sound import SpeechReply, SpeechRequest, TranscribeRequest
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import EmbedReply, EmbedRequest, ModerateRequest, RerankRequest
from quorate.wire.seam import Wire, WireAnswer, WireRequest

from .stage import TOY, Play, Scene, fails, raised_by, refuses, target


class EachText:
    """A vector for each text: its length."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        body = {"model": target.model, "texts": request.inputs or request.tokens}
        return WireRequest(path="/embed", body=json.dumps(body).encode())

    def read_reply(self, answer: WireAnswer) -> EmbedReply:
        told = json.loads(answer.body)
        return EmbedReply(
            model="m", vectors=tuple(map(tuple, told["vectors"])), usage=Usage(input=told["input"])
        )


class Speaking:
    """Tells of no usage."""

    def write_request(self, request: SpeechRequest, target: Target) -> WireRequest:
        return WireRequest(path="/speak", body=json.dumps({"model": target.model}).encode())

    def read_reply(self, answer: WireAnswer) -> SpeechReply:
        return SpeechReply(audio=answer.body, media_type="audio/wav")


ABLE: Wire = replace(TOY, name="able", work={"embed": EachText(), "speech": Speaking()})


def able(model: str, *, batch: int | None = None, **fields: Any) -> Target:
    made = target(model, wire="able", **fields)
    return replace(made, quirks=replace(made.quirks, embed_batch=batch))


def play(*scenes: Scene, targets: tuple[Target, ...]) -> Play:
    return Play(*scenes, targets=targets, wires=(ABLE,))


def vectors(*numbers: float) -> Scene:
    return Scene(
        pieces=(json.dumps({"vectors": [[each] for each in numbers], "input": len(numbers)}).encode(),)
    )


TEXTS = EmbedRequest(model="any", inputs=("a", "b", "c", "d", "e"))


async def test_many_texts_go_out_in_several_requests_and_come_back_as_one_reply():
    scene = play(vectors(1, 2), vectors(3, 4), vectors(5), targets=(able("x", batch=2),))

    reply = await scene.engine.embed(TEXTS, scene.context)

    assert [json.loads(sent.body)["texts"] for sent in scene.stage.sent] == [["a", "b"], ["c", "d"], ["e"]]
    assert reply.vectors == ((1.0,), (2.0,), (3.0,), (4.0,), (5.0,))
    assert (reply.usage, reply.cost) == (Usage(input=5), Decimal("0.005"))
    assert [each.outcome for each in reply.attempts] == ["answered"] * 3


async def test_texts_as_numbers_are_divided_too():
    scene = play(vectors(1, 2), vectors(3), targets=(able("x", batch=2),))

    reply = await scene.engine.embed(
        EmbedRequest(model="any", inputs=(), tokens=((1,), (2,), (3,))), scene.context
    )

    assert [json.loads(sent.body)["texts"] for sent in scene.stage.sent] == [[[1], [2]], [[3]]]
    assert len(reply.vectors) == 3


async def test_as_many_as_a_target_takes_go_out_at_once():
    scene = play(vectors(1, 2, 3, 4, 5), targets=(able("x", batch=5), able("y")))

    await scene.engine.embed(TEXTS, scene.context)

    assert len(scene.stage.sent) == 1


async def test_vectors_of_two_models_are_never_put_together():
    scenes = (vectors(1, 2, 3), fails(UpstreamBusy("busy")), vectors(6, 7, 8), vectors(9, 10))
    scene = play(*scenes, targets=(able("x", batch=3), able("y")))

    reply = await scene.engine.embed(TEXTS, scene.context)

    assert scene.stage.called == ["x", "x", "y", "y"]
    assert reply.vectors == ((6.0,), (7.0,), (8.0,), (9.0,), (10.0,))
    assert reply.provider == "of-y"
    assert len(scene.context.trace) == 4


async def test_the_rest_follow_side_by_side_within_bounds():
    running = most = 0
    count = AT_ONCE * 3

    async def ask(part: EmbedRequest, route: Route) -> EmbedReply:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        answered = AttemptRecord(target=route.targets[0].name, outcome="answered", seconds=0.0)
        return EmbedReply(vectors=((float(part.inputs[0]),),), usage=Usage(input=1), attempts=(answered,))

    request = EmbedRequest(model="any", inputs=tuple(map(str, range(count))))
    route = Route(targets=(able("x"),), strategy=priority)
    reply = await in_batches(request, 1, route, ask, Play().context.budget)

    assert reply.vectors == tuple((float(number),) for number in range(count))
    assert most == AT_ONCE


async def test_a_batch_that_no_other_target_would_take_ends_the_call():
    scene = play(vectors(1, 2, 3), fails(UpstreamRefused("no")), targets=(able("x", batch=3), able("y")))

    error = await raised_by(scene.engine.embed(TEXTS, scene.context))

    assert isinstance(error, UpstreamRefused)
    assert scene.stage.called == ["x", "x"]


async def test_a_call_of_many_batches_takes_one_attempt():
    scene = play(vectors(1, 2), vectors(3, 4), vectors(5), targets=(able("x", batch=2),))

    await scene.engine.embed(TEXTS, scene.within(attempts=1))

    assert scene.context.budget.attempts == 0


async def test_what_is_too_dear_as_a_whole_is_refused_before_a_part_of_it_is_paid_for():
    scene = play(targets=(able("x", batch=2),))

    with pytest.raises(BudgetExceeded):
        await scene.engine.embed(TEXTS, scene.within(dollars=Decimal("0.004")))

    assert scene.context.budget.reserved == 0
    assert scene.stage.sent == []


async def test_an_operation_falls_back_as_a_chat_does():
    scene = play(refuses(503), Scene(pieces=(b"sound",)), targets=(able("x"), able("y")))

    reply = await scene.engine.perform("speech", SpeechRequest(model="any", text="hello"), scene.context)

    assert (reply.audio, reply.provider) == (b"sound", "of-y")
    assert [each.outcome for each in reply.attempts] == ["upstream_busy", "answered"]


async def test_what_is_billed_by_the_request_is_counted_from_it():
    scene = play(Scene(pieces=(b"sound",)), targets=(able("x"),))

    reply = await scene.engine.perform("speech", SpeechRequest(model="any", text="hello"), scene.context)

    assert reply.usage == Usage(characters=5, quality="estimated")
    assert reply.attempts[0].estimated


async def test_fields_of_another_protocol_are_reported():
    scene = play(Scene(pieces=(b"sound",)), targets=(able("x"),))
    request = SpeechRequest(model="any", text="hello", vendor={"other": {"pitch": 1}})

    reply = await scene.engine.perform("speech", request, scene.context)

    assert [(each.setting, each.kind) for each in reply.fidelity] == [("pitch", "dropped")]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("embed", TEXTS),
        ("rerank", RerankRequest(model="any", query="q", documents=("a",))),
        ("moderate", ModerateRequest(model="any", inputs=("a",))),
        ("images", ImageRequest(model="any", prompt="a boat")),
        ("speech", SpeechRequest(model="any", text="hello")),
        ("transcribe", TranscribeRequest(model="any", audio=b"RIFF")),
    ],
)
async def test_a_target_that_cannot_do_it_says_so(operation: Any, request_: Any):
    scene = Play(targets=(target("x", wire="deaf"),))

    error = await raised_by(scene.engine.perform(operation, request_, scene.context))

    assert isinstance(error, Unsupported)
    assert error.settings == (operation,)


PICTURE = ImageRequest(model="any", prompt="a boat", n=3, images=(Media(kind="image", data=b"x"),))


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("images", PICTURE),
        ("speech", SpeechRequest(model="any", text="hello " * 20)),
        ("transcribe", TranscribeRequest(model="any", audio=b"x" * 80_000)),
        ("rerank", RerankRequest(model="any", query="q" * 50, documents=("a" * 50,))),
    ],
)
async def test_a_cap_is_kept_before_anything_is_sent(operation: Any, request_: Any):
    scene = Play(targets=(target("x"), target("unpriced")))

    for dollars in (Decimal("0.00001"), Decimal(1_000_000)):
        with pytest.raises((BudgetExceeded, NoAnswer)):
            await scene.engine.perform(operation, request_, scene.within(dollars=dollars))

    assert scene.stage.sent == []


async def test_a_provider_that_was_given_up_at_work_is_booked_by_estimate():
    late = UpstreamTimeout("nothing came")
    late.waited_for = "first_byte"
    scene = play(fails(late), targets=(able("x"),))

    error = await raised_by(
        scene.engine.perform("speech", SpeechRequest(model="any", text="hi"), scene.context)
    )

    assert [(each.outcome, each.estimated, each.usage) for each in scene.context.trace] == [
        (error.code, True, Usage(characters=2, quality="estimated"))
    ]
