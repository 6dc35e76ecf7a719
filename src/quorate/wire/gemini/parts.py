"""One part of a Gemini content and one of ours: what `read_part` reads, `write_part` writes back equal.

Requests and replies have the same parts, so codec and front share this. What a part carries beyond our
own fields stays in `vendor["gemini"]`: leftovers of the part itself by their name, leftovers of the object
inside it under that object's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Raw

from quorate.types.parts import (
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

from .fields import (
    NAME,
    UNNAMED,
    Fields,
    Json,
    Misshapen,
    inside,
    is_marked,
    leftovers,
    one_line,
    own,
    vendor,
)
from .hosted import NextId, read_code, read_code_result, read_hosted_call, read_hosted_result
from .media import read_file, read_inline, write_media
from .response import read_response, write_response


def read_part(fields: Fields, next_id: NextId) -> Part:
    """A part as a value. `next_id` names a call that has no id."""
    thought = fields.flag("thought") or False
    text = fields.maybe_text("text")
    if text is not None:
        return _thought(text, fields) if thought else Text(text=text, vendor=vendor(fields.left()))
    if thought:
        fields.put_back("thought", True)
    for name, read in _READERS.items():
        if inner := fields.inner(name):
            return read(inner, fields, next_id)
    rest = fields.left()
    return Opaque(kind=next(iter(rest), ""), vendor=vendor(rest))


def _thought(text: str, fields: Fields) -> Reasoning:
    signature = fields.text("thoughtSignature")
    rest = fields.left()
    # The mark tells this protocol's signature from another's, also where nothing else is left.
    return Reasoning(text=text, signature=signature, vendor={NAME: rest} if signature or rest else {})


def read_call(inner: Fields, outer: Fields, next_id: NextId) -> ToolCall:
    """A call; `inner` is its object, `outer` the part around it."""
    args, identity = inner.raw("args"), inner.text("id")
    mark: Json = {} if identity else {UNNAMED: True}
    return ToolCall(
        id=identity or next_id(),
        name=inner.text("name"),
        arguments="{}" if args is None else one_line(args),
        vendor=vendor(leftovers(inner, outer, "functionCall") | mark),
    )


def _result(inner: Fields, outer: Fields, _: NextId) -> Part:
    raw = inner.raw("response")
    content, failed = read_response(raw, inner.place("response")) if raw is not None else ((), False)
    media: list[Media] = []
    for item in inner.items("parts"):
        part = read_part(item, str)
        if not isinstance(part, Media):
            raise Misshapen(f"'{item.at}' must be media", item.at)
        media.append(part)
    return ToolResult(
        call_id=inner.text("id"),
        name=inner.text("name"),
        content=(*content, *media),
        failed=failed,
        vendor=vendor(leftovers(inner, outer, "functionResponse")),
    )


_READERS: Mapping[str, Callable[[Fields, Fields, NextId], Part]] = {
    "functionCall": read_call,
    "functionResponse": _result,
    "inlineData": read_inline,
    "fileData": read_file,
    "executableCode": read_code,
    "codeExecutionResult": read_code_result,
    "toolCall": read_hosted_call,
    "toolResponse": read_hosted_result,
}


def write_part(part: Part, name: str = "") -> Json | None:
    """A value as a part; None where it has no place here. `name` is the tool's, for a result without one."""
    kept = own(part.vendor)
    match part:
        case Text(text=text) | Refusal(text=text):
            return {"text": text} | kept
        case Reasoning(redacted=False):
            signature = {"thoughtSignature": part.signature} if part.signature and NAME in part.vendor else {}
            return {"text": part.text, "thought": True} | signature | kept
        case ToolCall(hosted=False):
            return inside(kept, "functionCall", write_call(part))
        case ToolResult(hosted=False):
            return inside(kept, "functionResponse", _write_result(part, name))
        case Media():
            return write_media(part)
        case ToolCall() | ToolResult() | Opaque():
            return dict(kept) or None  # the provider's own object stands whole among the leftovers
        case _:
            return None


def write_call(call: ToolCall) -> Json:
    """The call's object. Arguments that are no JSON object are kept as one field of one."""
    fields: Json = {"id": call.id} if call.id and not is_marked(call.vendor, UNNAMED) else {}
    return fields | {"name": call.name, "args": arguments_of(call.arguments)[0]}


def arguments_of(text: str) -> tuple[Raw, bool]:
    """Arguments as a JSON object, and whether they were one."""
    if not text.strip():
        return Raw(b"{}"), True
    try:
        data = text.encode()
        value = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return Raw(msgspec.json.encode({"arguments": text.encode(errors="replace").decode()})), False
    if isinstance(value, dict):
        return Raw(one_line(data).encode()), True
    return Raw(msgspec.json.encode({"arguments": value})), False


def _write_result(result: ToolResult, name: str) -> Json:
    texts = [_said(part) for part in result.content if not isinstance(part, Media)]
    media = [write_media(part) for part in result.content if isinstance(part, Media)]
    fields: Json = {"id": result.call_id} if result.call_id else {}
    fields |= {"name": result.name or name, "response": write_response(texts, failed=result.failed)}
    return fields | {"parts": media} if media else fields


def _said(part: Text | SearchResult) -> str:
    return part.text if isinstance(part, Text) else passage(part)


def passage(found: SearchResult) -> str:
    """A passage with its source, in plain words."""
    return "\n".join(line for line in (found.title, found.url, found.text) if line)
