"""Google's SDK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from google import genai  # pyright: ignore[reportAttributeAccessIssue]  # it is not in this environment
from google.genai import errors, types

from .asked import PNG, RESULT, SECONDS, TOOL, Answer, Called, River, weather

_TOOLS = types.GenerateContentConfig(
    tools=[
        types.Tool(
            function_declarations=[
                types.FunctionDeclaration(
                    name=TOOL["name"],
                    description=TOOL["description"],
                    parameters_json_schema=TOOL["parameters"],
                )
            ]
        )
    ]
)

_THINKING = types.GenerateContentConfig(
    thinking_config=types.ThinkingConfig(include_thoughts=True, thinking_budget=1024)
)


class Client:
    """Base URL without a path."""

    finish: ClassVar[str] = "STOP"
    kinds: ClassVar[Mapping[int, str]] = {0: "APIError", 502: "ServerError"} | dict.fromkeys(
        (400, 404, 429), "ClientError"
    )

    broken: ClassVar[str] = "ServerError"

    def __init__(self, url: str, key: str) -> None:
        options = types.HttpOptions(base_url=url, timeout=int(SECONDS * 1000))
        self.client: Any = genai.Client(api_key=key, http_options=options)

    def _generate(self, model: str, contents: Any, config: Any = None) -> Any:
        return self.client.models.generate_content(model=model, contents=contents, config=config)

    def _streaming(self, model: str, contents: Any, config: Any = None) -> Any:
        return self.client.models.generate_content_stream(model=model, contents=contents, config=config)

    def whole(self, model: str, question: str) -> Answer:
        return _told(self._generate(model, question))

    def stream(self, model: str, question: str) -> Answer:
        pieces = list(self._streaming(model, question))
        last = pieces[-1]
        return Answer(
            text="".join(each.text or "" for each in pieces),
            finish=last.candidates[0].finish_reason.value,
            read=last.usage_metadata.prompt_token_count,
            written=last.usage_metadata.candidates_token_count,
        )

    def tools(self, model: str, question: str) -> tuple[Sequence[Called], str]:
        reply = self._generate(model, question, _TOOLS)
        results = [
            types.Part.from_function_response(name=call.name, response={"result": RESULT})
            for call in reply.function_calls or []
        ]
        contents = [
            types.Content(role="user", parts=[types.Part(text=question)]),
            reply.candidates[0].content,
            types.Content(role="user", parts=results),
        ]
        return _calls(reply), self._generate(model, contents, _TOOLS).text

    def streamed_tools(self, model: str, question: str) -> Sequence[Called]:
        return [call for piece in self._streaming(model, question, _TOOLS) for call in _calls(piece)]

    def tool_loop(self, model: str, question: str) -> str:
        config = types.GenerateContentConfig(tools=[weather])
        return self.client.chats.create(model=model, config=config).send_message(question).text

    def structured(self, model: str, question: str) -> River:
        config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=River)
        return self._generate(model, question, config).parsed

    def image(self, model: str, question: str) -> Answer:
        return _told(
            self._generate(model, [question, types.Part.from_bytes(data=PNG, mime_type="image/png")])
        )

    def reasoning(self, model: str, question: str) -> Answer:
        return _told(self._generate(model, question, _THINKING))

    def streamed_reasoning(self, model: str, question: str) -> Answer:
        pieces = list(self._streaming(model, question, _THINKING))
        parts = [part for each in pieces for part in each.candidates[0].content.parts or []]
        return Answer(
            text="".join(part.text or "" for part in parts if not part.thought),
            thoughts="".join(part.text or "" for part in parts if part.thought),
        )

    def bad(self, model: str) -> object:
        options = types.HttpOptions(extra_body={"contents": "nothing"})
        return self._generate(model, "Hello", types.GenerateContentConfig(http_options=options))

    def leave(self, model: str, question: str) -> None:
        pieces = self._streaming(model, question)
        next(pieces)
        pieces.close()

    def embeddings(self, model: str, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        reply = self.client.models.embed_content(model=model, contents=list(texts))
        return [each.values for each in reply.embeddings]

    def count(self, model: str, question: str) -> int:
        return self.client.models.count_tokens(model=model, contents=question).total_tokens

    def models(self) -> Sequence[str]:
        return [each.name.removeprefix("models/") for each in self.client.models.list()]

    def one_model(self, name: str) -> str:
        return self.client.models.get(model=name).name.removeprefix("models/")

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, errors.APIError):
            raise error
        return type(error).__name__, error.code


def _told(reply: Any) -> Answer:
    parts = reply.candidates[0].content.parts
    return Answer(
        text=reply.text,
        finish=reply.candidates[0].finish_reason.value,
        read=reply.usage_metadata.prompt_token_count,
        written=reply.usage_metadata.candidates_token_count,
        thoughts="".join(each.text for each in parts if each.thought),
    )


def _calls(reply: Any) -> Sequence[Called]:
    return [Called(name=each.name, arguments=each.args) for each in reply.function_calls or []]
