"""Whatever bytes a client sends to whatever path, a front reads them or says what is wrong, in our errors alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.errors import QuorateError
from quorate.types.target import Quirks, Target
from quorate.types.work import ModelInfo, ModelList
from quorate.wire.seam import Call, WireAnswer
from quorate.wire.wires import WIRES

WORDS = (
    "model name messages contents input prompt role content parts text type tools tool_choice system stream n "
    "user assistant function image_url generateContentRequest instructions options logprobs max_tokens stop "
    "stream_options include_usage echo suffix best_of dimensions encoding_format requests"
).split()
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode())
QUERIES = st.dictionaries(
    st.sampled_from(["limit", "after_id", "before_id", "pageSize", "pageToken", "alt", "api-version"]),
    st.text(max_size=4),
    max_size=2,
)
LISTED = ModelList(models=(ModelInfo(id="a"), ModelInfo(id="b")))

FRONTS = [(name, wire.front) for name, wire in WIRES.items() if wire.front is not None]
WORK = [
    (f"{name} {operation}", work)
    for name, wire in WIRES.items()
    for operation, work in wire.work_fronts.items()
]


def paths_of(front: Any) -> list[str]:
    return sorted({route.path.replace("{model*}", "m").replace("{id*}", "m") for route in front.routes})


def tried(step: Callable[[], object]) -> None:
    """It is done, or refused in one of our errors; any other fault goes on."""
    with suppress(QuorateError):
        step()


@pytest.mark.parametrize(("name", "front"), FRONTS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_chat(name: str, front: Any, data: st.DataObject):
    path = data.draw(st.sampled_from(paths_of(front)))
    call = Call(path=path, body=data.draw(BODIES), query=data.draw(QUERIES))
    target = Target(
        provider="p",
        model="m2",
        wire=name,
        base_url="http://127.0.0.1:9",
        quirks=Quirks(efforts=("low",), paths={"complete": "/completions"}),
    )

    tried(lambda: front.outline(call))
    tried(lambda: front.redirect(call, target))
    tried(lambda: front.read_request(call))
    front.stream_writer(call).close()


@pytest.mark.parametrize(("name", "work"), WORK)
@settings(max_examples=40)
@given(data=st.data())
def test_any_other_operation(name: str, work: Any, data: st.DataObject):
    path = data.draw(st.sampled_from(paths_of(work)))
    call = Call(path=path, body=data.draw(BODIES), query=data.draw(QUERIES))

    tried(lambda: work.read_request(call))
    if name.endswith("models"):
        tried(lambda: work.write_reply(LISTED, call))


CODECS = [
    (f"{name} {operation}", work) for name, wire in WIRES.items() for operation, work in wire.work.items()
]


@pytest.mark.parametrize(("name", "codec"), CODECS)
@settings(max_examples=40)
@given(body=BODIES)
def test_a_providers_answer(name: str, codec: Any, body: bytes):
    tried(lambda: codec.read_reply(WireAnswer(body=body)))
