"""A settings file becomes settings, or one error that names all that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from quorate.errors import SettingsInvalid
from quorate.settings.places import find_settings, store_url
from quorate.settings.read import read_settings
from quorate.settings.settings import Fallback, Settings
from quorate.types.secret import Secret

KEYS = {"OPENAI_API_KEY": "sk-open", "ANTHROPIC_API_KEY": "sk-ant"}


def read(folder: Path, text: str, environment: dict[str, str] | None = None) -> Settings:
    path = folder / "quorate.toml"
    path.write_text(text)
    return read_settings(path, KEYS if environment is None else environment)


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsInvalid) as caught:
        read(folder, text)
    return [f"{Path(place).name} {what}" for place, what in caught.value.problems]


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
name = "primary"
provider = "openai"
api_key = "${OPENAI_API_KEY}"
text_model = "gpt-4-turbo-preview"
priority = 1

[[llm.providers]]
name = "local"
provider = "ollama"
base_url = "http://localhost:11434"
text_model = "llama3.2"
priority = 3

[llm.fallback]
enabled = true
max_retries = 3
retry_delay_ms = 1000
strategy = "priority"
"""


def test_a_single_provider_of_the_older_form_is_read(tmp_path: Path):
    [entry] = read(tmp_path, SINGLE).entries
    assert (entry.name, entry.provider, entry.priority) == ("openai-primary", "openai", 1)
    assert entry.key == Secret("sk-open")
    assert (entry.chat_model, entry.embedding_model) == ("gpt-4-turbo-preview", "text-embedding-3-small")
    assert entry.defaults == {"max_output": 4096, "temperature": 0.7}


def test_several_providers_with_their_fallback_are_read(tmp_path: Path):
    settings = read(tmp_path, SEVERAL)
    assert [entry.name for entry in settings.entries] == ["primary", "local"]
    assert settings.entries[1].base_url == "http://localhost:11434"
    assert settings.fallback == Fallback(enabled=True, tries=3, delay=1.0, strategy="priority")


def test_the_oldest_form_names_an_ollama(tmp_path: Path):
    [entry] = read(tmp_path, '[llm]\nollama_url = "http://box:11434"\nprovider = "ollama"\n').entries
    assert (entry.provider, entry.base_url) == ("ollama", "http://box:11434")


def test_an_ollama_address_alone_is_enough(tmp_path: Path):
    [entry] = read(tmp_path, '[llm]\nollama_url = "http://box:11434"\n').entries
    assert (entry.name, entry.base_url) == ("ollama", "http://box:11434")


def test_the_oldest_form_gives_way_to_a_list_of_providers(tmp_path: Path):
    settings = read(tmp_path, '[llm]\nollama_url = "http://box:11434"\n' + SINGLE)
    assert [entry.name for entry in settings.entries] == ["openai-primary"]


def test_blanks_are_filled_and_never_parsed_again(tmp_path: Path):
    text = 'default_model = "${MODEL:-openai/gpt-5-mini}"\n[aliases]\na = "${ODD}"\nb = "$${KEPT}"\n'
    settings = read(tmp_path, text, {"ODD": 'x"] = [1'})
    assert settings.default_model == "openai/gpt-5-mini"
    assert settings.aliases == {"a": 'x"] = [1', "b": "${KEPT}"}


def test_a_key_that_is_not_set_is_no_reason_not_to_start(tmp_path: Path):
    [entry] = read(tmp_path, SINGLE, {}).entries
    assert not entry.key


def test_everything_wrong_is_told_at_once_with_file_and_line(tmp_path: Path):
    text = """default_model = 3
[[llm.providers]]
name = "primary"
provder = "openai"
priority = "x"
[llm.fallback]
strategy = "best"
[aliases]
fast = "${NOWHERE}"
"""
    told = problems(tmp_path, text)
    assert [line.split()[:2] for line in told] == [
        ["quorate.toml:1", "default_model:"],
        ["quorate.toml:4", "llm.providers.0.provder:"],
        ["quorate.toml:5", "llm.providers.0.priority:"],
        ["quorate.toml:7", "llm.fallback.strategy:"],
        ["quorate.toml:9", "aliases.fast:"],
    ]
    assert "did you mean 'provider'?" in told[1]
    assert "'NOWHERE' is not set" in told[4]


