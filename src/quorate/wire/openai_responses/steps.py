"""The steps that a client hears of while a provider's own tool runs: told all at once, as its item is known whole."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.wire.json_fields import Json, a_text

from .pieces import Told

_PROGRESS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "web_search_call": (("in_progress", "searching"), "completed"),
    "file_search_call": (("in_progress", "searching"), "completed"),
    "code_interpreter_call": (("in_progress", "interpreting"), "completed"),
    "image_generation_call": (("in_progress", "generating"), "completed"),
    "mcp_call": (("in_progress",), "completed"),
    "mcp_list_tools": (("in_progress",), "completed"),
}
"""Item type → the steps that clients hear of while a provider's own tool runs, and the last one."""

_WORDS: Mapping[str, tuple[str, str]] = {
    "code_interpreter_call": ("code", "response.code_interpreter_call_code"),
    "mcp_call": ("arguments", "response.mcp_call_arguments"),
}
"""Item type → the field in which it says what is run, and the events that tell of it."""

_CAN_FAIL = frozenset(("mcp_call", "mcp_list_tools"))
"""Item types whose failure is a last step of its own."""

_RESULTS = frozenset(("result", "results", "outputs", "output", "error"))
"""Fields that an item of a provider's tool has only at its end."""


def steps(index: int, final: Json) -> tuple[list[Told], list[Told]]:
    """What clients hear of an item that is told whole: before its end, and at it."""
    kind = a_text(final.get("type"))
    begun = {name: value for name, value in final.items() if name not in _RESULTS}
    if "status" in begun:
        begun["status"] = "in_progress"
    where: Json = {"output_index": index, "item_id": final.get("id")}
    running, last = _PROGRESS.get(kind, ((), ""))
    if kind in _CAN_FAIL and (final.get("error") or final.get("status") == "failed"):
        last = "failed"
    before: list[Told] = [("response.output_item.added", {"output_index": index, "item": begun})]
    before += [(f"response.{kind}.{step}", where) for step in running[:1]]
    before += _words_told(kind, final, where)
    before += [(f"response.{kind}.{step}", where) for step in running[1:]]
    return before, [(f"response.{kind}.{last}", where)] if last else []


def _words_told(kind: str, final: Json, where: Json) -> list[Told]:
    """What a provider's tool is given to run."""
    field, name = _WORDS.get(kind, ("", ""))
    words = a_text(final.get(field))
    if not words:
        return []
    return [(f"{name}.delta", where | {"delta": words}), (f"{name}.done", where | {field: words})]
