"""Where a request may be sent, on whose behalf, and the one seam everything hangs on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any, Literal, Protocol

from .budget import CallBudget
from .chat import AttemptRecord, ChatReply, ChatRequest
from .events import Event
from .secret import Secret
from .value import Value

SchemaSupport = Literal["native", "object", "prompt"]
"""How a target takes a JSON Schema: as such; only as "some JSON object", the schema then stands in the
prompt; or not at all, then everything stands in the prompt."""

ReasoningDialect = Literal[
    "effort",
    "object",
    "thinking",
    "enable_thinking",
    "budget",
    "format",
    "adaptive",
    "level",
    "config",
    "none",
]
"""How a target is asked to reason. OpenAI-shaped: `reasoning_effort: "low"`; `reasoning: {effort, …}`;
`thinking: {type}`; `enable_thinking: true`; `thinking_budget: n`; `reasoning_format: …`; or not at all.
Anthropic's: 'budget' is `thinking: {type: "enabled", budget_tokens}`, 'adaptive' is `thinking: {type: "adaptive"}`
with `output_config.effort`. Gemini's: 'budget' is `thinkingBudget`, 'level' is `thinkingLevel`. Bedrock's, in the
additional fields of a model: Anthropic's two and 'thinking', which is either of them as the wish has tokens or a
word; 'effort' is `reasoning_effort`, 'config' is `reasoning_config`, 'level' is `reasoningConfig`."""

DrawingForm = Literal["", "amazon", "stability"]
"""How a maker of models behind Bedrock has pictures asked for."""

EmbeddingForm = Literal[
    "", "titan", "titan_plain", "titan_multimodal", "cohere", "cohere_sized", "nova", "inputs"
]
"""How vectors are asked for where a protocol has more than one way. Bedrock's are those of each maker of models:
'plain' has no lengths of vectors to choose from, 'sized' has. Of OpenAI's shape, 'inputs' is a pipeline for features.
"""


class Quirks(Value):
    """How one provider or model departs from its protocol. Data only: no callables, no names of providers."""

    rename: dict[str, str] = {}
    """Body field → the name this target wants."""
    drop: frozenset[str] = frozenset()
    """Body fields this target refuses; a setting that is lost by it is reported."""
    defaults: dict[str, Any] = {}
    """Body fields to send when the request says nothing; of one that is an object, the fields it leaves out."""
    clamp: dict[str, tuple[float, float]] = {}
    """Least and most a number may be; a change is reported."""
    reasoning: ReasoningDialect = "effort"
    efforts: tuple[str, ...] = ()
    """Words of effort this target takes, weakest first; () = any. Another word becomes the nearest, reported."""
    replay_reasoning: str = ""
    """Field of an earlier assistant message in which this target wants its own thoughts back; '' = none."""
    system_role: str = "system"
    """'developer' where a model wants that role; 'user' where it knows neither."""
    schema: SchemaSupport = "native"
    json_mode: bool = True
    stream_usage: bool = True
    """Ask for usage at the end of a stream by `stream_options`."""
    cache_marks: bool = False
    """An OpenAI-shaped target that takes `cache_control` on content parts; of Bedrock, one that takes cache points."""
    threads: bool = False
    """Keeps conversations under the ids of its answers, so that a client of Anthropic's protocol sends only more."""
    paths: dict[str, str] = {}
    """Operation → path template instead of the protocol's own; `{model}` and the row's options are filled in.
    'stream' is a chat's where a streamed one goes elsewhere; '' is an operation that this target lacks."""
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    cost_header: str = ""
    """Header of a whole answer, in lower case, in which this target says what it charged, in dollars."""
    embed_batch: int | None = None
    """Most texts in one request for vectors; more are asked for in several. None: any number."""
    image_bytes: str = "b64_json"
    """The word by which an OpenAI-shaped target is asked for a picture's bytes rather than for its address."""
    developer_role: bool = False
    """Takes messages of the role 'developer' beside 'system' ones; elsewhere they go as system messages."""
    media: dict[str, str] = {}
    """Kind of media ('image', 'audio', 'video', 'file') → the form in which an OpenAI-shaped target takes it
    where that is not the protocol's own: 'audio_url', 'flat' (bare base64), 'document_url', 'file_url',
    'file_or_url' (`file_data` may be a URL), 'none' (not at all)."""
    custom_tools: bool = False
    """Takes tools with free text for arguments; elsewhere they are functions with one argument, `input`."""
    prompt: str = ""
    """How a conversation becomes one text, where a target takes no messages: the name of a model's own template;
    'messages' where it takes them after all."""
    tool_media: bool = False
    """Takes images and files inside tool results; elsewhere they follow in a user message."""
    embedding: EmbeddingForm = ""
    """The form of a model's embedding requests, where the protocol leaves that to each maker."""
    drawing: DrawingForm = ""
    """The same of its requests for pictures."""
    verbatim: bool = True
    """A client's bytes of the same protocol may be forwarded as they are, but for the model's name."""


