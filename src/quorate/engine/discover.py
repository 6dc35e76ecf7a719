"""What the providers themselves say they offer, asked over their model lists and kept for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from quorate.catalog.catalog import Catalog, Listing
from quorate.catalog.listings import read_listings, write_listings
from quorate.catalog.offers import Offer, Source
from quorate.errors import KeyInvalid, ModelUnavailable, OperatorError, QuorateError, Unsupported
from quorate.providers.entry import Entry
from quorate.types.target import Context, Target
from quorate.types.value import replace
from quorate.types.work import ModelInfo, ModelList, ModelsRequest, Operation

from .routing.seam import Route

FRESH = timedelta(hours=1)
"""For so long a list is believed without asking again."""

MOST_PAGES = 50

_LIST: Operation = "models"


class Lister(Protocol):
    """Asks one provider for one page."""

    async def list_models(self, request: ModelsRequest, target: Target, context: Context) -> ModelList: ...


class Directory(Protocol):
    """Who is set up."""

    @property
    def entries(self) -> Sequence[Entry]: ...

    def entry(self, name: str) -> Entry | None: ...

    def target(self, entry: Entry, model: str) -> Target: ...

    def source(self, entry: Entry) -> Source: ...

    def check(self, provider: str) -> None:
        """Raises `InvalidRequest` with the nearest names for a provider that nobody knows."""
        ...


class Discovery:
    """Asks providers for their models, each at most once an hour unless told to refresh."""

    def __init__(
        self,
        *,
        lister: Lister,
        directory: Directory,
        resolve: Callable[[str], Route],
        catalog: Catalog,
        context: Callable[[], Context],
        now: Callable[[], datetime],
        kept: Callable[[], Path] | None = None,
    ) -> None:
        """`kept` names a file in which the lists outlive the process; None keeps them in memory alone."""
        self._lister, self._directory, self._resolve = lister, directory, resolve
        self._catalog = catalog
        self._context, self._now, self._kept = context, now, kept
        self._has_recalled = False

    async def models(self, provider: str = "", *, refresh: bool = False) -> tuple[Offer, ...]:
        """Of one provider, or of all that are set up.

        One that cannot be asked stays at what the catalog knows, unless it was named: then its error is raised.
        Raises `InvalidRequest` for a provider that nobody knows.
        """
        if provider:
            entry = self._directory.entry(provider)
            if entry is None:
                self._directory.check(provider)
                return tuple(self._catalog.models([Source(name=provider, vendor=provider)]))
            await self._ask(entry, refresh=refresh)
            return tuple(self._catalog.models([self._directory.source(entry)]))
        entries = tuple(self._directory.entries)
        async with asyncio.TaskGroup() as group:
            for entry in entries:
                group.create_task(self._leniently(entry, refresh=refresh))
        return tuple(self._catalog.models([self._directory.source(entry) for entry in entries]))

    async def listed(self, provider: str) -> Sequence[ModelInfo]:
        """The provider's own list alone, in its own order. Raises its error."""
        entry = self._directory.entry(provider)
        return () if entry is None else await self._ask(entry, refresh=False)

    def known(self, provider: str = "") -> tuple[Offer, ...]:
        """The same without asking anybody: the catalog, and lists that were kept."""
        self.recall()
        entries = [self._directory.entry(provider)] if provider else self._directory.entries
        return tuple(self._catalog.models([self._directory.source(each) for each in entries if each]))

    async def is_available(self, name: str) -> bool:
        """Does that provider, or a provider behind that model's name, answer, and offer the model? Raises its error."""
        entry = self._directory.entry(name)
        if entry is not None:
            await self._ask(entry, refresh=True)
            return True
        for target in self._resolve(name).targets:
            entry = self._directory.entry(target.provider)
            if entry is not None and await self._offers(entry, target.model):
                return True
        return False

    async def _offers(self, entry: Entry, model: str) -> bool:
        """Whoever keeps no list is taken at the catalog's word, or at the operator's."""
        listed = await self._ask(entry, refresh=True)
        names = {each.id for each in listed}
        # Ollama calls a model without a tag by its latest one.
        return not listed or model in names or f"{model}:latest" in names

    async def _leniently(self, entry: Entry, *, refresh: bool) -> None:
        try:
            await self._ask(entry, refresh=refresh)
        except QuorateError:
            return  # the catalog's own knowledge stands

    async def _ask(self, entry: Entry, *, refresh: bool) -> Sequence[ModelInfo]:
        """The provider's own list; its fresh copy where there is one."""
        name = self._directory.source(entry).name
        self.recall()
        known = next((each for each in self._catalog.listings if each.provider == name), None)
        if known is not None and not refresh and self._now() - known.told < FRESH:
            return known.models
        target = self._directory.target(entry, "*")
        try:
            models = await self._list(target)
        except Unsupported:
            return ()
        told = Listing(provider=name, told=self._now(), models=models, address=target.base_url)
        self._catalog.learn(told)
        self._keep()
        return models

    async def _list(self, target: Target) -> tuple[ModelInfo, ...]:
        """A list that says more than the protocol's own may not be there, or not for every key."""
        paths = target.quirks.paths
        try:
            return await self._pages(target)
        except (ModelUnavailable, KeyInvalid):
            if not paths.get(_LIST):
                raise
        plain = {operation: path for operation, path in paths.items() if operation != _LIST}
        return await self._pages(replace(target, quirks=replace(target.quirks, paths=plain)))

    async def _pages(self, target: Target) -> tuple[ModelInfo, ...]:
        models: list[ModelInfo] = []
        page = ""
        for _ in range(MOST_PAGES):
            listed = await self._lister.list_models(ModelsRequest(page=page), target, self._context())
            models.extend(listed.models)
            page = listed.next_page
            if not page:
                break
        return tuple(models)

    def _keep(self) -> None:
        """For the next process. Where nothing can be written, that one asks anew."""
        if self._kept is not None:
            with suppress(OSError):
                write_listings(self._kept(), self._catalog.listings)

    def recall(self) -> None:
        """Lay in, once, the lists that earlier processes kept of the same providers at the same addresses."""
        if self._kept is None or self._has_recalled:
            return
        self._has_recalled = True
        known = {each.provider for each in self._catalog.listings}
        for listing in read_listings(self._kept()):
            if listing.provider not in known and listing.address == self._address(listing.provider):
                self._catalog.learn(listing)

    def _address(self, provider: str) -> str:
        entry = self._directory.entry(provider)
        try:
            return self._directory.target(entry, "*").base_url if entry else ""
        except OperatorError:
            return ""
