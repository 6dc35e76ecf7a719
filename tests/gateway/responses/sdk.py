"""OpenAI's SDK with answers that are kept: a program for the oracles' Python.

Arguments are the gateway's URL, two tenants' keys, and models; what comes out is JSON: model → check → '' or what
was wrong.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import openai
from pydantic import BaseModel

QUESTION = "Name three rivers in France"
TOOL: dict[str, Any] = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": False,
}


class Answer(BaseModel):
    """A form to answer in."""

    city: str
    degrees: int


def expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


class Checks:
    """With one model, that goes on at another."""

    def __init__(self, url: str, key: str, stranger: str, model: str, other: str) -> None:
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=20)
        self.stranger = openai.OpenAI(base_url=f"{url}/v1", api_key=stranger, max_retries=0, timeout=20)
        self.model, self.other = model, other

    def all(self) -> dict[str, Callable[[], None]]:
        names = [name for name in vars(Checks) if not name.startswith("_") and name != "all"]
        return {name: getattr(self, name) for name in names}

    def goes_on(self) -> None:
        first = self.client.responses.create(
            model=self.model, input="What is the weather in Vienna?", tools=[TOOL]
        )
        call: Any = next(item for item in first.output if item.type == "function_call")
        result: Any = [{"type": "function_call_output", "call_id": call.call_id, "output": "12 degrees"}]
        second = self.client.responses.create(
            model=self.other, input=result, previous_response_id=first.id, tools=[TOOL]
        )
        third = self.client.responses.create(model=self.model, input=QUESTION, previous_response_id=second.id)
        expect(second.previous_response_id, first.id)
        expect(QUESTION in third.output_text, True)
        items: Any = list(self.client.responses.input_items.list(third.id, order="asc"))
        expect([item.type for item in items[:3]], ["message", "function_call", "function_call_output"])

    def goes_on_in_a_stream(self) -> None:
        with self.client.responses.stream(model=self.model, input=QUESTION) as stream:
            kinds = [event.type for event in stream]
            first = stream.get_final_response()
        expect(kinds[0], "response.created")
        with self.client.responses.stream(
            model=self.other, input="And in Spain?", previous_response_id=first.id
        ) as stream:
            expect("Spain" in stream.get_final_response().output_text, True)

    def parses(self) -> None:
        told = self.client.responses.parse(model=self.model, input="How warm is it?", text_format=Answer)
        expect(isinstance(told.output_parsed, Answer), True)

    def is_retrieved_listed_and_deleted(self) -> None:
        told = self.client.responses.create(model=self.model, input=QUESTION, metadata={"a": "b"})
        expect(self.client.responses.retrieve(told.id).model_dump(), told.model_dump())
        items: Any = list(self.client.responses.input_items.list(told.id))
        expect([item.content[0].text for item in items], [QUESTION])
        self.client.responses.delete(told.id)
        self._is_missing(self.client, told.id)

    def pages_through_a_long_input(self) -> None:
        asked: Any = [{"role": "user", "content": str(number)} for number in range(7)]
        told = self.client.responses.create(model=self.model, input=asked)
        items: Any = list(self.client.responses.input_items.list(told.id, limit=3, order="asc"))
        expect([item.content[0].text for item in items], [str(number) for number in range(7)])

    def is_hidden_from_others(self) -> None:
        told = self.client.responses.create(model=self.model, input=QUESTION)
        self._is_missing(self.stranger, told.id)
        try:
            self.stranger.responses.create(model="sim-openai/m", input="And?", previous_response_id=told.id)
        except openai.BadRequestError as error:
            expect((error.code, error.param), ("previous_response_not_found", "previous_response_id"))
        else:
            raise AssertionError("no error")

    def is_made_in_the_background(self) -> None:
        told = self.client.responses.create(model=self.model, input=QUESTION, background=True)
        expect(told.status, "queued")
        until = time.monotonic() + 10
        while told.status in ("queued", "in_progress") and time.monotonic() < until:
            time.sleep(0.05)
            told = self.client.responses.retrieve(told.id)
        expect((told.status, told.background, QUESTION in told.output_text), ("completed", True, True))

    def resumes_a_stream(self) -> None:
        stream = self.client.responses.create(model=self.model, input=QUESTION, background=True, stream=True)
        begun: Any = [next(stream) for _ in range(3)]
        stream.close()
        name, last = begun[0].response.id, begun[-1].sequence_number
        rest: Any = list(self.client.responses.retrieve(name, stream=True, starting_after=last))
        expect([event.sequence_number for event in rest], list(range(last + 1, last + 1 + len(rest))))
        expect(rest[-1].type, "response.completed")
        expect(QUESTION in rest[-1].response.output_text, True)

    def is_cancelled(self) -> None:
        told = self.client.responses.create(
            model=f"{self.model}+stall-midway:30", input=QUESTION, background=True
        )
        expect(self.client.responses.cancel(told.id).status, "cancelled")
        expect(self.client.responses.retrieve(told.id).status, "cancelled")

    def _is_missing(self, client: openai.OpenAI, name: str) -> None:
        try:
            client.responses.retrieve(name)
        except openai.NotFoundError:
            return
        raise AssertionError("it is there")


def outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 whatever it was, it is told
        return f"{type(error).__name__}: {error}"[:500]
    return ""


def main(url: str, key: str, stranger: str, *models: str) -> None:
    told: dict[str, Any] = {}
    for place, model in enumerate(models):
        checks = Checks(url, key, stranger, model, models[place - 1])
        told[model] = {name: outcome(check) for name, check in checks.all().items()}
    print(json.dumps(told))


main(*sys.argv[1:])
