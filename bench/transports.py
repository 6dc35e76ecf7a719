"""`python -m bench.transports`: CPU µs of each HTTP client alone, on both loops, against the local upstream.

Every run is a process of its own, and the clients take turns, so that a busy minute hits all alike.
`python -m bench.transports CLIENT LOOP MODE CONCURRENCY CALLS URL` is one such run, and prints its number.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

CLIENTS = ("aiohttp", "own")
LOOPS = ("uvloop", "asyncio")
RUNS = {
    "whole, 1 at a time, µs per call": ("whole", 1, 4000),
    "whole, 64 at a time, µs per call": ("whole", 64, 19200),
    "streamed, 8 at a time, µs per event": ("stream", 8, 1600),
    "streamed, 8 at a time, µs per stream": ("streams", 8, 1600),
}
ROUNDS = 5

Work = Callable[[], Awaitable[int]]


def work_of(client: str, url: str, mode: str) -> Work:
    """One call; how many events it saw."""
    from quorate.transport.chosen import ChosenTransport
    from quorate.transport.http import HttpTransport
    from quorate.transport.seam import Send
    from quorate.types.target import Timeouts

    transport = {"aiohttp": HttpTransport, "own": ChosenTransport}[client]()
    asked = b'{"model":"gpt-4o-mini","messages":[{"role":"user","content":"' + b"words " * 160 + b'"}]'
    request = Send(
        method="POST",
        url=f"{url}/chat/completions",
        headers={"content-type": "application/json", "authorization": "Bearer sk-bench"},
        body=asked + (b"}" if mode == "whole" else b',"stream":true}'),
        timeouts=Timeouts(),
    )

    async def whole() -> int:
        async with transport.send(request) as arrival:
            assert len(await arrival.read()) > 500
        return 0

    async def stream() -> int:
        seen = 0
        async with transport.send(request) as arrival:
            async for piece in arrival.chunks():
                seen += piece.count(b"\n\n")
        return seen

    return whole if mode == "whole" else stream


async def measure(client: str, mode: str, concurrency: int, calls: int, url: str) -> float:
    """CPU µs of this process per call, or per event."""
    work = work_of(client, url, mode)

    async def worker(number: int) -> int:
        return sum([await work() for _ in range(number)])

    await asyncio.gather(*[worker(max(2, 20 // concurrency)) for _ in range(concurrency)])
    began = time.process_time()
    events = sum(await asyncio.gather(*[worker(calls // concurrency) for _ in range(concurrency)]))
    spent = time.process_time() - began
    return spent * 1e6 / (events if mode == "stream" else calls // concurrency * concurrency)


def one_run(client: str, loop: str, mode: str, concurrency: str, calls: str, url: str) -> None:
    """Measure in this process."""
    import uvloop

    run = uvloop.run if loop == "uvloop" else asyncio.run
    print(run(measure(client, mode, int(concurrency), int(calls), url)), flush=True)
    os._exit(0)


def main() -> None:
    """Every client on every loop in every mode."""
    from .__main__ import upstream

    if sys.argv[1:]:
        one_run(*sys.argv[1:])
    with upstream() as url:
        for title, (mode, concurrency, calls) in RUNS.items():
            found: dict[tuple[str, str], list[float]] = {}
            for _ in range(ROUNDS):
                for client in CLIENTS:
                    for loop in LOOPS:
                        run = [client, loop, mode, str(concurrency), str(calls), url]
                        command = [sys.executable, "-m", "bench.transports", *run]
                        done = subprocess.run(command, capture_output=True, timeout=120, check=True)
                        found.setdefault((client, loop), []).append(float(done.stdout))
            print(title)
            for (client, loop), values in found.items():
                middle = statistics.median(values)
                print(f"  {client:<8} {loop:<8} {middle:7.1f}  [{min(values):.1f}–{max(values):.1f}]")


if __name__ == "__main__":
    main()
