"""`quorate chat`: a conversation in the terminal. Ctrl-C stops an answer, Ctrl-D ends."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from quorate.client.asking import Wishes
from quorate.client.attach import attach
from quorate.client.client import Quorate
from quorate.errors import QuorateError
from quorate.types.chat import Message
from quorate.types.parts import Part, Text

from .ask import about, printed, settings_of
from .main import exit_code
from .talk import Talk, begun
from .terminal import note, tell

Option = Parameter
BLOCK = '"""'
"""Opens and closes a question of several lines."""


def chat(
    *,
    model: Annotated[str, Option(alias="-m")] = "",
    system: Annotated[str, Option(alias="-s")] = "",
    file: Annotated[tuple[str, ...], Option(alias="-f")] = (),
    continued: Annotated[bool, Option(name="--continue", alias="-c")] = False,
    conversation: str = "",
    max_output: int | None = None,
    temperature: float | None = None,
    thinking: str | None = None,
    max_cost: float | None = None,
    keep: Annotated[bool, Option(negative="--no-keep")] = True,
    config: Path | None = None,
    quiet: Annotated[bool, Option(alias="-q")] = False,
) -> int:
    """Talk with a model, turn by turn. `/help` tells what else can be done.

    Parameters
    ----------
    model
        'provider/model', a model's name, an alias or 'route/NAME'. Without it, the configured default.
    system
        What the model is told before the first question.
    file
        A file, image or URL to send along with the first question; may be repeated.
    continued
        Go on with the last conversation.
    conversation
        Go on with this one: its id, or how that begins (`quorate logs` shows them).
    max_output
        Most tokens of each answer.
    temperature
        0 for the likeliest words, higher for more variety.
    thinking
        How much to reason: none, low, medium, high …
    max_cost
        Most dollars each answer may cost.
    keep
        Keep the conversation for `--continue` and `quorate logs`; so by default, on this machine alone.
    config
        The settings file to use.
    quiet
        No notes on stderr.
    """
    keeps = keep and settings_of(config).keep_turns
    talk = begun(config, conversation, is_continued=continued, keeps=keeps)
    sitting = Sitting(
        talk,
        model=model or talk.model,
        wishes={
            "max_output": max_output,
            "temperature": temperature,
            "thinking": thinking,
            "max_cost": max_cost,
        },
        config=config,
        quiet=quiet,
    )
    sitting.system = system
    for name in file:
        sitting.attach(name)
    return sitting.run()


class Sitting:
    """Reads lines until there are none: questions, and commands that begin with '/'."""

    def __init__(self, talk: Talk, *, model: str, wishes: Wishes, config: Path | None, quiet: bool) -> None:
        self._talk, self.model, self._wishes = talk, model, wishes
        self._config, self._quiet = config, quiet
        self.system = ""
        """What goes before the next question."""
        self._files: list[Part] = []
        self._is_over = False
        self._is_a_person = sys.stdin is not None and sys.stdin.isatty()
        self._code = 0

    def run(self) -> int:
        """The exit code: that of the last answer that failed, where nobody sits there to see it."""
        if self._is_a_person:
            _load_line_editing()
            note("Ctrl-C stops an answer, Ctrl-D ends. /help tells what else there is.")
        with asyncio.Runner() as runner:
            q = runner.run(_opened(self._config))
            try:
                while not self._is_over and (line := self._read()) is not None:
                    self._take(line.strip(), runner, q)
            finally:
                runner.run(q.close())
        return 0 if self._is_a_person else self._code

    def attach(self, name: str) -> None:
        self._files.append(attach(name))

    def _take(self, line: str, runner: asyncio.Runner, q: Quorate) -> None:
        if not line:
            return
        word, _, rest = line.partition(" ")
        try:
            if word in COMMANDS:
                question = COMMANDS[word][0](self, rest.strip())
            elif word.startswith("/") and "/" not in word[1:]:
                note(f"there is no '{word}'; /help tells what there is")
                return
            else:
                question = Message(role="user", parts=(Text(text=line), *self._files))
            if question is not None:
                self._ask(question, runner, q)
        except QuorateError as error:
            note(f"quorate: {error}")
            self._code = exit_code(error)

    def _ask(self, question: Message, runner: asyncio.Runner, q: Quorate) -> None:
        wishes: Wishes = {**self._wishes, "model": self.model}
        started = time.monotonic()
        try:
            reply = runner.run(printed(q, self._talk.prompt(question, self.system), None, wishes))
        except KeyboardInterrupt:
            note("\nstopped; the turn is not kept")
            return
        seconds = time.monotonic() - started
        self._talk.add(question, self.system, reply, about(reply, seconds))
        self.system, self._files, self._code = "", [], 0
        if not self._quiet:
            tell(reply, seconds)

    def _read(self) -> str | None:
        """The next line, or lines between two `BLOCK`s; None at the end."""
        try:
            line = self._line("> ")
            if not line.strip().startswith(BLOCK):
                return line
            lines = [line.strip().removeprefix(BLOCK)]
            while not lines[-1].rstrip().endswith(BLOCK):
                lines.append(self._line("… "))
            return "\n".join(lines).rstrip().removesuffix(BLOCK)
        except EOFError:
            return None
        except KeyboardInterrupt:
            note("")
            return ""

    def _line(self, prompt: str) -> str:
        """Raises `EOFError` at the end."""
        return input(prompt if self._is_a_person else "")

    def choose(self, name: str) -> None:
        if name:
            self.model = name
        note(f"model: {self.model or 'the configured default'}")

    def instruct(self, text: str) -> None:
        self.system = text
        note("told with the next question" if text else "nothing more will be told")

    def add_file(self, name: str) -> None:
        self.attach(name)
        note(f"'{name}' goes with the next question")

    def begin_anew(self, _: str) -> None:
        self._talk, self.system, self._files = self._talk.another(), "", []
        note("a new conversation")

    def ask_again(self, _: str) -> Message | None:
        question = self._talk.take_back()
        if question is None:
            note("there is nothing to ask again")
        return question

    def forget_last(self, _: str) -> None:
        note("the last turn does not count" if self._talk.take_back() else "there is nothing to take back")

    def help(self, _: str) -> None:
        width = max(map(len, COMMANDS)) + len(" NAME")
        for word, command in COMMANDS.items():
            note(f"  {word:<{width}}  {command[1]}")
        note(f"  {BLOCK:<{width}}  begins and ends a question of several lines")

    def leave(self, _: str) -> None:
        self._is_over = True


async def _opened(config: Path | None) -> Quorate:
    return Quorate.from_file(config) if config else Quorate()


COMMANDS: Mapping[str, tuple[Callable[[Sitting, str], Message | None], str]] = {
    "/model": (Sitting.choose, "ask another model from here on: /model openai/gpt-5"),
    "/system": (Sitting.instruct, "tell the model something with the next question"),
    "/file": (Sitting.add_file, "send a file, image or URL with the next question"),
    "/again": (Sitting.ask_again, "ask the last question again"),
    "/undo": (Sitting.forget_last, "go on from before the last turn"),
    "/new": (Sitting.begin_anew, "begin a new conversation"),
    "/help": (Sitting.help, "show this"),
    "/exit": (Sitting.leave, "end; so does Ctrl-D"),
}


def _load_line_editing() -> None:
    """Arrow keys and a history for `input`, where the system has them."""
    with suppress(ImportError):
        import_module("readline")  # its presence is what it does
