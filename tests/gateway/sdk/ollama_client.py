"""Ollama's SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ollama

from .asked import CITY, QUESTION, TOOL, WEATHER, expect, expect_answer


def checks(url: str, key: str, provider: str) -> dict[str, Callable[[], None]]:
    client = ollama.Client(host=url, headers={"authorization": f"Bearer {key}"}, timeout=20)
    model = f"{provider}/sim-swift"
    asked: list[Any] = [{"role": "user", "content": QUESTION}]
    weather: list[Any] = [{"role": "user", "content": WEATHER}]
    tools: list[Any] = [{"type": "function", "function": TOOL}]

    def whole() -> None:
        reply = client.chat(model=model, messages=asked)
        expect_answer(reply.message.content)
        expect(reply.done_reason, "stop")

    def stream() -> None:
        pieces = list(client.chat(model=model, messages=asked, stream=True))
        expect_answer("".join(each.message.content or "" for each in pieces))
        expect(pieces[-1].done, True)

    def generate() -> None:
        expect_answer(client.generate(model=model, prompt=QUESTION).response)

    def tool() -> None:
        reply = client.chat(model=model, messages=weather, tools=tools)
        call: Any = (reply.message.tool_calls or [None])[0]
        expect(call.function.name, "weather")
        assert CITY in call.function.arguments
        result = {"role": "tool", "tool_name": "weather", "content": "12 degrees"}
        again = client.chat(model=model, messages=[*weather, reply.message, result], tools=tools)
        assert again.message.content

    def embeddings() -> None:
        expect(len(client.embed(model=f"{provider}/sim-embed", input=["a", "b"]).embeddings), 2)

    def models() -> None:
        assert model in [each.model for each in client.list().models]

    def error() -> None:
        try:
            client.chat(model=f"{model}+rate-limited", messages=asked)
        except ollama.ResponseError as error:
            expect(error.status_code, 429)
            return
        raise AssertionError("no error")

    def error_in_stream() -> None:
        try:
            for _ in client.chat(model=f"{model}+truncated:hard", messages=asked, stream=True):
                pass
        except ollama.ResponseError:
            return
        raise AssertionError("no error")

    return {
        "whole": whole,
        "stream": stream,
        "generate": generate,
        "tools": tool,
        "embeddings": embeddings,
        "models": models,
        "error": error,
        "error in a stream": error_in_stream,
    }
