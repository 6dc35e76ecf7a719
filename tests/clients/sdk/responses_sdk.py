"""OpenAI's SDK: responses."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import openai

from .asked import PNG_URL, RESULT, SECONDS, TOOL, Answer, Called, River
from .openai_shaped import OpenAiShaped, spoken

_TOOLS: list[Any] = [{"type": "function", "strict": False, **TOOL}]


class Broken(Exception):
    """What the SDK tells by an event and raises no error for."""


class Client:
    """Base URL with /v1."""

    finish: ClassVar[str] = "completed"
    kinds: ClassVar[Mapping[int, str]] = OpenAiShaped.kinds
    broken: ClassVar[str] = "Broken"

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=SECONDS)

    def whole(self, model: str, question: str) -> Answer:
        return _told(self.client.responses.create(model=model, input=question))

    def stream(self, model: str, question: str) -> Answer:
        words: list[str] = []
        with self.client.responses.stream(model=model, input=question) as events:
            for event in events:
                if event.type == "response.output_text.delta":
                    words.append(event.delta)
                if event.type == "error":
                    raise Broken(event.message)
            final = _told(events.get_final_response())
        if "".join(words) != final.text:
            raise AssertionError(f"{''.join(words)!r} instead of {final.text!r}")
        return final

    def tools(self, model: str, question: str) -> tuple[Sequence[Called], str]:
        reply = self.client.responses.create(model=model, input=question, tools=_TOOLS)
        results = [
            {"type": "function_call_output", "call_id": each.call_id, "output": RESULT}
            for each in reply.output
            if each.type == "function_call"
        ]
        more = [*spoken(question), *reply.output, *results]
        again = self.client.responses.create(model=model, input=more, tools=_TOOLS)
        return _calls(reply), again.output_text

    def streamed_tools(self, model: str, question: str) -> Sequence[Called]:
        with self.client.responses.stream(model=model, input=question, tools=_TOOLS) as events:
            return _calls(events.get_final_response())

    def structured(self, model: str, question: str) -> River:
        return self.client.responses.parse(model=model, input=question, text_format=River).output_parsed

    def image(self, model: str, question: str) -> Answer:
        content = [
            {"type": "input_text", "text": question},
            {"type": "input_image", "image_url": PNG_URL, "detail": "auto"},
        ]
        return _told(self.client.responses.create(model=model, input=[{"role": "user", "content": content}]))

    def reasoning(self, model: str, question: str) -> Answer:
        wish = {"effort": "high", "summary": "auto"}
        return _told(self.client.responses.create(model=model, input=question, reasoning=wish))

    def streamed_reasoning(self, model: str, question: str) -> Answer:
        wish = {"effort": "high", "summary": "auto"}
        with self.client.responses.stream(model=model, input=question, reasoning=wish) as events:
            thoughts = [each.delta for each in events if each.type == "response.reasoning_summary_text.delta"]
            return replace(_told(events.get_final_response()), thoughts="".join(thoughts))

    def bad(self, model: str) -> object:
        return self.client.responses.create(model=model, input="Hello", temperature="warm")

    def leave(self, model: str, question: str) -> None:
        with self.client.responses.create(model=model, input=question, stream=True) as events:
            next(iter(events))

    def count(self, model: str, question: str) -> int:
        return self.client.responses.input_tokens.count(model=model, input=question).input_tokens

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, (openai.APIError, Broken)):
            raise error
        return type(error).__name__, getattr(error, "status_code", 0)


def _told(reply: Any) -> Answer:
    thoughts = [part.text for each in reply.output if each.type == "reasoning" for part in each.summary]
    return Answer(
        text=reply.output_text,
        finish=reply.status,
        read=reply.usage.input_tokens,
        written=reply.usage.output_tokens,
        thoughts="".join(thoughts),
    )


def _calls(reply: Any) -> Sequence[Called]:
    return [
        Called(name=each.name, arguments=json.loads(each.arguments))
        for each in reply.output
        if each.type == "function_call"
    ]
