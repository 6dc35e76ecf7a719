"""From the settings file, checked, to the plain values that the rest of the program sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from quorate.catalog.prices import PriceRule
from quorate.catalog.rates import RateClass
from quorate.providers.entry import Entry
from quorate.transport.tls import Tls
from quorate.types.secret import Secret
from quorate.types.target import Timeouts
from quorate.types.value import Value

from .lines import place_of
from .older import GATEWAY, OldGateway
from .schema import (
    FallbackTable,
    HookTable,
    LlmTable,
    PriceTable,
    ProviderTable,
    RouteTable,
    ServerTable,
    SettingsFile,
    StoreTable,
    TimeoutsTable,
)
from .settings import Fallback, HookSettings, RouteSettings, ServerSettings, Settings, StoreSettings

_OLD_ADDRESSES: Mapping[str, str] = {"ollama": "ollama_url"}
"""Provider → the setting of the oldest form that holds its address."""


class Origin(Value):
    """Where the settings come from, to be told where something is missing."""

    path: Path
    lines: dict[str, int]
    missing: dict[str, str]
    """Dotted path → the environment variable that was to fill it, and is not set."""

    def place(self, setting: str) -> str:
        """File and line."""
        line = place_of(setting, self.lines)
        return f"{self.path}:{line}" if line else str(self.path)


def settings_of(file: SettingsFile, origin: Origin) -> Settings:
    """The file, once it is known to be sound."""
    tables = [("llm", name, table) for name, table in _oldest(file.llm)]
    tables += [(f"llm.providers.{place}", each.name, each) for place, each in enumerate(file.llm.providers)]
    tables += [(f"providers.{name}", name, table) for name, table in file.providers.items()]
    older = OldGateway(file.openrouter) if file.openrouter else None
    tables += [(GATEWAY, GATEWAY, older.provider)] if older else []
    named = {name: _route(table) for name, table in file.routes.items()}
    rows = {name: _row(table) for name, table in file.providers.items() if table.wire}
    return Settings(
        source=str(origin.path),
        entries=tuple(_entry(table, name, path, origin) for path, name, table in tables),
        places=tuple(path for path, _, _ in tables),
        rows=rows,
        from_environment=file.from_environment,
        aliases=file.aliases,
        routes=(older.routes if older else {}) | named,
        default_model=file.default_model or (older.default_model if older else ""),
        warnings=older.warnings if older else (),
        fallback=_fallback(file.fallback or file.llm.fallback),
        timeouts=_timeouts(file.timeouts),
        attempts=file.attempts,
        strict=file.strict,
        unknown_prices=file.unknown_prices,
        keep_turns=file.keep_turns,
        proxy=file.network.proxy,
        tls=Tls(**file.network.model_dump(exclude={"proxy"})),
        prices=tuple(_price(table) for table in file.prices),
        server=_server(file.server),
        store=_store(file.store),
    )


def _oldest(llm: LlmTable) -> Iterator[tuple[str, ProviderTable]]:
    """`[llm]` with a provider or an Ollama's address, where no list of providers stands."""
    addresses = {name: address for name, key in _OLD_ADDRESSES.items() if (address := getattr(llm, key))}
    if not llm.providers and (name := llm.provider or next(iter(addresses), "")):
        yield (
            name,
            ProviderTable(
                provider=name,
                base_url=addresses.get(name, ""),
                chat_model=llm.model,
                embedding_model=llm.embedding_model,
                max_output=llm.max_output,
                temperature=llm.temperature,
            ),
        )


def _entry(table: ProviderTable, name: str, path: str, origin: Origin) -> Entry:
    return Entry(
        provider=name if table.wire else table.provider or name,
        name=name,
        form=table.form,
        key=Secret(table.api_key),
        key_variable=origin.missing.get(f"{path}.api_key", ""),
        place=origin.place(f"{path}.api_key"),
        base_url="" if table.wire else table.base_url,
        options=table.options,
        headers=table.headers,
        quirks={} if table.wire else table.quirks,
        chat_model=table.chat_model,
        embedding_model=table.embedding_model,
        stands_for=table.stands_for,
        defaults=_defaults(table.max_output, table.temperature),
        max_cost=table.max_cost,
        priority=table.priority,
        timeouts=_timeouts(table.timeouts) if table.timeouts else None,
    )


def _defaults(max_output: int | None, temperature: float | None) -> dict[str, Any]:
    given = {"max_output": max_output, "temperature": temperature}
    return {name: value for name, value in given.items() if value is not None}


def _row(table: ProviderTable) -> dict[str, Any]:
    """The row of a provider of the operator's own, as the provider book reads it."""
    keyless = {} if table.api_key else {"keyless": True}
    return {"wire": table.wire, "base_url": table.base_url, "quirks": table.quirks} | keyless | table.row


def _route(table: RouteTable) -> RouteSettings:
    return RouteSettings(targets=tuple(table.targets), fallback=_fallback(table))


def _fallback(table: FallbackTable) -> Fallback:
    return Fallback(
        enabled=table.enabled,
        tries=max(1, table.max_retries),
        delay=table.retry_delay_ms / 1000,
        strategy=table.strategy,
    )


def _timeouts(table: TimeoutsTable) -> Timeouts:
    """0 stands for no limit in the file, None in the program."""
    return Timeouts(**{name: value or None for name, value in table.model_dump().items()})


def _server(table: ServerTable) -> ServerSettings:
    return ServerSettings(
        host=table.host,
        port=table.port,
        keys=tuple(map(Secret, table.keys)),
        hosts=tuple(table.hosts),
        origins=tuple(table.origins),
        body_limit=table.body_limit,
        grace=table.grace,
        workers=table.workers,
        connections=table.connections,
        head_timeout=table.head_timeout,
        idle_timeout=table.idle_timeout,
        write_timeout=table.write_timeout,
        certificate=table.certificate,
        certificate_key=table.certificate_key,
        trusted_proxies=tuple(table.trusted_proxies),
        base_path=table.base_path.rstrip("/"),
        responses=table.responses,
        answers_days=table.answers_days,
        background_runs=table.background_runs,
        metrics_public=table.metrics_public,
        log=table.log,
        log_level=table.log_level,
        otel=table.otel,
        hooks=tuple(map(_hook, table.hooks)),
        keep_bodies=table.keep_bodies,
    )


def _store(table: StoreTable) -> StoreSettings:
    return StoreSettings(
        url=Secret(table.url),
        calls_days=table.calls_days,
        bodies_days=table.bodies_days,
        repeats_hours=table.repeats_hours,
    )


def _hook(table: HookTable) -> HookSettings:
    return HookSettings(use=table.use, on=tuple(table.on) or ("*",), options=table.options)


def _price(table: PriceTable) -> PriceRule:
    words = {"provider", "model", "tier", "since", "above"}
    return PriceRule(
        provider=table.provider,
        model=table.model,
        rates=cast(dict[RateClass, Decimal], table.model_dump(exclude=words, exclude_none=True)),
        tier=table.tier,
        above=table.above,
        since=table.since,
    )
