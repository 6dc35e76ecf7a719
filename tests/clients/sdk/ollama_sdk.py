"""Ollama's SDK."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import ollama

from .asked import PNG, RESULT, SECONDS, Answer, Called, River
from .openai_shaped import SCHEMA, TOOLS, spoken


class Client:
    """Base URL without a path."""

    finish: ClassVar[str] = "stop"
    kinds: ClassVar[Mapping[int, str]] = {0: "ResponseError"}

    broken: ClassVar[str] = "ResponseError"

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = ollama.Client(
            host=url, headers={"authorization": f"Bearer {key}"}, timeout=SECONDS
        )

    def whole(self, model: str, question: str) -> Answer:
        return _told([self.client.chat(model=model, messages=spoken(question))])

    def stream(self, model: str, question: str) -> Answer:
        return _told(list(self.client.chat(model=model, messages=spoken(question), stream=True)))

    def tools(self, model: str, question: str) -> tuple[Sequence[Called], str]:
        reply = self.client.chat(model=model, messages=spoken(question), tools=TOOLS)
        results = [
            {"role": "tool", "tool_name": call.function.name, "content": RESULT}
            for call in reply.message.tool_calls or []
        ]
        more = [*spoken(question), reply.message, *results]
        again = self.client.chat(model=model, messages=more, tools=TOOLS)
        return _calls([reply]), again.message.content

    def streamed_tools(self, model: str, question: str) -> Sequence[Called]:
        return _calls(
            list(self.client.chat(model=model, messages=spoken(question), tools=TOOLS, stream=True))
        )

    def structured(self, model: str, question: str) -> River:
        reply = self.client.chat(model=model, messages=spoken(question), format=SCHEMA)
        return River.model_validate_json(reply.message.content)

    def image(self, model: str, question: str) -> Answer:
        asked = [{"role": "user", "content": question, "images": [PNG]}]
        return _told([self.client.chat(model=model, messages=asked)])

    def reasoning(self, model: str, question: str) -> Answer:
        return _told([self.client.chat(model=model, messages=spoken(question), think=True)])

    def streamed_reasoning(self, model: str, question: str) -> Answer:
        return _told(list(self.client.chat(model=model, messages=spoken(question), think=True, stream=True)))

    def completion(self, model: str, prompt: str) -> str:
        return self.client.generate(model=model, prompt=prompt).response

    def bad(self, model: str) -> object:
        return self.client.chat(model=model, messages=spoken("Hello"), options={"temperature": "warm"})

    def leave(self, model: str, question: str) -> None:
        pieces = self.client.chat(model=model, messages=spoken(question), stream=True)
        next(pieces)
        pieces.close()

    def embeddings(self, model: str, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return self.client.embed(model=model, input=list(texts)).embeddings

    def models(self) -> Sequence[str]:
        return [each.model for each in self.client.list().models]

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, ollama.ResponseError):
            raise error
        return type(error).__name__, error.status_code


def _told(pieces: Sequence[Any]) -> Answer:
    last = pieces[-1]
    return Answer(
        text="".join(each.message.content or "" for each in pieces),
        finish=last.done_reason,
        read=last.prompt_eval_count,
        written=last.eval_count,
        thoughts="".join(each.message.thinking or "" for each in pieces),
    )


def _calls(pieces: Sequence[Any]) -> Sequence[Called]:
    return [
        Called(name=call.function.name, arguments=dict(call.function.arguments))
        for each in pieces
        for call in each.message.tool_calls or []
    ]