AuthKind = Literal["bearer", "header", "query", "sigv4", "google", "entra", "none"]
"""'sigv4' is Amazon's signature over the whole request; where there is an API key, that goes as a bearer. 'google' and
'entra' are bearers that Google's or Microsoft's cloud grants for a while.
"""


class Auth(Value):
    """How a provider wants to see the credential."""

    kind: AuthKind = "bearer"
    name: str = ""
    """Header or query parameter, where `kind` is 'header' or 'query'; the service, where it is 'sigv4'."""
    prefix: str = ""
    chain: Literal["", "sigv4", "google", "entra"] = ""
    """The kind in its place where there is no key: a cloud's own chain of credentials."""


class Timeouts(Value):
    """One family of deadlines, all in seconds; None = no limit of that kind."""

    connect: float | None = 10.0
    first_byte: float | None = 120.0
    """From the request sent to the first byte of the answer's body."""
    gap: float | None = 60.0
    """Between two pieces of an answer."""
    total: float | None = 600.0
    """From the first attempt's start to the last byte of the whole call."""


class Target(Value):
    """A model at a provider: all that is needed to call it."""

    provider: str
    """Name of the provider entry, as the operator calls it."""
    model: str
    """The model as the provider calls it."""
    wire: str
    base_url: str
    stands_for: str = ""
    """The model behind the name, where the name is of the operator's own making: prices go by it."""
    vendor: str = ""
    """The provider row this entry was made from: prices and catalog go by it; `provider` where empty."""
    auth: Auth = Auth()
    secret: Secret = Secret()
    headers: dict[str, str] = {}
    options: dict[str, str] = {}
    """What the row's options are for this entry: a region, a profile."""
    quirks: Quirks = Quirks()
    context: int | None = None
    max_output: int | None = None
    """The catalog's output limit: the bound of a reservation where the request names none."""
    defaults: dict[str, Any] = {}
    """Settings of the entry (`max_output`, `temperature`) for requests that leave them open."""
    max_cost: Decimal | None = None
    """Most dollars that one call to it may cost; dearer ones are not sent there."""
    priority: int = 0
    """Lower goes first."""
    timeouts: Timeouts | None = None
    """The entry's own waits; None = the call's."""

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model}"


class Context(Value):
    """Who asks, how long an answer is worth waiting for, and what the whole call may cost.

    One context, and so one budget, belongs to one call with all its fallbacks, panel members and hedges.
    """

    scope: str = "local"
    """The tenant and caller: caches, stores and coalesced calls never cross it."""
    timeouts: Timeouts = Timeouts()
    budget: CallBudget
    strict: bool = False
    """A setting that cannot be honoured is an error before any money is spent."""
    tags: tuple[str, ...] = ()
    trace: list[AttemptRecord] = []
    """Every attempt of the call that has ended, whoever of its members made it, in the order of their ends."""


class Answerer(Protocol):
    """Anything that answers: a model, a route, a panel, a model with documents, a script."""

    async def answer(self, request: ChatRequest, context: Context) -> ChatReply:
        """The whole reply, or one of our errors."""
        ...

    def stream(
        self, request: ChatRequest, context: Context
    ) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        """The reply as it arrives. Leave the `async with` to stop the work."""
        ...
