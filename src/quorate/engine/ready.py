"""Which providers are set up, and what the others lack."""

from __future__ import annotations

from collections.abc import Iterator

from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry, Provider
from quorate.types.value import Value

from .directory import ConfiguredProviders


class ProviderState(Value):
    """One provider as it is listed."""

    name: str
    """What stands before the '/' of a model's name."""
    provider: str
    title: str
    is_ready: bool
    lacks: str = ""
    """What has to be done before it is ready."""
    variables: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    docs: str = ""


def provider_states(book: ProviderBook, directory: ConfiguredProviders) -> Iterator[ProviderState]:
    """Those that are set up, in their order, then all others that are known."""
    for entry in directory.entries:
        yield _state(entry, book.row_of(entry), directory, is_set_up=True)
    named = {entry.provider for entry in directory.entries}
    for row in book:
        if row.name not in named:
            yield _state(Entry(provider=row.name), row, directory, is_set_up=False)


def _state(entry: Entry, row: Provider, directory: ConfiguredProviders, *, is_set_up: bool) -> ProviderState:
    problem = directory.problem(entry)
    started = _start_of(row) if row.keyless and not is_set_up else ""
    return ProviderState(
        name=entry.name or entry.provider,
        provider=row.name,
        title=row.title,
        is_ready=is_set_up and problem is None,
        lacks=str(problem) if problem else started,
        variables=row.key_variables,
        features=row.features,
        docs=row.docs,
    )


def _start_of(row: Provider) -> str:
    """What makes one ready that needs no key."""
    if not row.chain_variables:
        return "start it, or set its address"
    return f"set {', or '.join((*row.key_variables, *row.chain_variables[:2]))}"
