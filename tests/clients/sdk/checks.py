"""What is asked of every SDK and every target, and what must come of it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from http.client import HTTPConnection

from .asked import LOOK, PNG, QUESTION, RESULT, RIVER, TEXTS, WEATHER, WEATHERS, Answer, River, Sdk

SPOKEN = "The tide is out. Come."
_PATIENCE = 5.0
"""Seconds in which a hang-up must have reached the provider."""


class Wrong(AssertionError):
    """An answer that is not what it should be."""


def expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise Wrong(f"{found!r} instead of {wanted!r}")


def expect_in(part: str, whole: str | None) -> None:
    if part not in (whole or ""):
        raise Wrong(f"{part!r} is not in {whole!r}")


class Checks:
    """Each check by the name of its feature. One that the SDK has no method for is not there."""

    def __init__(self, sdk: Sdk, provider: str, simulator: str) -> None:
        self._sdk, self._provider, self._simulator = sdk, provider, simulator
        self._model, self._thinker = f"{provider}/sim-swift", f"{provider}/sim-thinker"

    def named(self) -> Mapping[str, Callable[[], None]]:
        known: Mapping[str, tuple[str, Callable[[], None]]] = {
            "whole": ("whole", self._whole),
            "stream": ("stream", self._stream),
            "usage of a stream": ("stream", self._usage_of_a_stream),
            "tools": ("tools", self._tools),
            "parallel tools": ("tools", self._parallel_tools),
            "streamed tools": ("streamed_tools", self._streamed_tools),
            "tool loop": ("tool_loop", self._tool_loop),
            "structured": ("structured", self._structured),
            "image": ("image", self._image),
            "reasoning": ("reasoning", self._reasoning),
            "streamed reasoning": ("streamed_reasoning", self._streamed_reasoning),
            "tools after thoughts": ("tools", self._tools_after_thoughts),
            "completion": ("completion", self._completion),
            "unknown model": ("bad", self._unknown_model),
            "bad request": ("bad", self._bad_request),
            "rate limit": ("bad", self._rate_limit),
            "fault": ("bad", self._fault),
            "broken stream": ("stream", self._broken_stream),
            "hang-up": ("leave", self._hang_up),
            "embeddings": ("embeddings", self._embeddings),
            "pictures": ("draw", self._draw),
            "picture edits": ("draw_over", self._draw_over),
            "speech": ("speak", self._speak),
            "transcripts": ("transcribe", self._transcribe),
            "subtitles": ("subtitles", self._subtitles),
            "moderation": ("judge", self._judge),
            "count": ("count", self._count),
            "models": ("models", self._models),
            "one model": ("one_model", self._one_model),
        }
        return {name: check for name, (method, check) in known.items() if getattr(self._sdk, method, None)}

    def _whole(self) -> None:
        answer = self._sdk.whole(self._model, QUESTION)
        self._expect_words(answer)
        self._expect_usage(answer)

    def _stream(self) -> None:
        self._expect_words(self._sdk.stream(self._model, QUESTION))

    def _usage_of_a_stream(self) -> None:
        self._expect_usage(self._sdk.stream(self._model, QUESTION))

    def _expect_words(self, answer: Answer) -> None:
        """The simulator repeats the question."""
        expect_in(QUESTION, answer.text)
        expect(answer.finish, self._sdk.finish)

    def _expect_usage(self, answer: Answer) -> None:
        if not (answer.read and answer.written):
            raise Wrong(f"{answer.read} tokens read and {answer.written} written")

    def _tools(self) -> None:
        calls, said = self._sdk.tools(self._model, WEATHER)
        expect([call.name for call in calls], ["weather"])
        expect(calls[0].arguments["city"], "Vienna")
        expect_in(RESULT, said)

    def _parallel_tools(self) -> None:
        calls, said = self._sdk.tools(self._model, WEATHERS)
        expect([call.arguments["city"] for call in calls], ["Lima", "Oslo"])
        expect(said.count(RESULT), 2)

    def _streamed_tools(self) -> None:
        calls = self._sdk.streamed_tools(self._model, WEATHERS)
        expect(
            [(call.name, call.arguments["city"]) for call in calls],
            [("weather", "Lima"), ("weather", "Oslo")],
        )

    def _tool_loop(self) -> None:
        said = self._sdk.tool_loop(self._model, WEATHER)
        expect_in(WEATHER, said)
        expect_in(f"{RESULT} in Vienna", said)

    def _structured(self) -> None:
        river = self._sdk.structured(self._model, RIVER)
        expect(type(river), River)
        expect(river.name, "Danube")

    def _image(self) -> None:
        expect_in(f"an image (image/png, {len(PNG)} bytes)", self._sdk.image(self._model, LOOK).text)

    def _reasoning(self) -> None:
        self._expect_thoughts(self._sdk.reasoning(self._thinker, QUESTION))

    def _streamed_reasoning(self) -> None:
        self._expect_thoughts(self._sdk.streamed_reasoning(self._thinker, QUESTION))

    def _expect_thoughts(self, answer: Answer) -> None:
        expect_in("(simulated thoughts)", answer.thoughts)
        expect_in(QUESTION, answer.text)

    def _tools_after_thoughts(self) -> None:
        """The thoughts go back with the calls, as the SDK hands them back."""
        calls, said = self._sdk.tools(self._thinker, WEATHER)
        expect([call.arguments["city"] for call in calls], ["Vienna"])
        expect_in(RESULT, said)

    def _completion(self) -> None:
        expect_in(QUESTION, self._sdk.completion(self._model, QUESTION))

    def _unknown_model(self) -> None:
        self._expect_failure(404, lambda: self._sdk.whole("no-such-provider/model", QUESTION))

    def _bad_request(self) -> None:
        self._expect_failure(400, lambda: self._sdk.bad(self._model))

    def _rate_limit(self) -> None:
        self._expect_failure(429, lambda: self._sdk.whole(f"{self._model}+rate-limited", QUESTION))

    def _fault(self) -> None:
        self._expect_failure(502, lambda: self._sdk.whole(f"{self._model}+error-500", QUESTION))

    def _expect_failure(self, status: int, ask: Callable[[], object]) -> None:
        kinds = self._sdk.kinds
        expect(self._failure(ask), (kinds.get(status, kinds[0]), status))

    def _broken_stream(self) -> None:
        kind, _ = self._failure(lambda: self._sdk.stream(f"{self._model}+truncated:hard", QUESTION))
        expect(kind, self._sdk.broken)

    def _failure(self, ask: Callable[[], object]) -> tuple[str, int]:
        """The class and the status of one of the SDK's own errors."""
        try:
            ask()
        except Exception as error:  # noqa: BLE001 what is none of the SDK's is raised again by it
            return self._sdk.failure(error)
        raise Wrong("no error came")

    def _hang_up(self) -> None:
        before = self._left()
        self._sdk.leave(f"{self._model}+stall-midway:30", QUESTION)
        late = time.monotonic() + _PATIENCE
        while self._left() == before:
            if time.monotonic() > late:
                raise Wrong("the provider still answers")
            time.sleep(0.01)

    def _left(self) -> int:
        """How many calls the provider saw cancelled."""
        connection = HTTPConnection(self._simulator.removeprefix("http://"), timeout=_PATIENCE)
        with closing(connection):
            connection.request("GET", "/sim/stats")
            return json.load(connection.getresponse())["cancelled"]

    def _embeddings(self) -> None:
        vectors = self._sdk.embeddings(f"{self._provider}/sim-embed", TEXTS)
        expect(len(vectors), len(TEXTS))
        expect(vectors[0] != vectors[1] and len(vectors[0]) > 8, True)

    def _draw(self) -> None:
        expect(self._sdk.draw(self._model, "a boat")[:4], PNG[:4])

    def _draw_over(self) -> None:
        first = self._sdk.draw(self._model, "a boat")
        again = self._sdk.draw_over(self._model, "more sea", first)
        expect((again[:4], again != first), (PNG[:4], True))

    def _speak(self) -> None:
        expect(self._sdk.speak(self._model, SPOKEN)[:4], b"RIFF")

    def _transcribe(self) -> None:
        expect(self._sdk.transcribe(self._model, self._sdk.speak(self._model, SPOKEN)), SPOKEN)

    def _subtitles(self) -> None:
        sound = self._sdk.speak(self._model, SPOKEN)
        expect_in("00:00:00,000 --> 00:00:00,800\nThe tide is out.", self._sdk.subtitles(self._model, sound))

    def _judge(self) -> None:
        expect(list(self._sdk.judge(self._model, ["a walk", "I will kill him"])), [False, True])

    def _count(self) -> None:
        short = self._sdk.count(self._model, QUESTION)
        expect(0 < short < self._sdk.count(self._model, f"{QUESTION}: {QUESTION}, {QUESTION}"), True)

    def _models(self) -> None:
        expect(self._model in self._sdk.models(), True)

    def _one_model(self) -> None:
        expect(self._sdk.one_model(self._model), self._model)
