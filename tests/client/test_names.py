"""From the names that callers use to the providers that are asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from quorate.errors import InvalidRequest, MissingCredential, SettingsInvalid, UnknownModel, UpstreamError
from quorate.transport.scripted import Answer
from quorate.transport.seam import Send

from .answers import body_of, broken, claude_says, client, embeds, from_file, hosts, ollama_says, says, tags

SEVERAL = """
default_model = "route/both"

[providers.openai]
chat_model = "gpt-5-mini"
embedding_model = "text-embedding-3-small"

[providers.work]
provider = "openai"
api_key = "sk-work"
base_url = "https://work.example/v1"
priority = 5

[providers.huggingface]
api_key = "hf-1"

[providers.groq]
api_key = "gsk-1"

[aliases]
fast = "groq/llama-3.1-8b-instant"
quick = "fast"
"claude-*" = "fast"
"gpt-4*" = "route/both"
"GPT-3*" = "openai/gpt-5-mini"

[routes.both]
targets = ["fast", "openai/gpt-5-mini"]
strategy = "round_robin"

[routes.nested]
targets = ["route/both", "work/gpt-5-nano"]
"""


def answered(send: Send) -> Answer:
    return says()


@pytest.mark.parametrize(
    ("name", "host", "model"),
    [
        ("openai/gpt-5-nano", "api.openai.com", "gpt-5-nano"),
        ("openai", "api.openai.com", "gpt-5-mini"),
        ("work/gpt-5-nano", "work.example", "gpt-5-nano"),
        ("gpt-5-nano", "api.openai.com", "gpt-5-nano"),
        ("fast", "api.groq.com", "llama-3.1-8b-instant"),
        ("quick", "api.groq.com", "llama-3.1-8b-instant"),
        ("claude-opus-4-1", "api.groq.com", "llama-3.1-8b-instant"),
        ("gpt-3.5-turbo", "api.openai.com", "gpt-5-mini"),
        ("route/nested", "api.groq.com", "llama-3.1-8b-instant"),
        ("huggingface/meta/llama:novita", "router.huggingface.co", "meta/llama:novita"),
        ("groq/openai/gpt-oss-20b", "api.groq.com", "openai/gpt-oss-20b"),
        ("openai/a-model-of-tomorrow", "api.openai.com", "a-model-of-tomorrow"),
    ],
)
async def test_a_name_leads_to_its_provider(tmp_path: Path, name: str, host: str, model: str):
    q, transport = from_file(tmp_path, SEVERAL, answered)

    await q.chat("Hello", model=name)

    assert (hosts(transport), body_of(transport.sent[0])["model"]) == ([host], model)


@pytest.mark.parametrize(
    "names", [("", ""), ("route/both", "route/both"), ("gpt-4o", "route/both"), ("", "gpt-4")]
)
async def test_round_robin_keeps_one_turn_for_all_names_of_a_route(tmp_path: Path, names: tuple[str, str]):
    q, transport = from_file(tmp_path, SEVERAL, answered)

    for name in names:
        await q.chat("Hello", model=name)

    assert hosts(transport) == ["api.groq.com", "api.openai.com"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("openai/gpt-5-mni", "openai/gpt-5-mini"),
        ("lama-3.1-8b-instruct:novita", "llama-3.1-8b-instruct:novita"),
        ("opnai/gpt-5-mini", "openai/gpt-5-mini"),
        ("quik", "quick"),
        ("route/boht", "route/both"),
    ],
)
async def test_an_unknown_name_is_told_the_nearest(tmp_path: Path, name: str, nearest: str):
    q, transport = from_file(tmp_path, SEVERAL, [UpstreamError("nobody is asked")])
    known = name.startswith("openai/")

    with pytest.raises(UpstreamError if known else UnknownModel) as caught:
        await q.chat("Hello", model=name)

    assert known or nearest in getattr(caught.value, "nearest")  # noqa: B009  # of the one class alone
    assert len(transport.sent) == known


async def test_a_provider_without_a_model_of_its_own_asks_for_one(tmp_path: Path):
    q, _ = from_file(tmp_path, SEVERAL, [])

    with pytest.raises(UnknownModel, match="'groq' is a provider"):
        await q.chat("Hello", model="groq")


async def test_vectors_go_to_the_embedding_model(tmp_path: Path):
    q, transport = from_file(tmp_path, SEVERAL, lambda send: embeds((1.0,)))

    await q.embed("a")
    await q.embed("a", model="openai")

    assert [body_of(send)["model"] for send in transport.sent] == ["text-embedding-3-small"] * 2


async def test_a_missing_key_names_its_variable():
    q, transport = client([], {"GROQ_API_KEY": "gsk"})

    with pytest.raises(MissingCredential, match="set OPENAI_API_KEY in the environment") as caught:
        await q.chat("Hello", model="openai/gpt-5-mini")

    assert (caught.value.variable, caught.value.setting) == ("OPENAI_API_KEY", "providers.openai.api_key")
    assert transport.sent == []


async def test_a_missing_key_of_the_settings_names_their_variable_and_line(tmp_path: Path):
    text = (
        '[[llm.providers]]\nname = "main"\nprovider = "openai"\napi_key = "${MY_KEY}"\ntext_model = "gpt-5"\n'
    )
    q, _ = from_file(tmp_path, text, [], {})

    with pytest.raises(MissingCredential, match=r"set MY_KEY in the environment.*quorate\.toml:4") as caught:
        await q.chat("Hello")

    assert caught.value.variable == "MY_KEY"


async def test_what_lacks_its_key_is_passed_over_while_others_have_theirs(tmp_path: Path):
    text = """
