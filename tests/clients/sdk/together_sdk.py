"""Together's SDK."""

from __future__ import annotations

from typing import Any

import together

from .asked import SECONDS
from .openai_shaped import WithModels


class Client(WithModels):
    """Base URL without /v1."""

    errors = together

    def __init__(self, url: str, key: str) -> None:
        self.client: Any = together.Together(
            base_url=url, project_id="any", api_key=key, max_retries=0, timeout=SECONDS
        )

    def completion(self, model: str, prompt: str) -> str:
        return self.client.completions.create(model=model, prompt=prompt, max_tokens=500).choices[0].text
