"""The parts are put together without touching the network or loading what is not needed."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from quorate import Quorate
from quorate.assemble import assemble, new_context
from quorate.errors import InvalidRequest, SettingsInvalid
from quorate.providers.entry import Entry
from quorate.settings.settings import Settings
from quorate.transport.scripted import ScriptedTransport

HEAVY = "aiohttp pydantic genai_prices rich cyclopts openai anthropic httpx sqlalchemy".split()

MADE = f"""
import sys

def watch(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"{{event}} before the first call")

sys.addaudithook(watch)
from quorate import Quorate
Quorate(environment={{"OPENAI_API_KEY": "sk", "OLLAMA_HOST": "127.0.0.1"}})
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""


def test_making_a_client_opens_no_socket_and_loads_nothing_heavy(tmp_path: Path):
    done = subprocess.run(
        [sys.executable, "-c", MADE], capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False
    )

    assert (done.stdout.strip(), done.stderr, done.returncode) == ("", "", 0)


def test_a_provider_nobody_knows_is_refused_at_the_start():
    with pytest.raises(SettingsInvalid, match="'opnai'"):
        assemble(
            Settings(entries=(Entry(provider="opnai"),)), environment={}, transport=ScriptedTransport([])
        )


def test_the_settings_file_is_found_where_it_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    Path("quorate.toml").write_text('default_model = "openai/gpt-5"\n')

    household = assemble(environment={}, transport=ScriptedTransport([]))

    assert household.current().settings.default_model == "openai/gpt-5"


def test_limits_of_a_call_become_its_budget():
    context = new_context(Settings(strict=True, attempts=3), max_cost=0.1, timeout=5)

    assert (context.strict, context.budget.attempts, str(context.budget.dollars)) == (True, 3, "0.1")
    assert context.timeouts.total == 5
    assert 0 < (context.budget.deadline or 0) - time.monotonic() <= 5


@pytest.mark.parametrize("limits", [{"timeout": float("inf")}, {"timeout": True}, {"max_cost": "1"}])
def test_limits_that_are_none_are_refused(limits: Any):
    with pytest.raises(InvalidRequest):
        new_context(Settings(), **limits)


def test_two_clients_share_nothing():
    one, two = (Quorate(environment={}, transport=ScriptedTransport([])) for _ in range(2))

    assert one.stats() is not two.stats()
