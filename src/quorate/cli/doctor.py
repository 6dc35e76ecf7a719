"""`quorate doctor`: what is configured, what answers, what is wrong, and how to mend it."""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from quorate.assemble import LOCAL, Household, assemble, read
from quorate.errors import KeyInvalid, QuorateError, Unreachable, UpstreamTimeout
from quorate.providers.entry import Entry
from quorate.types.value import Value

from .terminal import as_json, has_colour

State = Literal["good", "note", "bad"]
_MARKS = {"good": "✓", "note": "·", "bad": "✗"}
_COLOURS = {"good": "32", "note": "90", "bad": "31"}

PATIENCE = 15.0
"""Seconds for all providers together."""


class Finding(Value):
    """One thing that was looked at."""

    about: str
    state: State
    told: str
    mend: str = ""
    """What to do about it."""


def doctor(*, json: bool = False, config: Path | None = None) -> int:
    """Check what is configured and reachable. Ends with 1 where something is wrong.

    Each provider that is set up is asked for its models; nothing that costs money is done.

    Parameters
    ----------
    json
        Print JSON.
    config
        The settings file to use.
    """
    findings = asyncio.run(examine(config))
    if json:
        print(as_json(findings))
    else:
        for finding in findings:
            print(_line(finding))
    return 1 if any(finding.state == "bad" for finding in findings) else 0


async def examine(config: Path | None) -> list[Finding]:
    """All findings, in the order they are told."""
    try:
        household = assemble(read(config) if config else None)
    except QuorateError as error:
        return [_machine(), Finding(about="settings", state="bad", told=str(error), mend="correct the file")]
    try:
        directory = household.current().directory
        entries = list(directory.entries)
        if not any(entry.provider == LOCAL for entry in entries):
            entries.append(Entry(provider=LOCAL))
        set_up = {entry.name or entry.provider for entry in directory.entries}
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(
                    _provider(household, entry, is_set_up=(entry.name or entry.provider) in set_up)
                )
                for entry in entries
            ]
        found = [task.result() for task in tasks]
        return [_machine(), _settings(household), *found, *nobody(found)]
    finally:
        await household.transport.close()


_EXTRAS = {
    "server": "uvicorn",
    "tokens": "splintr-rs",
    "bedrock": "botocore",
    "vertex": "google-auth",
    "azure": "azure-identity",
}
"""Extra → a package that comes with it alone."""


def _machine() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    def has(package: str) -> bool:
        try:
            return bool(version(package))
        except PackageNotFoundError:
            return False

    extras = ", ".join(name for name, package in _EXTRAS.items() if has(package)) or "none"
    told = f"quorate {version('quorate')}, Python {platform.python_version()}, extras: {extras}"
    return Finding(about="program", state="good", told=told)


def _settings(household: Household) -> Finding:
    source = household.current().settings.source
    told = source or "no file: providers are taken from the environment"
    return Finding(about="settings", state="good" if source else "note", told=told)


def nobody(found: Sequence[Finding]) -> list[Finding]:
    """One more finding, where no provider is set up and no Ollama runs."""
    if any(finding.state != "note" for finding in found):
        return []
    return [
        Finding(
            about="providers",
            state="bad",
            told="no provider is set up",
            mend="set a key, as OPENAI_API_KEY or ANTHROPIC_API_KEY (`quorate providers` lists all), or start Ollama",
        )
    ]


async def _provider(household: Household, entry: Entry, *, is_set_up: bool) -> Finding:
    name = entry.name or entry.provider
    directory = household.current().directory
    if problem := directory.problem(entry):
        return Finding(about=name, state="bad", told="not ready", mend=str(problem))
    started = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE):
            offers = await household.current().discovery.models(name, refresh=True)
    except (QuorateError, TimeoutError) as error:
        if not is_set_up:
            return Finding(about=name, state="note", told="not running here")
        return Finding(
            about=name, state="bad", told=str(error) or "no answer in time", mend=_advice(error, entry)
        )
    milliseconds = 1000 * (time.monotonic() - started)
    return Finding(
        about=name, state="good", told=f"answers in {milliseconds:.0f} ms, {len(offers)} models known"
    )


def _advice(error: Exception, entry: Entry) -> str:
    name = entry.name or entry.provider
    match error:
        case KeyInvalid():
            return f"the key is refused: make a new one and set it for '{name}'"
        case Unreachable():
            return f"is the address right, and is the server running? (providers.{name}.base_url)"
        case UpstreamTimeout() | TimeoutError():
            return "look at the network, a proxy, or the provider's status page"
        case _:
            return "see the provider's own words above"


def _line(finding: Finding) -> str:
    mark = _MARKS[finding.state]
    if has_colour():
        mark = f"\x1b[{_COLOURS[finding.state]}m{mark}\x1b[0m"
    told = f"{mark} {finding.about}: {finding.told}"
    return f"{told}\n    → {finding.mend}" if finding.mend else told
