"""Reads a client's question, of /api/chat or of /api/generate."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest, HostedTool, Message, OutputFormat, Role, Thinking, Tool
from quorate.types.parts import Media, Part, Reasoning, Text, ToolCall, ToolResult
from quorate.types.value import replace
from quorate.wire.seam import Call

from .conversation import UNNAMED
from .pictures import media_type_of
from .reply import arguments_of, call_vendor
from .shapes import (
    OPTIONS,
    PROTOCOL,
    CallShape,
    MessageShape,
    OptionsShape,
    RequestShape,
    ToolShape,
    leftovers,
    vendor_of,
)

_REQUEST = msgspec.json.Decoder(RequestShape)
_ROLES: Mapping[str, Role] = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}
_CHAT_KNOWN = frozenset("model stream messages tools format think options logprobs top_logprobs".split())
_GENERATE_KNOWN = frozenset(
    "model stream prompt system images format think options logprobs top_logprobs".split()
)
_MESSAGE_KNOWN = frozenset("role content thinking images tool_calls".split())
_RESULT_KNOWN = frozenset("role content images tool_name tool_call_id".split())
_DATA_URL: Final = ";base64,"

Shape = TypeVar("Shape")

_LOOSE = msgspec.json.Decoder(dict[str, Any])


def decoded(decoder: msgspec.json.Decoder[Shape], body: bytes) -> Shape:
    """What a client's body says, or `InvalidRequest` with the place where it makes no sense."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        words, _, place = str(error).partition(" - at `")
        where = place.strip("`$.").replace("[", ".").replace("]", "")
        raise InvalidRequest(f"the request makes no sense: {words}", where=where) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest("the body is not JSON") from error


def named(model: str) -> str:
    if not model:
        raise InvalidRequest("'model' is missing", where="model")
    return model


def read_request(call: Call) -> ChatRequest:
    shape = decoded(_REQUEST, call.body)
    loose = decoded(_LOOSE, call.body)
    generate = is_generate(call)
    request = ChatRequest(
        model=named(shape.model),
        messages=_prompt(shape) if generate else _messages(shape.messages or [], loose.get("messages") or []),
        tools=() if generate else _tools(shape.tools or [], loose.get("tools") or []),
        output=_output(shape.format),
        thinking=_thinking(shape.think),
        logprobs=shape.logprobs,
        top_logprobs=shape.top_logprobs or None,
    )
    settings, left_options = _options(shape.options, loose.get("options") or {})
    left = leftovers(loose, _GENERATE_KNOWN if generate else _CHAT_KNOWN)
    if left_options:
        left["options"] = left_options
    return replace(request, vendor=vendor_of(left), **settings)


def is_generate(call: Call) -> bool:
    return call.path.endswith("/generate")


def _prompt(shape: RequestShape) -> tuple[Message, ...]:
    messages: list[Message] = []
    if shape.system:
        messages.append(Message(role="system", parts=(Text(text=shape.system),)))
    if shape.prompt or shape.images:
        parts = _words_and_pictures(shape.prompt, shape.images, "")
        messages.append(Message(role="user", parts=parts))
    return tuple(messages)


def _messages(shapes: list[MessageShape], loose: list[Any]) -> tuple[Message, ...]:
    messages: list[Message] = []
    waiting: list[tuple[str, str]] = []  # ids and names of calls whose results have not come
    for number, (shape, each) in enumerate(zip(shapes, loose, strict=True)):
        role = _ROLES.get(shape.role)
        if role is None:
            raise InvalidRequest(f"there is no role '{shape.role}'", where=f"messages.{number}.role")
        if role == "tool":
            result = _result(shape, each, number, waiting)
            if messages and messages[-1].role == "tool":
                messages[-1] = replace(messages[-1], parts=(*messages[-1].parts, result))
            else:
                messages.append(Message(role="tool", parts=(result,)))
            continue
        message = _message(role, shape, each, number)
        calls = [(part.id, part.name) for part in message.parts if isinstance(part, ToolCall)]
        waiting = calls or waiting
        messages.append(message)
    return tuple(messages)


