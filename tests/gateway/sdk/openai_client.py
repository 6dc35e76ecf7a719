"""OpenAI's SDK."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import openai

from .asked import CITY, QUESTION, TOOL, WEATHER, expect, expect_answer


class Client:
    """One client for one target."""

    def __init__(self, url: str, key: str, provider: str) -> None:
        self.provider = provider
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=20)
        self.model = f"{provider}/sim-swift"
        self.asked: list[Any] = [{"role": "user", "content": QUESTION}]
        self.weather: list[Any] = [{"role": "user", "content": WEATHER}]
        self.tools: list[Any] = [{"type": "function", "function": TOOL}]

    def checks(self) -> dict[str, Callable[[], None]]:
        return {
            "whole": self.whole,
            "stream": self.stream,
            "tools": self.tool,
            "embeddings": self.embeddings,
            "models": self.models,
            "error": self.error,
            "error in a stream": self.error_in_stream,
        }

    def whole(self) -> None:
        reply = self.client.chat.completions.create(model=self.model, messages=self.asked)
        expect_answer(reply.choices[0].message.content)
        expect(reply.choices[0].finish_reason, "stop")
        assert reply.usage is not None
        assert reply.usage.total_tokens > 0

    def stream(self) -> None:
        pieces = list(
            self.client.chat.completions.create(
                model=self.model, messages=self.asked, stream=True, stream_options={"include_usage": True}
            )
        )
        expect_answer("".join(each.choices[0].delta.content or "" for each in pieces if each.choices))
        assert pieces[-1].usage is not None
        assert pieces[-1].usage.total_tokens > 0

    def tool(self) -> None:
        reply = self.client.chat.completions.create(model=self.model, messages=self.weather, tools=self.tools)
        call: Any = (reply.choices[0].message.tool_calls or [None])[0]
        expect(call.function.name, "weather")
        assert CITY in json.loads(call.function.arguments)
        more: list[Any] = [
            *self.weather,
            reply.choices[0].message,
            {"role": "tool", "tool_call_id": call.id, "content": "12 degrees"},
        ]
        again = self.client.chat.completions.create(model=self.model, messages=more, tools=self.tools)
        assert again.choices[0].message.content

    def embeddings(self) -> None:
        reply = self.client.embeddings.create(model=f"{self.provider}/sim-embed", input=["a", "b"])
        expect(len(reply.data), 2)
        assert len(reply.data[0].embedding) > 8

    def models(self) -> None:
        assert self.model in [each.id for each in self.client.models.list()]
        expect(self.client.models.retrieve(self.model).id, self.model)

    def error(self) -> None:
        try:
            self.client.chat.completions.create(model=f"{self.model}+rate-limited", messages=self.asked)
        except openai.RateLimitError:
            return
        raise AssertionError("no error")

    def error_in_stream(self) -> None:
        try:
            for _ in self.client.chat.completions.create(
                model=f"{self.model}+truncated:hard", messages=self.asked, stream=True
            ):
                pass
        except openai.APIError:
            return
        raise AssertionError("no error")
