"""All known providers: those that come with us, under those of plug-ins, under the operator's own."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from quorate.errors import SettingsInvalid
from quorate.types.patterns import matches
from quorate.types.target import Quirks
from quorate.types.value import replace

from .entry import Entry, Provider
from .layers import Table, overlay, overlay_rows
from .plug_ins import load_plug_ins
from .rows import check_row, check_rows, check_table, nearest, refuse, unknown


def read_provider_file(path: Path) -> dict[str, Any]:
    """The tables of an operator's TOML file of rows; `SettingsInvalid` where it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise SettingsInvalid(f"{path}: {fault}", problems=[(str(path), str(fault))]) from fault


class ProviderBook:
    """Looks providers up by name. Nothing is read before the first look."""

    def __init__(self, rows: Table | None = None, *, plug_ins: Callable[[], Table] = load_plug_ins) -> None:
        """`rows` are the operator's: one of a known name says only what it changes."""
        self._own: Table = rows or {}
        self._plug_ins = plug_ins
        self._rows: dict[str, Provider] = {}

    def __iter__(self) -> Iterator[Provider]:
        """Every row, ours first."""
        return (self.find(name) for name in self._tables)

    @property
    def names(self) -> list[str]:
        return list(self._tables)

    def get(self, name: str) -> Provider | None:
        """The row of that name, or None."""
        if name not in self._rows and name in self._tables:
            self._rows[name] = _as_row(name, self._tables[name])
        return self._rows.get(name)

    def find(self, name: str) -> Provider:
        """The row of that name; `SettingsInvalid` with the nearest name where there is none."""
        if row := self.get(name):
            return row
        fault = f"'{name}' {unknown(name, self._tables)}"
        raise SettingsInvalid(f"the provider {fault}", problems=[("provider", fault)])

    def nearest(self, name: str, limit: int = 3) -> list[str]:
        """Known names that look like it, the likeliest first."""
        return nearest(name.lower(), self._tables, limit)

    def row_of(self, entry: Entry) -> Provider:
        """The row an entry is made from, in the form it chose and with its own quirks on top.

        All that is wrong with the entry's own words is one `SettingsInvalid`.
        """
        row, place = self.find(entry.provider), f"providers.{entry.name or entry.provider}"
        problems = check_table(Quirks, entry.quirks, f"{place}.quirks", partial=True)
        problems += [
            (f"{place}.options.{name}", unknown(name, row.options))
            for name in entry.options
            if name not in row.options
        ]
        if entry.form and entry.form not in row.forms:
            problems.append((f"{place}.form", f"'{entry.form}' {unknown(entry.form, row.forms)}"))
        refuse(problems, f"the provider '{entry.name or entry.provider}'")
        if not entry.form and not entry.quirks:
            return row
        form = row.forms.get(entry.form, {})
        # A form of another protocol stands on that one's own quirks.
        changes = self._protocols.get(form.get("wire", ""), {}), form, {"quirks": entry.quirks}
        return _as_row(row.name, overlay(self._tables[row.name], *changes))

    def row_for(self, entry: Entry, model: str) -> Provider:
        """The row for one model of an entry: some are reached in a form of their own."""
        row = self.row_of(entry)
        if entry.form:
            return row
        forms = [family.form for family in row.models if family.form and matches(family.match, model)]
        return self.row_of(replace(entry, form=forms[-1])) if forms else row

    @cached_property
    def _protocols(self) -> Table:
        return _read_shipped("protocols.toml")

    @cached_property
    def _tables(self) -> Table:
        protocols, shipped = self._protocols, _read_shipped("builtin.toml")
        refuse(check_rows(self._own, "providers"), "provider rows")
        merged = overlay_rows(shipped, self._plug_ins(), self._own)
        tables = {
            name: overlay(protocols.get(table.get("wire", "openai_chat"), {}), table)
            for name, table in merged.items()
        }
        foreign = [name for name in merged if name not in shipped or merged[name] != shipped[name]]
        refuse(
            (problem for name in foreign for problem in check_row(_as_row(name, tables[name]), "providers")),
            "provider rows",
        )
        return tables


def _as_row(name: str, table: Mapping[str, Any]) -> Provider:
    return replace(msgspec.convert(table, Provider), name=name)


def _read_shipped(file: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))
