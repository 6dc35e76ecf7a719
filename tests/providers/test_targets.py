"""From a row, an entry and an environment to a target; what is missing is named."""

from __future__ import annotations

import pytest

from quorate.errors import MissingCredential, SettingsInvalid
from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry
from quorate.providers.targets import address, configured, key_variable, make_target, makes, quirks_for
from quorate.types.secret import Secret

BOOK = ProviderBook(plug_ins=dict)


def target(entry, model="m", **environment):
    return make_target(BOOK.row_of(entry), entry, model, environment)


def test_a_target_has_all_that_a_call_needs():
    made = target(Entry(provider="anthropic"), "claude-opus-4-7", ANTHROPIC_API_KEY="sk-a")

    assert (made.name, made.vendor, made.wire) == ("anthropic/claude-opus-4-7", "anthropic", "anthropic")
    assert made.base_url == "https://api.anthropic.com"
    assert made.secret == Secret("sk-a")
    assert made.quirks.reasoning == "adaptive"


def test_what_the_operator_says_wins_over_the_environment():
    entry = Entry(
        provider="openai", name="mine", key=Secret("sk-own"), base_url="https://own.test/v1/", priority=3
    )

    made = target(entry, OPENAI_API_KEY="sk-env", OPENAI_BASE_URL="https://env.test/v1")

    assert (made.base_url, made.secret.reveal(), made.priority) == ("https://own.test/v1", "sk-own", 3)
    assert (made.provider, made.vendor) == ("mine", "openai")


def test_a_missing_key_names_the_variable_and_the_setting():
    with pytest.raises(MissingCredential) as raised:
        target(Entry(provider="google", name="gem"))

    assert (raised.value.provider, raised.value.variable) == ("gem", "GEMINI_API_KEY")
    assert raised.value.setting == "providers.gem.api_key"
    assert "GEMINI_API_KEY" in str(raised.value)


def test_variables_are_tried_in_order_and_empty_ones_passed_over():
    made = target(Entry(provider="google"), GEMINI_API_KEY=" ", GOOGLE_API_KEY="second\n")

    assert made.secret.reveal() == "second"
    assert key_variable(BOOK.find("google"), {"GEMINI_API_KEY": "x"}) == "GEMINI_API_KEY"


def test_a_server_of_ones_own_needs_no_key():
    assert not target(Entry(provider="ollama"), "llama3.2").secret
    assert not target(Entry(provider="openai", base_url="http://127.0.0.1:9/v1")).secret


@pytest.mark.parametrize(
    ("told", "whole"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:9000", "http://127.0.0.1:9000"),
        (":9000", "http://localhost:9000"),
        ("example.test:80", "http://example.test:80"),
        ("https://example.test", "https://example.test"),
        ("https://example.test/ollama/", "https://example.test/ollama"),
        ("[::1]:9000", "http://[::1]:9000"),
        ("[::]:9000", "http://127.0.0.1:9000"),
        ("example.test:port", "http://example.test:11434"),
    ],
)
def test_an_address_is_read_as_programs_write_it(told, whole):
    entry = Entry(provider="ollama")

    assert address(BOOK.find("ollama"), entry, {"OLLAMA_HOST": told}) == whole


def test_blanks_are_filled_from_the_entry_the_environment_or_the_default():
    entry = Entry(provider="azure", options={"resource": "acme"})

    made = target(entry, "my-gpt", AZURE_OPENAI_API_KEY="k", OPENAI_API_VERSION="2025-01-01")

    assert made.base_url == "https://acme.openai.azure.com"
    assert made.quirks.query == {"api-version": "2025-01-01"}
    assert target(entry, AZURE_API_KEY="k").quirks.query == {"api-version": "2024-10-21"}


def test_a_form_may_take_a_query_away():
    entry = Entry(provider="azure", form="v1", options={"resource": "acme"})

    assert target(entry, AZURE_API_KEY="k").quirks.query == {}


