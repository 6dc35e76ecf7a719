"""Settings files as earlier programs were given them, from the file to the answer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quorate.errors import NoAnswer, QuorateError
from quorate.transport.scripted import Answer
from quorate.transport.seam import Send

from .answers import body_of, broken, busy, claude_says, embeds, from_file, hosts, ollama_says, says, tags

SINGLE = """
[[llm.providers]]
name = "openai-primary"
provider = "openai"
api_key = "${OPENAI_API_KEY}"
text_model = "gpt-4-turbo-preview"
embedding_model = "text-embedding-3-small"
max_tokens = 4096
temperature = 0.7
priority = 1
"""

SEVERAL = """
[[llm.providers]]
name = "local"
provider = "ollama"
base_url = "http://localhost:11434"
text_model = "llama3.2"
priority = 3

[[llm.providers]]
name = "primary"
provider = "openai"
api_key = "${OPENAI_API_KEY}"
text_model = "gpt-4-turbo-preview"
priority = 1

[[llm.providers]]
name = "backup"
provider = "anthropic"
api_key = "${ANTHROPIC_API_KEY}"
text_model = "claude-3-sonnet-20240229"
priority = 2

[llm.fallback]
enabled = true
max_retries = 3
retry_delay_ms = 1000
strategy = "priority"
"""


class Naps:
    """Sleeps that take no time, and how long they were to be."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> Naps:
    naps = Naps()
    monkeypatch.setitem(_engine_defaults(), "sleep", naps)
    return naps


def _engine_defaults() -> dict[str, object]:
    from quorate.engine.engine import Engine

    defaults = Engine.__init__.__kwdefaults__
    assert defaults is not None
    return defaults


async def test_a_single_provider_answers_by_its_own_settings(tmp_path: Path):
    q, transport = from_file(tmp_path, SINGLE, [says(), embeds((1.0,))])

    reply = await q.chat("Hello")
    await q.embed("Hello")

    chat, embedding = map(body_of, transport.sent)
    assert reply.provider == "openai-primary"
    assert (chat["model"], chat["max_completion_tokens"], chat["temperature"]) == (
        "gpt-4-turbo-preview",
        4096,
        0.7,
    )
    assert embedding["model"] == "text-embedding-3-small"
    assert transport.sent[0].headers["authorization"] == "Bearer sk-open"


async def test_what_a_call_says_goes_before_the_settings(tmp_path: Path):
    q, transport = from_file(tmp_path, SINGLE, [says()])

    await q.chat("Hello", model="openai-primary/gpt-4", temperature=0)

    sent = body_of(transport.sent[0])
    assert (sent["model"], sent["temperature"]) == ("gpt-4", 0)


async def test_a_provider_that_fails_is_tried_as_often_as_it_says_and_then_the_next(
    tmp_path: Path, naps: Naps
):
    q, transport = from_file(tmp_path, SEVERAL, [broken(), broken(), broken(), broken(), claude_says()])

    reply = await q.chat("Hello")

    assert hosts(transport) == ["api.openai.com"] * 3 + ["api.anthropic.com"] * 2
    assert naps.seconds == [1.0, 2.0, 1.0]
    assert (reply.provider, reply.text) == ("backup", "Rhine")
    assert [attempt.outcome for attempt in reply.attempts] == ["upstream_broken"] * 4 + ["answered"]


async def test_the_last_in_line_is_the_local_one(tmp_path: Path, naps: Naps):
    q, transport = from_file(tmp_path, SEVERAL, [*[broken()] * 6, ollama_says()])

    reply = await q.chat("Hello")

    assert (reply.provider, reply.cost) == ("local", None)
    assert transport.sent[-1].url == "http://localhost:11434/api/chat"


async def test_a_provider_that_says_how_long_is_given_that_long(tmp_path: Path, naps: Naps):
    q, transport = from_file(tmp_path, SEVERAL, [busy("7"), says()])

    await q.chat("Hello")

    assert (naps.seconds, len(transport.sent)) == ([7.0], 2)


