"""Rows of other installed packages."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from quorate.errors import SettingsInvalid
from quorate.providers import plug_ins


@pytest.fixture
def installed(tmp_path):
    """A folder in which a package with a plug-in is installed."""
    listed = tmp_path / "acme-1.0.dist-info"
    listed.mkdir()
    (listed / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n", encoding="utf-8")
    entry = "[quorate.providers]\nacme = acme_rows:ROWS\n"
    (listed / "entry_points.txt").write_text(entry, encoding="utf-8")
    (tmp_path / "acme_rows.py").write_text('ROWS = {"acme": {"title": "Acme"}}\n', encoding="utf-8")
    return tmp_path


def test_an_installed_plug_in_is_found_and_read(installed, monkeypatch):
    monkeypatch.syspath_prepend(str(installed))

    assert plug_ins.load_plug_ins() == {"acme": {"title": "Acme"}}


def test_where_nobody_offers_rows_nothing_is_loaded(monkeypatch, tmp_path):
    (tmp_path / "other-1.0.dist-info").mkdir()
    monkeypatch.setattr("sys.path", [str(tmp_path), str(tmp_path / "absent.zip")])
    monkeypatch.setattr(plug_ins, "_load", lambda: pytest.fail("loaded"))

    assert plug_ins.load_plug_ins() == {}


def test_an_archive_may_hold_anything(tmp_path):
    archive = tmp_path / "packages.zip"
    archive.write_bytes(b"PK")

    assert plug_ins.is_announced([str(archive)])


def test_a_plug_in_that_fails_is_named(monkeypatch):
    point = SimpleNamespace(name="acme", load=lambda: {}["absent"])
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [point])

    with pytest.raises(SettingsInvalid, match="plug-in 'acme'"):
        plug_ins._load()


def test_a_plug_in_may_be_a_table_or_a_function(monkeypatch):
    table = SimpleNamespace(name="one", load=lambda: {"acme": {"title": "A"}})
    function = SimpleNamespace(name="two", load=lambda: lambda: {"acme": {"docs": "https://a"}})
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: [table, function])

    assert plug_ins._load() == {"acme": {"title": "A", "docs": "https://a"}}
