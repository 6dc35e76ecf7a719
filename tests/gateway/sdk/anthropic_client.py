"""Anthropic's SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anthropic

from .asked import CITY, QUESTION, TOOL, WEATHER, expect, expect_answer


class Client:
    """One client for one target."""

    def __init__(self, url: str, key: str, provider: str) -> None:
        self.provider = provider
        self.client = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=20)
        self.model = f"{provider}/sim-swift"
        self.asked: Any = {"max_tokens": 500, "messages": [{"role": "user", "content": QUESTION}]}
        self.weather: list[Any] = [{"role": "user", "content": WEATHER}]
        self.tools: list[Any] = [{"name": TOOL["name"], "input_schema": TOOL["parameters"]}]

    def checks(self) -> dict[str, Callable[[], None]]:
        return {
            "whole": self.whole,
            "stream": self.stream,
            "tools": self.tool,
            "models": self.models,
            "error": self.error,
            "error in a stream": self.error_in_stream,
        }

    def whole(self) -> None:
        reply: Any = self.client.messages.create(model=self.model, **self.asked)
        expect_answer(reply.content[0].text)
        expect(reply.stop_reason, "end_turn")
        assert reply.usage.output_tokens > 0

    def stream(self) -> None:
        with self.client.messages.stream(model=self.model, **self.asked) as events:
            expect_answer("".join(events.text_stream))
            final = events.get_final_message()
        expect(final.stop_reason, "end_turn")
        assert final.usage.output_tokens > 0

    def tool(self) -> None:
        reply: Any = self.client.messages.create(
            model=self.model, max_tokens=500, messages=self.weather, tools=self.tools
        )
        call = next(each for each in reply.content if each.type == "tool_use")
        expect(call.name, "weather")
        assert CITY in call.input
        result = {"type": "tool_result", "tool_use_id": call.id, "content": "12 degrees"}
        more: list[Any] = [
            *self.weather,
            {"role": "assistant", "content": reply.content},
            {"role": "user", "content": [result]},
        ]
        again: Any = self.client.messages.create(
            model=self.model, max_tokens=500, messages=more, tools=self.tools
        )
        assert again.content[0].text

    def models(self) -> None:
        assert self.model in [each.id for each in self.client.models.list()]
        expect(self.client.models.retrieve(self.model).id, self.model)

    def error(self) -> None:
        try:
            self.client.messages.create(model=f"{self.model}+rate-limited", **self.asked)
        except anthropic.RateLimitError:
            return
        raise AssertionError("no error")

    def error_in_stream(self) -> None:
        try:
            with self.client.messages.stream(model=f"{self.model}+truncated:hard", **self.asked) as events:
                events.until_done()
        except anthropic.APIError:
            return
        raise AssertionError("no error")
