"""The judges themselves: what counts as agreeing, what as the same request, and what an excuse covers."""

from __future__ import annotations

from typing import Any

import pytest

from .comparing import comparisons
from .exchange import Exchange
from .excuses import Excuse
from .findings import find
from .meaning import meaning
from .recutting import cuttings
from .replay import Replay
from .sorting import Kind
from .table import sums, table
from .verdict import Answer, Called, Counts, Failure, Verdict


def differing(ours: Verdict, theirs: Verdict) -> list[str]:
    return [each.field for each in comparisons(ours, theirs) if not each.agreed]


def answered(**said: object) -> Verdict:
    return Verdict(answers=(Answer(**said),))  # pyright: ignore[reportArgumentType]


def counted(**said: int) -> Verdict:
    return Verdict(usage=Counts(**said))  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("field", ["text", "reasoning", "refusal", "finish"])
def test_other_words_are_a_difference(field: str):
    assert differing(answered(**{field: "one"}), answered(**{field: "two"})) == [field]


def test_what_the_sdk_does_not_tell_is_not_compared():
    assert differing(answered(text="one", reasoning="thought"), answered(text="one")) == []


def test_arguments_are_compared_as_documents():
    ours = answered(tools=(Called(id="a", name="f", arguments='{"x": 1, "y": [2]}'),))

    assert differing(ours, answered(tools=(Called(id="a", name="f", arguments='{"y":[2],"x":1}'),))) == []
    assert differing(ours, answered(tools=(Called(id="a", name="f", arguments='{"y":[2]}'),))) == ["tools"]
    assert differing(ours, answered(tools=(Called(id="b", name="f", arguments='{"x": 1, "y": [2]}'),))) == [
        "tools"
    ]
    assert differing(ours, answered(tools=())) == ["tools"]


def test_a_missing_answer_is_a_difference():
    assert differing(Verdict(answers=()), answered(text="one")) == ["answers"]


def test_tokens_outside_a_part_belong_to_the_total():
    theirs = counted(input=10, output=5, total=22)

    assert differing(counted(input=10, output=12), theirs) == []
    assert differing(counted(input=17, output=5), theirs) == []
    assert differing(counted(input=11, output=11), theirs) == ["usage.totals"]


def test_usage_that_we_did_not_read_is_a_difference():
    assert differing(Verdict(), counted(input=10, output=5)) == ["usage"]


def test_an_error_agrees_by_status_class_and_words():
    theirs = Verdict(
        failure=Failure(status=429, kind="RateLimitError", words=("Error code: 429", "Slow down."))
    )

    assert (
        differing(Verdict(failure=Failure(status=429, kind="UpstreamBusy", words=("Slow down.",))), theirs)
        == []
    )
    assert differing(Verdict(failure=Failure(status=400, kind="KeyInvalid", words=("No.",))), theirs) == [
        "failure.status",
        "failure.kind",
        "failure.words",
    ]


def test_an_answer_where_the_sdk_sees_an_error_is_a_difference():
    assert differing(answered(text="one"), Verdict(failure=Failure(status=500))) == ["failure"]


def test_vectors_may_differ_in_their_last_bits_alone():
    assert differing(Verdict(vectors=((0.1, 0.2),)), Verdict(vectors=((0.1, 0.2 + 1e-9),))) == []
    assert differing(Verdict(vectors=((0.1, 0.2),)), Verdict(vectors=((0.1, 0.201),))) == ["vectors"]
    assert differing(Verdict(vectors=()), Verdict(vectors=((0.1,),))) == ["vectors"]


TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}

