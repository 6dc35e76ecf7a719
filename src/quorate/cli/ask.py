"""`quorate ask`: one question, one answer. The answer alone is on stdout, everything else on stderr."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from quorate.assemble import read
from quorate.client.asking import Wishes
from quorate.client.attach import attach
from quorate.client.client import Quorate
from quorate.client.typed import unfenced
from quorate.errors import InvalidOutput, InvalidRequest, StreamInterrupted
from quorate.settings.places import find_settings
from quorate.settings.settings import Settings
from quorate.types.chat import ChatReply, Message, OutputFormat
from quorate.types.events import Event, PartDelta, PartStart, assemble
from quorate.types.parts import Part, Text

from .schema_words import read_schema
from .talk import begun
from .terminal import as_json, is_terminal, tell

Option = Parameter

OF_ATTEMPTS = ("target", "outcome", "seconds", "status", "detail", "cost", "estimated")
_FENCE = re.compile(r"\s*(`{3,}|~{3,})")


def ask(
    *prompt: str,
    model: Annotated[str, Option(alias="-m")] = "",
    system: Annotated[str, Option(alias="-s")] = "",
    file: Annotated[tuple[str, ...], Option(alias="-f")] = (),
    schema: str = "",
    extract: Annotated[bool, Option(alias="-x")] = False,
    json: bool = False,
    stream: Annotated[bool | None, Option(negative="--no-stream")] = None,
    max_output: int | None = None,
    temperature: float | None = None,
    thinking: str | None = None,
    strict: bool = False,
    max_cost: float | None = None,
    timeout: float | None = None,
    config: Path | None = None,
    quiet: Annotated[bool, Option(alias="-q")] = False,
    continued: Annotated[bool, Option(name="--continue", alias="-c")] = False,
    conversation: str = "",
    keep: Annotated[bool, Option(negative="--no-keep")] = True,
) -> int:
    """Ask a model a question.

    What is piped in goes along: `git diff | quorate ask "Write a commit message"`. The answer is on stdout, and
    nothing else; cost and decisions are on stderr.

    Parameters
    ----------
    prompt
        The question. Several words are joined.
    model
        'provider/model', a model's name, an alias or 'route/NAME'. Without it, the configured default.
    system
        What the model is told before the question.
    file
        A file, image or URL to send along; may be repeated.
    schema
        Hold the answer to a JSON Schema: a file, the JSON itself, or words such as 'name, age int, tags list'.
    extract
        Print only the inside of the first fenced block of the answer.
    json
        Print one JSON object with text, usage, cost, attempts and the rest.
    stream
        Print words as they come; so by default on a terminal.
    max_output
        Most tokens of the answer.
    temperature
        0 for the likeliest words, higher for more variety.
    thinking
        How much to reason: none, low, medium, high …
    strict
        Fail rather than ask a model that cannot honour a setting.
    max_cost
        Most dollars the call may cost, all attempts together.
    timeout
        Most seconds, all attempts together.
    config
        The settings file to use.
    quiet
        No notes on stderr.
    continued
        Go on with the last conversation, and with its model unless another is named.
    conversation
        Go on with this one: its id, or how that begins (`quorate logs` shows them).
    keep
        Keep question and answer for `--continue` and `quorate logs`; so by default, on this machine alone.
    """
    talk = begun(config, conversation, is_continued=continued, keeps=keep and settings_of(config).keep_turns)
    wishes: Wishes = {
        "model": model or talk.model,
        "max_output": max_output,
        "temperature": temperature,
        "thinking": thinking,
        "strict": strict or None,
        "max_cost": max_cost,
        "timeout": timeout,
    }
    question, form = _question(prompt, file), _form(schema)
    as_it_comes = (is_terminal() if stream is None else stream) and not (json or extract or schema)
    work = _answer(talk.prompt(question, system), form, wishes, config, as_it_comes=as_it_comes)
    reply, seconds = asyncio.run(_timed(work))
    talk.add(question, system, reply, about(reply, seconds))
    if json:
        print(as_json(document(reply, seconds)))
    elif not as_it_comes:
        print(shown(reply, extract=extract, schema=form))
    if not (quiet or json):
        tell(reply, seconds)
    return 0


def _form(schema: str) -> OutputFormat | None:
    return read_schema(schema) if schema else None


def _question(prompt: Sequence[str], files: Sequence[str]) -> Message:
    parts: list[Part] = [Text(text=" ".join(prompt))] if prompt else []
    if piped := read_piped():
        parts.append(Text(text=piped))
    parts.extend(attach(name) for name in files)
    if not parts:
        raise InvalidRequest('nothing was asked: quorate ask "Name three rivers"', where="prompt")
    return Message(role="user", parts=tuple(parts))


def read_piped() -> str:
    """What comes in by a pipe or a file; '' where a person sits, or nothing is there."""
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():  # None where it is shut
        return ""
    try:
        piped = sys.stdin.read()
    except UnicodeDecodeError as error:
        raise InvalidRequest("what is piped in is no text; send files with --file", where="stdin") from error
    return piped if piped.strip() else ""


async def _timed(work: Awaitable[ChatReply[Any]]) -> tuple[ChatReply[Any], float]:
    started = time.monotonic()
    return await work, time.monotonic() - started


async def _answer(
    prompt: Sequence[Message],
    form: OutputFormat | None,
    wishes: Wishes,
    config: Path | None,
    *,
    as_it_comes: bool,
) -> ChatReply[Any]:
    async with Quorate.from_file(config) if config else Quorate() as q:
        if not as_it_comes:
            reply = await q.chat(prompt, output=form, **wishes)
            if form is not None:
                check_json(reply)
            return reply
        return await printed(q, prompt, form, wishes)


async def printed(
    q: Quorate, prompt: Sequence[Message], form: OutputFormat | None, wishes: Wishes
) -> ChatReply[Any]:
    """The answer, its words printed as they come."""
    events: list[Event] = []
    try:
        async with q.stream(prompt, output=form, **wishes) as arriving:
            async for event in arriving:
                events.append(event)
                _print(event, events)
    except StreamInterrupted:
        print()
        raise
    print()
    return assemble(events)


def settings_of(config: Path | None) -> Settings:
    """Those in force."""
    found = config or find_settings(os.environ)
    return read(found) if found else Settings()


def _print(event: Event, events: Sequence[Event]) -> None:
    if not isinstance(event, PartDelta) or not event.text:
        return
    part = next(each.part for each in events if isinstance(each, PartStart) and each.index == event.index)
    if isinstance(part, Text):
        print(event.text, end="", flush=True)


def shown(reply: ChatReply[Any], *, extract: bool, schema: OutputFormat | None) -> str:
    """The answer as it is printed: as it is, the first fenced block of it, or the tool calls it consists of."""
    if schema is not None:
        return unfenced(reply.text)
    if extract:
        return first_block(reply.text)
    calls = [f"{call.name}({call.arguments})" for call in reply.tool_calls]
    return reply.text or reply.refusal or "\n".join(calls)


def first_block(text: str) -> str:
    """The inside of the first fenced block, to the end of the text where its fence is not closed; else the text."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if opening := _FENCE.match(line):
            fence = opening[1]
            rest = lines[start + 1 :]
            length = next((place for place, each in enumerate(rest) if _closes(each, fence)), len(rest))
            return "\n".join(rest[:length])
    return text


