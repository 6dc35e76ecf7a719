"""From a settings file to `Settings`: read, fill, check everything, then translate."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from quorate.catalog.prices import PriceRule
from quorate.catalog.rates import RateClass
from quorate.errors import SettingsInvalid
from quorate.providers.entry import Entry
from quorate.transport.tls import Tls
from quorate.types.secret import Secret
from quorate.types.target import Timeouts

from .expand import Expanded, Problem
from .lines import lines_of, place_of
from .schema import FallbackTable, PriceTable, ProviderTable, RouteTable, SettingsFile, TimeoutsTable
from .settings import Fallback, RouteSettings, Settings

_KEY_FIELD = "api_key"


def read_settings(path: Path, environment: Mapping[str, str]) -> Settings:
    """The settings in that file. `SettingsInvalid` names all that is wrong, each with file and line."""
    try:
        text = path.read_bytes().decode()
        document = tomllib.loads(text)
    except OSError as error:
        raise SettingsInvalid(f"'{path}' cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"'{path}' is no TOML: {error}", problems=[(str(path), str(error))]) from error
    filled = Expanded(document, environment)
    problems = [
        (
            place,
            f"the environment variable '{variable}' is not set; give it a default as ${{{variable}:-…}} or set it",
        )
        for place, variable in filled.missing.items()
        if place.rpartition(".")[2] != _KEY_FIELD
    ]
    try:
        checked = SettingsFile.model_validate(filled.document)
    except ValidationError as error:
        problems.extend(_problem(each) for each in error.errors(include_url=False))
        checked = None
    if checked is not None:
        problems.extend(_contradictions(checked))
    if checked is None or problems:
        raise _invalid(path, text, problems)
    return _settings(checked, str(path))


def _problem(error: ErrorDetails) -> Problem:
    place = [str(step) for step in error["loc"]]
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], _keys_around(place[:-1]), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return ".".join(place), f"there is no setting '{place[-1]}' here{hint}"
    if error["type"] == "missing":
        return ".".join(place), f"'{place[-1]}' is missing"
    shown = error.get("input")
    quoted = (
        f" (it is {shown!r})"
        if isinstance(shown, str | int | float | bool) and _KEY_FIELD not in place
        else ""
    )
    return ".".join(place), error["msg"] + quoted


def _keys_around(place: list[str]) -> list[str]:
    """The keys that may stand in the table at `place`."""
    table: Any = SettingsFile
    for step in place:
        if step in (fields := _fields(table)):
            table = fields[step].annotation
            arguments = [each for each in getattr(table, "__args__", ()) if _is_table(each)]
            table = arguments[-1] if arguments else table
    return list(_fields(table))


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(kind: Any) -> dict[str, FieldInfo]:
    return cast(type[BaseModel], kind).model_fields if _is_table(kind) else {}


def _contradictions(file: SettingsFile) -> Iterator[Problem]:
    """What is well-formed and yet makes no sense."""
    names = [each.name for each in file.llm.providers]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield f"llm.providers.{place}.name", f"two providers are named '{name}'"
        if name in file.providers:
            yield f"llm.providers.{place}.name", f"'{name}' stands under [providers] too"
    for name in file.routes:
        if circle := _circle(name, file, ()):
            yield f"routes.{name}.targets", f"the route leads back to itself: {' → '.join(circle)}"
    for alias, model in file.aliases.items():
        if not model:
            yield f"aliases.{alias}", "an alias needs a model's name"
    if file.network.client_key and not file.network.client_certificate:
        yield "network.client_key", "a key needs its client_certificate"


def _circle(name: str, file: SettingsFile, walked: tuple[str, ...]) -> tuple[str, ...]:
    if name in walked:
        return (*walked[walked.index(name) :], name)
    for target in file.routes[name].targets if name in file.routes else ():
        if target.startswith("route/") and (
            circle := _circle(target.removeprefix("route/"), file, (*walked, name))
        ):
            return circle
    return ()


def _invalid(path: Path, text: str, problems: Iterable[Problem]) -> SettingsInvalid:
    lines = lines_of(text)
    placed = sorted((place_of(where, lines), where, what) for where, what in problems)
    told = [
        (f"{path}:{line}" if line else str(path), f"{where}: {what}" if where else what)
        for line, where, what in placed
    ]
    listing = "\n".join(f"  {place} {what}" for place, what in told)
    return SettingsInvalid(
        f"{len(told)} settings are wrong:\n{listing}" if len(told) > 1 else listing.strip(), problems=told
    )


def _settings(file: SettingsFile, source: str) -> Settings:
    entries = [
        *_legacy(file),
        *(_entry(each, each.name, f"llm.providers, '{each.name}'") for each in file.llm.providers),
    ]
    entries.extend(_entry(table, name, f"providers.{name}") for name, table in file.providers.items())
    rows = {name: _row(table) for name, table in file.providers.items() if table.wire}
    return Settings(
        source=source,
        entries=tuple(entries),
        rows=rows,
        from_environment=file.from_environment,
        aliases=file.aliases,
        routes={name: _route(table) for name, table in file.routes.items()},
        default_model=file.default_model,
        fallback=_fallback(file.fallback or file.llm.fallback),
        timeouts=_timeouts(file.timeouts),
        attempts=file.attempts,
        strict=file.strict,
        proxy=file.network.proxy,
        tls=Tls(**file.network.model_dump(exclude={"proxy"})),
        prices=tuple(_price(table) for table in file.prices),
    )


def _legacy(file: SettingsFile) -> Iterator[Entry]:
    """`[llm]` with a provider or an Ollama's address, where no list of providers stands."""
    llm = file.llm
    if llm.providers or not (llm.provider or llm.ollama_url):
        return
    name = llm.provider or "ollama"
    yield Entry(
        provider=name,
        name=name,
        base_url=llm.ollama_url if name == "ollama" else "",
        chat_model=llm.model,
        embedding_model=llm.embedding_model,
        defaults=_defaults(llm.max_output, llm.temperature),
    )


def _entry(table: ProviderTable, name: str, where: str) -> Entry:
    return Entry(
        provider=name if table.wire else table.provider or name,
        name=name,
        form=table.form,
        key=Secret(table.api_key),
        base_url="" if table.wire else table.base_url,
        options=table.options,
        headers=table.headers,
        quirks={} if table.wire else table.quirks,
        chat_model=table.chat_model,
        embedding_model=table.embedding_model,
        defaults=_defaults(table.max_output, table.temperature),
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
