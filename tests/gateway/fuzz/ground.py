"""A whole gateway in this process, at which requests are fired one by one, and what comes of each."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from quorate.assemble import assemble
from quorate.gateway.app import Gateway
from quorate.gateway.opening import Place, opened, prepare
from quorate.gateway.operating.lines import FORMS, facts_of
from quorate.gateway.record import AccessRecord
from quorate.providers.entry import Entry
from quorate.settings.settings import Settings
from quorate.types.secret import Secret
from quorate.types.value import replace
from quorate.wire.wires import WIRES
from tests.gateway.house import HOST, Answered, route, settings_for

from .judging import Came, objections
from .shot import Shot
from .upstream import URL, Upstream

KEY = "canary-of-the-caller-4f1d9b"
UPSTREAM_KEY = "canary-of-the-provider-8c27ae"
VARIABLE = "canary-of-the-environment-51d0c3"
HANGS_AFTER = 10.0
"""Seconds, of the processor's or of the clock's, in which an answer must be there."""

_BODY_LIMIT = 256 * 1024
_FORM = "text"


class Hung(Exception):
    """An answer takes too much of the processor."""


@dataclass
class Result:
    """What came of a request, and all that is wrong with that."""

    shot: Shot
    status: int
    seconds: float
    faults: list[str]


@dataclass
class _Ear:
    """Hears of every call, and of everything that is said in the log."""

    records: list[AccessRecord] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    broke: list[str] = field(default_factory=list)

    def take(self, records: Sequence[AccessRecord]) -> None:
        for record in records:
            self.records.append(record)
            facts = facts_of(record, FORMS[_FORM].word, is_detailed=True)
            self.told.append(FORMS[_FORM].call(record.started_at, logging.INFO, facts))

    def clear(self) -> None:
        self.records.clear()
        self.told.clear()
        self.broke.clear()


class _Listener(logging.Handler):
    def __init__(self, ear: _Ear) -> None:
        super().__init__(logging.INFO)
        self._ear = ear

    def emit(self, record: logging.LogRecord) -> None:
        self._ear.told.append(record.getMessage())
        if record.exc_info or record.levelno >= logging.ERROR:
            self._ear.broke.append(self.format(record)[-3_000:])


class Range:
    """Where it is done."""

    def __init__(self, gateway: Gateway, upstream: Upstream, ear: _Ear, secrets: dict[str, str]) -> None:
        self.gateway, self._upstream, self._ear, self._secrets = gateway, upstream, ear, secrets
        self.answers: list[str] = ["resp_unknown"]
        """Ids of answers that are kept."""

    @property
    def last(self) -> AccessRecord:
        """What is known of the last request."""
        return self._ear.records[-1]

    async def fire(self, shot: Shot) -> Result:
        """One request, and the judgement."""
        self._upstream.begin()
        self._ear.clear()
        came = Came(Answered(), None, self._upstream.answered, self._upstream.faults, [])
        began = perf_counter()
        try:
            with _timed():
                came.answered = await _sent(self.gateway, shot)
        except Hung:
            came.broke.append("a hang: the processor is kept busy")
        except TimeoutError:
            came.broke.append("a hang: no answer comes")
        except Exception as error:  # noqa: BLE001 whatever it is, the server would have seen it
            came.broke.append(f"the server sees {type(error).__name__}: {error}")
        seconds = perf_counter() - began
        self.gateway._services.journal.flush()
        came.record = self._ear.records[-1] if self._ear.records else None
        came.told, came.broke = list(self._ear.told), came.broke + self._ear.broke
        return Result(shot, came.answered.status, seconds, objections(shot, came, self._secrets))


async def _sent(gateway: Gateway, shot: Shot) -> Answered:
    """As `call` does, of a scope that a server made."""
    answered, gone, is_sent = Answered(), asyncio.Event(), False

    async def receive() -> dict[str, Any]:
        nonlocal is_sent
        if not is_sent:
            is_sent = True
            return {"type": "http.request", "body": shot.body, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]
            }
            return
        answered.pieces += [message["body"]] if message["body"] else []
        answered.is_whole = not message.get("more_body", False)
        if answered.is_whole:
            gone.set()

    async with asyncio.timeout(HANGS_AFTER):
        await gateway(shot.scope(), receive, send)
    return answered


def _hung(number: int, frame: object) -> None:
    raise Hung


@contextmanager
def _timed() -> Generator[None]:
    """Within it no more of the processor may be used than what is a hang, other programs' share not counted."""
    before = signal.signal(signal.SIGVTALRM, _hung)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANGS_AFTER)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _settings() -> Settings:
    """A provider for each protocol, each with a key of its own; routes over several."""
    settings = settings_for(
        URL,
        server={"keys": (Secret(KEY),), "body_limit": _BODY_LIMIT, "log": "off"},
        routes={
            "mixed": route("sim-openai/sim-swift", "sim-anthropic/sim-swift", "sim-gemini/sim-swift"),
            "broken": route("sim-ollama/sim-swift+error-503", "sim-responses/sim-swift"),
        },
        aliases={"gpt-*": "sim-ollama/sim-swift"},
    )
    responses: dict[str, Any] = {"title": "simulated", "wire": "openai_responses", "base_url": f"{URL}/v1"}
    rows = settings.rows | {"sim-responses": responses | {"quirks": {"schema": "native"}}}
    entries = [replace(each, key=Secret(UPSTREAM_KEY)) for each in settings.entries]
    own = Entry(provider="sim-responses", name="sim-responses", key=Secret(UPSTREAM_KEY))
    return replace(settings, rows=rows, entries=(*entries, own))


@asynccontextmanager
async def on_the_range(folder: Path) -> AsyncGenerator[Range]:
    """Until the block ends; with all that stands on a store, in that folder."""
    secrets = {
        "the caller's key": KEY,
        "the provider's key": UPSTREAM_KEY,
        "an environment variable": VARIABLE,
    }
    upstream, ear = Upstream(UPSTREAM_KEY, (KEY, VARIABLE)), _Ear()
    environment = {"SIM_OPENAI_API_KEY": VARIABLE, "OPENAI_API_KEY": VARIABLE, "QUORATE_CANARY": VARIABLE}
    household = assemble(_settings(), environment=environment, transport=upstream)
    url = Secret(f"sqlite:///{folder / 'quorate.db'}")
    await prepare(url, with_caller=False)
    listener = _Listener(ear)
    logging.getLogger().addHandler(listener)
    try:
        async with opened(household, Place(url=url, wires=WIRES, host="127.0.0.1")) as made:
            journal = made.services.journal
            journal._observers = (*journal._observers, ear)
            ground = Range(Gateway(household, made.services, host="127.0.0.1"), upstream, ear, secrets)
            await _keep_some(ground)
            yield ground
    finally:
        logging.getLogger().removeHandler(listener)
        await household.transport.close()


async def _keep_some(ground: Range) -> None:
    """Answers that requests can ask for later."""
    for number in range(4):
        asked = {"model": "sim-anthropic/sim-swift", "input": f"Name river {number}", "store": True}
        headers = ((b"host", HOST.encode()), (b"authorization", b"Bearer " + KEY.encode()))
        body = msgspec.json.encode(asked)
        answered = await _sent(
            ground.gateway, Shot(front="openai_responses", url=b"/v1/responses", headers=headers, body=body)
        )
        ground.answers.append(msgspec.json.decode(answered.body)["id"])
