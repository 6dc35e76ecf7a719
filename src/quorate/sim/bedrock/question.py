"""A request as Amazon's clients write it, read into ours: the mirror of what the codec writes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, cast

import msgspec
from msgspec import Raw

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest, Message, Role
from quorate.types.parts import Part, ToolResult
from quorate.wire.bedrock.blocks import read_content
from quorate.wire.bedrock.fields import NAME, Misshapen, left, vendor
from quorate.wire.bedrock.output import read_format
from quorate.wire.bedrock.thinking import read_thinking
from quorate.wire.bedrock.tools import read_choice, read_tools
from quorate.wire.json_fields import Json, a_text, an_object
from quorate.wire.seam import Call

_ANY = msgspec.json.Decoder(Any)
_BODY = msgspec.json.Decoder(dict[str, Raw])
_TURNS = msgspec.json.Decoder(list[dict[str, Raw]])
_BLOCKS = msgspec.json.Decoder(list[Raw])

_READ = frozenset(("messages", "system", "toolConfig", "inferenceConfig", "outputConfig", "serviceTier"))
_EXTRA = "additionalModelRequestFields"
_SAMPLING = ("maxTokens", "temperature", "topP", "stopSequences")


def read_request(call: Call) -> ChatRequest:
    """Raises `InvalidRequest`."""
    return read_body(call.body, model_in(call.path))


def model_in(path: str) -> str:
    """The model in a path whose percents are decoded: an ARN has slashes of its own."""
    return path.removeprefix("/model/").rpartition("/")[0]


def read_body(body: bytes, model: str) -> ChatRequest:
    try:
        raw = _BODY.decode(body)
        messages = [*_system(raw.get("system")), *_turns(raw)]
        loose: Json = {
            name: _ANY.decode(value) for name, value in raw.items() if name not in ("messages", "system")
        }
        return _request(model, tuple(messages), loose)
    except Misshapen as error:
        raise InvalidRequest(str(error), where=error.where) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"the body is not what the protocol says ({error})") from error


def _system(raw: Raw | None) -> list[Message]:
    if raw is None:
        return []
    parts = read_content(_BLOCKS.decode(raw), "system")
    return [Message(role="system", parts=tuple(parts))] if parts else []


def _turns(raw: dict[str, Raw]) -> Iterable[Message]:
    if "messages" not in raw:
        raise Misshapen("'messages' is needed", "messages")
    for number, turn in enumerate(_TURNS.decode(raw["messages"])):
        yield from _turn(turn, f"messages.{number}")


def _turn(turn: dict[str, Raw], at: str) -> Iterable[Message]:
    """A user's turn is several of ours where results of tools stand beside words."""
    role = _ANY.decode(turn.get("role", Raw(b"null")))
    if role not in ("user", "assistant", "system") or "content" not in turn:
        raise Misshapen(f"'{at}' needs a role and content", at)
    parts = read_content(_BLOCKS.decode(turn["content"]), f"{at}.content")
    kept = vendor(
        {name: _ANY.decode(value) for name, value in turn.items() if name not in ("role", "content")}
    )
    if role != "user":
        yield Message(role=cast("Role", role), parts=tuple(parts), vendor=kept)
        return
    for number, (speaker, run) in enumerate(groupby(parts, _speaker)):
        yield Message(role=speaker, parts=tuple(run), vendor=kept if not number else {})


def _speaker(part: Part) -> Role:
    return "tool" if isinstance(part, ToolResult) and not part.hosted else "user"


def _request(model: str, messages: tuple[Message, ...], body: Json) -> ChatRequest:
    inference, output = an_object(body.get("inferenceConfig")), an_object(body.get("outputConfig"))
    extra, config = an_object(body.get(_EXTRA)), an_object(body.get("toolConfig"))
    thinking, wish = read_thinking(extra, a_text(output.get("effort")))
    rest = left(body, _READ | {_EXTRA})
    top_k = extra.get("top_k")
    taken = {wish, "top_k" if isinstance(top_k, int) else ""}
    if others := left(extra, taken):
        rest[_EXTRA] = others
    if unread := left(inference, _SAMPLING):
        rest["inferenceConfig"] = unread
    if config and (unread := left(config, ("tools", "toolChoice"))):
        rest["toolConfig"] = unread
    form = read_format(output)
    known = {"textFormat" if form else "", "effort" if thinking and thinking.effort else ""}
    if unread := left(output, known):
        rest["outputConfig"] = unread
    tier = an_object(body.get("serviceTier"))
    if unread := left(tier, ("type",)):
        rest["serviceTier"] = unread
    limits = _limits(inference)
    return ChatRequest(
        model=model,
        messages=messages,
        tools=read_tools(config, "toolConfig"),
        tool_choice=read_choice(config),
        output=form,
        thinking=thinking,
        max_output=limits.max_tokens,
        temperature=limits.temperature,
        top_p=limits.top_p,
        top_k=top_k if isinstance(top_k, int) else None,
        stop=limits.stop_sequences,
        service_tier=a_text(tier.get("type")),
        vendor={NAME: rest} if rest else {},
    )


class _Limits(msgspec.Struct, rename="camel"):
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop_sequences: tuple[str, ...] = ()


def _limits(inference: Json) -> _Limits:
    try:
        return msgspec.convert(inference, _Limits)
    except msgspec.ValidationError as error:
        raise Misshapen(f"'inferenceConfig' makes no sense ({error})", "inferenceConfig") from error
