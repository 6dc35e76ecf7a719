"""A question and its whole answer, as a program asks it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quorate import HostedTool, Media, Message, PartDelta, Quorate, QuorateError, ReplyEnd, Text, attach
from quorate.errors import BudgetExceeded, InvalidRequest, NoAnswer, Unsupported, UpstreamTimeout
from quorate.transport.scripted import Scripted, ScriptedTransport

from .answers import body_of, broken, claude_says, client, embeds, hosts, lists, says, streams


async def test_a_question_gets_its_answer_with_what_it_cost():
    q, transport = client([says()])
    async with q:
        reply = await q.chat("Name three rivers", model="openai/gpt-5-mini")

    assert (reply.text, reply.usage.output, reply.provider) == ("Rhine, Elbe, Oder", 5, "openai")
    assert reply.cost == Decimal("0.0000125")  # 10 × $0.25 + 5 × $2 per million
    assert reply.fidelity == ()
    assert reply.output is None
    assert body_of(transport.sent[0])["messages"] == [{"role": "user", "content": "Name three rivers"}]


IMAGE = Media(kind="image", media_type="image/png", data=b"\x89PNG")


@pytest.mark.parametrize(
    ("prompt", "roles"),
    [
        ("Hello", ["user"]),
        (Message(role="user", parts=(Text(text="Hello"),)), ["user"]),
        ({"role": "user", "content": "Hello"}, ["user"]),
        ({"content": ["What is it?", IMAGE]}, ["user"]),
        (["What is it?", IMAGE], ["user"]),
        (IMAGE, ["user"]),
        (
            [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, "c"],
            ["user", "assistant", "user"],
        ),
        ([{"content": [{"type": "text", "text": "Hello"}]}], ["user"]),
        (({"content": text} for text in "ab"), ["user", "user"]),
        (Message(role="user", parts=["Hello"]), ["user"]),  # type: ignore[arg-type, list-item]
    ],
)
async def test_a_prompt_takes_every_form(prompt: Any, roles: list[str]):
    q, transport = client([says()])

    await q.chat(prompt, model="openai/gpt-4o-mini", system="Be brief")

    assert [turn["role"] for turn in body_of(transport.sent[0])["messages"]] == ["system", *roles]


@pytest.mark.parametrize(
    ("prompt", "where"),
    [
        (None, "messages"),
        (5, "messages"),
        (b"bytes", "messages"),
        ([], "messages"),
        ([5], "messages.0"),
        ({"role": "robot", "content": "x"}, "messages.0.role"),
        ({"role": ["user"], "content": "x"}, "messages.0.role"),
        ({"role": "user", "content": None}, "messages.0.content"),
        ({"role": "user", "content": [{"type": "hologram"}]}, "messages.0.content.0"),
        ({"role": "assistant", "content": "", "tool_calls": []}, "messages.0.tool_calls"),
        ({"role": "user", "content": {"type": "text"}}, "messages.0.content"),
        (Message(role="user", parts=5), "messages.0.parts"),  # type: ignore[arg-type]
    ],
)
async def test_a_bad_prompt_is_refused_before_anything_is_sent(prompt: Any, where: str):
    q, transport = client([])

    with pytest.raises(InvalidRequest) as caught:
        await q.chat(prompt, model="openai/gpt-5-mini")

    assert (caught.value.where, transport.sent) == (where, [])


@pytest.mark.parametrize(
    ("setting", "value", "where"),
    [
        ("max_tokens", 5, "max_tokens"),
        ("temperature", "hot", "temperature"),
        ("stop", [1], "stop[0]"),
        ("system", 5, "system"),
        ("vendor", "x", "vendor"),
        ("tools", [5], "tools"),
        ("max_cost", "much", "max_cost"),
        ("max_cost", float("nan"), "max_cost"),
        ("max_cost", -1, "max_cost"),
        ("timeout", -1, "timeout"),
        ("timeout", "long", "timeout"),
        ("model", 5, "model"),
    ],
)
async def test_a_bad_setting_is_refused_before_anything_is_sent(setting: str, value: Any, where: str):
    q, transport = client([])
    wishes: dict[str, Any] = {"model": "openai/gpt-5-mini", setting: value}

    with pytest.raises(InvalidRequest) as caught:
        await q.chat("Hello", **wishes)

    assert (caught.value.where, transport.sent) == (where, [])


async def test_a_mistyped_setting_is_told_the_nearest():
    q, _ = client([])

    with pytest.raises(InvalidRequest, match="did you mean 'max_output'"):
        await q.chat("Hello", model="openai/gpt-5-mini", max_outputs=5)  # type: ignore[call-overload]


async def test_settings_reach_the_provider():
    q, transport = client([says()])

    await q.chat(
        "Hello",
        model="openai/gpt-4o-mini",
        temperature=1,
        stop="END",
        seed=7,
        tool_choice="weather",
        tools=[weather],
    )

    sent = body_of(transport.sent[0])
    assert (sent["temperature"], sent["stop"], sent["seed"]) == (1, ["END"], 7)
    assert sent["tool_choice"]["function"]["name"] == "weather"


def weather(city: str) -> str:
    """The weather."""
    return f"sunny in {city}"


async def test_what_cannot_be_honoured_is_told_or_refused():
    hosted = HostedTool(protocol="anthropic", name="web_search", settings={"type": "web_search_20250305"})
    q, transport = client([says(), says()])

    reply = await q.chat("Hello", model="openai/gpt-5-mini", tools=[hosted])
    with pytest.raises(Unsupported):
        await q.chat("Hello", model="openai/gpt-5-mini", tools=[hosted], strict=True)

    assert [each.kind for each in reply.fidelity] == ["dropped"]
    assert len(transport.sent) == 1


async def test_a_call_that_could_cost_too_much_is_not_made():
    q, transport = client([says()])

    with pytest.raises(BudgetExceeded) as caught:
        await q.chat("Hello", model="openai/gpt-5-mini", max_output=1000, max_cost=0.0001)
    reply = await q.chat("Hello", model="openai/gpt-5-mini", max_output=10, max_cost=Decimal("0.01"))

    assert caught.value.limit == Decimal("0.0001")
    assert reply.text
    assert len(transport.sent) == 1


async def test_a_timeout_holds_for_the_whole_call():
    q, transport = client([broken()] * 20)

    with pytest.raises((NoAnswer, UpstreamTimeout, QuorateError)):
        await q.chat("Hello", model="openai/gpt-5-mini", timeout=0.2)

    assert len(transport.sent) == 1  # the second try would have come after half a second


async def test_two_clients_stand_side_by_side():
    one, first = client([says("one")], {"OPENAI_API_KEY": "sk-1"})
    two, second = client([says("two")], {"OPENAI_API_KEY": "sk-2"})
    async with one, two:
        replies = [await each.chat("Hello", model="openai/gpt-5-mini") for each in (one, two)]

    assert [reply.text for reply in replies] == ["one", "two"]
    assert [each.sent[0].headers["authorization"] for each in (first, second)] == [
        "Bearer sk-1",
        "Bearer sk-2",
    ]
    assert one.stats()["openai"].requests == 1


async def test_a_closed_client_says_so():
    q, _ = client([says()])
    await q.close()
    await q.close()

    with pytest.raises(InvalidRequest, match="closed"):
        await q.chat("Hello", model="openai/gpt-5-mini")
    with pytest.raises(InvalidRequest, match="closed"):
        await q.is_available("openai")


async def test_vectors_come_in_order_with_their_cost():
    q, transport = client([embeds((1.0, 0.0), (0.0, 1.0))])

    reply = await q.embed(["a", "b"], model="openai/text-embedding-3-small")

    assert reply.vectors == ((1.0, 0.0), (0.0, 1.0))
    assert reply.cost == Decimal("0.00000008")
    assert body_of(transport.sent[0])["input"] == ["a", "b"]


@pytest.mark.parametrize(
    ("texts", "wishes", "where"),
    [
        ([], {}, "inputs"),
        ([5], {}, "inputs[0]"),
        (["a", None], {}, "inputs[1]"),
        ("a", {"dimension": 5}, "dimension"),
        ("a", {"dimensions": "many"}, "dimensions"),
    ],
)
async def test_what_is_no_text_is_not_embedded(texts: Any, wishes: Any, where: str):
    q, transport = client([])

    with pytest.raises(InvalidRequest) as caught:
        await q.embed(texts, model="openai/text-embedding-3-small", **wishes)

    assert caught.value.where == where
    assert transport.sent == []


async def test_models_are_those_of_the_catalog_and_of_the_providers_own_list():
    q, transport = client(lambda send: lists("gpt-5-mini", "gpt-of-tomorrow"), {"OPENAI_API_KEY": "sk"})

    offers = {offer.name: offer for offer in await q.models("openai", refresh=True)}
    again = await q.models()

    assert "openai/gpt-of-tomorrow" in offers
    assert offers["openai/gpt-5-mini"].model.max_output == 128_000
    assert len(again) == len(offers)
    assert len(transport.sent) == 1


async def test_a_kept_list_is_that_of_the_same_address_alone(tmp_path: Path):
    here = {"OPENAI_API_KEY": "sk", "XDG_CACHE_HOME": str(tmp_path)}
    there = here | {"OPENAI_BASE_URL": "https://elsewhere.example/v1"}
    first, _ = client([lists("gpt-of-tomorrow")], here)
    await first.models()

    found: list[int] = []
    for environment in (here, there):
        q, transport = client([lists("gpt-of-yesterday")], environment)
        await q.models()
        found.append(len(transport.sent))

    assert found == [0, 1]


async def test_where_nothing_can_be_kept_lists_are_asked_for_all_the_same(tmp_path: Path):
    (tmp_path / "quorate").write_text("a file where a folder would be")
    q, _ = client([lists("gpt-of-tomorrow")], {"OPENAI_API_KEY": "sk", "XDG_CACHE_HOME": str(tmp_path)})

    assert "openai/gpt-of-tomorrow" in {offer.name for offer in await q.models()}


async def test_a_provider_nobody_knows_has_no_models():
    q, _ = client([])

    with pytest.raises(InvalidRequest, match="nearest: 'openai'"):
        await q.models("opnai")


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("openai", True),
        ("openai/gpt-5-mini", True),
        ("gpt-5-mini", True),
        ("openai/gpt-9", False),
        ("gpt-9", False),
        ("groq/llama-3.1-8b-instant", False),
        ("nobody", False),
        ("", False),
    ],
)
async def test_a_provider_or_model_is_there_when_it_is_listed(name: str, there: bool):
    q, _ = client(lambda send: lists("gpt-5-mini"), {"OPENAI_API_KEY": "sk"})

    assert await q.is_available(name) is there


async def test_a_provider_that_refuses_is_not_there():
    q, _ = client([broken()])

    assert await q.is_available("openai") is False


async def test_statistics_count_what_was_asked_and_spent():
    q, _ = client([says(), broken(), broken(), broken(), claude_says()])

    await q.chat("Hello", model="openai/gpt-5-mini")
    with pytest.raises(QuorateError):
        await q.chat("Hello", model="openai/gpt-5-mini", timeout=0.3)
    stats = q.stats()["openai"]

    assert (stats.requests, stats.failures) == (2, 1)
    assert stats.cost == Decimal("0.0000125")


async def test_a_stream_tells_its_words_as_they_come():
    q, transport = client([streams("Rhine", ", Elbe")])
    async with q.stream("Name rivers", model="openai/gpt-5-mini") as events:
        seen = [event async for event in events]

    assert [event.text for event in seen if isinstance(event, PartDelta)] == ["Rhine", ", Elbe"]
    end = seen[-1]
    assert isinstance(end, ReplyEnd)
    assert (end.usage.output, end.cost, end.provider) == (5, Decimal("0.0000125"), "openai")
    assert transport.left_early == 0


async def test_a_stream_left_early_hangs_up():
    q, transport = client([streams(*["word"] * 1000)])
    async with q.stream("Name rivers", model="openai/gpt-5-mini") as events:
        await anext(events)

    assert transport.left_early == 1


@pytest.mark.parametrize(
    ("name", "content", "kind", "media_type"),
    [
        ("a.png", b"\x89PNG\0", "image", "image/png"),
        ("a.mp3", b"\xff\xfb\0", "audio", "audio/mpeg"),
        ("a.pdf", b"%PDF-1.7", "file", "application/pdf"),
        ("main.ts", b"let a = 1", "file", "text/plain"),
        ("lib.rs", b"fn main() {}", "file", "text/plain"),
        ("Makefile", b"all:", "file", "text/plain"),
        ("notes.md", b"# Notes", "file", "text/markdown"),
        ("data.bin", b"\0\1", "file", "application/octet-stream"),
    ],
)
def test_an_attached_file_is_what_its_name_and_bytes_say(
    tmp_path: Path, name: str, content: bytes, kind: str, media_type: str
):
    path = tmp_path / name
    path.write_bytes(content)

    part = attach(path)

    assert (part.kind, part.media_type, part.data, part.name) == (kind, media_type, content, name)


def test_an_attached_link_stays_one():
    part = attach("https://example.com/a.jpg?size=2")

    assert (part.kind, part.media_type, part.url, part.data) == (
        "image",
        "image/jpeg",
        "https://example.com/a.jpg?size=2",
        b"",
    )


@pytest.mark.parametrize("source", ["none.txt", "."])
def test_what_cannot_be_read_is_not_attached(source: str):
    with pytest.raises(InvalidRequest, match="cannot be read"):
        attach(source)


async def test_a_failure_is_told_with_its_attempts():
    transport = ScriptedTransport([Scripted(status=401, chunks=(b'{"error": {"message": "bad key"}}',))])
    q = Quorate(environment={"OPENAI_API_KEY": "sk-canary-0123456789"}, transport=transport)

    with pytest.raises(QuorateError, match="bad key") as caught:
        await q.chat("Hello", model="openai/gpt-5-mini")

    assert len(caught.value.attempts) == 1
    assert hosts(transport) == ["api.openai.com"]
    assert "sk-canary" not in repr(caught.value)
