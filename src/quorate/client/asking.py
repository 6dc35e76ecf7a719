"""From what a program says to a `ChatRequest`: plain text, messages, dictionaries, attached files."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest, Message, Role
from quorate.types.parts import Media, MediaKind, Part, Text

Said = str | Part | Sequence[Part | str]
"""The content of one turn: text, a part, or several of them."""

Prompt = str | Message | Mapping[str, Any] | Sequence[Message | Mapping[str, Any]]
"""A question: text of the user, one message, or a whole conversation. A dictionary is `{"role", "content"}`."""

_KINDS: Mapping[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
LARGEST_FILE = 50 * 1024 * 1024
"""Bytes of one attached file; more than any provider takes inline."""


def messages_of(prompt: Prompt, *, system: str = "") -> tuple[Message, ...]:
    """The conversation that a prompt stands for, with `system` before it."""
    match prompt:
        case str() | Message() | Mapping():
            turns: tuple[Message, ...] = (_message(prompt, "0"),)
        case _:
            turns = tuple(_message(turn, str(place)) for place, turn in enumerate(prompt))
    if not turns:
        raise InvalidRequest("a question needs at least one message", where="messages")
    return (Message(role="system", parts=(Text(text=system),)), *turns) if system else turns


def _message(turn: object, place: str) -> Message:
    match turn:
        case Message():
            return turn
        case str():
            return Message(role="user", parts=(Text(text=turn),))
        case Mapping():
            return _from_mapping(turn, place)  # pyright: ignore[reportUnknownArgumentType]  # checked inside
        case _:
            raise InvalidRequest(
                f"a message is text, a Message or a dictionary, not {type(turn).__name__}",
                where=f"messages.{place}",
            )


def _from_mapping(turn: Mapping[str, Any], place: str) -> Message:
    role, content = turn.get("role", "user"), turn.get("content", turn.get("parts", ""))
    if role not in get_args(Role):
        raise InvalidRequest(
            f"a message's role is one of {', '.join(get_args(Role))}, not {role!r}",
            where=f"messages.{place}.role",
        )
    return Message(role=role, parts=parts_of(content, f"messages.{place}.content"))


def parts_of(said: Said, where: str = "content") -> tuple[Part, ...]:
    """Text, a part, or several, as parts. A dictionary is a part by its `type`, as `to_builtins` writes it."""
    if isinstance(said, str):
        return (Text(text=said),) if said else ()
    if isinstance(said, get_args(Part)):
        return (said,)  # pyright: ignore[reportReturnType]  # narrowed by the union's own members
    if not isinstance(said, Iterable):
        raise InvalidRequest(f"content is text or parts, not {type(said).__name__}", where=where)
    return tuple(_part(item, f"{where}.{place}") for place, item in enumerate(said))


def _part(item: object, where: str) -> Part:
    if isinstance(item, str):
        return Text(text=item)
    if isinstance(item, get_args(Part)):
        return item  # pyright: ignore[reportReturnType]  # narrowed by the union's own members
    try:
        return msgspec.convert(item, Part)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"this is no part of a message: {error}", where=where) from error


def attach(source: str | Path, *, name: str = "") -> Media:
    """A file, or a link, as a part of a message.

    A URL stays a link. A file is read whole, at most `LARGEST_FILE` bytes; its name tells what it is.
    """
    text = str(source)
    if text.startswith(("http://", "https://")):
        media_type = mimetypes.guess_type(text.split("?")[0])[0] or ""
        return Media(kind=_kind(media_type or "image"), media_type=media_type, url=text, name=name)
    path = Path(source)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidRequest(
                f"'{path.name}' is larger than {LARGEST_FILE // 2**20} MiB", where="attachment"
            )
        data = path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"'{path}' cannot be read: {error.strerror}", where="attachment") from error
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Media(kind=_kind(media_type), media_type=media_type, data=data, name=name or path.name)


def _kind(media_type: str) -> MediaKind:
    return _KINDS.get(media_type.split("/")[0], "file")


def request_of(model: str, prompt: Prompt, *, system: str = "", **settings: Any) -> ChatRequest:
    """The request, with every setting checked by name; None leaves a setting alone."""
    unknown = set(settings) - set(ChatRequest.__struct_fields__)
    if unknown:
        raise InvalidRequest(
            f"no such setting: {', '.join(sorted(unknown))}; what one provider alone knows goes in vendor=",
            where=min(unknown),
        )
    given = {name: value for name, value in settings.items() if value is not None}
    if isinstance(stop := given.get("stop"), str):
        given["stop"] = (stop,)
    elif stop is not None:
        given["stop"] = tuple(stop)
    return ChatRequest(model=model, messages=messages_of(prompt, system=system), **given)
