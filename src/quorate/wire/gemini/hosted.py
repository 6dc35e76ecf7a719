"""Tools that Google runs itself, in an answer: the provider's own object travels whole among the leftovers."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from quorate.types.parts import Text, ToolCall, ToolResult

from .fields import Fields, an_object, vendor

CODE = "code_execution"
"""Our name for Google's own interpreter."""

NextId = Callable[[], str]
"""Names a call that came without an id."""


def read_code(inner: Fields, outer: Fields, next_id: NextId) -> ToolCall:
    kept = inner.left()
    return ToolCall(
        id=str(kept.get("id") or next_id()),
        name=CODE,
        arguments=msgspec.json.encode(
            {key: kept[key] for key in ("language", "code") if key in kept}
        ).decode(),
        hosted=True,
        vendor=vendor(outer.left() | {"executableCode": kept}),
    )


def read_code_result(inner: Fields, outer: Fields, _: NextId) -> ToolResult:
    kept = inner.left()
    output = kept.get("output")
    return ToolResult(
        call_id=str(kept.get("id") or ""),
        name=CODE,
        content=(Text(text=output),) if isinstance(output, str) else (),
        failed=kept.get("outcome") not in ("OUTCOME_OK", 1),
        hosted=True,
        vendor=vendor(outer.left() | {"codeExecutionResult": kept}),
    )


def read_hosted_call(inner: Fields, outer: Fields, next_id: NextId) -> ToolCall:
    kept = inner.left()
    return ToolCall(
        id=str(kept.get("id") or next_id()),
        name=str(kept.get("toolType", "")).lower(),
        arguments=msgspec.json.encode(an_object(kept.get("args"))).decode(),
        hosted=True,
        vendor=vendor(outer.left() | {"toolCall": kept}),
    )


def read_hosted_result(inner: Fields, outer: Fields, _: NextId) -> ToolResult:
    kept = inner.left()
    answer = an_object(kept.get("response"))
    return ToolResult(
        call_id=str(kept.get("id") or ""),
        name=str(kept.get("toolType", "")).lower(),
        content=(Text(text=msgspec.json.encode(answer).decode()),) if answer else (),
        hosted=True,
        vendor=vendor(outer.left() | {"toolResponse": kept}),
    )
