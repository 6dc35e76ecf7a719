"""One SDK against every target: `python -m tests.clients.sdk SDK GATEWAY KEY SIMULATOR PROVIDER…`.

What comes out is a line of JSON for each check: target, feature, and what was wrong, '' where nothing was.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable

from .checks import Checks

_LONGEST = 400
"""Characters of what was wrong."""


def wrong(check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 whatever it was, it is told
        return f"{type(error).__name__}: {error}"[:_LONGEST]
    return ""


def main(sdk: str, gateway: str, key: str, simulator: str, *providers: str) -> None:
    module = importlib.import_module(f"{__package__}.{sdk}_sdk")
    for provider in providers:
        client = module.Client(gateway, key)
        for feature, check in Checks(client, provider, simulator).named().items():
            print(json.dumps([provider, feature, wrong(check)]), flush=True)


main(*sys.argv[1:])
