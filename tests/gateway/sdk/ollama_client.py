"""Ollama's SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ollama

from .asked import CITY, QUESTION, TOOL, WEATHER, expect, expect_answer


class Client:
    """One client for one target."""

    def __init__(self, url: str, key: str, provider: str) -> None:
        self.provider = provider
        self.client = ollama.Client(host=url, headers={"authorization": f"Bearer {key}"}, timeout=20)
        self.model = f"{provider}/sim-swift"
        self.asked: list[Any] = [{"role": "user", "content": QUESTION}]
        self.weather: list[Any] = [{"role": "user", "content": WEATHER}]
        self.tools: list[Any] = [{"type": "function", "function": TOOL}]

    def checks(self) -> dict[str, Callable[[], None]]:
        return {
            "whole": self.whole,
            "stream": self.stream,
            "generate": self.generate,
            "tools": self.tool,
            "embeddings": self.embeddings,
            "models": self.models,
            "error": self.error,
            "error in a stream": self.error_in_stream,
        }

    def whole(self) -> None:
        reply = self.client.chat(model=self.model, messages=self.asked)
        expect_answer(reply.message.content)
        expect(reply.done_reason, "stop")

    def stream(self) -> None:
        pieces = list(self.client.chat(model=self.model, messages=self.asked, stream=True))
        expect_answer("".join(each.message.content or "" for each in pieces))
        expect(pieces[-1].done, True)

    def generate(self) -> None:
        expect_answer(self.client.generate(model=self.model, prompt=QUESTION).response)

    def tool(self) -> None:
        reply = self.client.chat(model=self.model, messages=self.weather, tools=self.tools)
        call: Any = (reply.message.tool_calls or [None])[0]
        expect(call.function.name, "weather")
        assert CITY in call.function.arguments
        result = {"role": "tool", "tool_name": "weather", "content": "12 degrees"}
        again = self.client.chat(
            model=self.model, messages=[*self.weather, reply.message, result], tools=self.tools
        )
        assert again.message.content

    def embeddings(self) -> None:
        expect(len(self.client.embed(model=f"{self.provider}/sim-embed", input=["a", "b"]).embeddings), 2)

    def models(self) -> None:
        assert self.model in [each.model for each in self.client.list().models]

    def error(self) -> None:
        try:
            self.client.chat(model=f"{self.model}+rate-limited", messages=self.asked)
        except ollama.ResponseError as error:
            expect(error.status_code, 429)
            return
        raise AssertionError("no error")

    def error_in_stream(self) -> None:
        try:
            for _ in self.client.chat(model=f"{self.model}+truncated:hard", messages=self.asked, stream=True):
                pass
        except ollama.ResponseError:
            return
        raise AssertionError("no error")
