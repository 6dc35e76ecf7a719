"""From what a program says to a `ChatRequest`: plain text, messages, dictionaries, parts, and settings by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, TypedDict, TypeVar, cast, get_args

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import (
    ChatRequest,
    HostedTool,
    Message,
    OutputFormat,
    Role,
    Thinking,
    Tool,
    ToolChoice,
)
from quorate.types.parts import Part, Text
from quorate.types.value import Value, replace

from .toolbox import Offered, Toolbox
from .typed import Shape, shape_of

Said = str | Part | Sequence[Part | str]
"""The content of one turn: text, a part, or several of them."""

Turn = str | Part | Message | Mapping[str, Any]
"""A dictionary is `{"role", "content"}`; texts and parts next to one another are one turn of the user."""

Prompt = Turn | Sequence[Turn]
"""A question: text of the user, one message, or a whole conversation."""


class Wishes(TypedDict, total=False):
    """How an answer shall be: what every call of the client takes by name. None leaves a setting alone."""

    model: str
    """'provider/model', a bare model name, an alias or 'route/<name>'; '' takes the configured default."""
    system: str
    """What the model is told before the question."""
    tools: Iterable[Offered] | None
    """Functions, or descriptions of them."""
    tool_choice: ToolChoice | str | None
    """'auto', 'none', 'required', or the name of the one tool to call."""
    parallel_tools: bool | None
    thinking: Thinking | str | None
    """An effort ('low', 'high' …) or a `Thinking`."""
    max_output: int | None
    """Most tokens of the answer."""
    temperature: float | None
    top_p: float | None
    top_k: int | None
    stop: str | Sequence[str] | None
    seed: int | None
    presence_penalty: float | None
    frequency_penalty: float | None
    logprobs: bool | None
    top_logprobs: int | None
    n: int | None
    """How many answers to one question."""
    user: str
    service_tier: str
    vendor: dict[str, dict[str, Any]]
    """Fields of one protocol that the others do not have, keyed by protocol."""
    strict: bool | None
    """Fail rather than ask a model that cannot honour a setting."""
    max_cost: Decimal | float | None
    """Most dollars for the call, all attempts together."""
    timeout: float | None
    """Most seconds for the call, all attempts together."""


class Asked(Value):
    """A call as it was asked for."""

    request: ChatRequest
    toolbox: Toolbox
    shape: Shape | None = None
    """Of the type that the answer is to be read as."""
    limits: dict[str, Any]
    """`strict`, `max_cost` and `timeout`."""


Request = TypeVar("Request", bound=Value)

LIMITS = ("strict", "max_cost", "timeout")
"""Of a call, whatever it asks for."""

_FIELDS = frozenset(ChatRequest.__struct_fields__) - {"messages"}
_PARTS = get_args(Part)
_WORDS = (str, *_PARTS)
_ROLES = get_args(Role)
_TURN_KEYS = frozenset({"role", "content", "parts", "name", "vendor"})


def asked(prompt: Prompt, output: Any, wishes: Mapping[str, Any]) -> Asked:
    """Everything checked by name and kind; raises `InvalidRequest` before anything is sent."""
    settings = {name: value for name, value in wishes.items() if value is not None}
    limits = {name: settings.pop(name, None) for name in LIMITS}
    toolbox = Toolbox(settings.pop("tools", ()))
    shape = None if output is None or isinstance(output, OutputFormat) else shape_of(output)
    format_ = output if shape is None else shape.format
    request = request_of(prompt, tools=toolbox.tools, output=format_, **settings)
    return Asked(request=request, toolbox=toolbox, shape=shape, limits=limits)


def request_of(
    prompt: Prompt,
    *,
    model: str = "",
    system: str = "",
    tools: Iterable[Tool | HostedTool] = (),
    tool_choice: ToolChoice | str | None = None,
    thinking: Thinking | str | None = None,
    stop: str | Sequence[str] | None = None,
    **settings: Any,
) -> ChatRequest:
    """The request, with every setting checked by name and kind."""
    for name in settings:
        if name not in _FIELDS:
            raise no_setting(name, _FIELDS)
    words = (stop,) if isinstance(stop, str) else stop or ()
    fields = settings | {
        "model": model,
        "messages": messages_of(prompt, system=system),
        "tools": tuple(tools),
        "tool_choice": _choice(tool_choice) if isinstance(tool_choice, str) else tool_choice,
        "thinking": Thinking(effort=thinking) if isinstance(thinking, str) else thinking,
        "stop": words,
    }
    return converted(fields, ChatRequest)


def converted(fields: dict[str, Any], kind: type[Request]) -> Request:
    """Raises `InvalidRequest` for a value of the wrong kind."""
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        # The place stands at the end: "… - at `$.temperature`".
        where = str(error).rpartition("`$.")[2].rstrip("`")
        raise InvalidRequest(f"a setting is of the wrong kind: {error}", where=where) from error


def no_setting(name: str, known: Iterable[str]) -> InvalidRequest:
    """The error for a name that is none of those known."""
    near = get_close_matches(name, [*known, *LIMITS], n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return InvalidRequest(
        f"there is no setting '{name}'{hint} (what one provider alone knows goes in vendor=)", where=name
    )


def _choice(choice: str) -> ToolChoice:
    match choice:
        case "auto" | "none" | "required":
            return ToolChoice(mode=choice)
        case _:
            return ToolChoice(mode="named", name=choice)


def messages_of(prompt: Prompt, *, system: str = "") -> tuple[Message, ...]:
    """The conversation that a prompt stands for, with `system` before it."""
    turns = tuple(_turns(prompt))
    if not turns:
        raise InvalidRequest("a question needs at least one message", where="messages")
    if not system:
        return turns
    if not isinstance(cast(object, system), str):
        raise InvalidRequest(f"'system' is text, not {type(system).__name__}", where="system")
    return (Message(role="system", parts=(Text(text=system),)), *turns)


def _turns(prompt: object) -> Iterator[Message]:
    said: list[Part] = []
    for place, turn in enumerate(_several(prompt)):
        if isinstance(turn, _WORDS):
            said += parts_of(cast("Part | str", turn))
            continue
        if said:
            yield Message(role="user", parts=tuple(said))
            said = []
        yield _message(turn, f"messages.{place}")
    if said:
        yield Message(role="user", parts=tuple(said))


def _several(prompt: object) -> Iterable[object]:
    if isinstance(prompt, (*_WORDS, Message, Mapping)):
        return (prompt,)
    if isinstance(prompt, Iterable) and not isinstance(prompt, bytes | bytearray):
        return cast("Iterable[object]", prompt)
    raise InvalidRequest(f"a question is text or messages, not {type(prompt).__name__}", where="messages")


def _message(turn: object, where: str) -> Message:
    match turn:
        case Message(parts=tuple(parts)) if all(isinstance(part, _PARTS) for part in parts):
            return turn
        case Message():
            return replace(turn, parts=parts_of(turn.parts, f"{where}.parts"))
        case Mapping():
            return _from_mapping(cast("Mapping[str, Any]", turn), where)
        case _:
            raise InvalidRequest(
                f"a message is text, a Message or a dictionary, not {type(turn).__name__}", where=where
            )


def _from_mapping(turn: Mapping[str, Any], where: str) -> Message:
    if unknown := [str(key) for key in turn if key not in _TURN_KEYS]:
        raise InvalidRequest(
            f"a message has no '{unknown[0]}', only {', '.join(sorted(_TURN_KEYS))}; "
            "calls of tools and their results are parts of its content",
            where=f"{where}.{unknown[0]}",
        )
    role = turn.get("role", "user")
    if role not in _ROLES:
        raise InvalidRequest(
            f"a message's role is one of {', '.join(_ROLES)}, not {role!r}", where=f"{where}.role"
        )
    parts = parts_of(turn.get("content", turn.get("parts", "")), f"{where}.content")
    return Message(role=role, parts=parts, name=turn.get("name", ""), vendor=turn.get("vendor", {}))


def parts_of(said: Said, where: str = "content") -> tuple[Part, ...]:
    """Text, a part, or several, as parts. A dictionary is a part by its `type`, as `to_builtins` writes it."""
    if isinstance(said, str):
        return (Text(text=said),) if said else ()
    if isinstance(said, _PARTS):
        return (said,)  # pyright: ignore[reportReturnType]  # narrowed by the union's own members
    if not isinstance(said, Iterable) or isinstance(said, Mapping | bytes | bytearray):
        raise InvalidRequest(f"content is text or parts, not {type(said).__name__}", where=where)
    return tuple(_part(item, f"{where}.{place}") for place, item in enumerate(said))


def _part(item: object, where: str) -> Part:
    if isinstance(item, str):
        return Text(text=item)
    if isinstance(item, _PARTS):
        return item  # pyright: ignore[reportReturnType]  # narrowed by the union's own members
    try:
        return msgspec.convert(item, Part)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"this is no part of a message: {error}", where=where) from error
