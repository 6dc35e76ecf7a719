"""What is wrong with settings beyond their form: contradictions, circles, providers that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from quorate.errors import SettingsInvalid
from quorate.providers.book import ProviderBook
from quorate.store.address import read_address
from quorate.wire.wires import HOMES

from .expand import Problem
from .older import GATEWAY, PURPOSES, OldGateway
from .schema import ServerTable, SettingsFile, StoreTable
from .settings import Settings

_ROUTE = "route/"


def contradictions(file: SettingsFile) -> Iterator[Problem]:
    """What is well-formed and yet makes no sense."""
    names = [each.name for each in file.llm.providers]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield f"llm.providers.{place}.name", f"two providers are named '{name}'"
        if name in file.providers:
            yield f"llm.providers.{place}.name", f"'{name}' stands under [providers] too"
    for name, table in file.providers.items():
        if table.wire and table.wire not in HOMES:
            yield (
                f"providers.{name}.wire",
                f"there is no protocol '{table.wire}'; there are {', '.join(HOMES)}",
            )
    yield from _twice(file)
    for name in file.routes:
        if circle := _circle(_ROUTE + name, file, ()):
            yield f"routes.{name}.targets", f"the route leads back to itself: {' → '.join(circle)}"
    for alias, model in file.aliases.items():
        if not model:
            yield f"aliases.{alias}", "an alias needs a model's name"
        elif circle := _circle(alias, file, ()):
            yield f"aliases.{alias}", f"the alias leads back to itself: {' → '.join(circle)}"
    if file.network.client_key and not file.network.client_certificate:
        yield "network.client_key", "a key needs its client_certificate"
    yield from _at_odds(file.server)
    yield from _unknown_store(file.store)


def _twice(file: SettingsFile) -> Iterator[Problem]:
    """What the older form for a gateway sets up, and the file itself as well."""
    if file.openrouter is None:
        return
    if GATEWAY in file.providers or GATEWAY in {each.name for each in file.llm.providers}:
        yield GATEWAY, f"'{GATEWAY}' is set up as a provider too; one of the two is enough"
    for name in OldGateway(file.openrouter).routes:
        if name in file.routes:
            place = f"routing.{PURPOSES[name]}" if name in PURPOSES else "default_model"
            yield f"{GATEWAY}.{place}", f"'route/{name}' stands under [routes] too"


def _at_odds(server: ServerTable) -> Iterator[Problem]:
    if server.certificate_key and not server.certificate:
        yield "server.certificate_key", "a key needs its certificate"
    for place, proxy in enumerate(server.trusted_proxies):
        if not _is_network(proxy):
            yield (
                f"server.trusted_proxies.{place}",
                f"'{proxy}' is neither an address, nor a network as '10.0.0.0/8', nor 'unix'",
            )


def _unknown_store(store: StoreTable) -> Iterator[Problem]:
    try:
        read_address(store.url or "sqlite://")
    except SettingsInvalid as error:
        yield "store.url", str(error)


def _is_network(told: str) -> bool:
    try:
        ip_network(told)
    except ValueError:
        return told == "unix"
    return True


def _circle(name: str, file: SettingsFile, walked: tuple[str, ...]) -> tuple[str, ...]:
    """The way by aliases and routes from a name back to itself; () where there is none."""
    if name in walked:
        return (*walked[walked.index(name) :], name)
    for following in _leads_to(name, file):
        if circle := _circle(following, file, (*walked, name)):
            return circle
    return ()


def _leads_to(name: str, file: SettingsFile) -> list[str]:
    if (model := file.aliases.get(name, name)) != name:
        return [model]
    route = file.routes.get(name.removeprefix(_ROUTE)) if name.startswith(_ROUTE) else None
    return route.targets if route else []


def unusable(settings: Settings) -> Iterator[Problem]:
    """Providers that nobody knows, and words about them that make no sense."""
    book = ProviderBook(settings.rows)
    try:
        known = set(book.names)
    except SettingsInvalid as error:
        yield from error.problems
        return
    for entry, place in zip(settings.entries, settings.places, strict=True):
        if entry.provider not in known:
            near = book.nearest(entry.provider)
            hint = f"; did you mean '{near[0]}'?" if near else " (`quorate providers` lists them)"
            yield f"{place}.provider", f"there is no provider '{entry.provider}'{hint}"
            continue
        try:
            book.row_of(entry)
        except SettingsInvalid as error:
            own = f"providers.{entry.name or entry.provider}"
            yield from ((where.replace(own, place, 1), what) for where, what in error.problems)
