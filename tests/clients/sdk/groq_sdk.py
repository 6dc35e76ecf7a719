"""Groq's SDK, which puts /openai/v1 behind its base URL."""

from __future__ import annotations

from typing import Any

import groq

from .asked import SECONDS
from .openai_shaped import WithSound


class Client(WithSound):
    """Base URL without a path."""

    errors = groq

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = groq.Groq(base_url=url, api_key=key, max_retries=0, timeout=SECONDS)

    def models(self) -> list[str]:
        return [each.id for each in self.client.models.list().data]

    def one_model(self, name: str) -> str:
        return self.client.models.retrieve(name).id
