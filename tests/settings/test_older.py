"""The older form `[openrouter]` sets up what it says, and tells what it does not."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from quorate.assemble import assemble
from quorate.settings.settings import Settings
from quorate.transport.scripted import ScriptedTransport
from quorate.types.target import Target

from .test_read import problems, read

KEY = {"OPENROUTER_API_KEY": "sk-or"}
WHOLE = """
[openrouter]
api_key = "${OPENROUTER_API_KEY}"
base_url = "https://openrouter.ai/api/v1"
mode = "credits"
default_model = "anthropic/claude-3-sonnet"
enable_fallback = true
track_usage = true

[openrouter.routing]
code_models = ["anthropic/claude-3-opus", "openai/gpt-4"]
chat_models = ["anthropic/claude-3-haiku", "meta/llama-3.2"]
reasoning_models = ["openai/o1-preview", "deepseek/deepseek-r1"]

[openrouter.optimization]
mode = "balanced"
fallback_chain = ["anthropic/claude-3-haiku", "meta/llama-3.2", "mistral/mistral-7b"]
max_cost_per_request = 0.10
prefer_free_tier = false
"""


def targets(settings: Settings, name: str) -> tuple[Target, ...]:
    parts = assemble(settings, environment=KEY, transport=ScriptedTransport([])).parts
    return parts.resolver(name).targets


def names(settings: Settings, name: str = "") -> list[str]:
    return [target.model for target in targets(settings, name)]


def test_a_call_that_names_no_model_goes_down_the_chain(tmp_path: Path):
    settings = read(tmp_path, WHOLE, KEY)

    assert names(settings) == [
        "anthropic/claude-3-sonnet",
        "anthropic/claude-3-haiku",
        "meta/llama-3.2",
        "mistral/mistral-7b",
    ]
    assert settings.warnings == ()


@pytest.mark.parametrize(
    ("route", "models"),
    [
        ("code", ["anthropic/claude-3-opus", "openai/gpt-4"]),
        ("chat", ["anthropic/claude-3-haiku", "meta/llama-3.2"]),
        ("reasoning", ["openai/o1-preview", "deepseek/deepseek-r1"]),
    ],
)
def test_each_purpose_is_a_route(tmp_path: Path, route: str, models: list[str]):
    assert names(read(tmp_path, WHOLE, KEY), f"route/{route}") == models


def test_key_address_and_limit_are_those_of_every_target(tmp_path: Path):
    (first, *_) = targets(read(tmp_path, WHOLE, KEY), "route/code")

    assert (first.secret.reveal(), first.base_url, first.max_cost) == (
        "sk-or",
        "https://openrouter.ai/api/v1",
        Decimal("0.1"),
    )


def test_without_fallback_neither_models_nor_hosts_change(tmp_path: Path):
    settings = read(tmp_path, WHOLE.replace("enable_fallback = true", "enable_fallback = false"), KEY)
    (first, *_) = targets(settings, "")

    assert not settings.routes["openrouter"].fallback.enabled
    assert first.quirks.defaults == {"provider": {"allow_fallbacks": False}}
    assert ["fallback_chain" in warning for warning in settings.warnings] == [True]


def test_the_cheapest_host_is_asked_for_and_the_rest_of_it_is_told_to_wait(tmp_path: Path):
    settings = read(tmp_path, WHOLE.replace('"balanced"', '"cheapest"'), KEY)

    assert targets(settings, "")[0].quirks.defaults == {"provider": {"sort": "price"}}
    assert ["not by price" in warning for warning in settings.warnings] == [True]


def test_quality_waits_and_usage_is_always_tracked(tmp_path: Path):
    text = WHOLE.replace('"balanced"', '"quality"').replace("track_usage = true", "track_usage = false")

    told = " ".join(read(tmp_path, text, KEY).warnings)

    assert "not by quality" in told
    assert "track_usage" in told


def test_free_forms_that_are_known_go_first(tmp_path: Path):
    text = WHOLE.replace("prefer_free_tier = false", "prefer_free_tier = true")

    assert names(read(tmp_path, text, KEY), "route/reasoning") == [
        "deepseek/deepseek-r1:free",
        "openai/o1-preview",
        "deepseek/deepseek-r1",
    ]


def test_models_of_the_gateways_own_keep_their_names(tmp_path: Path):
    text = '[openrouter]\ndefault_model = "openrouter/auto"\n[openrouter.routing]\n'
    text += 'chat_models = ["openrouter/maker/model"]'
    settings = read(tmp_path, text, KEY)

    assert (names(settings), names(settings, "route/chat")) == (["openrouter/auto"], ["maker/model"])


def test_a_default_of_the_files_own_goes_before(tmp_path: Path):
    settings = read(tmp_path, f'default_model = "openrouter/openai/gpt-4"\n{WHOLE}', KEY)

    assert names(settings) == ["openai/gpt-4"]


def test_a_warning_is_told_once_when_the_file_is_loaded(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    settings = read(tmp_path, WHOLE.replace('"balanced"', '"quality"'), KEY)

    household = assemble(settings, environment=KEY, transport=ScriptedTransport([]))
    household.current()

    assert [record.message.count("not by quality") for record in caplog.records] == [1]


def test_what_is_set_up_twice_is_refused(tmp_path: Path):
    text = WHOLE + '[providers.openrouter]\napi_key = "sk"\n[routes.code]\ntargets = ["openrouter/a/b"]\n'

    assert problems(tmp_path, text.replace("${OPENROUTER_API_KEY}", "sk")) == [
        "quorate.toml:2 openrouter: 'openrouter' is set up as a provider too; one of the two is enough",
        "quorate.toml:11 openrouter.routing.code_models: 'route/code' stands under [routes] too",
    ]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('mode = "cheap"', "openrouter.mode"),
        ("[openrouter.optimization]\nmax_cost_per_request = -1", "max_cost_per_request"),
        ("[openrouter.routing]\ncode_model = []", "did you mean 'code_models'"),
    ],
)
def test_a_slip_is_told_with_its_place(tmp_path: Path, wrong: str, told: str):
    (problem,) = problems(tmp_path, f"[openrouter]\n{wrong}")

    assert told in problem
