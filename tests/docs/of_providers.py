"""The tables of the providers page, from the rows."""

from __future__ import annotations

from collections.abc import Iterator

from quorate.providers.book import ProviderBook
from quorate.providers.entry import Provider
from quorate.types.features import FEATURES

from .markdown import code, table


def book() -> ProviderBook:
    """The rows that come with Quorate, without those of packages that happen to be installed."""
    return ProviderBook(plug_ins=dict)


def providers_table() -> str:
    rows = (
        (f"`{row.name}`", f"[{row.title}]({row.docs})", f"`{row.wire}`", _keys(row), code(row.url_variables))
        for row in book()
    )
    return table(("name", "provider", "protocol", "key", "address"), rows)


def _keys(row: Provider) -> str:
    keys = code(row.key_variables)
    return f"{keys} (may be left out)".strip() if row.keyless and keys else keys or "none needed"


def features_table() -> str:
    return table(("name", "features"), ((f"`{row.name}`", ", ".join(row.features)) for row in book()))


def words_table() -> str:
    return table(("feature", "the provider"), FEATURES.items())


def forms_table() -> str:
    return table(("provider", "in its table", "what it does"), _forms())


def _forms() -> Iterator[tuple[str, str, str]]:
    for row in book():
        for name, form in row.forms.items():
            yield f"`{row.name}`", f'`form = "{name}"`', _changes(form)
        for name, option in row.options.items():
            variables = f"; else {code(option.variables)}" if option.variables else ""
            usual = f"; else `{option.default}`" if option.default else ""
            yield f"`{row.name}`", f'`options.{name} = "…"`', f"{option.help}{variables}{usual}"


def _changes(form: dict[str, object]) -> str:
    """What a form changes that can be said in a few words."""
    words = [f"protocol `{form['wire']}`"] if "wire" in form else []
    words += [f"address `{form['base_url']}`"] if "base_url" in form else []
    variables = form.get("key_variables")
    if isinstance(variables, list):
        words.append(f"key from {code(str(each) for each in variables)}")
    auth = form.get("auth")
    if isinstance(auth, dict):
        words.append(f"key sent as {auth.get('kind')}{' `' + auth['name'] + '`' if auth.get('name') else ''}")
    if "quirks" in form and not words:
        words.append("other paths")
    return ", ".join(words)
