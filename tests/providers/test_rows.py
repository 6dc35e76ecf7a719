"""Rows of operators and plug-ins are read strictly: all faults at once, each with the nearest right word."""

from __future__ import annotations

import msgspec
import pytest

from quorate.errors import SettingsInvalid
from quorate.providers.book import ProviderBook, read_provider_file
from quorate.providers.entry import Provider
from quorate.providers.rows import check_row, check_rows

ACME = """
[acme]
title = "Acme"
base_url = "https://api.acme.test/v1"
key_variables = ["ACME_API_KEY"]
features = ["chat", "stream", "tools"]
docs = "https://acme.test/docs"
quirks = { drop = ["seed"], rename = { max_tokens = "max_new_tokens" } }

[[acme.models]]
match = "acme-thinker*"
quirks = { reasoning = "thinking" }
"""


def no_plug_ins() -> dict[str, dict[str, object]]:
    return {}


def test_a_provider_of_ones_own_takes_less_than_fifteen_lines(tmp_path):
    file = tmp_path / "providers.toml"
    file.write_text(ACME, encoding="utf-8")

    row = ProviderBook(read_provider_file(file), plug_ins=no_plug_ins).find("acme")

    assert len(ACME.strip().splitlines()) <= 15
    assert (row.name, row.wire, row.base_url) == ("acme", "openai_chat", "https://api.acme.test/v1")
    assert row.models[0].quirks == {"reasoning": "thinking"}


@pytest.mark.parametrize(
    ("table", "place", "words"),
    [
        ({"base_ulr": "https://a.test"}, "acme.base_ulr", "the nearest is 'base_url'"),
        ({"wire": 7}, "acme.wire", "Expected 'str', got 'int'"),
        ({"features": ["chat", "vison"]}, "acme.features", "'vison' is unknown; the nearest is 'vision'"),
        ({"auth": {"kind": "barer"}}, "acme.auth.kind", "'barer' is unknown; the nearest is 'bearer'"),
        ({"quirks": {"reasonning": "none"}}, "acme.quirks.reasonning", "the nearest is 'reasoning'"),
        ({"quirks": {"reasoning": "loud"}}, "acme.quirks.reasoning", "'loud' is unknown"),
        ({"quirks": ["x"]}, "acme.quirks", "must be a table"),
        ({"models": [{"quirks": {}}]}, "acme.models.0.match", "is missing"),
        ({"models": [{"match": "a*", "quirks": {"drp": []}}]}, "acme.models.0.quirks.drp", "'drop'"),
        ({"options": {"region": {"varables": []}}}, "acme.options.region.varables", "'variables'"),
        ({"forms": {"v1": {"base_rul": ""}}}, "acme.forms.v1.base_rul", "'base_url'"),
        ({"name": "other"}, "acme.name", "named by its table"),
        ({"models": 7}, "acme.models", "must be a list"),
        ({"options": 7}, "acme.options", "must be a table"),
    ],
)
def test_each_fault_is_told_with_its_place(table, place, words):
    problems = check_rows({"acme": table})

    assert [where for where, _ in problems] == [place]
    assert words in problems[0][1]


def test_all_faults_of_all_rows_come_at_once():
    rows = {"acme": {"titel": "Acme", "keyless": "yes"}, "bad name": {}, "other": 7}

    with pytest.raises(SettingsInvalid) as raised:
        ProviderBook(rows, plug_ins=no_plug_ins).find("openai")

    places = [place for place, _ in raised.value.problems]
    assert places == [
        "providers.acme.titel",
        "providers.acme.keyless",
        "providers.bad name",
        "providers.other",
    ]


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (Provider(name="acme", base_url="ftp://acme.test"), "acme.base_url"),
        (Provider(name="acme", base_url="https://{region}.acme.test"), "acme.base_url"),
        (Provider(name="acme", headers={"x-team": "{team}"}), "acme.x-team"),
        (Provider(name="acme", quirks={"query": {"v": "{version}"}}), "acme.v"),
        (msgspec.convert({"name": "acme", "auth": {"kind": "header"}}, Provider), "acme.auth.name"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(row, place):
    assert [where for where, _ in check_row(row)] == [place]


def test_a_file_that_is_no_toml_says_where_it_breaks(tmp_path):
    file = tmp_path / "providers.toml"
    file.write_text("[acme\n", encoding="utf-8")

    with pytest.raises(SettingsInvalid, match="line 1"):
        read_provider_file(file)


def test_a_file_that_is_absent_is_an_error_of_ours(tmp_path):
    with pytest.raises(SettingsInvalid, match=r"absent\.toml"):
        read_provider_file(tmp_path / "absent.toml")