def test_form_and_sense_are_told_together(tmp_path: Path):
    text = """strict = "maybe"
[aliases]
a = "b"
b = "a"
[routes.r]
targets = []
[providers.opnai]
[providers.mine]
wire = 5
"""
    told = problems(tmp_path, text)
    assert [line.split()[0] for line in told] == [f"quorate.toml:{number}" for number in (1, 3, 4, 6, 7, 9)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[routes.a]\ntargets = ["route/b"]\n[routes.b]\ntargets = ["route/a"]\n', "leads back to itself"),
        ("[routes.a]\ntargets = []\n", "at least 1"),
        ('[[llm.providers]]\nname = "a"\n[[llm.providers]]\nname = "a"\n', "two providers are named 'a'"),
        ('[network]\nclient_key = "k.pem"\n', "needs its"),
        ("[timeouts]\ntotal = -1\n", "greater than or equal to 0"),
        ('[[prices]]\nprovider = "x"\nmodel = "*"\ninput = 1\n', "'output' is missing"),
    ],
)
def test_contradictions_are_refused(tmp_path: Path, text: str, words: str):
    assert words in " ".join(problems(tmp_path, text))


def test_a_file_that_is_no_toml_says_where(tmp_path: Path):
    with pytest.raises(SettingsInvalid, match="line 1"):
        read(tmp_path, "a = = 2")


@pytest.mark.parametrize(
    "text",
    [
        '[providers.openai]\napi_key = ["sk-canary"]\n',
        '[[llm.providers]]\nname = "x"\napi_key = {key = "sk-canary"}\n',
        '[providers.openai]\nheaders = "sk-canary"\n',
        '[server]\nkeys = ["sk-canary"]\n',
        '[store]\nurl = ["sk-canary"]\n',
        '[store]\nurl = "mysql://user:sk-canary@host/name"\n',
    ],
)
def test_a_wrong_key_is_never_shown(tmp_path: Path, text: str):
    told = problems(tmp_path, text)
    assert told
    assert "sk-canary" not in " ".join(told)


def test_zero_seconds_means_without_limit(tmp_path: Path):
    timeouts = read(tmp_path, "[timeouts]\ntotal = 0\ngap = 5\n").timeouts
    assert (timeouts.total, timeouts.gap, timeouts.connect) == (None, 5.0, 10.0)


def test_the_named_file_goes_before_the_variable_and_that_before_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    for name in ("quorate.toml", "by-variable.toml", "by-name.toml"):
        (tmp_path / name).write_text("")
    environment = {"QUORATE_CONFIG": str(tmp_path / "by-variable.toml")}
    assert find_settings(environment, tmp_path / "by-name.toml") == tmp_path / "by-name.toml"
    assert find_settings(environment) == tmp_path / "by-variable.toml"
    assert find_settings({}) == Path("quorate.toml")


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(SettingsInvalid, match=r"from \$QUORATE_CONFIG"):
        find_settings({"QUORATE_CONFIG": str(tmp_path / "no.toml")})


def test_without_any_file_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert find_settings({"XDG_CONFIG_HOME": str(tmp_path)}) is None


def test_the_store_is_a_file_in_the_data_folder_or_where_it_is_said_to_be(tmp_path: Path):
    named = read(tmp_path, '[store]\nurl = "${URL}"\ncalls_days = 7\n', {"URL": "postgresql://u:p@h/d"}).store
    plain = read(tmp_path, "").store

    assert (named.url, named.calls_days) == (Secret("postgresql://u:p@h/d"), 7)
    assert store_url(named.url, {}) == named.url
    told = store_url(plain.url, {"XDG_DATA_HOME": str(tmp_path)}).reveal()
    assert told == f"sqlite:///{tmp_path / 'quorate' / 'quorate.db'}"
