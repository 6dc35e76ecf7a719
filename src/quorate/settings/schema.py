"""The settings file as it may be written. Each field's docstring is its documentation.

Read with pydantic, because it tells all that is wrong at once; loaded only where there is a file.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

Strategy = Literal["priority", "round_robin"]
Seconds = Annotated[float, Field(ge=0)]


class Table(BaseModel):
    """A table in which only known keys may stand."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True, populate_by_name=True)


class TimeoutsTable(Table):
    """`timeouts`: how long to wait, in seconds; 0 = without limit."""

    connect: Seconds = 10
    """Until there is a connection."""
    first_byte: Seconds = 120
    """From the request sent to the first byte of the answer."""
    gap: Seconds = 60
    """Between two pieces of an answer."""
    total: Seconds = 600
    """For the whole call with all its attempts."""


class ProviderTable(Table):
    """`[providers.<name>]` or `[[llm.providers]]`: a provider as you use it.

    Without `provider` or `wire` the table's own name says which provider it is. With `wire` it is a provider
    of your own, and everything a provider's row may say may stand here too.
    """

    provider: str = ""
    """Which provider: 'openai', 'anthropic', 'ollama' … (`quorate providers` lists them)."""
    api_key: str = ""
    """The key. Better `${VARIABLE}` than the key itself. '' takes the provider's own variable."""
    base_url: str = ""
    """Another address than the provider's own."""
    form: str = ""
    """Another way to reach it, where its row has several."""
    options: dict[str, str] = {}
    """Blanks in the provider's address: an Azure resource, a region."""
    headers: dict[str, str] = {}
    """Sent with every request."""
    quirks: dict[str, Any] = {}
    """Departures from the protocol, over those of the provider's row."""
    chat_model: str = Field(default="", validation_alias=AliasChoices("chat_model", "text_model"))
    """The model for calls that name none. `text_model` is the same."""
    embedding_model: str = ""
    """The model for embeddings that name none."""
    stands_for: dict[str, str] = {}
    """Names of your own, as deployments have them, and the models behind: prices, limits and departures go by those."""
    max_output: int | None = Field(
        default=None, ge=1, validation_alias=AliasChoices("max_output", "max_tokens")
    )
    """Most output tokens where a call does not say. `max_tokens` is the same."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Temperature where a call does not say."""
    max_cost: Decimal | None = Field(default=None, ge=0)
    """Most dollars that one call to it may cost. A dearer one goes to the next target, or is refused."""
    priority: int = 0
    """Lower goes first."""
    timeouts: TimeoutsTable | None = None
    """Waits for this provider alone, instead of the file's."""
    wire: str = ""
    """The protocol of a provider of your own: 'openai_chat', 'anthropic', 'gemini', 'ollama'."""
    row: dict[str, Any] = {}
    """Further fields of your own provider's row: auth, features, models …"""


class NamedProviderTable(ProviderTable):
    """One of `[[llm.providers]]`: the same, with its name inside."""

    name: str
    """What you call it: a model is then `<name>/<model>`."""


class FallbackTable(Table):
    """`[llm.fallback]` or `[fallback]`: what happens when a provider fails."""

    enabled: bool = True
    """Off: only the first provider is asked, once or as often as `max_retries` says."""
    max_retries: int = Field(default=3, ge=0, le=20)
    """How often one provider is tried; 0 and 1 both mean once."""
    retry_delay_ms: int = Field(default=500, ge=0, le=600_000)
    """Milliseconds before the next try; doubled each time, unless the provider says how long."""
    strategy: Strategy = "priority"
    """'priority': lowest `priority` first. 'round_robin': each call starts with the next provider in turn."""


class LlmTable(Table):
    """`[llm]`: the older form. It still holds."""

    ollama_url: str = ""
    """Address of an Ollama."""
    provider: str = ""
    """The one provider to use; 'ollama' goes with `ollama_url`."""
    model: str = Field(default="", validation_alias=AliasChoices("model", "text_model"))
    """That provider's model for calls that name none. `text_model` is the same."""
    embedding_model: str = ""
    """Its model for embeddings that name none."""
    max_output: int | None = Field(
        default=None, ge=1, validation_alias=AliasChoices("max_output", "max_tokens")
    )
    """Most output tokens where a call does not say. `max_tokens` is the same."""
    temperature: float | None = Field(default=None, ge=0, le=2)
    """Temperature where a call does not say."""
    providers: list[NamedProviderTable] = []
    """`[[llm.providers]]`: several providers, each with a name; `provider` and `ollama_url` then count for nothing."""
    fallback: FallbackTable = FallbackTable()
    """`[llm.fallback]`; a `[fallback]` of the file's own goes before it."""


class RouteTable(FallbackTable):
    """`[routes.<name>]`: a name for several models; a model is then `route/<name>`."""

    targets: list[str] = Field(min_length=1)
    """`provider/model`, an alias, or `route/<name>`, in order."""


