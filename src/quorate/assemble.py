"""Puts the concrete parts together: the one file that names them. Everyone else is handed what it needs."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from quorate.catalog.catalog import Catalog
from quorate.catalog.offers import Offer
from quorate.catalog.prices import PriceBook
from quorate.engine.call import Books
from quorate.engine.directory import ConfiguredProviders
from quorate.engine.discover import Discovery
from quorate.engine.engine import Engine
from quorate.engine.resolve import Names, Resolver
from quorate.engine.routing.seam import RoutingStrategy
from quorate.engine.routing.strategies import Retries, only_first, retrying, strategies
from quorate.engine.statistics import Statistics
from quorate.errors import SettingsInvalid, UnknownModel, UpstreamError
from quorate.providers.auth import Signer
from quorate.providers.book import ProviderBook
from quorate.settings.places import find_settings, lists_file
from quorate.settings.settings import Fallback, Settings
from quorate.transport.http import HttpTransport
from quorate.transport.proxies import proxies_of
from quorate.transport.seam import Transport
from quorate.types.budget import CallBudget
from quorate.types.target import Context, Target, Timeouts
from quorate.types.usage import Charge, Usage
from quorate.types.value import Value, replace
from quorate.wire.wires import WIRES

LOOK_EVERY = 1.0
"""Seconds between two looks at whether the settings file has changed."""

LOCAL = "ollama"
"""The one provider that is looked for without having been named, and only where no other is set up."""

_log = logging.getLogger("quorate")


class Parts(Value):
    """What one set of settings makes: replaced as a whole when the settings change."""

    settings: Settings
    book: ProviderBook
    directory: ConfiguredProviders
    resolver: Resolver
    catalog: Catalog
    prices: PriceBook
    engine: Engine
    discovery: Discovery


class Household:
    """The parts in force, with what outlives a change of settings: network, statistics, the provider's lists."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], transport: Transport) -> None:
        self._environment = environment
        self.transport, self.statistics = transport, Statistics()
        self.parts = _parts(settings, environment, transport, self.statistics)
        self._changed_at = _changed_at(settings.source)
        self._looked_at = time.monotonic()
        self._is_warm = False

    def current(self) -> Parts:
        """The parts in force; those of a changed settings file, if that one is sound.

        A faulty file is told of in the log, once, and what was in force stays so.
        """
        now = time.monotonic()
        if self.parts.settings.source and now - self._looked_at >= LOOK_EVERY:
            self._looked_at = now
            changed_at = _changed_at(self.parts.settings.source)
            if changed_at != self._changed_at:
                self._changed_at = changed_at
                self._reload()
        return self.parts

    def _reload(self) -> None:
        source = self.parts.settings.source
        try:
            settings = read(source, self._environment)
            parts = _parts(settings, self._environment, self.transport, self.statistics)
        except SettingsInvalid as error:
            _log.error("'%s' has changed and is not taken: %s", source, error)
            return
        for listing in self.parts.catalog.listings:
            parts.catalog.learn(listing)
        self.parts = parts

    def warm(self) -> None:
        """Load the prices beside the first call, so that its answer need not wait for them."""
        if not self._is_warm:
            self._is_warm = True
            threading.Thread(target=self.parts.prices.load, name="quorate-prices", daemon=True).start()


def assemble(
    settings: Settings | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    transport: Transport | None = None,
) -> Household:
    """The household for those settings; for the settings file in force, or the defaults, where none are given."""
    surroundings = os.environ if environment is None else environment
    if settings is None:
        found = find_settings(surroundings)
        settings = read(found, surroundings) if found else Settings()
    if transport is None:
        transport = HttpTransport(proxies=proxies_of(surroundings, proxy=settings.proxy), tls=settings.tls)
    return Household(settings, surroundings, transport)


