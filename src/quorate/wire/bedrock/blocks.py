"""Content blocks and our parts: what `read_content` reads, `write_content` writes back equal.

A block is an object with one field, named for its kind. A block with citations is several parts: the text, then
each citation; a cache point belongs to the part before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from quorate.types.parts import (
    CacheMark,
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
from quorate.wire.json_fields import Json, a_text, an_object, objects

from .citations import read_citation, write_citation
from .fields import NAME, Misshapen, left, own, vendor
from .media import BLOCKS, read_media, write_media
from .results import BESIDE, inside, read_passage, read_result, write_passage, write_result

_BLOCK = msgspec.json.Decoder(dict[str, Raw])
_ANY = msgspec.json.Decoder(Any)
_Cacheable = (Text, Media, SearchResult, ToolCall, ToolResult)


class _Call(msgspec.Struct, rename="camel"):
    tool_use_id: str
    name: str
    input: Raw = Raw(b"{}")
    type: str = ""


_CALL = msgspec.json.Decoder(_Call)
_CALL_KNOWN = frozenset(("toolUseId", "name", "input", "type"))
HOSTED_CALL = "server_tool_use"


def read_content(blocks: Iterable[Raw], where: str) -> list[Part]:
    """The parts of these blocks. Raises `Misshapen`."""
    parts: list[Part] = []
    for number, raw in enumerate(blocks):
        at = f"{where}.{number}"
        try:
            block = _BLOCK.decode(raw)
            mark = read_mark(block)
            if mark is not None and parts and isinstance(parts[-1], _Cacheable):
                parts[-1] = replace(parts[-1], cache=mark)
            else:
                parts += _read_block(block, at)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Misshapen(f"'{at}' is no block of the protocol ({error})", at) from error
    return parts


def _read_block(block: Mapping[str, Raw], at: str) -> list[Part]:
    for kind, reader in _READERS.items():
        if kind in block:
            first, *others = reader(block[kind], f"{at}.{kind}")
            if beside := {name: _ANY.decode(raw) for name, raw in block.items() if name != kind}:
                first = replace(first, vendor={NAME: own(first.vendor) | {BESIDE: beside}})
            return [first, *others]
    kind = next(iter(block), "")
    return [Opaque(kind=kind, vendor={NAME: {name: _ANY.decode(raw) for name, raw in block.items()}})]


def read_mark(block: Mapping[str, Raw]) -> CacheMark | None:
    """The cache point that the block is, if it is one of a form we know."""
    if "cachePoint" not in block or len(block) > 1:
        return None
    match _ANY.decode(block["cachePoint"]):
        case {"type": "default", **rest} if rest in ({}, {"ttl": "5m"}, {"ttl": None}):
            return "5m"
        case {"type": "default", "ttl": "1h", **rest} if not rest:
            return "1h"
        case _:
            return None


def write_mark(mark: CacheMark) -> Json:
    """Five minutes is what the protocol takes unsaid, and some models know nothing else."""
    return {"cachePoint": {"type": "default"} if mark == "5m" else {"type": "default", "ttl": mark}}


def _read_text(raw: Raw, at: str) -> list[Part]:
    return [Text(text=_text(raw, at))]


def _text(raw: Raw, at: str) -> str:
    value = _ANY.decode(raw)
    if not isinstance(value, str):
        raise Misshapen(f"'{at}' must be a string", at)
    return value


def _read_reasoning(raw: Raw, at: str) -> list[Part]:
    fields = an_object(_ANY.decode(raw))
    if "redactedContent" in fields:
        sealed = a_text(fields["redactedContent"])
        return [Reasoning(signature=sealed, redacted=True, vendor={NAME: left(fields, ("redactedContent",))})]
    told = an_object(fields.get("reasoningText"))
    # The mark tells this protocol's signature from another's, also where nothing else is left.
    return [
        Reasoning(
            text=a_text(told.get("text")),
            signature=a_text(told.get("signature")),
            vendor={NAME: left(told, ("text", "signature"))},
        )
    ]


def _read_cited(raw: Raw, at: str) -> list[Part]:
    fields = an_object(_ANY.decode(raw))
    text = "".join(a_text(each.get("text")) for each in objects(fields.get("content")))
    return [Text(text=text), *map(read_citation, objects(fields.get("citations")))]


def _read_call(raw: Raw, at: str) -> list[Part]:
    told = _CALL.decode(raw)
    hosted = told.type == HOSTED_CALL
    rest = left(_ANY.decode(raw), _CALL_KNOWN)
    if told.type:
        rest["type"] = told.type
    arguments = bytes(told.input).decode()
    call = ToolCall(
        id=told.tool_use_id, name=told.name, arguments=arguments, hosted=hosted, vendor=vendor(rest)
    )
    return [call]


def _read_result(raw: Raw, at: str) -> list[Part]:
    return [read_result(an_object(_ANY.decode(raw)), at)]


def _read_passage(raw: Raw, at: str) -> list[Part]:
    return [read_passage(an_object(_ANY.decode(raw)))]


def _media_reader(kind: str) -> Callable[[Raw, str], list[Part]]:
    def read(raw: Raw, at: str) -> list[Part]:
        return [read_media(kind, _ANY.decode(raw), at)]

    return read


_READERS: Mapping[str, Callable[[Raw, str], list[Part]]] = {
    "text": _read_text,
    "toolUse": _read_call,
    "toolResult": _read_result,
    "reasoningContent": _read_reasoning,
    "citationsContent": _read_cited,
    "searchResult": _read_passage,
} | {kind: _media_reader(kind) for kind in BLOCKS}


def write_content(parts: Iterable[Part]) -> list[Json]:
    """The blocks of these parts; a part that the protocol has no block for is left out."""
    blocks: list[Json] = []
    for part in parts:
        if isinstance(part, Citation):
            _cite(blocks, part)
        elif block := _write_block(part):
            blocks.append(block | an_object(own(part.vendor).get(BESIDE)))
            if isinstance(part, _Cacheable) and part.cache is not None:
                blocks.append(write_mark(part.cache))
    return blocks


def _cite(blocks: list[Json], citation: Citation) -> None:
    """A citation makes a cited block of the text before it."""
    said = write_citation(citation)
    last: Json = blocks[-1] if blocks else {}
    if "citationsContent" in last:
        last["citationsContent"]["citations"].append(said)
        return
    content = [{"text": blocks.pop()["text"]}] if "text" in last else []
    blocks.append({"citationsContent": {"content": content, "citations": [said]}})


def _write_block(part: Part) -> Json | None:
    """One part alone; None where the protocol has no block for it."""
    match part:
        case Text(text=text) | Refusal(text=text):
            return {"text": text}
        case Reasoning(redacted=True):
            return {"reasoningContent": {"redactedContent": part.signature} | inside(part)}
        case Reasoning():
            signature = {"signature": part.signature} if part.signature else {}
            return {"reasoningContent": {"reasoningText": {"text": part.text} | signature | inside(part)}}
        case ToolCall():
            said = {"toolUseId": part.id, "name": part.name, "input": arguments_of(part.arguments)[0]}
            return {"toolUse": said | inside(part)}
        case ToolResult():
            return write_result(part)
        case Media():
            return write_media(part)
        case SearchResult():
            return write_passage(part)
        case Opaque():
            return dict(own(part.vendor)) or None
        case _:
            return None


def arguments_of(text: str) -> tuple[Raw, bool]:
    """Arguments as the object the protocol demands, and whether they were one; others are wrapped in one."""
    if not text.strip():
        return Raw(b"{}"), True
    try:
        data = text.encode()
        if isinstance(msgspec.json.decode(data), dict):
            return Raw(data), True
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        pass
    return Raw(msgspec.json.encode({"arguments": text.encode(errors="replace").decode()})), False
