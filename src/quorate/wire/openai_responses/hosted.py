"""Items that are no words, thoughts or functions: what the provider's own tools did, what a client is asked to do.

Each is kept whole in `vendor` (`{"item": …}`) and goes back byte for byte; what it says is told in our values
too, as far as they have words for it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from quorate.types.parts import Media, Opaque, Part, SearchResult, Text, ToolCall, ToolResult
from quorate.wire.json_fields import Json, a_text, an_object, objects

from .fields import own, vendor
from .ids import is_made
from .media import decoded

ITEM = "item"
"""Mark of a part: on a part that is an item by itself the whole of it, else what the item said at its start."""

TOLD = "told"
"""Mark of a result that stands in its call's own item."""

_dumps = msgspec.json.encode


class Errand(NamedTuple):
    """A built-in tool that the client runs: its name in our values, where it is asked, how it is answered."""

    name: str
    asks: tuple[str, ...]
    answer: str


ERRANDS: Mapping[str, Errand] = {
    "apply_patch_call": Errand("apply_patch", ("operation",), "apply_patch_call_output"),
    "computer_call": Errand("computer", ("action", "actions"), "computer_call_output"),
    "local_shell_call": Errand("local_shell", ("action",), "local_shell_call_output"),
    "shell_call": Errand("shell", ("action",), "shell_call_output"),
}
"""Item type → errand."""

ANSWERS = frozenset(errand.answer for errand in ERRANDS.values())

_HOSTED: Mapping[str, tuple[str, ...]] = {
    "web_search_call": ("action",),
    "file_search_call": ("queries",),
    "code_interpreter_call": ("code",),
    "image_generation_call": ("prompt",),
    "mcp_call": ("arguments",),
    "tool_search_call": ("arguments",),
}
"""Item type → where it tells what was asked, of the tools that the provider runs."""

_IMAGE = "image_generation_call"
_IMAGE_KNOWN = ("type", "result", "output_format")


def read_item(item: Json) -> list[Part]:
    """The parts that an item tells of; one that nobody knows is an opaque part."""
    kind = a_text(item.get("type"))
    if kind == _IMAGE and (picture := _read_picture(item)) is not None:
        return [picture]
    if kind in ERRANDS and not _runs_there(item):
        return [_read_errand(item, ERRANDS[kind])]
    if kind in _HOSTED or kind in ERRANDS:
        return _read_hosted(item, kind)
    if kind in ANSWERS:
        return [read_answer(item, hosted=True)]
    return [Opaque(kind=kind, vendor=vendor({ITEM: item}))]


def write_item(part: Part, fallback_id: str) -> Json | None:
    """The item that a part is by itself; None where it is none of this protocol's."""
    kept = own(part.vendor).get(ITEM)
    if isinstance(part, Media):
        return _write_picture(part, fallback_id) if part.kind == "image" else None
    return an_object(kept) or None


def _runs_there(item: Json) -> bool:
    """A shell in a container of the provider's."""
    return an_object(item.get("environment")).get("type") not in (None, "local")


def _read_errand(item: Json, errand: Errand) -> ToolCall:
    asked: Any = next((item[name] for name in errand.asks if item.get(name) is not None), None)
    call_id = a_text(item.get("call_id")) or a_text(item.get("id"))
    return ToolCall(
        id=call_id, name=errand.name, arguments=_dumps(asked or {}).decode(), vendor=vendor({ITEM: item})
    )


def _read_hosted(item: Json, kind: str) -> list[Part]:
    """The call, and its result where the same item tells it."""
    call_id = a_text(item.get("call_id")) or a_text(item.get("id"))
    name = a_text(item.get("name")) or kind.removesuffix("_call")
    asks = ERRANDS[kind].asks if kind in ERRANDS else _HOSTED[kind]
    asked = {field: item[field] for field in asks if item.get(field) is not None}
    text = asked.get("arguments", asked)
    arguments = text if isinstance(text, str) else _dumps(text).decode()
    mark = vendor({ITEM: item})
    call = ToolCall(id=call_id, name=name, arguments=arguments, hosted=True, vendor=mark)
    content, failed = _found(item)
    if not content:
        return [call]
    told = vendor({TOLD: True})
    return [
        call,
        ToolResult(call_id=call_id, name=name, content=content, failed=failed, hosted=True, vendor=told),
    ]


