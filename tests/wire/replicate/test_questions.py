"""Questions as inputs of a model, and where a prediction of them is submitted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.types.chat import ChatRequest, Message, OutputFormat, Thinking, Tool
from quorate.types.parts import Media, Part, Text
from quorate.types.pictures import ImageRequest
from quorate.types.target import Quirks, Target
from quorate.wire.replicate import REPLICATE
from quorate.wire.seam import WireRequest


def target(model: str = "meta/meta-llama-3-8b-instruct", **quirks: Any) -> Target:
    return Target(
        provider="r", model=model, wire="replicate", base_url="https://r.test", quirks=Quirks(**quirks)
    )


def said(role: Any, *parts: Part | str) -> Message:
    return Message(
        role=role, parts=tuple(Text(text=each) if isinstance(each, str) else each for each in parts)
    )


def ask(*messages: Message, **wishes: Any) -> ChatRequest:
    return ChatRequest(model="m", messages=messages or (said("user", "A river?"),), **wishes)


def written(request: ChatRequest, to: Target | None = None, *, stream: bool = False) -> WireRequest:
    return REPLICATE.codec.write_request(request, to or target(), stream=stream)


def inputs(request: WireRequest) -> dict[str, Any]:
    return json.loads(request.body)["input"]


def lost(request: WireRequest) -> list[tuple[str, str]]:
    return [(each.setting, each.kind) for each in request.fidelity]


@pytest.mark.parametrize(
    ("model", "path", "version"),
    [
        ("meta/llama", "/v1/models/meta/llama/predictions", None),
        ("acme/own:5797a9", "/v1/predictions", "5797a9"),
        ("5797a99edc939ea0", "/v1/predictions", "5797a99edc939ea0"),
        ("deployments/acme/fast", "/v1/deployments/acme/fast/predictions", None),
        ("a b/c?d", "/v1/models/a%20b/c%3Fd/predictions", None),
    ],
)
def test_a_model_is_submitted_where_its_name_says(model, path, version):
    request = written(ask(), target(model))

    assert request.path == path
    assert json.loads(request.body).get("version") == version


def test_one_question_is_the_prompt_and_instructions_stand_beside_it():
    request = written(
        ask(said("system", "Be brief."), said("user", "A river?"), max_output=9, temperature=0.5)
    )

    assert inputs(request) == {
        "prompt": "A river?",
        "system_prompt": "Be brief.",
        "max_tokens": 9,
        "temperature": 0.5,
    }
    assert (request.headers["prefer"], request.framing, request.fidelity) == ("wait", "json", ())


def test_a_stream_is_asked_for_in_the_body_and_not_waited_for():
    request = written(ask(), stream=True)

    assert json.loads(request.body)["stream"] is True
    assert ("prefer" in request.headers, request.framing) == (False, "sse")


CONVERSATION = (
    said("system", "Be brief."),
    said("user", "Hi"),
    said("assistant", "Yes?"),
    said("user", "Bye"),
)


def test_a_conversation_is_written_in_the_models_own_template():
    request = written(ask(*CONVERSATION), target(prompt="chatml"))

    assert inputs(request) == {
        "prompt": "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\nYes?<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n",
        "prompt_template": "{prompt}",
    }
    assert request.fidelity == ()


def test_without_a_template_a_conversation_is_a_transcript_and_told_so():
    request = written(ask(*CONVERSATION))

    assert inputs(request) == {
        "prompt": "User: Hi\n\nAssistant: Yes?\n\nUser: Bye\n\nAssistant:",
        "system_prompt": "Be brief.",
    }
    assert lost(request) == [("messages", "emulated")]


def test_a_model_that_takes_messages_gets_them():
    assert inputs(written(ask(*CONVERSATION), target(prompt="messages")))["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Yes?"},
        {"role": "user", "content": "Bye"},
    ]


def test_a_model_without_instructions_gets_them_before_the_prompt():
    request = written(ask(*CONVERSATION[:2]), target(system_role="user"))

    assert inputs(request) == {"prompt": "Be brief.\n\nHi"}


def test_pictures_go_to_the_input_that_the_model_has_for_them():
    seen = said("user", "What?", Media(kind="image", url="https://x.test/a.png"))
    drawn = said("user", Media(kind="image", data=b"png", media_type="image/png"))

    several = inputs(written(ask(seen, drawn), target(media={"image": "images[]"})))
    one = written(ask(seen, drawn), target(media={"image": "image"}))

    assert several["images"] == ["https://x.test/a.png", "data:image/png;base64,cG5n"]
    assert inputs(one)["image"] == "data:image/png;base64,cG5n"
    assert lost(one) == [("messages.1.parts.0", "dropped")]
    assert lost(written(ask(seen))) == [("messages.0.parts.1", "dropped")]


def test_what_predictions_do_not_know_is_told():
    request = written(
        ask(
            tools=(Tool(name="look_up"),),
            output=OutputFormat(kind="json"),
            thinking=Thinking(effort="low"),
            stop=("a,b",),
            n=2,
            user="u",
        ),
        target(reasoning="none"),
    )

    assert lost(request) == [
        ("output", "emulated"),
        ("stop", "changed"),
        ("thinking", "dropped"),
        ("tools", "dropped"),
        ("user", "dropped"),
        ("n", "dropped"),
    ]


def test_a_family_has_its_own_names_limits_and_refusals():
    quirks: dict[str, Any] = {
        "rename": {"max_tokens": "max_new_tokens"},
        "clamp": {"temperature": (0.01, 1.0)},
        "drop": frozenset({"seed"}),
        "defaults": {"top_k": 40},
        "efforts": ("low", "high"),
    }
    request = written(
        ask(max_output=5, temperature=0.0, seed=1, thinking=Thinking(effort="max")), target(**quirks)
    )

    assert inputs(request) == {
        "prompt": "A river?",
        "max_new_tokens": 5,
        "temperature": 0.01,
        "reasoning_effort": "high",
        "top_k": 40,
    }
    assert lost(request) == [("thinking.effort", "changed"), ("temperature", "changed"), ("seed", "dropped")]


def test_a_models_own_inputs_are_sent_as_they_are():
    request = written(ask(vendor={"replicate": {"min_tokens": 3}, "openai_chat": {"logit_bias": {}}}))

    assert inputs(request)["min_tokens"] == 3


def test_a_picture_is_wished_for_in_pixels_or_in_a_shape():
    wish = ImageRequest(model="m", prompt="A river", n=2, size="512x256", format="webp", quality="high")
    codec = REPLICATE.work["images"]

    request = codec.write_request(wish, target("black-forest-labs/flux"))
    shaped = codec.write_request(ImageRequest(model="m", prompt="A river", size="16:9"), target())

    assert inputs(request) == {
        "prompt": "A river",
        "width": 512,
        "height": 256,
        "num_outputs": 2,
        "output_format": "webp",
    }
    assert lost(request) == [("quality", "dropped")]
    assert inputs(shaped)["aspect_ratio"] == "16:9"