async def test_all_that_fail_are_told(tmp_path: Path, naps: Naps):
    q, transport = from_file(tmp_path, SEVERAL, lambda send: broken())

    with pytest.raises(NoAnswer) as caught:
        await q.chat("Hello")

    assert (len(transport.sent), len(caught.value.causes)) == (9, 9)
    assert {provider: stats.failures for provider, stats in q.stats().items()} == {
        "primary": 3,
        "backup": 3,
        "local": 3,
    }


async def test_round_robin_gives_each_its_turn(tmp_path: Path):
    text = SEVERAL.replace('"priority"', '"round_robin"')
    q, transport = from_file(tmp_path, text, _whoever)

    for _ in range(4):
        await q.chat("Hello")

    assert hosts(transport) == ["localhost:11434", "api.openai.com", "api.anthropic.com", "localhost:11434"]


def _whoever(send: Send) -> Answer:
    told = {"localhost:11434": ollama_says, "api.openai.com": says, "api.anthropic.com": claude_says}
    return told[send.url.split("/")[2]]()


async def test_without_fallback_the_first_alone_is_asked(tmp_path: Path, naps: Naps):
    q, transport = from_file(
        tmp_path, SEVERAL.replace("enabled = true", "enabled = false"), lambda send: broken()
    )

    with pytest.raises(QuorateError):
        await q.chat("Hello")

    assert set(hosts(transport)) == {"api.openai.com"}


async def test_providers_whose_key_is_not_set_are_passed_over(tmp_path: Path):
    q, transport = from_file(tmp_path, SEVERAL, _whoever, {"ANTHROPIC_API_KEY": "sk-ant"})

    await q.chat("Hello")

    assert hosts(transport) == ["api.anthropic.com"]


async def test_the_oldest_form_asks_that_ollama(tmp_path: Path):
    def script(send: Send) -> Answer:
        return tags("llama3.2:latest") if send.url.endswith("/tags") else ollama_says()

    text = '[llm]\nollama_url = "http://localhost:9999"\nprovider = "ollama"\n'
    q, transport = from_file(tmp_path, text, script, {"XDG_CACHE_HOME": str(tmp_path)})

    first = await q.chat("Hello")
    named = await q.chat("Hello", model="ollama/mistral")

    assert (first.text, named.provider) == ("Lima", "ollama")
    assert [body_of(send)["model"] for send in transport.sent[1:]] == ["llama3.2:latest", "mistral"]
    assert set(hosts(transport)) == {"localhost:9999"}


async def test_the_oldest_form_may_name_its_model(tmp_path: Path):
    text = '[llm]\nollama_url = "http://localhost:9999"\nmodel = "llama3.2"\nmax_tokens = 7\n'
    q, transport = from_file(tmp_path, text, [ollama_says()], {})

    await q.chat("Hello")

    sent = body_of(transport.sent[0])
    assert (sent["model"], sent["options"]["num_predict"]) == ("llama3.2", 7)


async def test_a_changed_file_is_taken_and_a_faulty_one_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr("quorate.assemble.LOOK_EVERY", 0.0)
    path = tmp_path / "quorate.toml"
    q, transport = from_file(tmp_path, SINGLE, lambda send: says())
    await q.chat("Hello")

    path.write_text(SINGLE.replace("gpt-4-turbo-preview", "gpt-5"))
    await q.chat("Hello")
    await asyncio.sleep(0.02)
    path.write_text("[llm\n")
    await q.chat("Hello")
    await q.chat("Hello")
    await asyncio.sleep(0.02)
    path.write_text(SINGLE.replace('provider = "openai"', 'provider = "opnai"'))
    await q.chat("Hello")
    path.unlink()
    await q.chat("Hello")
    await asyncio.sleep(0.02)
    path.write_text(SINGLE.replace("gpt-4-turbo-preview", "gpt-5-mini"))
    await q.chat("Hello")

    assert [body_of(send)["model"] for send in transport.sent] == [
        "gpt-4-turbo-preview",
        *["gpt-5"] * 5,
        "gpt-5-mini",
    ]
    assert [record.levelname for record in caplog.records if record.name == "quorate"] == ["ERROR"] * 3
    assert q.stats()["openai-primary"].requests == 7
