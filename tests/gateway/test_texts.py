"""Hooks see the words of every operation; a form is the same however its boundary was drawn."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.engine.guard import Guard, Guards, Named
from quorate.gateway.idempotency import lasting
from quorate.gateway.texts import WORDS, guarded
from quorate.gateway.work import WORK_HANDLERS
from quorate.types.pictures import ImageRequest
from quorate.types.sound import SpeechRequest, TranscribeRequest
from quorate.types.value import replace
from quorate.types.work import EmbedRequest, ModerateRequest, RerankRequest
from quorate.wire.seam import Call


class Loud(Guard):
    async def before_embed(self, request: EmbedRequest) -> EmbedRequest:
        inputs = tuple(map(str.upper, request.inputs))
        return replace(request, inputs=inputs, user=request.user.upper(), vendor={"seen": True})


LOUD = Guards([Named(name="loud", guard=Loud())])


@pytest.mark.parametrize(
    ("operation", "asked", "changes"),
    [
        ("images", ImageRequest(model="m", prompt="a", user="u"), {"prompt": "A", "user": "U"}),
        ("speech", SpeechRequest(model="m", text="a", instructions="b"), {"text": "A", "instructions": "B"}),
        ("transcribe", TranscribeRequest(model="m", audio=b"x", prompt="a"), {"prompt": "A"}),
        ("moderate", ModerateRequest(model="m", inputs=("a", "b")), {"inputs": ("A", "B")}),
        (
            "rerank",
            RerankRequest(model="m", query="q", documents=("a",)),
            {"query": "Q", "documents": ("A",)},
        ),
    ],
)
async def test_hooks_see_the_words_of_an_operation(operation: Any, asked: Any, changes: dict[str, Any]):
    assert await guarded(operation, asked, LOUD) == replace(asked, vendor={"seen": True}, **changes)


def test_no_operation_with_words_is_forgotten():
    assert WORDS.keys() | {"embed", "count", "models", "greet"} == WORK_HANDLERS.keys()


def call_with(boundary: str) -> Call:
    body = f"--{boundary}\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--{boundary}--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return Call(path="/v1/images/edits", headers=headers, body=body.encode())


def test_a_form_is_told_again_whatever_its_boundary():
    assert lasting(call_with("one")) == lasting(call_with("another"))
    assert lasting(Call(path="/", body=b"--one")) == b"--one"