def test_a_blank_that_nobody_fills_is_named():
    with pytest.raises(SettingsInvalid) as raised:
        target(Entry(provider="azure"), AZURE_API_KEY="k")

    assert raised.value.problems == (
        (
            "providers.azure.options.resource",
            "is missing, and so is the variable AZURE_OPENAI_RESOURCE",
        ),
    )


def test_a_provider_of_any_address_needs_one():
    with pytest.raises(SettingsInvalid, match=r"providers\.custom\.base_url is missing"):
        target(Entry(provider="custom"))


def test_headers_with_empty_blanks_stay_away():
    entry = Entry(provider="portkey", options={"config": "pc-1"}, headers={"x-team": "blue"})

    assert target(entry, PORTKEY_API_KEY="k").headers == {"x-portkey-config": "pc-1", "x-team": "blue"}


def test_families_lie_over_the_provider_and_the_later_one_has_the_last_word():
    quirks = quirks_for(BOOK.find("openai"), "o3-mini-2025-01-31", {})

    assert quirks.system_role == "developer"
    assert quirks.rename == {"max_tokens": "max_completion_tokens"}
    assert {"top_k", "logprobs", "parallel_tool_calls"} <= quirks.drop
    assert quirks.clamp["temperature"] == (1.0, 1.0)


@pytest.mark.parametrize(
    ("provider", "model", "field", "value"),
    [
        ("openai", "gpt-4o", "reasoning", "none"),
        ("openai", "gpt-5-mini", "efforts", ("minimal", "low", "medium", "high")),
        ("anthropic", "claude-3-5-sonnet-latest", "reasoning", "none"),
        ("anthropic", "claude-3-7-sonnet-latest", "reasoning", "budget"),
        ("anthropic", "claude-sonnet-4-0", "schema", "prompt"),
        ("anthropic", "claude-sonnet-4-5-20250929", "schema", "native"),
        ("anthropic", "claude-sonnet-4-5-20250929", "reasoning", "budget"),
        ("anthropic", "claude-opus-4-6", "reasoning", "effort"),
        ("google", "gemini-2.5-flash", "reasoning", "budget"),
        ("google", "gemini-3-flash-preview", "reasoning", "level"),
        ("google", "gemini-2.0-flash", "reasoning", "none"),
        ("mistral", "mistral-small-latest", "stream_usage", False),
        ("deepseek", "deepseek-chat", "schema", "object"),
        ("groq", "openai/gpt-oss-20b", "schema", "native"),
        ("groq", "llama-3.3-70b-versatile", "schema", "object"),
        ("moonshot", "kimi-k3.1-pro", "efforts", ("low", "high", "max")),
    ],
)
def test_families_take_what_their_makers_say(provider, model, field, value):
    assert getattr(quirks_for(BOOK.find(provider), model, {}), field) == value


def test_the_environment_alone_makes_providers_ready():
    environment = {
        "OPENAI_API_KEY": "k",
        "HF_TOKEN": "k",
        "OLLAMA_HOST": "127.0.0.1",
        "AZURE_API_KEY": "no endpoint, so not ready",
        "GROQ_API_KEY": "",
    }

    names = [entry.provider for entry in configured(BOOK, environment)]

    assert names == ["openai", "ollama", "huggingface"]


def test_azure_is_ready_with_key_and_endpoint():
    environment = {"AZURE_API_KEY": "k", "AZURE_OPENAI_ENDPOINT": "https://acme.openai.azure.com/"}
    (entry,) = configured(BOOK, environment)

    assert target(entry, **environment).base_url == "https://acme.openai.azure.com"


def test_nothing_is_ready_in_an_empty_environment():
    assert configured(BOOK, {}) == ()


def test_a_maker_knows_its_own_models_by_their_bare_names():
    assert makes(BOOK.find("anthropic"), "claude-sonnet-4-5")
    assert not makes(BOOK.find("openai"), "claude-sonnet-4-5")
    assert not makes(BOOK.find("openrouter"), "openai/gpt-5")
