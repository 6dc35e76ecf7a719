"""What the OpenAI SDK makes of an answer in OpenAI's chat protocol."""

from __future__ import annotations

import math
from typing import Any

import httpx2
import openai
from openai.lib.streaming.chat import ChatCompletionStreamState

from .scripted import Answer, Script, attribute, said, strings

SCRIPT = Script(httpx2)
CLIENT = openai.OpenAI(
    api_key="none", base_url="http://127.0.0.1/v1", max_retries=0, http_client=SCRIPT.client()
)


def verdict(answer: Answer) -> dict[str, Any]:
    """The answer in normal form; of an error, its status, class and words."""
    SCRIPT.current = answer
    try:
        match answer.operation:
            case "embed":
                return _embedding()
            case "rerank":
                return {"cannot": "the SDK has no reranking"}
            case "models":
                return {"models": [model.id for model in CLIENT.models.list().data]}
            case "completion":
                return _older(is_stream=answer.is_stream)
            case _:
                return _stream() if answer.is_stream else _completion()
    except openai.APIStatusError as error:
        return _failure(error, error.status_code)
    except openai.APIError as error:
        if isinstance(error, openai.APIResponseValidationError | openai.APIConnectionError):
            raise
        return _failure(error, 0)


def _failure(error: openai.APIError, status: int) -> dict[str, Any]:
    words = [error.message, *strings(error.body)]
    return {"failure": {"status": status, "kind": type(error).__name__, "words": words}}


def _older(*, is_stream: bool) -> dict[str, Any]:
    """A completion of the older kind: the pieces of a stream are put one after another."""
    reply: Any = CLIENT.completions.create(model="any", prompt="any", stream=is_stream)
    chunks = list(reply) if is_stream else [reply]
    answers: dict[int, dict[str, Any]] = {}
    for choice in (choice for chunk in chunks for choice in chunk.choices):
        answer = answers.setdefault(choice.index or 0, {"text": "", "finish": ""})
        answer["text"] += choice.text or ""
        answer["finish"] = choice.finish_reason or answer["finish"]
    usages = [chunk.usage for chunk in chunks if chunk.usage is not None]
    told = [answers[index] for index in sorted(answers)]
    return {"answers": told} | _usage(usages[-1] if usages else None)


def _completion() -> dict[str, Any]:
    completion = CLIENT.chat.completions.create(model="any", messages=[])
    if words := strings((completion.model_extra or {}).get("error")):
        return {"failure": {"status": 0, "kind": "an error in a success", "words": words}}
    answers = [_answer(choice.message, choice.finish_reason) for choice in completion.choices]
    return {"answers": answers} | _usage(completion.usage)


def _stream() -> dict[str, Any]:
    """Usage is that of the last chunk that has one: the SDK's snapshot forgets it over a later chunk without."""
    chunks = list(CLIENT.chat.completions.create(model="any", messages=[], stream=True))
    usages = [chunk.usage for chunk in chunks if chunk.usage is not None]
    if not chunks:
        return {"cannot": "no chunks"}
    return {"answers": _accumulated(chunks)} | _usage(usages[-1] if usages else None)


def _accumulated(chunks: list[Any]) -> list[dict[str, Any]]:
    """By the SDK's own accumulator; where other providers bend its rules, the chunks are put one after another."""
    if any(isinstance(choice.delta.content, list) for chunk in chunks for choice in chunk.choices):
        return _joined(chunks)
    state = ChatCompletionStreamState()
    try:
        for chunk in chunks:
            state.handle_chunk(chunk)
    except (TypeError, IndexError, RuntimeError, AttributeError):
        return _joined(chunks)
    choices = state.current_completion_snapshot.choices
    return [_answer(choice.message, choice.finish_reason) for choice in choices]


