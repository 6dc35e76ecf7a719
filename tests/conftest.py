"""What holds for every test: loopback only, nobody's own settings, one event loop, bounded examples."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.loopback import stay_on_loopback

# Slow machines share their cores; a deadline an example would fail by chance.
settings.register_profile(
    "quick",
    max_examples=50,
    deadline=None,
    print_blob=True,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("long", settings.get_profile("quick"), max_examples=1000, derandomize=False)
settings.load_profile("quick")

PERSONAL = ("_API_KEY", "_API_TOKEN", "_BASE_URL", "_PROXY")
FOLDERS = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")


def pytest_configure() -> None:
    stay_on_loopback()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def nobodys_own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Hides the keys, proxies and folders of whoever runs the tests; what is yielded is the empty home."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper().endswith(PERSONAL) or name in ("QUORATE_CONFIG", "OLLAMA_HOST"):
                patch.delenv(name)
        for name in FOLDERS:
            patch.setenv(name, str(home))
        yield home
