"""A conversation turn: what is asked and what is answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Generic, Literal, cast

from typing_extensions import TypeVar

from .parts import CacheMark, Citation, Part, Reasoning, Refusal, Text, ToolCall, Vendor
from .usage import MISSING, Usage
from .value import Value

Role = Literal["system", "user", "assistant", "tool"]

FinishReason = Literal["stop", "length", "tool_calls", "blocked", "refusal", "paused", "error", "other"]
"""stop: done, or a stop text met. length: out of tokens. tool_calls: wants tools run.
blocked: a filter cut it. refusal: the model declined. paused: send it back to go on.
error: the provider broke off. other: read `Finish.raw`."""

Output = TypeVar("Output", default=Any)


class Message(Value):
    """One turn: who speaks, and the parts of what is said, in order."""

    role: Role
    parts: tuple[Part, ...]
    name: str = ""
    """Tells speakers of one role apart, where the protocol can."""
    vendor: Vendor = {}

    @property
    def text(self) -> str:
        """The text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


class Tool(Value, tag_field="type", tag="function"):
    """A function the caller offers to run."""

    name: str
    description: str = ""
    schema: dict[str, Any] = {}
    """JSON Schema of the arguments."""
    strict: bool | None = None
    """Hold the model to the schema to the letter."""
    cache: CacheMark | None = None
    vendor: Vendor = {}


class HostedTool(Value, tag_field="type", tag="hosted"):
    """A tool the provider runs itself (web search, code execution), passed through as it is."""

    protocol: str
    """The protocol that knows it: 'anthropic', 'gemini', 'openai_chat' …"""
    name: str
    settings: dict[str, Any] = {}
    """The whole object as that protocol writes it."""


class ToolChoice(Value):
    """Which tools the model may, must or must not call."""

    mode: Literal["auto", "none", "required", "named"]
    name: str = ""
    """Of the one tool it must call, when `mode` is 'named'."""
    vendor: Vendor = {}


class OutputFormat(Value):
    """The form the answer must have: any JSON, or JSON that a schema describes."""

    kind: Literal["json", "schema"]
    schema: dict[str, Any] = {}
    name: str = "answer"
    description: str = ""
    strict: bool | None = None
    vendor: Vendor = {}


class Thinking(Value):
    """How much the model should reason before it answers. Say `effort` or `budget`; both may be empty."""

    enabled: bool | None = None
    effort: str = ""
    """'none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'; '' leaves it to the model."""
    budget: int | None = None
    """Most reasoning tokens."""
    show: bool | None = None
    """Ask for the thoughts, or a summary of them, in the reply."""
    vendor: Vendor = {}


class ChatRequest(Value):
    """One question to a model, with everything that may shape its answer. `None` leaves a setting alone."""

    model: str
    messages: tuple[Message, ...]
    tools: tuple[Tool | HostedTool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tools: bool | None = None
    output: OutputFormat | None = None
    thinking: Thinking | None = None
    max_output: int | None = None
    """Most tokens of the answer, reasoning included."""
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    n: int | None = None
    """How many answers to one question."""
    user: str = ""
    """The end user, as the provider may know them: an opaque id."""
    service_tier: str = ""
    """'flex', 'priority' …; it changes the price."""
    vendor: Vendor = {}
    """Fields of one protocol that the others do not have, keyed by protocol; sent as they are."""


class Finish(Value):
    """Why the answer ended: in our words and in the provider's."""

    reason: FinishReason
    raw: str = ""
    stop: str = ""
    """The stop text that was met, where the provider tells."""
    detail: str = ""
    """The provider's explanation, where it gives one."""


class Departure(Value):
    """A setting of the request that the target did not take as it was."""

    setting: str
    """Name of the `ChatRequest` field, with a dotted path where it is inside one."""
    kind: Literal["emulated", "changed", "dropped"]
    detail: str
    """What was done instead, in a sentence."""


class Choice(Value):
    """One of several answers to a question asked with `n`."""

    message: Message
    finish: Finish


class AttemptRecord(Value):
    """One try at one target, for the trace of a call."""

    target: str
    outcome: str
    """'answered', 'left' (the caller went before the end), or the code of the error."""
    seconds: float
    status: int = 0
    detail: str = ""
    cost: Decimal | None = None
    """Dollars booked for it; None where nothing was used, or the price or the usage is not known."""
    estimated: bool = False
    """We counted what it used: it was given up, or broke off, before the provider said."""
    usage: Usage = MISSING
    """What it used; missing where nothing was."""
    price_rule: str = ""
    """The rule that priced it."""
    began: float | None = None
    """Reading of `time.monotonic` at its start; None where nothing was sent, or it was long ago."""


class ChatReply(Value, Generic[Output]):
    """What came back. `ChatReply[City]` is a reply whose `output` is a `City`."""

    id: str
    model: str
    """The model as the provider names it."""
    message: Message
    finish: Finish
    alternatives: tuple[Choice, ...] = ()
    """The second and later answers of a question asked with `n`."""
    usage: Usage = MISSING
    cost: Decimal | None = None
    """Dollars; None where the price or the usage is not known."""
    price_rule: str = ""
    """The rule that priced it: source, date, pattern."""
    provider: str = ""
    fidelity: tuple[Departure, ...] = ()
    """Every setting that was emulated, changed or dropped on the way."""
    attempts: tuple[AttemptRecord, ...] = ()
    output: Output = cast("Output", None)
    """The answer as the type that was asked for; None where none was."""
    created: int = 0
    """Unix seconds; 0 where the provider does not say."""
    vendor: Vendor = {}

    @property
    def text(self) -> str:
        """The text parts of the answer, joined."""
        return self.message.text

    @property
    def reasoning(self) -> str:
        """The thoughts that were shown, joined."""
        return "".join(part.text for part in self.message.parts if isinstance(part, Reasoning))

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The calls the caller is asked to run; hosted ones are left out."""
        return tuple(part for part in self.message.parts if isinstance(part, ToolCall) and not part.hosted)

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(part for part in self.message.parts if isinstance(part, Citation))

    @property
    def refusal(self) -> str:
        """The model's words for declining, or ''."""
        return "".join(part.text for part in self.message.parts if isinstance(part, Refusal))
