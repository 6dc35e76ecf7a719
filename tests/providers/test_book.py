"""The book: shipped rows under plug-ins under the operator's, looked up by name."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from quorate.errors import SettingsInvalid
from quorate.providers import book as book_module
from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry
from quorate.providers.rows import check_row, check_rows
from quorate.wire.wires import WIRES
from tests.house.test_walls import PROVIDERS

EXPECTED = """openai anthropic google vertex ollama bedrock cohere groq mistral together fireworks deepinfra
perplexity deepseek novita openrouter huggingface xai cerebras nvidia sambanova moonshot zai azure
replicate litellm portkey vllm llamacpp lmstudio custom""".split()


def book(rows: dict[str, Any] | None = None, plugged: dict[str, Any] | None = None) -> ProviderBook:
    return ProviderBook(rows, plug_ins=lambda: plugged or {})


def test_all_the_promised_providers_are_there():
    assert book().names == EXPECTED


def test_the_shipped_rows_are_without_fault():
    shipped = book_module._read_shipped("builtin.toml")

    assert check_rows(shipped) == []
    assert [fault for row in book() for fault in check_row(row)] == []


def test_the_wall_against_names_in_conditions_knows_every_provider():
    assert set(EXPECTED) - PROVIDERS == {"custom"}, "'custom' is a plain word too"


@pytest.mark.parametrize("name", EXPECTED)
def test_every_shipped_row_says_what_a_reader_needs(name):
    row = book().find(name)

    assert row.title
    assert row.docs.startswith("https://")
    assert "chat" in row.features
    assert row.key_variables or row.keyless
    assert row.wire in WIRES
    assert ("embed" in row.features) <= ("embed" in WIRES[row.wire].work)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", variable) for variable in row.key_variables)


@pytest.mark.parametrize("name", EXPECTED)
def test_every_form_of_a_shipped_row_makes_a_row(name):
    rows = [book().row_of(Entry(provider=name, form=form)) for form in book().find(name).forms]

    assert [fault for row in rows for fault in check_row(row)] == []


def test_an_operators_row_changes_only_what_it_says():
    shipped = book().find("groq")

    change = {
        "base_url": "https://proxy.test/v1",
        "quirks": {"drop": ["seed"]},
        "models": [{"match": "mine*", "quirks": {"reasoning": "none"}}],
    }
    row = book({"groq": change}).find("groq")

    assert row.base_url == "https://proxy.test/v1"
    assert row.key_variables == shipped.key_variables
    assert row.quirks["drop"] == [*shipped.quirks["drop"], "seed"]
    assert [family.match for family in row.models] == [*(each.match for each in shipped.models), "mine*"]


def test_a_plug_in_stands_between_the_shipped_rows_and_the_operators():
    plugged = {"groq": {"title": "plugged", "docs": "https://plugged.test"}, "acme": {"title": "Acme"}}

    rows = book({"groq": {"title": "own"}}, plugged)

    assert (rows.find("groq").title, rows.find("groq").docs) == ("own", "https://plugged.test")
    assert rows.find("acme").title == "Acme"


def test_plug_ins_are_read_once_and_not_before_the_first_look():
    reads: list[int] = []
    rows = ProviderBook(plug_ins=lambda: reads.append(1) or {})
    before = list(reads)

    rows.find("openai")
    rows.find("groq")

    assert (before, reads) == ([], [1])


def test_an_unknown_name_brings_the_nearest():
    with pytest.raises(SettingsInvalid, match="'opnai' is unknown; the nearest is 'openai'"):
        book().find("opnai")
    assert book().nearest("Antropic")[0] == "anthropic"
    assert book().get("nobody") is None


def test_an_operators_row_of_a_known_protocol_knows_its_families():
    row = book({"proxy": {"wire": "anthropic", "base_url": "https://proxy.test"}}).find("proxy")

    assert any("claude-opus-5*" in family.match for family in row.models)


def test_an_entry_may_choose_another_form_of_its_provider():
    row = book().row_of(Entry(provider="azure", form="v1"))

    assert row.quirks["paths"]["chat"] == "/openai/v1/chat/completions"
    assert row.name == "azure"


def test_all_that_is_wrong_with_an_entry_comes_at_once():
    entry = Entry(
        provider="azure", name="az", form="v2", options={"resorce": "a"}, quirks={"drop": "seed", "wrong": 1}
    )

    with pytest.raises(SettingsInvalid) as raised:
        book().row_of(entry)

    places = [place for place, _ in raised.value.problems]
    assert sorted(places) == [
        "providers.az.form",
        "providers.az.options.resorce",
        "providers.az.quirks.drop",
        "providers.az.quirks.wrong",
    ]


def test_an_entrys_quirks_lie_on_top():
    row = book().row_of(Entry(provider="openai", quirks={"system_role": "user"}))

    assert row.quirks["system_role"] == "user"
    assert row.quirks["developer_role"] is True


def test_making_a_book_reads_nothing():
    code = (
        "from quorate.providers.book import ProviderBook; book = ProviderBook();"
        "assert '_tables' not in vars(book); assert 'importlib.metadata' not in sys.modules"
    )
    program = [sys.executable, "-S", "-c", f"import sys; sys.path = {sys.path!r}; {code}"]

    assert subprocess.run(program, check=False, timeout=60).returncode == 0