def _message(role: Role, shape: MessageShape, loose: dict[str, Any], number: int) -> Message:
    parts: list[Part] = [Reasoning(text=shape.thinking)] if shape.thinking else []
    calls = shape.tool_calls or []
    empty = not (parts or calls or shape.images)
    if shape.content or empty:
        parts.append(Text(text=shape.content or ""))
    parts.extend(_pictures(shape.images, f"messages.{number}."))
    told: list[dict[str, Any]] = loose.get("tool_calls") or []
    for index, (call, each) in enumerate(zip(calls, told, strict=True)):
        parts.append(_call(call, each, f"call_{number}_{index}"))
    return Message(role=role, parts=tuple(parts), vendor=vendor_of(leftovers(loose, _MESSAGE_KNOWN)))


def _call(shape: CallShape, loose: dict[str, Any], made: str) -> ToolCall:
    """Most clients send no ids; a call is then named for its place in the conversation, for ourselves alone."""
    unnamed: dict[str, Any] = {} if shape.id else {UNNAMED: True}
    return ToolCall(
        id=shape.id or made,
        name=shape.function.name,
        arguments=arguments_of(shape.function.arguments),
        vendor=call_vendor(loose | unnamed),
    )


def _result(
    shape: MessageShape, loose: dict[str, Any], number: int, waiting: list[tuple[str, str]]
) -> ToolResult:
    """Belongs to the call of its id; without one, to the first open call of its tool; else to the first."""
    name = shape.tool_name or ""
    fitting = [each for each in waiting if each[0] == shape.tool_call_id] or (
        [] if shape.tool_call_id else [each for each in waiting if name in ("", each[1])]
    )
    identity, called = fitting[0] if fitting else (shape.tool_call_id or f"call_{number}", name)
    if fitting:
        waiting.remove(fitting[0])
    return ToolResult(
        call_id=identity,
        name=name or called,
        content=_words_and_pictures(shape.content, shape.images, f"messages.{number}."),
        vendor=vendor_of(leftovers(loose, _RESULT_KNOWN) | ({} if shape.tool_call_id else {UNNAMED: True})),
    )


def _words_and_pictures(words: str | None, images: list[str] | None, place: str) -> tuple[Text | Media, ...]:
    text = (Text(text=words or ""),) if words or not images else ()
    return (*text, *_pictures(images, place))


def _pictures(images: list[str] | None, place: str) -> list[Media]:
    return [_picture(image, f"{place}images.{index}") for index, image in enumerate(images or ())]


def _picture(image: str, where: str) -> Media:
    """The protocol wants bare base64; a data URL, which some clients send, is taken too."""
    head, mark, rest = image.partition(_DATA_URL)
    try:
        data = b64decode(rest if mark else head, validate=True)
    except ValueError as error:
        raise InvalidRequest("an image is not base64", where=where) from error
    return Media(kind="image", media_type=media_type_of(data), data=data)


def _tools(shapes: list[ToolShape], loose: list[dict[str, Any]]) -> tuple[Tool | HostedTool, ...]:
    return tuple(_tool(shape, each) for shape, each in zip(shapes, loose, strict=True))


def _tool(shape: ToolShape, loose: dict[str, Any]) -> Tool | HostedTool:
    function = shape.function
    if function is None:
        return HostedTool(protocol=PROTOCOL, name=shape.type, settings=loose)
    left = leftovers(loose, ("type", "function"))
    if inner := leftovers(loose["function"], ("name", "description", "parameters")):
        left["function"] = inner
    return Tool(
        name=function.name,
        description=function.description or "",
        schema=function.parameters or {},
        vendor=vendor_of(left),
    )


def _output(form: dict[str, Any] | str | None) -> OutputFormat | None:
    match form:
        case None | "":
            return None
        case "json":
            return OutputFormat(kind="json")
        case str():
            raise InvalidRequest(f"'format' is 'json' or a schema, not '{form}'", where="format")
        case _:
            return OutputFormat(kind="schema", schema=form)


def _thinking(think: bool | str | None) -> Thinking | None:
    match think:
        case None | "":
            return None
        case bool():
            return Thinking(enabled=think)
        case _:
            return Thinking(effort=think)


def _options(shape: OptionsShape | None, loose: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The options that are settings of ours, and the others."""
    settings: dict[str, Any] = {}
    left = leftovers(loose, OPTIONS.values())
    for ours, theirs in OPTIONS.items():
        value: Any = getattr(shape, theirs) if shape else None
        if ours == "stop" and value:
            settings[ours] = (value,) if isinstance(value, str) else tuple(value)
            continue
        if ours == "max_output" and value is not None and value <= 0:
            left[theirs], value = value, None  # "without end" or "fill the context": ours is a limit
        if value is not None and value != []:
            settings[ours] = value
    return settings, left
