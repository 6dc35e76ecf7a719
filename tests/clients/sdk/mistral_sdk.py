"""Mistral's SDK."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from mistralai.client import Mistral, errors

from .asked import SECONDS, River
from .openai_shaped import WithModels, spoken


class Client(WithModels):
    """Base URL without /v1."""

    kinds: ClassVar = {0: "SDKError"}
    broken: ClassVar[str] = "ResponseValidationError"  # it has no form for an error inside a stream

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = Mistral(server_url=url, api_key=key, timeout_ms=int(SECONDS * 1000))

    def create(self, model: str, messages: list[Any], **more: Any) -> Any:
        if more.pop("stream", False):
            more.pop("extra_body", None)  # it has no place for what it does not know
            return (event.data for event in self.client.chat.stream(model=model, messages=messages, **more))
        return self.client.chat.complete(model=model, messages=messages, **more)

    def structured(self, model: str, question: str) -> River:
        reply = self.client.chat.parse(River, model=model, messages=spoken(question))
        return reply.choices[0].message.parsed

    def embeddings(self, model: str, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return [
            each.embedding for each in self.client.embeddings.create(model=model, inputs=list(texts)).data
        ]

    def models(self) -> Sequence[str]:
        return [each.id for each in self.client.models.list().data]

    def one_model(self, name: str) -> str:
        return self.client.models.retrieve(model_id=name).id

    def leave(self, model: str, question: str) -> None:
        with self.client.chat.stream(model=model, messages=spoken(question)) as events:
            next(iter(events))

    def bad(self, model: str) -> object:
        return self.create(model, [])

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, errors.MistralError):
            raise error
        return type(error).__name__, error.status_code
