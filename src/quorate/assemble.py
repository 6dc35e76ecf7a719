"""Puts the concrete parts together: the one file that names them. Everyone else is handed what it needs."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from math import isfinite
from pathlib import Path

from quorate.catalog.catalog import Catalog
from quorate.catalog.offers import Offer
from quorate.catalog.prices import PriceBook
from quorate.engine.accounts import Accounts
from quorate.engine.call import Books
from quorate.engine.directory import ConfiguredProviders
from quorate.engine.discover import Discovery
from quorate.engine.engine import Engine
from quorate.engine.hints import Hints
from quorate.engine.resolve import Names, Resolver
from quorate.engine.routing.seam import RoutingStrategy
from quorate.engine.routing.strategies import Retries, only_first, retrying, strategies
from quorate.engine.statistics import Statistics
from quorate.errors import InvalidRequest, OperatorError
from quorate.providers.auth import Signer
from quorate.providers.aws import Aws
from quorate.providers.book import ProviderBook
from quorate.providers.cloud import Clouds
from quorate.providers.entra import Entra
from quorate.providers.google import Google
from quorate.providers.token import Tokens
from quorate.settings.places import find_settings, lists_file
from quorate.settings.settings import Fallback, Settings
from quorate.transport.chosen import ChosenTransport
from quorate.transport.courier import Courier
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

LIST_PATIENCE = 30.0
"""Seconds for a provider's list of models."""

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
    accounts: Accounts


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
        except OperatorError as error:
            _log.error("'%s' has changed and is not taken: %s", source, error)
            return
        _tell_warnings(settings)
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
    _tell_warnings(settings)
    if transport is None:
        transport = ChosenTransport(proxies=proxies_of(surroundings, proxy=settings.proxy), tls=settings.tls)
    return Household(settings, surroundings, transport)


def _tell_warnings(settings: Settings) -> None:
    for warning in settings.warnings:
        _log.warning("'%s': %s", settings.source, warning)


def read(path: str | Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings in that file. Raises `SettingsInvalid` with all that is wrong."""
    from quorate.settings.read import read_settings  # noqa: PLC0415  # brings pydantic: only where there is a file

    surroundings = os.environ if environment is None else environment
    found = find_settings(surroundings, path)
    return read_settings(found, surroundings) if found else Settings()


def new_context(
    settings: Settings,
    *,
    strict: bool | None = None,
    max_cost: Decimal | float | None = None,
    timeout: float | None = None,
    scope: str = "local",
) -> Context:
    """The context of one call; `max_cost` in dollars, `timeout` in seconds over all attempts.

    Raises `InvalidRequest` for limits that are none.
    """
    if timeout is not None and not _is_amount(timeout):
        raise InvalidRequest(f"'timeout' is a number of seconds, not {timeout!r}", where="timeout")
    if max_cost is not None and not _is_amount(max_cost):
        raise InvalidRequest(f"'max_cost' is an amount of dollars, not {max_cost!r}", where="max_cost")
    timeouts: Timeouts = settings.timeouts if timeout is None else replace(settings.timeouts, total=timeout)
    deadline = None if timeouts.total is None else time.monotonic() + timeouts.total
    return Context(
        scope=scope,
        timeouts=timeouts,
        strict=settings.strict if strict is None else strict,
        budget=CallBudget(
            clock=time.monotonic,
            attempts=settings.attempts,
            deadline=deadline,
            dollars=None if max_cost is None else Decimal(str(max_cost)),
            unknown_price=settings.unknown_prices,
        ),
    )


def _is_amount(number: object) -> bool:
    """Is it a number that something can be measured by: finite and not below zero?"""
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        return False
    return isfinite(number) and number >= 0


def _parts(
    settings: Settings, environment: Mapping[str, str], transport: Transport, statistics: Statistics
) -> Parts:
    book = ProviderBook(settings.rows)
    prices = _prices(settings, book, recall=lambda: discovery.recall())  # noqa: PLW0108  # it is made further down
    catalog = Catalog(tell=lambda listing: prices.learn(listing.provider, listing.told, listing.models))
    directory = ConfiguredProviders(
        book=book,
        entries=settings.entries,
        environment=environment,
        from_environment=settings.from_environment,
        catalog=catalog,
        dollars=_Dollars(prices),
    )
    resolver = Resolver(directory, _names(settings, directory), _Strategies(settings))
    books = Books(clock=time.monotonic, prices=_Pricing(prices), statistics=statistics)
    engine = _engine(resolver, books, transport, environment, Hints(directory, book))
    context = partial(new_context, settings, timeout=LIST_PATIENCE)
    discovery = Discovery(
        lister=engine,
        directory=directory,
        resolve=resolver,
        catalog=catalog,
        context=context,
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
        accounts=Accounts(inquirer=engine, directory=directory, context=context),
    )


def _prices(settings: Settings, book: ProviderBook, recall: Callable[[], None]) -> PriceBook:
    return PriceBook(
        settings.prices,
        ids={row.name: row.catalog for row in book if row.catalog},
        variants={row.name: row.variants for row in book if row.variants},
        recall=recall,
    )


def _engine(
    resolver: Resolver, books: Books, transport: Transport, environment: Mapping[str, str], hints: Hints
) -> Engine:
    google = Google(environment, Courier(transport, "google credentials"))
    clouds: Clouds = {"sigv4": Aws(environment), "google": Tokens(google), "entra": Tokens(Entra())}
    return Engine(
        resolve=resolver,
        wires=WIRES,
        transport=transport,
        sign=Signer(clouds).sign,
        books=books,
        clouds=clouds,
        hint=hints,
    )


def _names(settings: Settings, directory: ConfiguredProviders) -> Names:
    for entry in directory.chosen:
        directory.source(entry)  # settings that come from a program are checked here, those of a file before
    return Names(
        entries=directory.chosen or directory.entries,
        aliases=settings.aliases,
        routes={name: route.targets for name, route in settings.routes.items()},
        default_model=settings.default_model,
    )


class _Strategies:
    """The strategy of a route by its name; '' is that of everything else."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[str, RoutingStrategy] = {}

    def __call__(self, route: str) -> RoutingStrategy:
        """One and the same for all names that lead to the route: some strategies keep a turn."""
        if route not in self._made:
            self._made[route] = self._make(route)
        return self._made[route]

    def _make(self, route: str) -> RoutingStrategy:
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
        return self._prices.charge(
            target.vendor or target.provider,
            target.stands_for or target.model,
            usage,
            at=at,
            tier=tier,
            name=target.provider,
        )


class _Dollars:
    """What a token in and a quarter of one out cost, as in a usual question: to order equal offers by."""

    def __init__(self, prices: PriceBook) -> None:
        self._prices = prices

    def __call__(self, offer: Offer) -> Decimal | None:
        quote = self._prices.quote(offer.vendor, offer.model.id, at=datetime.now(UTC), name=offer.provider)
        if quote is None or quote.input is None or quote.output is None:
            return None
        return quote.input + quote.output / 4


def _changed_at(source: str) -> int:
    """When the file was last written, in nanoseconds; 0 where there is none."""
    try:
        return Path(source).stat().st_mtime_ns if source else 0
    except OSError:
        return 0
