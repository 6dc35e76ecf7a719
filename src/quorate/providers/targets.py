"""Makes targets: a row, an operator's entry and the environment become the address of one model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, urlsplit

import msgspec

from quorate.errors import MissingCredential, SettingsInvalid
from quorate.types.patterns import matches
from quorate.types.secret import Secret
from quorate.types.target import Quirks, Target
from quorate.types.value import replace

from .book import ProviderBook
from .entry import Entry, Provider
from .layers import overlay
from .lookups import look_up
from .rows import blanks, fill

Environment = Mapping[str, str]

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  an address to listen on, that nobody can call


def configured(book: ProviderBook, environment: Environment) -> tuple[Entry, ...]:
    """An entry for each provider that the environment alone makes ready, in the book's order.

    One that needs a key is ready when a key and its whole address are there; one that needs none, when a
    variable says where it is.
    """
    return tuple(Entry(provider=row.name) for row in book if _is_ready(row, environment))


def key_variable(row: Provider, environment: Environment) -> str:
    """Which of the row's variables holds a key; '' where none does."""
    return _first_set(row.key_variables, environment)


def address(row: Provider, entry: Entry, environment: Environment) -> str:
    """Where the provider is: the entry's own word, else the environment's, else the row's."""
    variable = _first_set(row.url_variables, environment)
    told = entry.base_url or _whole_address(environment.get(variable, ""), row.base_url) or row.base_url
    values = _options(row, entry, environment)
    if lacking := [name for name in _needed(row, told) if not values.get(name)]:
        raise _lacks(row, entry, lacking)
    if not told:
        raise _lacks(row, entry, ["base_url"])
    return fill(told, values).rstrip("/")


def _needed(row: Provider, base_url: str) -> list[str]:
    """Options that an address cannot do without, its paths included."""
    paths: Mapping[str, str] = row.quirks.get("paths", {})
    demanded = (blank for path in paths.values() for blank in _demands(row)(path))
    return list(dict.fromkeys((*blanks(base_url), *demanded)))


def credential(row: Provider, entry: Entry, environment: Environment) -> Secret:
    """The entry's key, else the environment's; empty where none is needed, else `MissingCredential`."""
    variable = key_variable(row, environment)
    key = entry.key.reveal().strip() or environment.get(variable, "").strip()
    # A server at an address of the operator's own may well want no key.
    if key or row.keyless or entry.base_url or row.auth.chain or row.auth.kind == "none":
        return Secret(key)
    name = entry.name or row.name
    variable = entry.key_variable or next(iter(row.key_variables), "")
    setting = f"api_key of '{name}' ({entry.place})" if entry.place else f"providers.{name}.api_key"
    ways = [f"set {variable} in the environment"] if variable else []
    raise MissingCredential(
        f"no key for '{name}': {', or '.join([*ways, f'set {setting} in the settings'])}",
        provider=name,
        variable=variable,
        setting=setting,
    )


def make_target(
    row: Provider,
    entry: Entry,
    model: str,
    environment: Environment,
    *,
    context: int | None = None,
    max_output: int | None = None,
) -> Target:
    """A model at a provider, ready to be called. `row` is `ProviderBook.row_of(entry)`.

    Raises `MissingCredential` without a key, `SettingsInvalid` without an address.
    """
    values, secret = _options(row, entry, environment), credential(row, entry, environment)
    auth = replace(row.auth, kind=row.auth.chain) if row.auth.chain and not secret else row.auth
    return Target(
        provider=entry.name or row.name,
        vendor=row.name,
        model=model,
        stands_for=entry.stands_for.get(model, ""),
        wire=row.wire,
        base_url=address(row, entry, environment),
        auth=auth,
        secret=secret,
        headers=_filled(row.headers, values) | entry.headers,
        options={name: value for name, value in values.items() if value},
        quirks=quirks_for(row, entry.stands_for.get(model, model), values),
        context=context,
        max_output=max_output,
        defaults=entry.defaults,
        max_cost=entry.max_cost,
        priority=entry.priority,
        timeouts=entry.timeouts,
    )


