"""What the Anthropic SDK makes of an answer in Anthropic's Messages protocol."""

from __future__ import annotations

import json
from typing import Any

import anthropic
import httpx2

from .scripted import Answer, Script, attribute, said, strings

SCRIPT = Script(httpx2)
CLIENT = anthropic.Anthropic(
    api_key="none", base_url="http://127.0.0.1", max_retries=0, http_client=SCRIPT.client()
)


def verdict(answer: Answer) -> dict[str, Any]:
    """The answer in normal form; of an error, its status, class and words."""
    SCRIPT.current = answer
    try:
        if answer.operation == "models":
            return {"models": [model.id for model in CLIENT.models.list().data]}
        if answer.operation == "count":
            return _counted()
        return _message(_streamed() if answer.is_stream else _whole())
    except anthropic.APIStatusError as error:
        return _failure(error, error.status_code)
    except anthropic.APIResponseValidationError:
        raise
    except anthropic.APIError as error:
        return _failure(error, 0)


def _failure(error: anthropic.APIError, status: int) -> dict[str, Any]:
    words = [error.message, *strings(error.body)]
    return {"failure": {"status": status, "kind": type(error).__name__, "words": words}}


def _whole() -> Any:
    return CLIENT.beta.messages.create(model="any", max_tokens=1, messages=[])


def _streamed() -> Any:
    with CLIENT.beta.messages.stream(model="any", max_tokens=1, messages=[]) as stream:
        return stream.get_final_message()


def _counted() -> dict[str, Any]:
    tokens = CLIENT.beta.messages.count_tokens(model="any", messages=[]).input_tokens
    return {"usage": said(input=tokens, output=0, total=tokens)}


def _message(message: Any) -> dict[str, Any]:
    blocks = message.content
    return {
        "answers": [
            {
                "text": "".join(block.text for block in blocks if block.type == "text"),
                "reasoning": "".join(block.thinking for block in blocks if block.type == "thinking"),
                "tools": [_tool(block) for block in blocks if block.type == "tool_use"],
                "hosted": [
                    block.name for block in blocks if block.type in ("server_tool_use", "mcp_tool_use")
                ],
                "sources": [source for block in blocks if block.type == "text" for source in _sources(block)],
                "finish": message.stop_reason or "",
            }
        ]
    } | _usage(message.usage)


def _tool(block: Any) -> dict[str, Any]:
    return {"id": block.id, "name": block.name, "arguments": json.dumps(block.input)}


def _sources(block: Any) -> list[str]:
    """Each citation by the words it quotes."""
    return [attribute(citation, "cited_text") or "" for citation in block.citations or []]


def _usage(usage: Any) -> dict[str, Any]:
    """The tokens of a compaction are billed and yet stand among the iterations alone."""
    if attribute(usage, "input_tokens") is None:
        return {}
    rounds = [usage, *(each for each in usage.iterations or [] if each.type == "compaction")]
    read = sum(each.cache_read_input_tokens or 0 for each in rounds)
    written = sum(each.cache_creation_input_tokens or 0 for each in rounds)
    return {
        "usage": said(
            input=sum(each.input_tokens for each in rounds) + written + read,
            output=sum(each.output_tokens for each in rounds),
            cache_read=read,
            cache_write=written,
            reasoning=attribute(usage, "output_tokens_details", "thinking_tokens"),
        )
    }
