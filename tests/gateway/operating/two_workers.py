"""Run as a program: two workers behind one port, each with its part of the numbers; prints the address."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from quorate.gateway.listening import close, listen, url_of
from quorate.gateway.server import run
from quorate.gateway.server import serve as serve_app
from quorate.gateway.stopping import Stop, stoppable
from quorate.gateway.workers import supervise
from quorate.settings.settings import ServerSettings
from tests.gateway.house import settings_for

from .stage import operated


def main(sim: str) -> int:
    with stoppable() as stop, tempfile.TemporaryDirectory(prefix="quorate-") as shared:
        listening = listen("127.0.0.1", 0, sockets=2)

        async def serve(number: int, stop: Stop) -> int:
            async with operated(settings_for(sim), shared=Path(shared), worker=number) as stage:
                await serve_app(stage.gateway, [listening[number]], stop, ServerSettings())
            return stop.code

        print(url_of(listening[0]), flush=True)
        return supervise(
            lambda number, stop: run(serve(number, stop)),
            2,
            stop,
            grace=5.0,
            leave=lambda: close(listening, "127.0.0.1"),
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
