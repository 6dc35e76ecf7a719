"""OpenAI's SDK: chat completions."""

from __future__ import annotations

from typing import Any

import openai

from .asked import SECONDS, River
from .openai_shaped import WithModels, spoken


class Client(WithModels):
    """Base URL with /v1."""

    errors = openai

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=SECONDS)

    def completion(self, model: str, prompt: str) -> str:
        return self.client.completions.create(model=model, prompt=prompt, max_tokens=500).choices[0].text

    def one_model(self, name: str) -> str:
        return self.client.models.retrieve(name).id

    def structured(self, model: str, question: str) -> River:
        reply = self.client.chat.completions.parse(
            model=model, messages=spoken(question), response_format=River
        )
        return reply.choices[0].message.parsed
