"""Cohere's SDK, which speaks Cohere's own protocol only: its OpenAI-shaped path is there for OpenAI's SDK."""

from __future__ import annotations

from typing import Any, ClassVar

import cohere
from cohere.core.api_error import ApiError

from .asked import SECONDS, Answer
from .openai_shaped import spoken


class Client:
    """Base URL without a path."""

    finish: ClassVar[str] = "COMPLETE"
    kinds: ClassVar = {0: "ApiError"}

    broken: ClassVar[str] = "ApiError"

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = cohere.ClientV2(base_url=url, api_key=key, timeout=SECONDS)

    def whole(self, model: str, question: str) -> Answer:
        reply = self.client.chat(model=model, messages=spoken(question))
        return Answer(text=reply.message.content[0].text, finish=reply.finish_reason)

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, ApiError):
            raise error
        return type(error).__name__, error.status_code or 0
