"""The script that writes the table takes facts, our words for them, and nothing it does not understand."""

from __future__ import annotations

import pytest

from scripts.make_model_table import features, from_litellm, plain, whole

MODELS = {
    "groq/swift": {
        "litellm_provider": "groq",
        "mode": "chat",
        "max_input_tokens": 8192.0,
        "max_output_tokens": 1024,
        "supports_function_calling": True,
        "supports_vision": False,
        "deprecation_date": "2027-01-01",
    },
    "picture": {"litellm_provider": "openai", "mode": "image_generation"},
    "ft:gpt-4o": {"litellm_provider": "openai", "mode": "chat"},
    "azure/eu/gpt-4o": {"litellm_provider": "azure", "mode": "chat"},
    "somebody/else": {"litellm_provider": "somebody", "mode": "chat"},
    "together-ai-4.1b-8b": {"litellm_provider": "together_ai", "mode": "chat"},
}


def test_only_models_a_request_could_name_are_taken():
    assert list(from_litellm(MODELS)) == [("groq", "swift", 8192, 1024, "chat tools", "2027-01-01", "l")]


def test_a_context_that_is_absent_comes_from_the_price_data():
    facts = {"litellm_provider": "openai", "mode": "chat"}

    ((*_, context, _, _, _, source),) = from_litellm({"gpt-4o-mini": facts})

    assert (context, source) == (128_000, "g")


def test_what_a_model_draws_is_a_feature():
    facts = {"mode": "chat", "supported_output_modalities": ["text", "image"], "supports_reasoning": True}

    assert features(facts) == "chat reasoning image_out"


@pytest.mark.parametrize(("told", "count"), [(5, 5), (5.0, 5), (0, None), (None, None), ("many", None)])
def test_a_limit_is_a_count_or_unknown(told, count):
    assert whole(told) == count


def test_names_are_compared_without_what_differs_from_host_to_host():
    assert plain("Claude-Sonnet-4.5:free") == plain("claude-sonnet-4-5")