class OpenRouterRoutingTable(Table):
    """`[openrouter.routing]`: models by what they are for. Each list is a route, tried in its order."""

    code_models: list[str] = []
    """The models of `route/code`."""
    chat_models: list[str] = []
    """The models of `route/chat`."""
    reasoning_models: list[str] = []
    """The models of `route/reasoning`."""


class OpenRouterOptimizationTable(Table):
    """`[openrouter.optimization]`: who answers when the first model does not, and what a call may cost."""

    mode: Literal["cheapest", "balanced", "quality"] = "balanced"
    """'cheapest' has OpenRouter take each model's cheapest host, else it balances price and uptime itself."""
    fallback_chain: list[str] = []
    """Models that are tried after `default_model`; with it they are `route/openrouter`."""
    max_cost_per_request: Decimal | None = Field(default=None, ge=0)
    """Most dollars that one call may cost."""
    prefer_free_tier: bool = False
    """Ask the free forms of the models first, where the catalog knows one."""


class OpenRouterTable(Table):
    """`[openrouter]`: an older form for OpenRouter. It still holds."""

    api_key: str = ""
    """The key, best as `${VARIABLE}`. '' takes OPENROUTER_API_KEY."""
    base_url: str = ""
    """Another address than OpenRouter's own."""
    mode: Literal["credits", "byok"] = "credits"
    """Who pays: your credits, or accounts of your own whose keys OpenRouter keeps. Each answer tells both amounts."""
    default_model: str = ""
    """The model for calls that name none, as OpenRouter calls it."""
    enable_fallback: bool = True
    """Off: neither other models nor, at OpenRouter, other hosts are tried."""
    track_usage: bool = True
    """Usage is always tracked."""
    routing: OpenRouterRoutingTable = OpenRouterRoutingTable()
    """Models by what they are for."""
    optimization: OpenRouterOptimizationTable = OpenRouterOptimizationTable()
    """Fallback and costs."""


class NetworkTable(Table):
    """`[network]`: proxies and certificates."""

    proxy: str = ""
    """Address of a proxy for every call; '' takes HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY."""
    ca_file: str = ""
    """File of certificates to trust instead of the system's."""
    client_certificate: str = ""
    """File of the certificate that we show."""
    client_key: str = ""
    """File of its key, where that is not in the same file."""
    verify: bool = True
    """Off: no certificate is checked, and anybody on the way can read along."""


class HookTable(Table):
    """`[[server.hooks]]`: what calls pass on their way, in this order; answers in the reverse one."""

    use: str
    """'mask', 'moderate', or the name of an entry point in the group `quorate.hooks`."""
    on: list[str] = []
    """Ids or names of keys, or protocols of clients, as 'anthropic'. Patterns: '*' stands for anything. None = all."""
    options: dict[str, Any] = {}
    """What the hook itself wants to know."""


