"""OpenAI's SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai

from .asked import CITY, QUESTION, TOOL, WEATHER, expect, expect_answer


def checks(url: str, key: str, provider: str) -> dict[str, Callable[[], None]]:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=20)
    model = f"{provider}/sim-swift"
    asked: list[Any] = [{"role": "user", "content": QUESTION}]
    weather: list[Any] = [{"role": "user", "content": WEATHER}]
    tools: list[Any] = [{"type": "function", "function": TOOL}]

    def whole() -> None:
        reply = client.chat.completions.create(model=model, messages=asked)
        expect_answer(reply.choices[0].message.content)
        expect(reply.choices[0].finish_reason, "stop")
        assert reply.usage is not None
        assert reply.usage.total_tokens > 0

    def stream() -> None:
        pieces = list(
            client.chat.completions.create(
                model=model, messages=asked, stream=True, stream_options={"include_usage": True}
            )
        )
        expect_answer("".join(each.choices[0].delta.content or "" for each in pieces if each.choices))
        assert pieces[-1].usage is not None
        assert pieces[-1].usage.total_tokens > 0

    def tool() -> None:
        reply = client.chat.completions.create(model=model, messages=weather, tools=tools)
        call: Any = (reply.choices[0].message.tool_calls or [None])[0]
        expect(call.function.name, "weather")
        assert CITY in json.loads(call.function.arguments)
        more: list[Any] = [
            *weather,
            reply.choices[0].message,
            {"role": "tool", "tool_call_id": call.id, "content": "12 degrees"},
        ]
        again = client.chat.completions.create(model=model, messages=more, tools=tools)
        assert again.choices[0].message.content

    def embeddings() -> None:
        reply = client.embeddings.create(model=f"{provider}/sim-embed", input=["a", "b"])
        expect(len(reply.data), 2)
        assert len(reply.data[0].embedding) > 8

    def models() -> None:
        assert model in [each.id for each in client.models.list()]
        expect(client.models.retrieve(model).id, model)

    def error() -> None:
        try:
            client.chat.completions.create(model=f"{model}+rate-limited", messages=asked)
        except openai.RateLimitError:
            return
        raise AssertionError("no error")

    def error_in_stream() -> None:
        try:
            for _ in client.chat.completions.create(
                model=f"{model}+truncated:hard", messages=asked, stream=True
            ):
                pass
        except openai.APIError:
            return
        raise AssertionError("no error")

    return {
        "whole": whole,
        "stream": stream,
        "tools": tool,
        "embeddings": embeddings,
        "models": models,
        "error": error,
        "error in a stream": error_in_stream,
    }
