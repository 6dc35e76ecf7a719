"""Masks what a question says, wherever it says it, and puts the values back into the answer."""

from __future__ import annotations

from typing import Any, TypeVar

from quorate.errors import Unsupported
from quorate.types.chat import ChatReply, ChatRequest, Choice, HostedTool, Message, Tool
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)
from quorate.types.value import replace
from quorate.types.work import EmbedRequest

from .aliases import Aliases

_TEXTUAL = ("text/", "application/json", "application/xml")

Content = TypeVar("Content", bound=Part)


def masked(request: ChatRequest, aliases: Aliases) -> ChatRequest:
    """All words of it. What is inside images, sounds and files that are no text stays as it is."""
    return replace(
        request,
        messages=tuple(_masked_message(each, aliases) for each in request.messages),
        tools=tuple(_masked_tool(each, aliases) for each in request.tools),
        output=request.output
        and replace(
            request.output,
            schema=aliases.mask_tree(request.output.schema),
            description=aliases.mask(request.output.description),
        ),
        stop=tuple(map(aliases.mask, request.stop)),
        user=aliases.mask(request.user),
        vendor=aliases.mask_tree(request.vendor),
    )


def masked_inputs(request: EmbedRequest, aliases: Aliases) -> EmbedRequest:
    """Raises `Unsupported` for texts in the numbers of a model's vocabulary: nobody can read those."""
    if request.tokens:
        raise Unsupported("token numbers cannot be masked: send the texts themselves", settings=("input",))
    return replace(
        request,
        inputs=tuple(map(aliases.mask, request.inputs)),
        user=aliases.mask(request.user),
        vendor=aliases.mask_tree(request.vendor),
    )


def _masked_message(message: Message, aliases: Aliases) -> Message:
    return replace(
        message,
        parts=tuple(_masked_part(each, aliases) for each in message.parts),
        name=aliases.mask(message.name),
        vendor=aliases.mask_tree(message.vendor),
    )


def _masked_tool(tool: Tool | HostedTool, aliases: Aliases) -> Tool | HostedTool:
    """A hosted tool's settings are meant for the provider: credentials of other servers may stand there."""
    if isinstance(tool, HostedTool):
        return tool
    return replace(tool, description=aliases.mask(tool.description), schema=aliases.mask_tree(tool.schema))


def _masked_part(part: Content, aliases: Aliases) -> Content:
    changes: dict[str, Any] = {"vendor": aliases.mask_tree(part.vendor)} if part.vendor else {}
    match part:
        case Text():
            changes["text"] = aliases.mask_words(part.text)
        case Refusal():
            changes["text"] = aliases.mask(part.text)
        case Reasoning(redacted=False):
            changes["text"] = aliases.mask(part.text)
        case ToolCall():
            changes["arguments"] = aliases.mask_json(part.arguments)
        case ToolResult():
            changes["content"] = tuple(_masked_part(each, aliases) for each in part.content)
        case SearchResult():
            changes |= {"title": aliases.mask(part.title), "text": aliases.mask(part.text)}
        case Citation():
            changes |= {"title": aliases.mask(part.title), "quote": aliases.mask(part.quote)}
        case Media():
            changes |= _masked_media(part, aliases)
        case Reasoning() | Opaque():
            pass
    return replace(part, **changes) if changes else part


def _masked_media(part: Media, aliases: Aliases) -> dict[str, Any]:
    told: dict[str, Any] = {"transcript": aliases.mask(part.transcript), "name": aliases.mask(part.name)}
    if part.data and part.media_type.startswith(_TEXTUAL):
        text = part.data.decode(errors="replace")
        if (hidden := aliases.mask_words(text)) != text:
            told["data"] = hidden.encode()
    return told


def unmasked(reply: ChatReply, aliases: Aliases) -> ChatReply:
    """The answer with the values in place of what stood for them."""
    if not aliases:
        return reply
    return replace(
        reply,
        message=_unmasked_message(reply.message, aliases),
        alternatives=tuple(
            Choice(message=_unmasked_message(each.message, aliases), finish=each.finish)
            for each in reply.alternatives
        ),
        vendor=aliases.unmask_tree(reply.vendor),
    )


def _unmasked_message(message: Message, aliases: Aliases) -> Message:
    parts = tuple(unmasked_part(each, aliases) for each in message.parts)
    return replace(message, parts=parts, vendor=aliases.unmask_tree(message.vendor))


def unmasked_part(part: Content, aliases: Aliases) -> Content:
    changes: dict[str, Any] = {"vendor": aliases.unmask_tree(part.vendor)} if part.vendor else {}
    match part:
        case Text() | Reasoning() | Refusal():
            changes["text"] = aliases.unmask(part.text)
        case ToolCall():
            changes["arguments"] = aliases.unmask(part.arguments, in_json=True)
        case ToolResult():
            changes["content"] = tuple(unmasked_part(each, aliases) for each in part.content)
        case SearchResult():
            changes |= {"title": aliases.unmask(part.title), "text": aliases.unmask(part.text)}
        case Citation():
            changes |= {"title": aliases.unmask(part.title), "quote": aliases.unmask(part.quote)}
            # The places are counted in the text as the provider knows it, which is not the one the client sees.
            changes |= {"start": None, "end": None}
        case Media():
            changes["transcript"] = aliases.unmask(part.transcript)
        case Opaque():
            pass
    return replace(part, **changes) if changes else part