def read(path: str | Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in that file. Raises `SettingsInvalid` with all that is wrong."""
    from quorate.settings.read import read_settings  # noqa: PLC0415  # brings pydantic: only where there is a file

    surroundings = os.environ if environment is None else environment
    found = find_settings(surroundings, path)
    return read_settings(found, surroundings) if found else Settings()


async def first_local_model(parts: Parts) -> str:
    """Where nothing at all is set up: the first chat model of an Ollama on this machine, asked for once.

    Raises `UnknownModel` where none runs, or it holds no model.
    """
    try:
        offers = await parts.discovery.models(LOCAL)
    except UpstreamError as error:
        raise UnknownModel(
            "no provider is set up: set a key in the environment (`quorate providers` lists the names), "
            "write a settings file, or start Ollama"
        ) from error
    chatting = [offer.name for offer in offers if "embed" not in offer.name]
    if not chatting:
        raise UnknownModel("the Ollama on this machine holds no model: `ollama pull llama3.2` gets one")
    return chatting[0]


def new_context(
    settings: Settings,
    *,
    strict: bool | None = None,
    max_cost: Decimal | float | None = None,
    timeout: float | None = None,
) -> Context:
    """The context of one call; `max_cost` in dollars, `timeout` in seconds over all attempts."""
    timeouts: Timeouts = settings.timeouts if timeout is None else replace(settings.timeouts, total=timeout)
    deadline = None if timeouts.total is None else time.monotonic() + timeouts.total
    return Context(
        timeouts=timeouts,
        strict=settings.strict if strict is None else strict,
        budget=CallBudget(
            clock=time.monotonic,
            attempts=settings.attempts,
            deadline=deadline,
            dollars=None if max_cost is None else Decimal(str(max_cost)),
        ),
    )


def _parts(
    settings: Settings, environment: Mapping[str, str], transport: Transport, statistics: Statistics
) -> Parts:
    book = ProviderBook(settings.rows)
    catalog = Catalog()
    prices = PriceBook(settings.prices, ids={row.name: row.catalog for row in book if row.catalog})
    directory = ConfiguredProviders(
        book=book,
        entries=settings.entries,
        environment=environment,
        from_environment=settings.from_environment,
        catalog=catalog,
        dollars=_Dollars(prices),
    )
    for entry in settings.entries:
        book.row_of(entry)  # a provider nobody knows is told of at the start
    names = Names(
        entries=directory.chosen or directory.entries,
        aliases=settings.aliases,
        routes={name: route.targets for name, route in settings.routes.items()},
        default_model=settings.default_model,
    )
    resolver = Resolver(directory, names, _Strategies(settings))
    books = Books(clock=time.monotonic, prices=_Pricing(prices), statistics=statistics)
    engine = Engine(resolve=resolver, wires=WIRES, transport=transport, sign=Signer().sign, books=books)
    discovery = Discovery(
        lister=engine,
        directory=directory,
        catalog=catalog,
        context=lambda: new_context(settings, timeout=30.0),
        now=lambda: datetime.now(UTC),
        kept=lambda: lists_file(environment),
    )
    return Parts(
        settings=settings,
        book=book,
        directory=directory,
        resolver=resolver,
        catalog=catalog,
        prices=prices,
        engine=engine,
        discovery=discovery,
    )


class _Strategies:
    """The strategy of a route by its name; '' is that of everything else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, route: str) -> RoutingStrategy:
        found = self._settings.routes.get(route)
        fallback: Fallback = found.fallback if found else self._settings.fallback
        strategy = strategies()[fallback.strategy]
        if not fallback.enabled:
            strategy = only_first(strategy)
        return retrying(strategy, Retries(tries=fallback.tries, delay=fallback.delay))


class _Pricing:
    """The price book, asked by target."""

    def __init__(self, prices: PriceBook) -> None:
        self._prices = prices

    def charge(self, target: Target, usage: Usage, at: datetime, tier: str) -> Charge | None:
        return self._prices.charge(target.vendor or target.provider, target.model, usage, at=at, tier=tier)


class _Dollars:
    """What a million tokens in and a quarter of that out cost, to order equal offers by."""

    _TYPICAL = Usage(input=1_000_000, output=250_000)

    def __init__(self, prices: PriceBook) -> None:
        self._prices = prices

    def __call__(self, offer: Offer) -> Decimal | None:
        charge = self._prices.charge(offer.vendor, offer.model.id, self._TYPICAL, at=datetime.now(UTC))
        return charge.dollars if charge else None


def _changed_at(source: str) -> int:
    """When the file was last written, in nanoseconds; 0 where there is none."""
    try:
        return Path(source).stat().st_mtime_ns if source else 0
    except OSError:
        return 0
