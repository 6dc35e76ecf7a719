"""Google's SDK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from google import genai  # pyright: ignore[reportAttributeAccessIssue]  # it is not in this environment
from google.genai import errors, types

from .asked import CITY, QUESTION, TOOL, WEATHER, expect, expect_answer


def checks(url: str, key: str, provider: str) -> dict[str, Callable[[], None]]:
    client = genai.Client(api_key=key, http_options=types.HttpOptions(base_url=url, timeout=20_000))
    model = f"{provider}/sim-swift"
    declared = types.FunctionDeclaration(name=TOOL["name"], parameters_json_schema=TOOL["parameters"])
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])

    def whole() -> None:
        reply = client.models.generate_content(model=model, contents=QUESTION)
        expect_answer(reply.text)
        assert reply.usage_metadata is not None
        assert (reply.usage_metadata.total_token_count or 0) > 0

    def stream() -> None:
        pieces = list(client.models.generate_content_stream(model=model, contents=QUESTION))
        expect_answer("".join(each.text or "" for each in pieces))
        expect(str(pieces[-1].candidates[0].finish_reason), "FinishReason.STOP")

    def tool() -> None:
        reply = client.models.generate_content(model=model, contents=WEATHER, config=config)
        call: Any = (reply.function_calls or [None])[0]
        expect(call.name, "weather")
        assert CITY in call.args
        result = types.Part.from_function_response(name="weather", response={"result": "12 degrees"})
        contents: list[Any] = [
            types.Content(role="user", parts=[types.Part(text=WEATHER)]),
            reply.candidates[0].content,
            types.Content(role="user", parts=[result]),
        ]
        again = client.models.generate_content(model=model, contents=contents, config=config)
        assert again.text

    def embeddings() -> None:
        reply = client.models.embed_content(model=f"{provider}/sim-embed", contents=["a", "b"])
        expect(len(reply.embeddings or []), 2)

    def models() -> None:
        assert f"models/{model}" in [each.name for each in client.models.list()]

    def error() -> None:
        try:
            client.models.generate_content(model=f"{model}+rate-limited", contents=QUESTION)
        except errors.ClientError as error:
            expect(error.code, 429)
            return
        raise AssertionError("no error")

    def error_in_stream() -> None:
        try:
            for _ in client.models.generate_content_stream(
                model=f"{model}+truncated:hard", contents=QUESTION
            ):
                pass
        except errors.APIError:
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
