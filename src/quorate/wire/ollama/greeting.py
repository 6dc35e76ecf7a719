"""What clients of an Ollama server ask to see whether it is there, and of which version."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.wire.seam import Call, Route, WireAnswer

VERSION = "0.13.0"
"""Of the Ollama whose API this is: it has levels of thought, log probabilities, capabilities and ids of calls."""

_PLACES = ("/", "/api/version")


class GreetFront:
    """GET or HEAD of `/` and of `/api/version`: no provider is asked."""

    routes: Sequence[Route] = tuple(
        Route(method=method, path=place, operation="greet") for place in _PLACES for method in ("GET", "HEAD")
    )

    def read_request(self, call: Call) -> None:
        """Nothing is asked but whether somebody is there."""

    def write_reply(self, reply: None, call: Call) -> WireAnswer:
        """The body of a HEAD is the one a GET has: whoever sends it leaves it out."""
        if call.path == "/":
            return WireAnswer(
                headers={"content-type": "text/plain; charset=utf-8"}, body=b"Ollama is running"
            )
        headers = {"content-type": "application/json; charset=utf-8"}
        return WireAnswer(headers=headers, body=msgspec.json.encode({"version": VERSION}))
