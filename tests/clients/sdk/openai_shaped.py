"""SDKs made in the image of OpenAI's: the same calls on the same objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from .asked import PNG_URL, RESULT, TOOL, Answer, Called, River


def spoken(question: str) -> list[Any]:
    return [{"role": "user", "content": question}]


def seen(question: str) -> list[Any]:
    picture = {"type": "image_url", "image_url": {"url": PNG_URL}}
    return [{"role": "user", "content": [{"type": "text", "text": question}, picture]}]


TOOLS: list[Any] = [{"type": "function", "function": TOOL}]
SCHEMA: dict[str, Any] = River.model_json_schema() | {"additionalProperties": False}
FORMAT: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "river", "schema": SCHEMA, "strict": True},
}


class OpenAiShaped:
    """What those SDKs do alike. `client` is the SDK's own."""

    finish: ClassVar[str] = "stop"
    client: Any
    errors: Any
    """The module of its errors."""
    kinds: ClassVar[Mapping[int, str]] = {
        0: "APIError",
        400: "BadRequestError",
        404: "NotFoundError",
        429: "RateLimitError",
        502: "InternalServerError",
    }
    broken: ClassVar[str] = "APIError"

    def create(self, model: str, messages: list[Any], **more: Any) -> Any:
        return self.client.chat.completions.create(model=model, messages=messages, **more)

    def whole(self, model: str, question: str) -> Answer:
        return told(self.create(model, spoken(question)))

    def stream(self, model: str, question: str) -> Answer:
        # not every one of them knows `stream_options` as an argument
        wish = {"stream_options": {"include_usage": True}}
        return gathered(self.create(model, spoken(question), stream=True, extra_body=wish))

    def tools(self, model: str, question: str) -> tuple[Sequence[Called], str]:
        asked = spoken(question)
        message = self.create(model, asked, tools=TOOLS).choices[0].message
        results = [
            {"role": "tool", "tool_call_id": call.id, "content": RESULT} for call in message.tool_calls or []
        ]
        again = self.create(model, [*asked, self.handed_back(message), *results], tools=TOOLS)
        calls = [read_call(call.function.name, call.function.arguments) for call in message.tool_calls or []]
        return calls, again.choices[0].message.content

    def handed_back(self, message: Any) -> Any:
        """The model's turn as it goes into the next request."""
        return message

    def streamed_tools(self, model: str, question: str) -> Sequence[Called]:
        return gathered_calls(self.create(model, spoken(question), tools=TOOLS, stream=True))

    def structured(self, model: str, question: str) -> River:
        reply = self.create(model, spoken(question), response_format=FORMAT)
        return River.model_validate_json(reply.choices[0].message.content)

    def image(self, model: str, question: str) -> Answer:
        return told(self.create(model, seen(question)))

    def reasoning(self, model: str, question: str) -> Answer:
        return told(self.create(model, spoken(question), reasoning_effort="high"))

    def streamed_reasoning(self, model: str, question: str) -> Answer:
        return gathered(self.create(model, spoken(question), reasoning_effort="high", stream=True))

    def bad(self, model: str) -> object:
        return self.create(model, spoken("Hello"), temperature="warm")

    def leave(self, model: str, question: str) -> None:
        stream = self.create(model, spoken(question), stream=True)
        next(iter(stream))
        stream.close()

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, self.errors.APIError):
            raise error
        return type(error).__name__, getattr(error, "status_code", 0)


class WithModels(OpenAiShaped):
    """And their other calls."""

    def embeddings(self, model: str, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [each.embedding for each in self.client.embeddings.create(model=model, input=list(texts)).data]

    def models(self) -> Sequence[str]:
        return [each.id for each in self.client.models.list()]


class WithSound(WithModels):
    """And those for speech."""

    def speak(self, model: str, text: str) -> bytes:
        return self.client.audio.speech.create(
            model=model, input=text, voice="alloy", response_format="wav"
        ).read()

    def transcribe(self, model: str, sound: bytes) -> str:
        return self.client.audio.transcriptions.create(model=model, file=("a.wav", sound)).text


def told(reply: Any) -> Answer:
    choice, usage = reply.choices[0], reply.usage
    return Answer(
        text=choice.message.content or "",
        finish=choice.finish_reason,
        read=usage.prompt_tokens,
        written=usage.completion_tokens,
        thoughts=getattr(choice.message, "reasoning_content", None) or "",
    )


def gathered(chunks: Iterable[Any]) -> Answer:
    """A stream put together; its usage comes last."""
    pieces = list(chunks)
    choices = [each.choices[0] for each in pieces if each.choices]
    usage = next((each.usage for each in reversed(pieces) if getattr(each, "usage", None)), None)
    return Answer(
        text="".join(each.delta.content or "" for each in choices),
        finish=next((each.finish_reason for each in reversed(choices) if each.finish_reason), ""),
        read=usage.prompt_tokens if usage else 0,
        written=usage.completion_tokens if usage else 0,
        thoughts="".join(getattr(each.delta, "reasoning_content", None) or "" for each in choices),
    )


def gathered_calls(chunks: Iterable[Any]) -> Sequence[Called]:
    """Tool calls from their fragments, by index."""
    names: dict[int, str] = {}
    arguments: dict[int, str] = {}
    for chunk in chunks:
        for call in (chunk.choices[0].delta.tool_calls or []) if chunk.choices else []:
            names[call.index] = names.get(call.index) or call.function.name or ""
            arguments[call.index] = arguments.get(call.index, "") + (call.function.arguments or "")
    return [read_call(names[index], arguments[index]) for index in sorted(names)]


def read_call(name: str, arguments: str) -> Called:
    return Called(name=name, arguments=json.loads(arguments))
