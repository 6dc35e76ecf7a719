"""The settings as the rest of the program sees them: plain values, checked and complete."""

from __future__ import annotations

from typing import Any, Literal

from quorate.catalog.prices import PriceRule
from quorate.providers.entry import Entry
from quorate.transport.tls import Tls
from quorate.types.secret import Secret
from quorate.types.target import Timeouts
from quorate.types.value import Value


class Fallback(Value):
    """What happens when a provider fails a call that may go to several."""

    enabled: bool = True
    """Off: the first provider alone is asked."""
    tries: int = 3
    """How often one provider is tried, the first time included, while its errors say that may help."""
    delay: float = 0.5
    """Seconds before a provider is tried again; doubled each time, unless the provider says how long."""
    strategy: str = "priority"
    """'priority' or 'round_robin'."""


class RouteSettings(Value):
    """`[routes.<name>]`: a name for several models and the order in which they are tried."""

    targets: tuple[str, ...]
    """Model names: `provider/model`, an alias, or another `route/<name>`."""
    fallback: Fallback = Fallback()


class HookSettings(Value):
    """One of `[[server.hooks]]`."""

    use: str
    on: tuple[str, ...] = ("*",)
    """Patterns of keys and protocols."""
    options: dict[str, Any] = {}


class ServerSettings(Value):
    """`[server]`: how the gateway listens, and to whom."""

    host: str = "127.0.0.1"
    port: int = 4747
    keys: tuple[Secret, ...] = ()
    """Those that callers may show."""
    hosts: tuple[str, ...] = ()
    """Names under which it may be called, beside its own."""
    origins: tuple[str, ...] = ()
    """Web pages that may call it from a browser."""
    body_limit: int = 32 * 1024 * 1024
    """Bytes."""
    grace: float = 30.0
    """Seconds that running answers have when the server is told to stop."""
    workers: int = 1
    """Processes that share the port."""
    connections: int = 4096
    """Most of them at a time, for each worker."""
    head_timeout: float = 10.0
    """Seconds from a call's first byte to the end of its head."""
    idle_timeout: float = 75.0
    """Seconds that a connection on which nothing happens is kept."""
    write_timeout: float = 60.0
    """Seconds after which a client that reads nothing of its answer is dropped."""
    certificate: str = ""
    """Path of the file with our certificate; '' serves without TLS."""
    certificate_key: str = ""
    """Path of its key's file; '' = the same file."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies whose word about the client holds; 'unix' = whoever uses our Unix socket."""
    base_path: str = ""
    """Without a slash at its end."""
    responses: bool = True
    """Keep answers of OpenAI's responses, so that clients find them again."""
    answers_days: float = 30
    """0 = for ever."""
    background_runs: int = 32
    """Most answers that are made in the background at a time, for each worker."""
    metrics_public: bool = False
    """Whoever asks may see metrics and health."""
    log: Literal["text", "json", "off"] = "text"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otel: bool = False
    """Spans are sent, whether or not the environment says where."""
    hooks: tuple[HookSettings, ...] = ()
    keep_bodies: Literal["no", "redacted", "whole"] = "no"
    """Of calls whose key asks for it."""


class StoreSettings(Value):
    """`[store]`: the database of keys and calls."""

    url: Secret = Secret()
    """It may hold a password; '' for a file in the data folder."""
    calls_days: float = 90
    """0 = for ever."""
    bodies_days: float = 7
    """0 = for ever."""
    repeats_hours: float = 24
    """0 = no answer is kept for an Idempotency-Key."""


class Settings(Value):
    """All of it. The defaults are what holds without a settings file."""

    source: str = ""
    """The file it came from; '' for none."""
    entries: tuple[Entry, ...] = ()
    """Providers as the file sets them up, in its order."""
    places: tuple[str, ...] = ()
    """The dotted path of each of them in the file."""
    rows: dict[str, dict[str, Any]] = {}
    """The operator's own provider rows, by name."""
    from_environment: bool = True
    """Providers whose key stands in the environment are there too."""
    aliases: dict[str, str] = {}
    """Name, with wildcards, → model name. The first that fits holds."""
    routes: dict[str, RouteSettings] = {}
    default_model: str = ""
    """What a call that names no model goes to; '' = the configured providers, as `fallback` says."""
    fallback: Fallback = Fallback()
    timeouts: Timeouts = Timeouts()
    attempts: int = 12
    """Most attempts of one call, over all its targets."""
    unknown_prices: Literal["block", "allow"] = "block"
    """What a call with a limit of dollars does with a model whose price nobody knows."""
    strict: bool = False
    """A setting that a target cannot honour is an error."""
    keep_turns: bool = True
    """The shell keeps what was asked and answered."""
    proxy: str = ""
    """URL of a proxy for every call; '' takes the usual environment variables."""
    tls: Tls = Tls()
    prices: tuple[PriceRule, ...] = ()
    warnings: tuple[str, ...] = ()
    """What the file asks for and does not get, or gets otherwise than it may think; told when it is loaded."""
    server: ServerSettings = ServerSettings()
    store: StoreSettings = StoreSettings()
