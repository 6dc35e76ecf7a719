"""An HTTP transport that answers every request with the one answer it was given."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

CONTENT_TYPES = {
    "json": "application/json",
    "json_list": "application/json",
    "sse": "text/event-stream",
    "ndjson": "application/x-ndjson",
    "event_stream": "application/vnd.amazon.eventstream",
}


@dataclass(frozen=True)
class Answer:
    """A provider's answer, and what was asked for."""

    name: str
    operation: str
    framing: str
    path: str
    status: int
    body: str
    """In base64."""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_stream(self) -> bool:
        return self.framing != "json"

    @property
    def data(self) -> bytes:
        return base64.b64decode(self.body)

    @property
    def sent_headers(self) -> dict[str, str]:
        """Only what a reader of answers acts on; recorders redact or rewrite the rest."""
        kept = {name: self.headers[name] for name in ("retry-after", "x-request-id") if name in self.headers}
        return kept | {"content-type": CONTENT_TYPES[self.framing]}


class Script:
    """Hands the answer in `current` to whoever asks. `http` is the SDK's HTTP library: httpx or httpx2."""

    def __init__(self, http: Any) -> None:
        self._http = http
        self.current: Answer | None = None

    def transport(self) -> Any:
        return self._http.MockTransport(self._answer)

    def client(self) -> Any:
        return self._http.Client(transport=self.transport())

    def _answer(self, request: Any) -> Any:
        answer = self.current
        assert answer is not None
        return self._http.Response(
            answer.status, headers=answer.sent_headers, content=answer.data, request=request
        )


def strings(value: Any) -> list[str]:
    """Every piece of text in a JSON value: an error's words are among them."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for member in value.values() for text in strings(member)]
        case list():
            return [text for member in value for text in strings(member)]
        case _:
            return []


def said(**counts: Any) -> dict[str, Any]:
    """The counts that an SDK knows; what it does not know is left out."""
    return {name: count for name, count in counts.items() if count is not None}


def attribute(value: Any, *names: str) -> Any:
    """A member by its path, None where any step is missing."""
    for name in names:
        value = getattr(value, name, None)
    return value


Verdict = Callable[[Answer], dict[str, Any]]
