"""Importing Quorate is light and touches no network."""

from __future__ import annotations

import subprocess
import sys

HEAVY = """aiohttp alembic anthropic botocore cryptography cyclopts fastapi genai_prices google httptools httpx httpx2
jsonschema_rs litellm minijinja numpy ollama openai opentelemetry prometheus_client pydantic rich sqlalchemy starlette
structlog uvicorn uvloop yaml""".split()

LIGHT_IMPORT = f"""
import sys
import quorate
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""

EVERY_IMPORT = """
import importlib, pkgutil, sys

def watch(event, arguments):
    if event.startswith("socket."):
        raise SystemExit(f"{event} at import")

import quorate
modules = [each.name for each in pkgutil.walk_packages(quorate.__path__, "quorate.")]
sys.addaudithook(watch)
for name in modules:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(len(modules))
"""


def run_alone(program: str) -> str:
    """What a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_quorate_loads_nothing_heavy():
    assert run_alone(LIGHT_IMPORT) == ""


def test_importing_every_module_opens_no_socket():
    assert int(run_alone(EVERY_IMPORT)) > 0