def _found(item: Json) -> tuple[tuple[Text | Media | SearchResult, ...], bool]:
    """What a tool of the provider's found, and whether it failed."""
    sources = objects(an_object(item.get("action")).get("sources"))
    out: list[Text | Media | SearchResult] = [
        SearchResult(url=url, title=a_text(each.get("title")))
        for each in sources
        if (url := a_text(each.get("url")))
    ]
    out += [
        SearchResult(title=a_text(each.get("filename")), text=a_text(each.get("text")))
        for each in objects(item.get("results"))
    ]
    for output in objects(item.get("outputs")):
        if url := a_text(output.get("url")):
            out.append(Media(kind="image", url=url))
        elif logs := a_text(output.get("logs")):
            out.append(Text(text=logs))
    if text := a_text(item.get("output")):
        out.append(Text(text=text))
    error = item.get("error")
    words = a_text(error) or a_text(an_object(error).get("message"))
    if words:
        out.append(Text(text=words))
    return tuple(out), bool(error)


def read_answer(item: Json, *, hosted: bool = False) -> ToolResult:
    """What came of an errand, or of a shell in the provider's container."""
    output = item.get("output")
    content: list[Text | Media] = []
    if isinstance(output, str):
        content.append(Text(text=output))
    for piece in objects(output):
        content += [Text(text=words) for name in ("stdout", "stderr") if (words := a_text(piece.get(name)))]
    screen = an_object(output)
    if screen:
        url, file_id = a_text(screen.get("image_url")), a_text(screen.get("file_id"))
        content.append(Media(kind="image", url=url, file_id=file_id))
    return ToolResult(
        call_id=a_text(item.get("call_id")) or a_text(item.get("id")),
        content=tuple(content),
        failed=item.get("status") == "failed",
        hosted=hosted,
        vendor=vendor({ITEM: item}),
    )


def write_answer(result: ToolResult, errand: Errand) -> Json | None:
    """What came of an errand, for the provider that asked; None where its form cannot hold it."""
    words = "".join(part.text for part in result.content if isinstance(part, Text | SearchResult))
    told: Json = {"type": errand.answer, "call_id": result.call_id}
    match errand.name:
        case "apply_patch":
            return told | {"status": "failed" if result.failed else "completed", "output": words}
        case "shell":
            outcome = {"type": "exit", "exit_code": 1 if result.failed else 0}
            return told | {"output": [{"stdout": words, "stderr": "", "outcome": outcome}]}
        case "computer":
            screen = next((part for part in result.content if isinstance(part, Media)), None)
            return None if screen is None else told | {"output": _screenshot(screen)}
        case _:
            return {"type": errand.answer, "id": result.call_id, "output": words}


def _screenshot(media: Media) -> Json:
    if media.file_id:
        return {"type": "computer_screenshot", "file_id": media.file_id}
    inline = f"data:{media.media_type or 'image/png'};base64,{b64encode(media.data).decode()}"
    return {"type": "computer_screenshot", "image_url": media.url or inline}


def _read_picture(item: Json) -> Media | None:
    """An image the model made; None while there is none, or where its bytes cannot be told again as they came."""
    result = a_text(item.get("result"))
    data = decoded(result) if result else None
    if not data or b64encode(data).decode() != result:
        return None
    rest = {name: value for name, value in item.items() if name not in _IMAGE_KNOWN}
    if is_made(rest.get("id")):  # so is its status
        del rest["id"]
        rest.pop("status", None)
    form = item.get("output_format")
    if form is None:
        rest["output_format"] = None
    mime = f"image/{form}" if isinstance(form, str) else ""
    return Media(kind="image", media_type=mime, data=data, vendor=vendor({ITEM: rest} if rest else {}))


def _write_picture(media: Media, fallback_id: str) -> Json | None:
    if not media.data:
        return None
    kept = an_object(own(media.vendor).get(ITEM))
    item: Json = {"type": _IMAGE}
    if fallback_id and "id" not in kept:
        item |= {"id": fallback_id, "status": "completed"}
    item["result"] = b64encode(media.data).decode()
    item["output_format"] = media.media_type.removeprefix("image/") or "png"
    item |= kept
    return {name: value for name, value in item.items() if name != "output_format" or value is not None}
