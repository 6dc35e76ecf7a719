"""Anthropic's SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic

from .asked import CITY, QUESTION, TOOL, WEATHER, expect, expect_answer


def checks(url: str, key: str, provider: str) -> dict[str, Callable[[], None]]:
    client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=20)
    model = f"{provider}/sim-swift"
    asked: Any = {"max_tokens": 500, "messages": [{"role": "user", "content": QUESTION}]}
    weather: list[Any] = [{"role": "user", "content": WEATHER}]
    tools: list[Any] = [{"name": TOOL["name"], "input_schema": TOOL["parameters"]}]

    def whole() -> None:
        reply: Any = client.messages.create(model=model, **asked)
        expect_answer(reply.content[0].text)
        expect(reply.stop_reason, "end_turn")
        assert reply.usage.output_tokens > 0

    def stream() -> None:
        with client.messages.stream(model=model, **asked) as events:
            expect_answer("".join(events.text_stream))
            final = events.get_final_message()
        expect(final.stop_reason, "end_turn")
        assert final.usage.output_tokens > 0

    def tool() -> None:
        reply: Any = client.messages.create(model=model, max_tokens=500, messages=weather, tools=tools)
        call = next(each for each in reply.content if each.type == "tool_use")
        expect(call.name, "weather")
        assert CITY in call.input
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "12 degrees"}
        more: list[Any] = [
            *weather,
            {"role": "assistant", "content": reply.content},
            {"role": "user", "content": [result]},
        ]
        again: Any = client.messages.create(model=model, max_tokens=500, messages=more, tools=tools)
        assert again.content[0].text

    def models() -> None:
        assert model in [each.id for each in client.models.list()]
        expect(client.models.retrieve(model).id, model)

    def error() -> None:
        try:
            client.messages.create(model=f"{model}+rate-limited", **asked)
        except anthropic.RateLimitError:
            return
        raise AssertionError("no error")

    def error_in_stream() -> None:
        try:
            with client.messages.stream(model=f"{model}+truncated:hard", **asked) as events:
                events.until_done()
        except anthropic.APIError:
            return
        raise AssertionError("no error")

    return {
        "whole": whole,
        "stream": stream,
        "tools": tool,
        "models": models,
        "error": error,
        "error in a stream": error_in_stream,
    }
