"""Google's SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google import genai  # pyright: ignore[reportAttributeAccessIssue]  # it is not in this environment
from google.genai import errors, types

from .asked import CITY, QUESTION, TOOL, WEATHER, expect, expect_answer


class Client:
    """One client for one target."""

    def __init__(self, url: str, key: str, provider: str) -> None:
        self.provider = provider
        self.client = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url, timeout=20_000))
        self.model = f"{provider}/sim-swift"
        declared = types.FunctionDeclaration(name=TOOL["name"], parameters_json_schema=TOOL["parameters"])
        self.config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])

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
        reply = self.client.models.generate_content(model=self.model, contents=QUESTION)
        expect_answer(reply.text)
        assert reply.usage_metadata is not None
        assert (reply.usage_metadata.total_token_count or 0) > 0

    def stream(self) -> None:
        pieces = list(self.client.models.generate_content_stream(model=self.model, contents=QUESTION))
        expect_answer("".join(each.text or "" for each in pieces))
        expect(str(pieces[-1].candidates[0].finish_reason), "FinishReason.STOP")

    def tool(self) -> None:
        reply = self.client.models.generate_content(model=self.model, contents=WEATHER, config=self.config)
        call: Any = (reply.function_calls or [None])[0]
        expect(call.name, "weather")
        assert CITY in call.args
        result = types.Part.from_function_response(name="weather", response={"result": "12 degrees"})
        contents: list[Any] = [
            types.Content(role="user", parts=[types.Part(text=WEATHER)]),
            reply.candidates[0].content,
            types.Content(role="user", parts=[result]),
        ]
        again = self.client.models.generate_content(model=self.model, contents=contents, config=self.config)
        assert again.text

    def embeddings(self) -> None:
        reply = self.client.models.embed_content(model=f"{self.provider}/sim-embed", contents=["a", "b"])
        expect(len(reply.embeddings or []), 2)

    def models(self) -> None:
        assert f"models/{self.model}" in [each.name for each in self.client.models.list()]

    def error(self) -> None:
        try:
            self.client.models.generate_content(model=f"{self.model}+rate-limited", contents=QUESTION)
        except errors.ClientError as error:
            expect(error.code, 429)
            return
        raise AssertionError("no error")

    def error_in_stream(self) -> None:
        try:
            for _ in self.client.models.generate_content_stream(
                model=f"{self.model}+truncated:hard", contents=QUESTION
            ):
                pass
        except errors.APIError:
            return
        raise AssertionError("no error")
