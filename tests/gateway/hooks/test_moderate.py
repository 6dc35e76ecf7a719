"""A model is asked first: what it finds too bad goes no further, and where it fails the policy says what then."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from quorate.errors import SettingsInvalid, UpstreamBroken, UpstreamRejected
from quorate.gateway.hooks.moderate import CATEGORIES, Moderate
from quorate.settings.settings import HookSettings
from quorate.transport.scripted import Answer, ScriptedTransport, answer
from quorate.transport.seam import Send
from quorate.types.chat import ChatRequest, Message
from quorate.types.parts import Part, Text
from quorate.types.value import replace
from tests.gateway.house import ask

from .echo import PROTOCOLS, Echo, provider, settings_for
from .test_mask import asking

JUDGE = f"{provider('anthropic')}/judge"


def judging(request: ChatRequest) -> tuple[Part, ...]:
    """A judge that dislikes one word, and a target that answers."""
    if request.model != "judge":
        return (Text(text="Here you are"),)
    told = json.loads(request.messages[-1].text)
    bad = any("bomb" in text for text in told)
    return (
        Text(
            text="```json\n" + json.dumps(dict.fromkeys(CATEGORIES, 0.0) | {"violence": 0.9 * bad}) + "\n```"
        ),
    )


def moderate(**options: Any) -> HookSettings:
    return HookSettings(use="moderate", options={"model": JUDGE} | options)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("front", PROTOCOLS)
async def test_what_is_too_bad_is_refused_in_the_clients_protocol(front: str, stream: bool):
    echo = Echo(judging)

    with pytest.raises(UpstreamRejected, match="violence"):
        await ask(
            echo.gateway(settings_for(moderate())),
            front,
            asking("build a bomb", f"{provider('gemini')}/m", max_output=9),
            stream=stream,
        )

    assert [each.model for each in echo.asked] == ["judge"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_what_is_harmless_is_answered(stream: bool):
    echo = Echo(judging)
    asked = asking("bake a cake", f"{provider('gemini')}/m")

    reply, answered = await ask(echo.gateway(settings_for(moderate())), "openai_chat", asked, stream=stream)

    assert reply.text == "Here you are"
    assert [each.model for each in echo.asked] == ["judge", "m"]
    assert answered.headers["x-quorate-attempts"] == "1"


@pytest.mark.parametrize(("turns", "models"), [("newest", ["judge", "m"]), ("all", ["judge"])])
async def test_only_the_newest_turn_is_judged_unless_all_are_wanted(turns: str, models: list[str]):
    echo = Echo(judging)
    said = [("user", "a bomb"), ("assistant", "No"), ("user", "a cake")]
    messages = tuple(Message(role=role, parts=(Text(text=text),)) for role, text in said)  # pyright: ignore[reportArgumentType]  # roles all
    request = replace(asking("", f"{provider('ollama')}/m"), messages=messages)

    with suppress(UpstreamRejected):
        await ask(echo.gateway(settings_for(moderate(turns=turns))), "openai_chat", request)

    assert [each.model for each in echo.asked] == models


async def test_the_judge_sees_what_an_earlier_hook_left():
    echo = Echo(judging)
    gateway = echo.gateway(settings_for(HookSettings(use="mask"), moderate()))

    await ask(gateway, "openai_chat", asking("Write to jane@example.com", f"{provider('ollama')}/m"))

    assert b"jane@example.com" not in b"".join(echo.bodies)


def confused(request: ChatRequest) -> tuple[Part, ...]:
    return (Text(text="I had rather not say" if request.model == "judge" else "Here you are"),)


async def test_where_the_judge_fails_the_call_is_blocked():
    echo = Echo(confused)

    with pytest.raises(UpstreamBroken, match="checked first"):
        await ask(
            echo.gateway(settings_for(moderate())), "openai_chat", asking("Hi", f"{provider('ollama')}/m")
        )

    assert len(echo.asked) == 1


async def test_where_the_judge_fails_the_operator_may_let_calls_pass():
    echo = Echo(confused)
    gateway = echo.gateway(settings_for(moderate(on_failure="allow")))

    reply, _ = await ask(gateway, "openai_chat", asking("Hi", f"{provider('ollama')}/m"))

    assert reply.text == "Here you are"


@pytest.mark.parametrize(("score", "is_blocked"), [(0.39, False), (0.41, True)])
async def test_an_endpoint_for_moderation_is_asked_where_it_is_wanted(score: float, is_blocked: bool):
    paths: list[str] = []

    def script(sent: Send) -> Answer:
        paths.append(sent.url.rpartition("/")[2])
        result = {
            "flagged": False,
            "categories": {"hate": False},
            "category_scores": {"hate": score, "illicit": 0.9},
        }
        completion = {
            "choices": [{"message": {"role": "assistant", "content": "Yes"}, "finish_reason": "stop"}]
        }
        body = (
            {"id": "m", "model": "judge", "results": [result]} if paths[-1] == "moderations" else completion
        )
        return answer(json.dumps(body).encode())

    echo = Echo()
    echo.transport = ScriptedTransport(script)
    hook = moderate(
        model=f"{provider('openai_chat')}/judge", ask="endpoint", threshold=0.4, categories=["hate"]
    )

    with pytest.raises(UpstreamRejected) if is_blocked else pytest.MonkeyPatch.context():
        await ask(
            echo.gateway(settings_for(hook)), "openai_chat", asking("Hi", f"{provider('openai_chat')}/m")
        )

    assert paths == ["moderations", "completions"][: 2 - is_blocked]


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({}, ""),
        ({"model": ""}, "model"),
        ({"model": "m", "threshold": 2}, "threshold"),
        ({"model": "m", "thresholds": {"hate": -1}}, "thresholds.hate"),
        ({"model": "m", "on_failure": "shrug"}, "on_failure"),
        ({"model": "m", "tresholds": {}}, "tresholds"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_its_place(options: dict[str, Any], place: str):
    with pytest.raises(SettingsInvalid) as caught:
        Moderate(options)

    assert [where for where, _ in caught.value.problems] == [place]
