"""A name or a place that was wrong: the error says which ones are known."""

from __future__ import annotations

import pytest

from quorate import Quorate
from quorate.errors import ModelUnavailable, QuorateError, Unreachable, UpstreamError
from quorate.providers.entry import Entry
from quorate.settings.settings import Fallback, Settings
from quorate.transport.scripted import Answer, ScriptedTransport, answer
from quorate.types.secret import Secret
from quorate.types.value import replace

NOT_FOUND = b'{"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}}'


def nowhere() -> UpstreamError:
    error = Unreachable("no such host")
    error.reason = "name"
    return error


async def failure(told: Answer, model: str, entry: Entry) -> QuorateError:
    settings = Settings(entries=(entry,), fallback=Fallback(tries=1))
    async with Quorate(settings, environment={}, transport=ScriptedTransport(lambda send: told)) as client:
        with pytest.raises(QuorateError) as caught:
            await client.chat("A river?", model=model)
    return caught.value


AZURE = Entry(provider="azure", key=Secret("key-1"), options={"resource": "acme"})


async def test_a_deployment_that_is_not_there_names_those_like_it():
    error = await failure(answer(NOT_FOUND, 404), "azure/gpt-4o-mni", AZURE)

    assert isinstance(error, ModelUnavailable)
    assert "The API deployment does not exist.; known there: 'azure/gpt-4o-mini'" in str(error)


async def test_deployments_that_the_settings_name_are_known_too():
    entry = replace(AZURE, stands_for={"letters-fast": "gpt-4o-mini", "sums": "o3-mini"})

    error = await failure(answer(NOT_FOUND, 404), "azure/leters-fast", entry)

    assert "known there: 'azure/letters-fast'" in str(error)


async def test_where_nothing_is_like_it_the_providers_words_stand_alone():
    error = await failure(answer(NOT_FOUND, 404), "azure/zzzzzzzz", AZURE)

    assert str(error) == "The API deployment does not exist."


@pytest.mark.parametrize(("location", "words"), [("europe-wset4", "'europe-west4'"), ("x", "'global'")])
async def test_a_region_that_is_none_names_those_that_are(location, words):
    entry = Entry(
        provider="vertex", key=Secret("ya29.token"), options={"project": "acme", "location": location}
    )

    error = await failure(nowhere(), "vertex/gemini-2.5-flash", entry)

    assert f"the option 'location' is '{location}'" in str(error)
    assert words in str(error)


async def test_a_host_that_is_not_found_for_another_reason_is_left_as_it_is():
    assert str(await failure(nowhere(), "azure/gpt-4o", AZURE)) == "no such host"