def quirks_for(row: Provider, model: str, options: Mapping[str, str]) -> Quirks:
    """The quirks of one model: its families' over its provider's."""
    families = (family.quirks for family in row.models if matches(family.match, model))
    quirks = msgspec.convert(overlay(row.quirks, *families), Quirks)
    if not quirks.query and not quirks.headers and not any(map(_demands(row), quirks.paths.values())):
        return quirks
    return msgspec.structs.replace(
        quirks,
        query=_filled(quirks.query, options),
        headers=_filled(quirks.headers, options),
        paths={name: _addressed(path, row, options) for name, path in quirks.paths.items()},
    )


def _demands(row: Provider) -> Callable[[str], list[str]]:
    """Which options of the row a path has blanks for; its other blanks are the protocol's own."""
    return lambda path: [blank for blank in blanks(path) if blank in row.options]


def _addressed(path: str, row: Provider, options: Mapping[str, str]) -> str:
    for blank in _demands(row)(path):
        path = path.replace(f"{{{blank}}}", quote(options.get(blank, ""), safe=""))
    return path


def makes(row: Provider, model: str) -> bool:
    """Is the model one that this provider makes itself, by its bare name?"""
    return any(matches(pattern, model) for pattern in row.makes)


def _is_ready(row: Provider, environment: Environment) -> bool:
    named = _first_set(row.url_variables, environment)
    needed = _needed(row, "" if named else row.base_url)
    values = _options(row, Entry(provider=row.name), environment)
    has_address = bool(named or row.base_url) and all(values.get(name) for name in needed)
    has_key = bool(key_variable(row, environment) or _first_set(row.chain_variables, environment))
    return has_address and (has_key or bool(row.keyless and named))


def _options(row: Provider, entry: Entry, environment: Environment) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, option in row.options.items():
        variable = _first_set(option.variables, environment)
        told = entry.options.get(name) or environment.get(variable, "")
        if not told and option.lookup:
            told = look_up(option.lookup, environment, entry.options)
        if not told and option.by:
            told = fill(option.cases.get(values[option.by], option.cases.get("*", "")), values)
        values[name] = told or option.default
    return values


def _filled(texts: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """With their blanks filled; one that is empty then, or has an empty blank, is left out."""
    whole = {name: text for name, text in texts.items() if all(values.get(blank) for blank in blanks(text))}
    return {name: filled for name, text in whole.items() if (filled := fill(text, values))}


def _first_set(variables: Iterable[str], environment: Environment) -> str:
    return next((name for name in variables if environment.get(name, "").strip()), "")


def _whole_address(told: str, usual: str) -> str:
    """An address as programs write it into variables (`host`, `:port`, `0.0.0.0:port`), made whole.

    What it leaves open, its scheme and port, is as usual.
    """
    told = told.strip()
    if not told or "{" in usual:
        return told
    normal = urlsplit(usual)
    if "://" not in told:
        told = f"{normal.scheme}://{told}"
        parts = urlsplit(told)
        host = parts.hostname or normal.hostname or ""
        port = _port(parts.netloc) or normal.port
        path = parts.path.rstrip("/")
    else:
        parts = urlsplit(told)
        host, port, path = parts.hostname or "", _port(parts.netloc), parts.path.rstrip("/")
    host = "127.0.0.1" if host in _EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{path}"


def _port(netloc: str) -> int | None:
    _, _, port = netloc.rpartition(":")
    return int(port) if port.isdecimal() and int(port) < 65536 else None


def _lacks(row: Provider, entry: Entry, names: Iterable[str]) -> SettingsInvalid:
    return SettingsInvalid("; ".join(_told(row, entry, names)), problems=list(_problems(row, entry, names)))


def _problems(row: Provider, entry: Entry, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    place = f"providers.{entry.name or row.name}"
    for name in names:
        option = row.options.get(name)
        variables = option.variables if option else row.url_variables
        where = f"{place}.options.{name}" if option else f"{place}.{name}"
        yield where, f"is missing{', and so is the variable ' + variables[0] if variables else ''}"


def _told(row: Provider, entry: Entry, names: Iterable[str]) -> Iterator[str]:
    return (f"{place} {fault}" for place, fault in _problems(row, entry, names))
