"""What the OpenAI SDK makes of an answer in OpenAI's responses protocol."""

from __future__ import annotations

from typing import Any

import openai

from .openai_judge import CLIENT, SCRIPT
from .scripted import Answer, attribute, said, strings

ERRANDS = {"apply_patch_call": "apply_patch", "computer_call": "computer", "local_shell_call": "local_shell"}
"""What a client is asked to do beside calling functions, and the name of such a tool."""

FINAL = ("response.completed", "response.incomplete", "response.failed")


def verdict(answer: Answer) -> dict[str, Any]:
    """The answer in normal form; of an error, its status, class and words."""
    SCRIPT.current = answer
    try:
        if answer.operation == "count":
            tokens = CLIENT.responses.input_tokens.count(model="any", input="").input_tokens
            return {"usage": said(input=tokens, output=0, total=tokens)}
        return _stream() if answer.is_stream else _response(CLIENT.responses.create(model="any", input=""))
    except openai.APIStatusError as error:
        return _failure(error, error.status_code)
    except openai.APIError as error:
        if isinstance(error, openai.APIResponseValidationError | openai.APIConnectionError):
            raise
        return _failure(error, 0)


def _failure(error: openai.APIError, status: int) -> dict[str, Any]:
    words = [error.message, *strings(error.body)]
    return {"failure": {"status": status, "kind": type(error).__name__, "words": words}}


def _response(response: Any) -> dict[str, Any]:
    """A whole response: of its parts, each kind joined."""
    if response.status == "failed" or (response.error is not None and not response.output):
        words = strings(response.error.to_dict())
        return {"failure": {"status": 0, "kind": "an error in a success", "words": words}}
    if response.output is None:
        return {"cannot": "no output"}
    pieces = [piece for item in response.output if item.type == "message" for piece in item.content]
    answer = {
        "text": "".join(piece.text for piece in pieces if piece.type == "output_text"),
        "refusal": "".join(piece.refusal for piece in pieces if piece.type == "refusal"),
        "reasoning": "".join(_thoughts(response.output)),
        "tools": [tool for item in response.output for tool in _tools(item)],
        "finish": _finish(response),
    }
    return {"answers": [answer]} | _usage(response.usage)


def _stream() -> dict[str, Any]:
    """Words as their pieces tell them, calls from the items at their end, the rest from the final response."""
    events = _first(list(CLIENT.responses.create(model="any", input="", stream=True)))
    finals = [event.response for event in events if event.type in FINAL]
    failed = [event for event in events if event.type == "error"]
    if failed:
        return {
            "failure": {"status": 0, "kind": "an error in a stream", "words": strings(failed[0].to_dict())}
        }
    if not finals:
        return {"cannot": "no final response"}
    if finals[-1].status == "failed":
        return _response(finals[-1])
    items = [event.item for event in events if event.type == "response.output_item.done"]
    answer = {
        "text": _joined(events, "response.output_text.delta"),
        "refusal": _joined(events, "response.refusal.delta"),
        "reasoning": _reasoned(events),
        "tools": [tool for item in items for tool in _tools(item)],
        "finish": _finish(finals[-1]),
    }
    return {"answers": [answer]} | _usage(finals[-1].usage)


def _first(events: list[Any]) -> list[Any]:
    """Up to the first final response: a fixture may hold several turns, one after the other."""
    ends = [number for number, event in enumerate(events) if event.type in FINAL]
    return events[: ends[0] + 1] if ends else events


def _joined(events: list[Any], *kinds: str) -> str:
    return "".join(event.delta for event in events if event.type in kinds)


def _reasoned(events: list[Any]) -> str:
    """Item by item: two may come at the same time."""
    kinds = ("response.reasoning_summary_text.delta", "response.reasoning_text.delta")
    pieces = [event for event in events if event.type in kinds]
    return "".join(piece.delta for piece in sorted(pieces, key=lambda piece: piece.output_index))


def _thoughts(output: list[Any]) -> list[str]:
    items = [item for item in output if item.type == "reasoning"]
    return [piece.text for item in items for piece in [*(item.summary or []), *(item.content or [])]]


def _finish(response: Any) -> str:
    if response.status == "incomplete":
        return attribute(response, "incomplete_details", "reason") or "incomplete"
    return response.status or ""


def _tools(item: Any) -> list[dict[str, Any]]:
    """A custom tool takes text: in normal form that is its one argument."""
    match item.type:
        case "function_call":
            return [{"id": item.call_id or "", "name": item.name, "arguments": item.arguments}]
        case "custom_tool_call":
            return [{"id": item.call_id or "", "name": item.name, "arguments": {"input": item.input}}]
        case "apply_patch_call":
            asked = item.operation.to_dict()
        case "shell_call" if attribute(item, "environment", "type") in (None, "local"):
            asked = item.action.to_dict()
        case "local_shell_call" | "computer_call":
            asked = item.action.to_dict()
        case _:
            return []
    return [{"id": item.call_id or "", "name": ERRANDS.get(item.type, "shell"), "arguments": asked}]


def _usage(usage: Any) -> dict[str, Any]:
    if usage is None:
        return {}
    return {
        "usage": said(
            input=usage.input_tokens,
            output=usage.output_tokens,
            total=usage.total_tokens,
            cache_read=attribute(usage, "input_tokens_details", "cached_tokens"),
            cache_write=attribute(usage, "input_tokens_details", "cache_write_tokens"),
            reasoning=attribute(usage, "output_tokens_details", "reasoning_tokens"),
        )
    }