class ServerTable(Table):
    """`[server]`: the gateway, `quorate serve`."""

    host: str = "127.0.0.1"
    """Address to listen at. Beyond this machine only where there are keys."""
    port: int = Field(default=4747, ge=0, le=65535)
    """0 takes a free one."""
    keys: list[Annotated[str, Field(min_length=16)]] = []
    """Keys that callers may show, best as `${VARIABLE}`. Those of `quorate keys` open it too."""
    hosts: list[str] = []
    """Further names under which the gateway may be called. On loopback all others than its own are refused."""
    origins: list[str] = []
    """Web pages that may call it from a browser, as `https://chat.example.com`. Others are refused."""
    body_limit: int = Field(default=32 * 1024 * 1024, ge=1024)
    """Most bytes of a call's body."""
    grace: Seconds = 30
    """Seconds that running answers have to end when the server is told to stop."""
    workers: int = Field(default=1, ge=1, le=256)
    """Processes that share the port. More than one wants a core each."""
    connections: int = Field(default=4096, ge=1)
    """Most connections of clients at a time, for each worker. Further ones get a 503 and are closed."""
    head_timeout: float = Field(default=10, gt=0)
    """Seconds in which the head of a call must be there."""
    idle_timeout: float = Field(default=75, gt=0)
    """Seconds that a connection on which nothing happens is kept."""
    write_timeout: float = Field(default=60, gt=0)
    """Seconds after which a client that reads nothing of its answer is dropped."""
    certificate: str = ""
    """File of the certificate to serve HTTPS with, and of those between it and its root. Read again when it changes."""
    certificate_key: str = ""
    """File of its key, where that is not in the same file."""
    trusted_proxies: list[str] = []
    """Addresses and networks, as `10.0.0.0/8`, of proxies whose word about the client holds; 'unix' = a local one."""
    base_path: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*/?$")
    """Path under which everything is served, as `/llm`."""
    responses: bool = True
    """Keep answers of OpenAI's responses, so that clients find them again and go on from them."""
    answers_days: float = Field(default=30, ge=0)
    """Days for which they are kept; 0 = for ever."""
    background_runs: int = Field(default=32, ge=0)
    """Most answers that are made in the background at a time, for each worker. Further ones get a 429."""
    metrics_public: bool = False
    """Let everybody read `/metrics` and `/health`. Else an admin key is needed, but for who asks on this machine."""
    log: Literal["text", "json", "off"] = "text"
    """Form of the log, one line a call, on stderr."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """What is logged at least. 'warning' leaves out calls that went well or were wrong in themselves."""
    otel: bool = False
    """Send OpenTelemetry spans; `OTEL_EXPORTER_OTLP_ENDPOINT` says where, and switches them on too."""
    hooks: list[HookTable] = []
    """What calls pass on their way."""
    keep_bodies: Literal["no", "redacted", "whole"] = "no"
    """What is kept of questions and answers, of keys that ask for it: nothing, all but personal data, or all."""


class StoreTable(Table):
    """`[store]`: the database of keys and calls."""

    url: str = ""
    """`sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME`, best as `${VARIABLE}`. '' = a file of its own."""
    calls_days: float = Field(default=90, ge=0)
    """Days for which rows of calls are kept; 0 = for ever."""
    bodies_days: float = Field(default=7, ge=0)
    """Days for which questions and answers are kept, where they are; 0 = for ever."""
    repeats_hours: float = Field(default=24, ge=0, le=720)
    """Hours for which a call with an Idempotency-Key gets the same answer again; 0 = that header is passed over."""


class PriceTable(Table):
    """`[[prices]]`: your own price, before the shipped ones. Dollars per million tokens."""

    provider: str
    """Which provider, as in `provider` of its table. Pattern: '*' stands for anything."""
    model: str
    """Pattern: '*' stands for anything."""
    input: Decimal = Field(ge=0)
    """Tokens read."""
    output: Decimal = Field(ge=0)
    """Tokens written, reasoning included."""
    cache_read: Decimal | None = Field(default=None, ge=0)
    """Tokens read from a cache; left out, the price of `input`."""
    cache_write: Decimal | None = Field(default=None, ge=0)
    """Tokens written to a cache; left out, the price of `input`."""
    cache_write_1h: Decimal | None = Field(default=None, ge=0)
    """Tokens written to a cache for an hour; left out, the price of `cache_write`."""
    input_audio: Decimal | None = Field(default=None, ge=0)
    """Sound that is heard; left out, the price of `input`."""
    output_audio: Decimal | None = Field(default=None, ge=0)
    """Sound that is spoken; left out, the price of `output`."""
    input_image: Decimal | None = Field(default=None, ge=0)
    """Pictures that are seen; left out, the price of `input`."""
    output_image: Decimal | None = Field(default=None, ge=0)
    """Pictures that are drawn, where they are counted in tokens; left out, the price of `output`."""
    image: Decimal | None = Field(default=None, ge=0)
    """Dollars for one picture, where no tokens are counted."""
    character: Decimal | None = Field(default=None, ge=0)
    """A million characters of text that is spoken, where no tokens are counted."""
    second: Decimal | None = Field(default=None, ge=0)
    """Dollars for a second of sound that is heard, where no tokens are counted."""
    search: Decimal | None = Field(default=None, ge=0)
    """Dollars for one search, or for one call's share of documents put in order."""
    tier: str = ""
    """Service tier it holds for; '' = the usual one."""
    above: int = -1
    """Holds for calls with more input tokens than this."""
    since: date | None = None
    """Day from which it holds, as 2026-01-31."""


class SettingsFile(Table):
    """The whole file."""

    default_model: str = ""
    """What a call that names no model goes to."""
    from_environment: bool = True
    """Also take providers whose key stands in the environment."""
    attempts: int = Field(default=12, ge=1, le=100)
    """Most attempts of one call, over all its targets."""
    strict: bool = False
    """A setting that a target cannot honour is an error, before any money is spent."""
    unknown_prices: Literal["block", "allow"] = "block"
    """What a call with a limit of dollars does with a model whose price nobody knows: 'block' refuses it."""
    keep_turns: bool = True
    """`quorate ask` and `quorate chat` keep what was asked and answered, for `quorate logs`, in the store."""
    timeouts: TimeoutsTable = TimeoutsTable()
    """How long to wait."""
    fallback: FallbackTable | None = None
    """What happens when a provider fails."""
    providers: dict[str, ProviderTable] = {}
    """Providers as you use them, by the name you call them."""
    aliases: dict[str, str] = {}
    """Name, '*' stands for anything → model name."""
    routes: dict[str, RouteTable] = {}
    """Names for several models."""
    network: NetworkTable = NetworkTable()
    """Proxies and certificates."""
    prices: list[PriceTable] = []
    """Your own prices."""
    server: ServerTable = ServerTable()
    """The gateway."""
    store: StoreTable = StoreTable()
    """The database."""
    llm: LlmTable = LlmTable()
    """The older form."""
    openrouter: OpenRouterTable | None = None
    """An older form for OpenRouter."""