def _closes(line: str, fence: str) -> bool:
    """A fence is closed by one of the same sign that is at least as long, alone on its line."""
    found = line.strip()
    return len(found) >= len(fence) and set(found) == {fence[0]}


def check_json(reply: ChatReply[Any]) -> None:
    """Raises `InvalidOutput` where an answer that had to be JSON is none."""
    try:
        msgspec.json.decode(unfenced(reply.text))
    except ValueError as error:
        told = f"the answer of '{reply.provider}/{reply.model}' is no JSON: {error}"
        raise InvalidOutput(told, text=reply.text, reply=reply) from error


def document(reply: ChatReply[Any], seconds: float) -> dict[str, Any]:
    """What `--json` prints. Every key is always there; an unknown cost is null."""
    return {
        "text": reply.text,
        "reasoning": reply.reasoning,
        "refusal": reply.refusal,
        "tool_calls": [
            {"id": call.id, "name": call.name, "arguments": call.arguments} for call in reply.tool_calls
        ],
        "citations": [{"url": each.url, "title": each.title} for each in reply.citations],
        **about(reply, seconds),
        "fidelity": reply.fidelity,
        "attempts": [{name: getattr(each, name) for name in OF_ATTEMPTS} for each in reply.attempts],
    }


def about(reply: ChatReply[Any], seconds: float) -> dict[str, Any]:
    """Who answered, how it ended, what it took."""
    usage = reply.usage
    return {
        "id": reply.id,
        "model": reply.model,
        "provider": reply.provider,
        "finish": reply.finish.reason,
        "usage": {
            "input": usage.input_total,
            "output": usage.output_total,
            "cache_read": usage.cache_read,
            "cache_write": usage.cache_write + usage.cache_write_1h,
            "reasoning": usage.reasoning,
            "quality": usage.quality,
        },
        "cost": reply.cost,
        "price_rule": reply.price_rule,
        "seconds": round(seconds, 3),
    }