def _joined(chunks: list[Any]) -> list[dict[str, Any]]:
    answers: dict[int, dict[str, Any]] = {}
    for choice in (choice for chunk in chunks for choice in chunk.choices):
        nothing: dict[str, Any] = {"text": "", "reasoning": "", "refusal": "", "tools": [], "finish": ""}
        answer = answers.setdefault(choice.index or 0, nothing)
        piece = _answer(choice.delta, choice.finish_reason)
        for name in ("text", "reasoning", "refusal"):
            answer[name] += piece[name]
        answer["finish"] = piece["finish"] or answer["finish"]
        for call, tool in zip(choice.delta.tool_calls or [], piece["tools"], strict=True):
            _join(answer["tools"], call.index, tool)
    return [answers[index] for index in sorted(answers)]


def _join(tools: list[dict[str, Any]], index: int | None, tool: dict[str, Any]) -> None:
    """A call without an index is whole; one with an index goes on where that index began."""
    known = next((each for each in tools if index is not None and each["index"] == index), None)
    if known is None:
        tools.append(tool | {"index": index})
        return
    known["name"] = known["name"] or tool["name"] or ""
    known["arguments"] = (known["arguments"] or "") + (tool["arguments"] or "")


def _answer(message: Any, finish: str | None) -> dict[str, Any]:
    """A choice that a filter emptied has no message at all."""
    text, thought = _pieces(attribute(message, "content"))
    extra = attribute(message, "model_extra") or {}
    named = [extra.get("reasoning_content"), extra.get("reasoning"), _details(extra)]
    return {
        "text": text,
        "reasoning": next((each for each in named if isinstance(each, str) and each), thought),
        "refusal": attribute(message, "refusal") or "",
        "tools": _tools(message) if message is not None else [],
        "finish": finish or "",
    }


def _details(extra: dict[str, Any]) -> str:
    """Thoughts in OpenRouter's list of reasoning details, where they stand nowhere else."""
    details = extra.get("reasoning_details") or []
    return "".join(each.get("text") or each.get("summary") or "" for each in details)


def _pieces(content: Any) -> tuple[str, str]:
    """Text and thoughts of a content that is a list of parts, as Mistral's is."""
    if not isinstance(content, list):
        return content or "", ""
    texts = [part.get("text", "") for part in content if part.get("type") == "text"]
    thoughts = [part["thinking"] for part in content if part.get("type") == "thinking"]
    return "".join(texts), "".join(word for thought in thoughts for word in _words(thought))


def _words(parts: Any) -> list[str]:
    """The words of a list of text parts."""
    return [parts] if isinstance(parts, str) else [part.get("text", "") for part in parts]


def _tools(message: Any) -> list[dict[str, Any]]:
    """Some providers send every member of a message, empty where it is not meant: such a call is none."""
    tools = [_tool(call) for call in message.tool_calls or []]
    if message.function_call is not None and message.function_call.name:
        call = message.function_call
        tools.append({"id": "", "name": call.name, "arguments": call.arguments})
    return tools


def _tool(call: Any) -> dict[str, Any]:
    """A custom tool takes text: in normal form that is its one argument."""
    if call.type == "custom":
        return {"id": call.id, "name": call.custom.name, "arguments": {"input": call.custom.input}}
    function = attribute(call, "function")
    name, arguments = attribute(function, "name"), attribute(function, "arguments")
    return {"id": call.id or "", "name": name, "arguments": arguments}


def _usage(usage: Any) -> dict[str, Any]:
    if usage is None:
        return {}
    cached = attribute(usage, "prompt_tokens_details", "cached_tokens")
    if cached is None:
        cached = (usage.model_extra or {}).get("prompt_cache_hit_tokens")
    return {
        "usage": said(
            input=usage.prompt_tokens,
            output=attribute(usage, "completion_tokens"),
            total=usage.total_tokens,
            cache_read=cached,
            reasoning=attribute(usage, "completion_tokens_details", "reasoning_tokens"),
        )
    }


def _embedding() -> dict[str, Any]:
    reply = CLIENT.embeddings.create(model="any", input="any")
    ordered = sorted(reply.data, key=lambda item: item.index or 0)
    if not all(math.isfinite(number) for item in ordered for number in item.embedding):
        return {"cannot": "the SDK reads packed bytes of another width as 32-bit floats"}
    return {"vectors": [item.embedding for item in ordered]} | _usage(reply.usage)