[providers.openai]
chat_model = "gpt-5-mini"
[providers.anthropic]
chat_model = "claude-sonnet-4-5"
priority = 1
[routes.both]
targets = ["openai/gpt-5-mini", "anthropic/claude-sonnet-4-5"]
"""
    q, transport = from_file(tmp_path, text, lambda send: claude_says(), {"ANTHROPIC_API_KEY": "sk-ant"})

    await q.chat("Hello")
    await q.chat("Hello", model="route/both")

    assert hosts(transport) == ["api.anthropic.com"] * 2


PRICED = """
[providers.together]
api_key = "k"
[providers.deepinfra]
api_key = "k"
[providers.fireworks]
priority = 9
[[prices]]
provider = "together"
model = "*gpt-oss-120b"
input = 2
output = 1
[[prices]]
provider = "deepinfra"
model = "*gpt-oss-120b"
input = 1
output = 2
"""


async def test_a_bare_name_goes_to_the_cheapest_of_the_first_priority(tmp_path: Path):
    q, transport = from_file(tmp_path, PRICED, answered, {"FIREWORKS_API_KEY": "k"})

    await q.chat("Hello", model="gpt-oss-120b")

    assert hosts(transport) == ["api.deepinfra.com"]


async def test_a_bare_name_passes_over_who_has_no_key(tmp_path: Path):
    text = PRICED.replace('[providers.deepinfra]\napi_key = "k"', "[providers.deepinfra]")
    q, transport = from_file(tmp_path, text, answered, {})

    await q.chat("Hello", model="gpt-oss-120b")

    assert hosts(transport) == ["api.together.xyz"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[aliases]\na = "b"\nb = "a"\n', "the alias leads back to itself"),
        ('[aliases]\na = "route/r"\n[routes.r]\ntargets = ["a"]\n', "leads back to itself"),
        ('[providers.opnai]\napi_key = "x"\n', r"quorate\.toml:1 .*did you mean 'openai'"),
        ('[[llm.providers]]\nname = "x"\nprovider = "nobody"\n', r"quorate\.toml:3 .*no provider 'nobody'"),
        ('[providers.openai.quirks]\ndorp = ["seed"]\n', r"quorate\.toml:2 .*quirks.dorp"),
        ('[providers.mine]\nwire = "morse"\nbase_url = "http://x"\n', "morse"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(tmp_path: Path, text: str, words: str):
    with pytest.raises(SettingsInvalid, match=words):
        from_file(tmp_path, text, [])


def test_all_that_cannot_work_is_told_at_once(tmp_path: Path):
    text = '[providers.opnai]\n[providers.gorq]\n[aliases]\na = ""\n'
    with pytest.raises(SettingsInvalid) as caught:
        from_file(tmp_path, text, [])

    assert [place.rpartition(":")[2] for place, _ in caught.value.problems] == ["1", "2", "4"]


def local(*models: str):
    """An Ollama that holds these, and answers."""

    def script(send: Send) -> Answer:
        return tags(*models) if send.url.endswith("/api/tags") else ollama_says()

    return script


@pytest.mark.parametrize("name", ["", "llama3.2", "llama3.2:latest", "ollama/llama3.2:latest"])
async def test_where_nothing_is_set_up_an_ollama_here_is_found(name: str, tmp_path: Path):
    q, transport = client(
        local("nomic-embed-text:latest", "llama3.2:latest"), {"XDG_CACHE_HOME": str(tmp_path)}
    )

    reply = await q.chat("Hello", model=name)

    assert (reply.text, body_of(transport.sent[-1])["model"]) == ("Lima", "llama3.2:latest")
    assert set(hosts(transport)) == {"localhost:11434"}


async def test_the_local_ollama_is_asked_for_its_models_once(tmp_path: Path):
    q, transport = client(local("llama3.2:latest"), {"XDG_CACHE_HOME": str(tmp_path)})

    await q.chat("Hello")
    await q.chat("Hello")

    assert [send.url.rpartition("/")[2] for send in transport.sent] == ["tags", "chat", "chat"]


async def test_where_a_key_is_set_no_ollama_is_looked_for():
    q, transport = client([])

    with pytest.raises(UnknownModel, match="names no model"):
        await q.chat("Hello")
    with pytest.raises(UnknownModel):
        await q.chat("Hello", model="llama3.2:latest")

    assert transport.sent == []


async def test_where_nothing_is_set_up_and_no_ollama_runs_it_says_what_to_do(tmp_path: Path):
    q, _ = client([UpstreamError("refused")] * 3, {"XDG_CACHE_HOME": str(tmp_path)})

    with pytest.raises(UnknownModel, match="no provider is set up"):
        await q.chat("Hello")
    with pytest.raises(UnknownModel, match=r"no provider offers 'llama3\.2'"):
        await q.chat("Hello", model="llama3.2")
    with pytest.raises(MissingCredential):
        await q.chat("Hello", model="openai/gpt-5-mini")


async def test_an_ollama_without_models_says_how_to_get_one(tmp_path: Path):
    q, _ = client(local(), {"XDG_CACHE_HOME": str(tmp_path)})

    with pytest.raises(UnknownModel, match=r"ollama pull llama3\.2"):
        await q.chat("Hello")
    with pytest.raises(UnknownModel, match="ollama pull nomic-embed-text"):
        await q.embed("Hello")


async def test_a_strange_name_is_an_error_of_ours():
    q, _ = client([])

    for name in ("/", "openai/", "route/", "route/x/y", "*", "\0", "a" * 10_000):
        with pytest.raises((UnknownModel, InvalidRequest)):
            await q.chat("Hello", model=name)


async def test_a_failure_falls_back_along_a_nested_route(tmp_path: Path):
    q, transport = from_file(
        tmp_path,
        SEVERAL.replace("[routes.nested]", "[routes.nested]\nmax_retries = 1"),
        [broken(), broken(), says()],
    )

    reply = await q.chat("Hello", model="route/nested")

    assert reply.provider == "work"
    assert hosts(transport) == ["api.groq.com", "api.openai.com", "work.example"]
