"""Kept answers as bytes: what a call wishes, a line joined into one call, pages of input, a stream told otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.wire.openai_responses.ids import asked_id, is_made, made_response_id
from quorate.wire.openai_responses.kept import KeptFront, KeptRequest
from quorate.wire.openai_responses.line import Link, joined, page, shown_items
from quorate.wire.openai_responses.told import Retelling, ended_response, read_head, retold
from quorate.wire.openai_responses.wishes import Wishes, read_wishes
from quorate.wire.seam import Call

SAID = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Yes"}],
}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "s"}


def written(value: Any) -> bytes:
    return json.dumps(value).encode()


def link(asked: Any, *output: Any, provider: str = "one", name: str = "resp_1") -> Link:
    return Link(
        name=name, provider=provider, input=written(asked), answer=written({"output": output, "x": 1.50})
    )


def items_of(body: bytes) -> list[dict[str, Any]]:
    return json.loads(body)["input"]


@pytest.mark.parametrize(
    ("body", "wishes"),
    [
        (b'{"model":"m"}', Wishes()),
        (
            b'{"store":null,"background":null,"stream":null,"previous_response_id":null,"input":null}',
            Wishes(),
        ),
        (b'{"store":false,"input": "hi" }', Wishes(keep=False, input=b'"hi"')),
        (
            b'{"background":true,"stream":true,"previous_response_id":"r"}',
            Wishes(background=True, stream=True, previous="r"),
        ),
        (b'{"conversation":{"id":"c"}}', Wishes(conversation=True)),
        (
            b'{"input":[{"type":"item_reference","id":"a"}]}',
            Wishes(reference=True, input=b'[{"type":"item_reference","id":"a"}]'),
        ),
    ],
)
def test_wishes_are_read_from_the_bytes(body: bytes, wishes: Wishes):
    assert read_wishes(body) == wishes


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", ""),
        (b"[]", ""),
        (b'{"store":1}', "store"),
        (b'{"background":"yes"}', "background"),
        (b'{"stream":[]}', "stream"),
        (b'{"previous_response_id":7}', "previous_response_id"),
        (b"[" * 100_000, ""),
    ],
)
def test_a_wish_that_makes_no_sense_says_where(body: bytes, where: str):
    with pytest.raises(InvalidRequest) as raised:
        read_wishes(body)

    assert raised.value.where == where


def test_a_line_comes_before_the_calls_own_input_and_in_place_of_its_id():
    body = written({"model": "m", "temperature": 1.0, "previous_response_id": "r", "input": "Three"})

    whole, lost = joined(body, [link("One", THOUGHT, SAID), link([{"role": "user", "content": "Two"}], SAID)])

    assert items_of(whole) == [
        {"type": "message", "role": "user", "content": "One"},
        THOUGHT,
        SAID,
        {"role": "user", "content": "Two"},
        SAID,
        {"type": "message", "role": "user", "content": "Three"},
    ]
    assert json.loads(whole).keys() == {"model", "temperature", "input"}
    assert lost == []


@pytest.mark.parametrize("asked", ["", None, []])
def test_a_call_without_input_of_its_own_goes_on_all_the_same(asked: Any):
    whole, _ = joined(written({"model": "m", "input": asked}), [link("One", SAID)])

    assert len(items_of(whole)) == 2


def test_numbers_and_unknown_fields_come_through_as_they_were_written():
    whole, _ = joined(b'{"model":"m","top_p":1.50,"x":{"y":1e3}}', [link([{"type": "new", "n": 1}])])

    assert b'"top_p":1.50' in whole
    assert b'{"y":1e3}' in whole
    assert items_of(whole) == [{"type": "new", "n": 1}]


def test_for_another_provider_thoughts_and_ids_stay_away():
    whole, lost = joined(b'{"input":"Two"}', [link("One", THOUGHT, SAID, provider="one")], "two")

    assert [each["type"] for each in items_of(whole)] == ["message", "message", "message"]
    assert not any("id" in each for each in items_of(whole))
    assert [(each.setting, each.kind) for each in lost] == [("previous_response_id.0", "dropped")]


def test_for_the_same_provider_only_ids_of_ours_stay_away():
    mine = SAID | {"id": "msg_quorate_0_r"}

    whole, lost = joined(b'{"input":"Two"}', [link("One", THOUGHT, SAID, mine)], "one")

    assert [each.get("id") for each in items_of(whole)] == [None, "rs_1", "msg_1", None, None]
    assert lost == []


def test_ids_of_ours_are_known_by_their_form():
    assert is_made(made_response_id("0192-ab"))
    assert is_made(asked_id("function_call_output", "resp_1", 3))
    assert not is_made("resp_0123")


def test_all_that_an_answer_was_made_of_is_shown_with_ids():
    line = [
        link("One", SAID),
        link([{"role": "user", "content": [{"type": "input_text", "text": "Two"}]}], SAID),
    ]

    shown = shown_items(line)

    assert [each["id"] for each in shown] == ["msg_quorate_in0_resp_1", "msg_1", "msg_quorate_in0_resp_1"]
    assert shown[0]["content"] == [{"type": "input_text", "text": "One"}]
    assert shown[0]["status"] == "completed"


def test_pages_join_to_the_whole_list():
    items = [{"id": str(number)} for number in range(5)]

    first = page(items, limit=2, is_ascending=True, after="")
    second = page(items, limit=2, is_ascending=True, after="1")
    last = page(items, limit=2, is_ascending=True, after="3")
    pages = [first, second, last]

    assert [each["data"] for each in pages if each] == [items[:2], items[2:4], items[4:]]
    assert [each["has_more"] for each in pages if each] == [True, True, False]
    assert page(items, limit=2, is_ascending=False, after="") == {
        "object": "list",
        "data": [{"id": "4"}, {"id": "3"}],
        "first_id": "4",
        "last_id": "3",
        "has_more": True,
    }
    assert page(items, limit=2, is_ascending=True, after="9") is None


@pytest.mark.parametrize(
    ("method", "path", "query", "asked"),
    [
        ("GET", "/v1/responses/r", {}, KeptRequest(action="show", id="r")),
        (
            "GET",
            "/openai/v1/responses/r",
            {"stream": "true", "starting_after": "4", "include[]": "x"},
            KeptRequest(action="show", id="r", stream=True, starting_after=4),
        ),
        ("DELETE", "/responses/r", {}, KeptRequest(action="delete", id="r")),
        ("POST", "/v1/responses/r/cancel", {}, KeptRequest(action="cancel", id="r")),
        (
            "GET",
            "/v1/responses/r/input_items",
            {"limit": "5", "order": "asc", "after": "i"},
            KeptRequest(action="list_input", id="r", limit=5, is_ascending=True, after="i"),
        ),
    ],
)
def test_questions_about_kept_answers_are_read(
    method: str, path: str, query: dict[str, str], asked: KeptRequest
):
    assert KeptFront().read_request(Call(method=method, path=path, query=query)) == asked


@pytest.mark.parametrize(
    ("name", "value"),
    [("stream", "maybe"), ("starting_after", "-1"), ("starting_after", "٣"), ("starting_after", "9" * 40)],
)
def test_a_question_that_makes_no_sense_says_where(name: str, value: str):
    with pytest.raises(InvalidRequest) as raised:
        KeptFront().read_request(Call(method="GET", path="/v1/responses/r", query={name: value}))

    assert raised.value.where == name


def frame(kind: str, **fields: Any) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + written({"type": kind, **fields}) + b"\n\n"


@pytest.mark.parametrize("kind", ["completed", "incomplete", "failed"])
def test_the_response_is_found_in_the_last_frame_of_several(kind: str):
    response = {"id": "r", "object": "response", "status": kind}
    piece = frame("response.output_item.done") + frame(f"response.{kind}", response=response)

    assert json.loads(ended_response(piece) or b"") == response
    assert ended_response(frame("response.in_progress", response=response)) is None
    assert ended_response(b'data: "response"\n\n') is None


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"object":"list","id":"r"}', b'{"object":"response"}'])
def test_what_is_no_response_has_no_head(body: bytes):
    assert read_head(body) is None


def test_a_response_is_told_otherwise_and_nothing_else_of_it_changes():
    assert retold(b'{"id":"a","n":1.50}', {"id": "b", "store": True}) == b'{"id":"b","n":1.50,"store":true}'
    assert retold(b"garbage", {"id": "b"}) == b"garbage"


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_a_stream_is_told_otherwise_wherever_it_is_cut(cut: int):
    stream = (
        frame("response.created", sequence_number=0, response={"id": "a"})
        + frame("response.output_text.delta", sequence_number=1, delta="Hi")
        + frame("response.completed", sequence_number=2, response={"id": "a"})
    )
    retelling = Retelling({"id": "b"}, first=5, without=("response.created",))

    events = [*retelling.events_of(stream[:cut]), *retelling.events_of(stream[cut:])]

    assert [event.sequence for event in events] == [5, 6]
    assert [event.type for event in events] == ["response.output_text.delta", "response.completed"]
    assert json.loads(events[-1].data) == {
        "type": "response.completed",
        "sequence_number": 6,
        "response": {"id": "b"},
    }


def test_frames_of_no_event_pass_as_they_are():
    assert Retelling({"id": "b"}).bytes_of(b"data: [DONE]\n\n") == b"data: [DONE]\n\n"