SAME: dict[str, tuple[str, Any, Any]] = {
    "empty members": ("openai_chat", {"tools": [], "stop": None}, {}),
    "a default": ("openai_chat", {"stream": False}, {}),
    "a limit by its older name": ("openai_chat", {"max_completion_tokens": 5}, {"max_tokens": 5}),
    "functions of old": ("openai_chat", {"functions": [TOOL["function"]]}, {"tools": [TOOL]}),
    "a list of one text": (
        "openai_chat",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
        {"messages": [{"role": "user", "content": "a"}]},
    ),
    "a list of one block": (
        "anthropic",
        {"system": [{"type": "text", "text": "a"}]},
        {"system": "a"},
    ),
    "a field's old place": (
        "anthropic",
        {"output_format": {"type": "json_schema"}},
        {"output_config": {"format": {"type": "json_schema"}}},
    ),
    "both spellings of a name": (
        "gemini",
        {"generation_config": {"top_k": 1}},
        {"generationConfig": {"topK": 1}},
    ),
    "both alphabets of base64": (
        "gemini",
        {"contents": [{"inline_data": {"data": "_-8="}}]},
        {"contents": [{"inlineData": {"data": "/+8"}}]},
    ),
    "a prompt": ("ollama", {"prompt": "a"}, {"messages": [{"role": "user", "content": "a"}]}),
}

OTHER: dict[str, tuple[str, Any, Any]] = {
    "an empty schema": ("openai_chat", {"tools": [TOOL]}, {"tools": [{"function": {"name": "f"}}]}),
    "a text with a cache mark": (
        "anthropic",
        {"system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}]},
        {"system": "a"},
    ),
    "two texts": (
        "openai_chat",
        {"messages": [{"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]},
        {"messages": [{"content": "ab"}]},
    ),
    "a user's own names": (
        "gemini",
        {"contents": [{"parts": [{"functionCall": {"args": {"a_b": 1}}}]}]},
        {"contents": [{"parts": [{"functionCall": {"args": {"aB": 1}}}]}]},
    ),
    "an option of a stream": ("openai_chat", {"stream_options": {"include_obfuscation": False}}, {}),
    "zero": ("openai_chat", {"temperature": 0}, {}),
}


@pytest.mark.parametrize("name", SAME)
def test_requests_that_mean_the_same_are_the_same(name: str):
    protocol, one, other = SAME[name]

    assert meaning(one, protocol) == meaning(other, protocol)


@pytest.mark.parametrize("name", OTHER)
def test_requests_that_mean_something_else_are_not_the_same(name: str):
    protocol, one, other = OTHER[name]

    assert meaning(one, protocol) != meaning(other, protocol)


EXCHANGE = Exchange(file="somebody/someone/a.yaml", provider="someone")
REPLAY = Replay(
    exchange=EXCHANGE, kind=Kind(protocol="openai_chat", operation="chat"), verdict=answered(text="one")
)


def test_an_excuse_covers_its_field_and_no_other():
    excuse = Excuse(recording="somebody/someone/a.yaml#0", field="text", reason="the SDK drops a word")

    excused = find(REPLAY, answered(text="two"), [excuse])
    other = find(REPLAY, answered(finish="stop"), [excuse])

    assert (excused.mark, excused.excuses, excused.differences) == ("excused", (excuse,), ())
    assert (other.mark, other.excuses) == ("disagreed", ())


def test_an_answer_that_only_the_sdk_reads_is_not_decoded():
    broken = Replay(
        exchange=EXCHANGE,
        kind=REPLAY.kind,
        verdict=Verdict(failure=Failure(kind="UpstreamBroken", words=("garbled",))),
    )

    assert find(broken, answered(text="two"), []).mark == "failed"


def test_a_crash_is_not_decoded():
    crashed = Replay(exchange=EXCHANGE, kind=REPLAY.kind, crash="crash: KeyError")

    assert find(crashed, answered(text="two"), []).mark == "failed"


def test_the_table_counts_every_mark():
    findings = [find(REPLAY, answered(text=text), []) for text in ("one", "one", "two")]

    assert table(findings)[2].split() == ["someone", "2-1", *["."] * 10]
    assert sums(findings).startswith("3 exchanges: 3 decoded, 2 agreed (66.67 %), 1 disagreed")


def test_a_cut_stream_has_the_same_bytes():
    body = 'data: {"text": "ä"}\n\n'.encode() * 40

    found = cuttings(body, "any")

    assert {b"".join(chunks) for chunks in found} == {body}
    assert len({len(chunks) for chunks in found}) > 2
