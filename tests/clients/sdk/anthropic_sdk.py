"""Anthropic's SDK. It has no embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

import anthropic

from .asked import PNG_BASE64, RESULT, SECONDS, TOOL, Answer, Called, River, weather
from .openai_shaped import OpenAiShaped, spoken

_TOOLS: list[Any] = [
    {"name": TOOL["name"], "description": TOOL["description"], "input_schema": TOOL["parameters"]}
]
_MOST = 4000


class Client:
    """Base URL without a path."""

    finish: ClassVar[str] = "end_turn"
    kinds: ClassVar[Mapping[int, str]] = OpenAiShaped.kinds
    broken: ClassVar[str] = "APIStatusError"

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = anthropic.Anthropic(base_url=url, api_key=key, max_retries=0, timeout=SECONDS)

    def _create(self, model: str, messages: list[Any], **more: Any) -> Any:
        return self.client.messages.create(model=model, max_tokens=_MOST, messages=messages, **more)

    def _streaming(self, model: str, question: str, **more: Any) -> Any:
        return self.client.messages.stream(model=model, max_tokens=_MOST, messages=spoken(question), **more)

    def whole(self, model: str, question: str) -> Answer:
        return _told(self._create(model, spoken(question)))

    def stream(self, model: str, question: str) -> Answer:
        with self._streaming(model, question) as events:
            words = "".join(events.text_stream)
            final = _told(events.get_final_message())
        if words != final.text:
            raise AssertionError(f"{words!r} instead of {final.text!r}")
        return final

    def tools(self, model: str, question: str) -> tuple[Sequence[Called], str]:
        reply = self._create(model, spoken(question), tools=_TOOLS)
        results = [
            {"type": "tool_result", "tool_use_id": each.id, "content": RESULT}
            for each in reply.content
            if each.type == "tool_use"
        ]
        more = [
            *spoken(question),
            {"role": "assistant", "content": reply.content},
            {"role": "user", "content": results},
        ]
        return _calls(reply), _told(self._create(model, more, tools=_TOOLS)).text

    def streamed_tools(self, model: str, question: str) -> Sequence[Called]:
        with self._streaming(model, question, tools=_TOOLS) as events:
            return _calls(events.get_final_message())

    def tool_loop(self, model: str, question: str) -> str:
        running = self.client.beta.messages.tool_runner(
            model=model, max_tokens=_MOST, messages=spoken(question), tools=[anthropic.beta_tool(weather)]
        )
        return _told(running.until_done()).text

    def structured(self, model: str, question: str) -> River:
        reply = self.client.messages.parse(
            model=model, max_tokens=_MOST, messages=spoken(question), output_format=River
        )
        return reply.parsed_output

    def image(self, model: str, question: str) -> Answer:
        source = {"type": "base64", "media_type": "image/png", "data": PNG_BASE64}
        content = [{"type": "text", "text": question}, {"type": "image", "source": source}]
        return _told(self._create(model, [{"role": "user", "content": content}]))

    def reasoning(self, model: str, question: str) -> Answer:
        wish = {"type": "enabled", "budget_tokens": 1024}
        return _told(self._create(model, spoken(question), thinking=wish))

    def streamed_reasoning(self, model: str, question: str) -> Answer:
        wish = {"type": "enabled", "budget_tokens": 1024}
        with self._streaming(model, question, thinking=wish) as events:
            thoughts = [event.thinking for event in events if event.type == "thinking"]
            return replace(_told(events.get_final_message()), thoughts="".join(thoughts))

    def bad(self, model: str) -> object:
        return self._create(model, spoken("Hello"), tools="none")

    def leave(self, model: str, question: str) -> None:
        with self._streaming(model, question) as events:
            next(iter(events))

    def count(self, model: str, question: str) -> int:
        return self.client.messages.count_tokens(model=model, messages=spoken(question)).input_tokens

    def models(self) -> Sequence[str]:
        return [each.id for each in self.client.models.list()]

    def one_model(self, name: str) -> str:
        return self.client.models.retrieve(name).id

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, anthropic.APIError):
            raise error
        return type(error).__name__, getattr(error, "status_code", 0)


def _told(reply: Any) -> Answer:
    return Answer(
        text="".join(each.text for each in reply.content if each.type == "text"),
        finish=reply.stop_reason,
        read=reply.usage.input_tokens,
        written=reply.usage.output_tokens,
        thoughts="".join(each.thinking for each in reply.content if each.type == "thinking"),
    )


def _calls(reply: Any) -> Sequence[Called]:
    return [Called(name=each.name, arguments=each.input) for each in reply.content if each.type == "tool_use"]
