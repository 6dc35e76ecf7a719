"""OpenAI's SDK: chat completions."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import openai

from .asked import SECONDS, River
from .openai_shaped import WithSound, spoken


class Client(WithSound):
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

    def draw(self, model: str, prompt: str) -> bytes:
        return b64decode(self.client.images.generate(model=model, prompt=prompt).data[0].b64_json)

    def draw_over(self, model: str, prompt: str, picture: bytes) -> bytes:
        changed = self.client.images.edit(
            model=model, prompt=prompt, image=[("a.png", picture), ("b.png", picture)]
        )
        return b64decode(changed.data[0].b64_json)

    def subtitles(self, model: str, sound: bytes) -> str:
        return self.client.audio.transcriptions.create(
            model=model, file=("a.wav", sound), response_format="srt"
        )

    def judge(self, model: str, texts: Sequence[str]) -> Sequence[bool]:
        results = self.client.moderations.create(model=model, input=list(texts)).results
        return [each.flagged for each in results]
