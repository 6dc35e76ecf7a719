"""Answers one call: finds its protocol, plays the model, puts the fault in, and says what to send."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from quorate.errors import QuorateError, StreamInterrupted, UnknownAnswer
from quorate.types.chat import ChatReply
from quorate.types.events import Event, PartDelta
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import (
    CountReply,
    CountRequest,
    ModelInfo,
    ModelList,
    ModelsRequest,
)
from quorate.wire.seam import Call, StreamWriter, WireAnswer, Wires, WorkFront

from .answer import CREATED, MARK, answer
from .chance import chance
from .faults import HEADER, Fault, read_fault, refusal, split_model, status_of
from .models import MODELS, SimModel, model_of
from .prompt_cache import PromptCache
from .question import tokens_of, tokens_of_tools
from .routes import Found, Routes
from .script import Script
from .stats import Stats
from .steps import End, Head, Piece, Played, Send, Step, steps_of
from .telling import events_of
from .till import Till
from .working import WORK

MARK_HEADER = "x-quorate-simulated"
_JSON = {"content-type": "application/json"}
NO_FAULT = "none"
"""Said in the header: no fault for this call, whatever the server's settings."""


class Service:
    """The simulated providers behind one address. Its counts, caches and flaky calls last until `clear`."""

    def __init__(
        self, wires: Wires, *, seed: int, speed: float, faults: Mapping[str, float], script: Script
    ) -> None:
        """`speed` 2 is twice as fast as life, 0 waits for nothing; `faults` are shares of all calls by name."""
        self.stats = Stats()
        self._routes, self._seed, self._speed, self._script = Routes(wires), seed, speed, script
        self._faults = {text: (read_fault(text), rate) for text, rate in faults.items()}
        self._cache, self._till = PromptCache(), Till()
        self._failed: dict[str, int] = {}

    def clear(self) -> None:
        self.stats.clear()
        self._cache.clear()
        self._till.clear()
        self._failed.clear()

    def steps(self, call: Call) -> Generator[Step, None, None]:
        """What to send for the call. Closed before it is through, it counts as cancelled by the client."""
        found = self._routes.find(call)
        if found is None or call.path == "/":
            yield from self._own_page(call)
            return
        whole = False
        try:
            for step in self._counted(call, found):
                if isinstance(step, Head):
                    self.stats.by_status[str(step.status)] += 1
                yield step
            whole = True
        finally:
            self.stats.answered += whole
            self.stats.cancelled += not whole

    def _counted(self, call: Call, found: Found) -> Iterable[Step]:
        self.stats.requests += 1
        self.stats.by_protocol[found.wire.name] += 1
        self.stats.by_operation[found.operation] += 1
        try:
            return self._answered(call, found)
        except QuorateError as error:
            return self._refused(error, call, found)

    def _answered(self, call: Call, found: Found) -> Iterable[Step]:
        if found.work is None:
            return self._chat(call, found)
        match found.operation:
            case operation if operation in WORK:
                return self._work(call, found, found.work)
            case "count":
                return self._count(call, found, found.work)
            case "greet":
                told = found.work.write_reply(None, call)
                return _page(told.status, told.headers | self._marks(), told.body)
            case "answers":
                raise UnknownAnswer("Simulated: no answer is kept here")
            case _:
                return self._models(call, found, found.work)

    def _chat(self, call: Call, found: Found) -> Iterable[Step]:
        outline = found.front.outline(call)
        request = found.front.read_request(call)
        self.stats.by_model[request.model] += 1
        name, fault = self._fault(call, request.model)
        if error := self._stopped(fault, request.model):
            return self._refused(error, call, found)
        reply = answer(replace(request, model=name), found.wire.name, self._seed, self._cache, self._script)
        reply = replace(reply, model=request.model)
        self.stats.used(reply.usage)
        model = model_of(name)
        self._till.charge(reply.id, request.model, reply.usage, model)
        if not outline.stream:
            return self._sent(
                self._whole(found.front.write_reply(reply, call), reply.usage, model, call, found), fault
            )
        self.stats.streams += 1
        writer = found.front.stream_writer(call)
        pieces = list(self._told(writer, reply, model))
        played = Played(
            status=200, headers={"content-type": writer.content_type}, pieces=pieces, streamed=True
        )
        if fault is not None and fault.name == "error-in-stream":
            again = found.front.stream_writer(call)
            played = replace(played, broken_off=list(self._broken_off(again, reply, model)))
        return self._sent(played, fault)

    def _told(self, writer: StreamWriter, reply: ChatReply, model: SimModel) -> Iterator[Piece]:
        """An event each, at the model's pace."""
        pace = self._paced(1 / model.tokens_per_second)
        wait = self._paced(model.first_token)
        for event in events_of(reply):
            if isinstance(event, PartDelta):
                pause, wait = wait, pace
            else:
                pause = 0.0
            if data := writer.write(event):
                yield Piece(data=data, wait=pause)
        if data := writer.close():
            yield Piece(data=data)

    def _broken_off(self, writer: StreamWriter, reply: ChatReply, model: SimModel) -> Iterator[Piece]:
        events: list[Event] = list(events_of(reply))
        for event in events[: max(2, len(events) // 2)]:
            if data := writer.write(event):
                yield Piece(data=data, wait=self._paced(1 / model.tokens_per_second))
        yield Piece(data=writer.fail(_interrupted()))

    def _paced(self, seconds: float) -> float:
        return seconds / self._speed if self._speed else 0.0

    def _whole(self, told: WireAnswer, usage: Usage, model: SimModel, call: Call, found: Found) -> Played:
        wait = self._paced(model.first_token + usage.output_total / model.tokens_per_second)
        failed = found.front.write_error(_interrupted(), call)
        return Played(
            status=told.status,
            headers=told.headers,
            pieces=[Piece(data=told.body, wait=wait)],
            streamed=False,
            broken_off=[Piece(data=failed.body)],
        )

    def _work(self, call: Call, found: Found, work: WorkFront[Any, Any]) -> Iterable[Step]:
        """Anything with one request and one reply, as the table has it."""
        request = work.read_request(call)
        self.stats.by_model[request.model] += 1
        name, fault = self._fault(call, request.model)
        if error := self._stopped(fault, request.model):
            return self._refused(error, call, found)
        reply = WORK[found.operation](request)
        self.stats.used(reply.usage)
        told = work.write_reply(replace(reply, vendor={found.wire.name: {MARK: True}}), call)
        return self._sent(self._whole(told, Usage(), model_of(name), call, found), fault)

    def _count(self, call: Call, found: Found, work: WorkFront[CountRequest, CountReply]) -> Iterable[Step]:
        request = work.read_request(call)
        self.stats.by_model[request.model] += 1
        name, fault = self._fault(call, request.model)
        if error := self._stopped(fault, request.model):
            return self._refused(error, call, found)
        read = sum(map(tokens_of, request.request.messages)) + tokens_of_tools(request.request)
        told = work.write_reply(CountReply(tokens=read), call)
        return self._sent(self._whole(told, Usage(), model_of(name), call, found), fault)

    def _models(self, call: Call, found: Found, work: WorkFront[ModelsRequest, ModelList]) -> Iterable[Step]:
        wanted = work.read_request(call).wanted
        _, fault = self._fault(call, "")
        if error := self._stopped(fault, ""):
            return self._refused(error, call, found)
        listed = [_told(model, model.name, found.wire.name) for model in MODELS.values()]
        if wanted and wanted not in MODELS:
            listed.append(_told(model_of(wanted), wanted, found.wire.name))
        told = work.write_reply(ModelList(models=tuple(listed)), call)
        played = self._whole(told, Usage(), model_of(""), call, found)
        return self._sent(replace(played, pieces=[Piece(data=told.body)]), fault)

    def _fault(self, call: Call, asked: str) -> tuple[str, Fault | None]:
        """The model without its fault, and the fault: the header's, the name's, or by chance the server's."""
        name, fault = split_model(asked)
        if told := call.headers.get(HEADER):
            return name, None if told == NO_FAULT else read_fault(told)
        if fault is None:
            for text, (each, rate) in self._faults.items():
                if chance(self._seed, "fault", text, self.stats.requests).random() < rate:
                    return name, each
        return name, fault

    def _stopped(self, fault: Fault | None, asked: str) -> QuorateError | None:
        """The error that refuses the call; a flaky model is well after its first calls."""
        if fault is None or (error := refusal(fault)) is None:
            return None
        self.stats.faults[fault.name] += 1
        if fault.name == "flaky":
            failed = self._failed.get(asked, 0)
            if failed >= fault.amount:
                return None
            self._failed[asked] = failed + 1
        return error

    def _refused(self, error: QuorateError, call: Call, found: Found) -> Iterable[Step]:
        told = found.front.write_error(error, call)
        # A front may write the nearest status it knows; a fault has the one it is named for.
        return _page(status_of(error, found.wire.name), told.headers | self._marks(), told.body)

    def _sent(self, played: Played, fault: Fault | None) -> Iterable[Step]:
        if fault is not None and refusal(fault) is None:
            self.stats.faults[fault.name] += 1
        return steps_of(replace(played, headers=played.headers | self._marks()), fault)

    def _marks(self) -> dict[str, str]:
        return {MARK_HEADER: "true", "x-request-id": f"sim-{self.stats.requests}"}

    def _own_page(self, call: Call) -> Iterable[Step]:
        """Pages that belong to no protocol: what this is, what it has seen, and how to begin again."""
        match call.method, call.path:
            case "GET", "/sim/stats":
                body = msgspec.json.encode(self.stats.report())
            case "POST", "/sim/reset":
                self.clear()
                body = msgspec.json.encode(self.stats.report())
            case "GET", "/" | "/health":
                body = msgspec.json.encode({"simulated": True, "models": list(MODELS)})
            case _ if (told := self._till.page(call)) is not None:
                body = msgspec.json.encode(told)
            case _:
                words = f"the simulator has no {call.method} {call.path}"
                return _page(404, _JSON | {MARK_HEADER: "true"}, msgspec.json.encode({"error": words}))
        return _page(200, _JSON | {MARK_HEADER: "true"}, body)


def _page(status: int, headers: dict[str, str], body: bytes) -> Iterable[Step]:
    return (Head(status=status, headers=headers, length=len(body)), Send(data=body), End())


def _interrupted() -> QuorateError:
    return StreamInterrupted("Simulated: the model broke off")


def _told(model: SimModel, name: str, protocol: str) -> ModelInfo:
    return ModelInfo(
        id=name,
        name=f"{name} (simulated: {model.about})",
        owner="quorate-sim",
        created=CREATED,
        context=model.context,
        max_output=model.max_output,
        features=("embed",)
        if model.embeds
        else ("chat", "stream", "tools", "schema", "json", "reasoning", "vision"),
        vendor={protocol: {MARK: True}},
    )
