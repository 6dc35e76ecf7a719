"""Every provider row against its golden request: address, headers, body, and what was reported as lost."""

from __future__ import annotations

import pytest

from quorate.providers.book import ProviderBook
from tests.providers import golden


@pytest.mark.parametrize("name", golden.NAMES)
def test_a_provider_is_sent_what_its_golden_file_says(name):
    expected = (golden.FOLDER / f"{name}.json").read_text(encoding="utf-8")

    assert golden.as_text(golden.written(name)) == expected


def test_every_row_and_form_of_azure_has_its_golden_request():
    rows = ProviderBook(plug_ins=dict)

    assert set(golden.MODELS) == set(rows.names)
    assert {f"azure.{form}" for form in rows.find("azure").forms} <= set(golden.NAMES)


def test_no_golden_file_is_left_over():
    assert sorted(path.stem for path in golden.FOLDER.glob("*.json")) == sorted(golden.NAMES)
