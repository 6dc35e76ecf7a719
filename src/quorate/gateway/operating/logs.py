"""The log: a line for each call, and the program's own messages in the same form."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from quorate.gateway.record import AccessRecord
from quorate.settings.settings import ServerSettings
from quorate.types.value import Value

from .health import Check, Finding
from .line_writer import LineWriter, write_all
from .lines import FORMS, Form, facts_of, level_of

STDERR = 2
LOGGERS = ("quorate", "uvicorn", "asyncio", "opentelemetry")
"""Whose messages are told; those of others from warnings on."""

_LONGEST_TRACE = 20_000
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class CallLog:
    """An observer of calls."""

    def __init__(self, form: Form, level: int, put: Callable[[str], None]) -> None:
        self._form, self._level, self._put = form, level, put

    def take(self, records: Sequence[AccessRecord]) -> None:
        is_detailed, lines = self._level <= logging.DEBUG, list[str]()
        for record in records:
            level = level_of(record)
            if level >= self._level and record.is_of_a_front:
                facts = facts_of(record, self._form.word, is_detailed=is_detailed)
                lines.append(self._form.call(record.started_at + record.seconds, level, facts))
        if lines:
            self._put("".join(lines))


class Log(Value):
    """A log that is open."""

    calls: tuple[CallLog, ...] = ()
    """The observers that write it; none for one that is off."""
    check: Check = Finding
    """How it is, for `/health`."""


@contextmanager
def logged(settings: ServerSettings, descriptor: int = STDERR) -> Generator[Log]:
    """The settings' log, written there until the block ends."""
    if settings.log == "off":
        yield Log()
        return
    writer = LineWriter(descriptor)

    def check() -> Finding:
        problem = "lines of the log were lost: nobody takes them" if writer.lost else ""
        return Finding(problem=problem, waiting=writer.waiting, lost=writer.lost)

    try:
        with messages_told(settings, writer.put):
            calls = CallLog(FORMS[settings.log], _LEVELS[settings.log_level], writer.put)
            yield Log(calls=(calls,), check=check)
    finally:
        writer.close()


@contextmanager
def messages_told(settings: ServerSettings, put: Callable[[str], None]) -> Generator[None]:
    """Within it, what the program's loggers say goes there in the form of the settings."""
    if settings.log == "off":
        yield
        return
    handlers: list[logging.Handler] = [_Handler(FORMS[settings.log], put)]
    level = _LEVELS[settings.log_level]
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(each, each.handlers, each.level, each.propagate) for each in loggers]
    for each in loggers:
        each.handlers, each.propagate = handlers, False
        each.setLevel(level if each is loggers[0] else max(level, logging.WARNING))
    try:
        yield
    finally:
        for each, had, was, propagates in before:
            each.handlers, each.propagate = had, propagates
            each.setLevel(was)


def tell_directly(text: str) -> None:
    """For a process that has nothing to keep going: it waits for whoever reads."""
    write_all(STDERR, text.encode(errors="backslashreplace"))


class _Handler(logging.Handler):
    """Messages of the standard library's loggers, as lines like the others."""

    def __init__(self, form: Form, put: Callable[[str], None]) -> None:
        super().__init__()
        self._form, self._put = form, put
        self._plain = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            trace = self._plain.formatException(record.exc_info) if record.exc_info else ""
            self._put(self._form.message(record, trace[-_LONGEST_TRACE:]))
        except Exception:  # noqa: BLE001 a message that cannot be written is no reason to fail its sender
            self.handleError(record)
