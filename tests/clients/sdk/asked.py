"""What every SDK asks, and its answer in plain words: the SDKs' own objects end here."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel

QUESTION = "Name three rivers in France"
WEATHER = "What is the weather in Vienna?"
WEATHERS = "What is the weather in both Lima and Oslo?"
RESULT = "12 degrees"
RIVER = "How long is the river Danube?"
LOOK = "Look at this picture please"
TEXTS = ["a river", "a mountain"]

TOOL: dict[str, Any] = {
    "name": "weather",
    "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
PNG_BASE64 = b64encode(PNG).decode()
PNG_URL = f"data:image/png;base64,{PNG_BASE64}"
SECONDS = 20.0
"""How long an SDK waits."""


def weather(city: str) -> str:
    """The weather in a city.

    Args:
        city: Its name.
    """
    return f"{RESULT} in {city}"


class River(BaseModel):
    """A structured answer."""

    name: str
    kilometres: int


@dataclass(frozen=True)
class Answer:
    """The words of an answer, why it ended, and what was counted."""

    text: str
    finish: str = ""
    read: int = 0
    written: int = 0
    thoughts: str = ""


@dataclass(frozen=True)
class Called:
    """A tool call with its arguments parsed."""

    name: str
    arguments: dict[str, Any]


class Sdk(Protocol):
    """One SDK with its base URL set. A method is there where the SDK has the feature; errors pass through."""

    finish: str
    """What it says of an answer that came to its end."""
    kinds: Mapping[int, str]
    """The class of its errors by status; under 0 the one for every other status."""
    broken: str
    """The class for a stream that breaks off."""

    def __init__(self, url: str, key: str) -> None: ...
    def whole(self, model: str, question: str) -> Answer: ...
    def stream(self, model: str, question: str) -> Answer: ...
    def tools(self, model: str, question: str) -> tuple[Sequence[Called], str]:
        """The calls, and what is said of their results."""
        ...

    def tool_loop(self, model: str, question: str) -> str:
        """The last answer, after the SDK itself has run the tools."""
        ...

    def streamed_tools(self, model: str, question: str) -> Sequence[Called]: ...
    def structured(self, model: str, question: str) -> River: ...
    def image(self, model: str, question: str) -> Answer: ...
    def reasoning(self, model: str, question: str) -> Answer: ...
    def streamed_reasoning(self, model: str, question: str) -> Answer: ...
    def completion(self, model: str, prompt: str) -> str:
        """By the older call that takes one text and no conversation."""
        ...

    def bad(self, model: str) -> object:
        """A request that no model takes."""
        ...

    def leave(self, model: str, question: str) -> None:
        """Begin a stream and go away after its first piece."""
        ...

    def embeddings(self, model: str, texts: Sequence[str]) -> Sequence[Sequence[float]]: ...
    def draw(self, model: str, prompt: str) -> bytes: ...
    def draw_over(self, model: str, prompt: str, picture: bytes) -> bytes: ...
    def speak(self, model: str, text: str) -> bytes: ...
    def transcribe(self, model: str, sound: bytes) -> str: ...
    def subtitles(self, model: str, sound: bytes) -> str:
        """In the form 'srt'."""
        ...

    def judge(self, model: str, texts: Sequence[str]) -> Sequence[bool]:
        """Which of them are flagged."""
        ...

    def count(self, model: str, question: str) -> int:
        """Tokens that the question would have, without asking it."""
        ...

    def models(self) -> Sequence[str]: ...
    def one_model(self, name: str) -> str:
        """The name of the model that is asked after."""
        ...

    def failure(self, error: Any) -> tuple[str, int]:
        """The class of one of the SDK's errors and its status, 0 where it has none; raises what is none."""
        ...
