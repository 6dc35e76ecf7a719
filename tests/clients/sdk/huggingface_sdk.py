"""Hugging Face's client of inference endpoints. It has no list of models, and embeds in a protocol of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError, TextGenerationError

from .asked import SECONDS, Answer
from .openai_shaped import OpenAiShaped, gathered, spoken, told


class Client(OpenAiShaped):
    """Base URL with /v1."""

    kinds: ClassVar = {0: "HfHubHTTPError", 400: "BadRequestError"}
    broken: ClassVar[str] = "UnknownError"

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = InferenceClient(base_url=f"{url}/v1", api_key=key, timeout=SECONDS)

    def failure(self, error: Any) -> tuple[str, int]:
        if not isinstance(error, (HfHubHTTPError, TextGenerationError)):
            raise error
        return type(error).__name__, getattr(getattr(error, "response", None), "status_code", 0)

    def reasoning(self, model: str, question: str) -> Answer:
        return told(self.create(model, spoken(question), extra_body={"reasoning_effort": "high"}))

    def streamed_reasoning(self, model: str, question: str) -> Answer:
        wish = {"reasoning_effort": "high"}
        return gathered(self.create(model, spoken(question), extra_body=wish, stream=True))

    def leave(self, model: str, question: str) -> None:
        stream = self.create(model, spoken(question), stream=True)
        next(stream)
        stream.close()
