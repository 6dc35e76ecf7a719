"""`make bench-gateway`: measures and prints. Nothing is asserted: a busy machine is no fault of the code."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from .contestants import (
    CONTESTANTS,
    KEY,
    STREAM,
    TRANSLATED,
    TRANSLATED_STREAM,
    WHOLE,
    Contestant,
    Upstreams,
    quorate,
)
from .load import PATH, Ran, body_of, run
from .processes import CORES, GATEWAY_CORES, Process, free_port, idle, post, until_ready
from .tools import Missing, tool

AT_ONCE = 32
SECONDS = 3.0
"""How long one measured run of whole calls lasts, about."""

BOUNDS = {
    WHOLE: "ours: at most 80, aim 50",
    TRANSLATED: "ours: at most 160, aim 90",
    STREAM: "ours: at most 22, aim 15",
    TRANSLATED_STREAM: "ours: at most 35, aim 20",
}
TITLES = {
    WHOLE: "CPU µs per whole call, client and provider of one protocol, 32 at a time",
    TRANSLATED: "CPU µs per whole call, translated to Anthropic's protocol, 32 at a time",
    STREAM: "CPU µs per streamed piece, 10 ms apart, one protocol, 32 streams",
    TRANSLATED_STREAM: "CPU µs per streamed piece, 10 ms apart, translated, 32 streams",
}


def _answers(url: str, body: bytes, headers: Mapping[str, str]) -> bool:
    return post(url, body, headers)[0] == 200


class Running:
    """A gateway that answers."""

    def __init__(self, one: Contestant, process: Process, port: int, ready: float) -> None:
        self.one, self.process, self.port = one, process, port
        self.ready, self.memory = ready, process.memory()
        self._calls: dict[str, int] = {}

    def body(self, kind: str) -> Path:
        place = self.process.folder / f"{kind.replace(' ', '-')}.json"
        place.write_bytes(body_of(self.one.models[kind], stream=is_streamed(kind)))
        return place

    def measure(self, kind: str, calls: int = 0, *, at_once: int = AT_ONCE, rate: float = 0) -> Ran:
        """One run; without a number of calls, for about as long as a run should last."""
        number = calls or self._fitting(kind)
        headers = self.one.headers.get(kind, ())
        return run(
            self.port,
            self.body(kind),
            at_once=at_once,
            calls=number,
            of=self.process,
            rate=rate,
            headers=headers,
        )

    def _fitting(self, kind: str) -> int:
        if kind not in self._calls:
            if is_streamed(kind):
                self._calls[kind] = 3 * AT_ONCE
                self.measure(kind, AT_ONCE)
            else:
                warm = max(self.measure(kind, 100).told["rps"] for _ in range(2))
                self._calls[kind] = int(max(2 * AT_ONCE, warm * SECONDS))
        return self._calls[kind]


def is_streamed(kind: str) -> bool:
    return kind in (STREAM, TRANSLATED_STREAM)


@contextmanager
def mocks(folder: Path) -> Iterator[Upstreams]:
    """The two upstreams."""
    quick, paced = free_port(), free_port()
    with ExitStack() as stack:
        for port, more in ((quick, ()), (paced, ("-d", "10"))):
            place = folder / f"mock-{port}"
            place.mkdir()
            process = Process([str(tool("mock").absolute()), "-p", str(port), *more], place)
            stack.callback(process.stop)
            until_ready(
                process,
                partial(_answers, f"http://127.0.0.1:{port}{PATH}", body_of("mock", stream=False), {}),
            )
        yield Upstreams(quick, paced)


def start(
    name: str,
    make: Callable[..., Contestant | str],
    upstreams: Upstreams,
    root: Path,
    stack: ExitStack,
    **more: Any,
) -> Running | None:
    """Start it on its own core; None, and a word why, where it does not run."""
    folder, port = root / f"{name}-{free_port()}", free_port()
    folder.mkdir()
    made = make(folder, port, upstreams, **more)
    if isinstance(made, str):
        print(f"  {name} is not measured: {made}")
        return None
    process = Process(made.command, folder, made.environment, CORES if "workers" in more else GATEWAY_CORES)
    stack.callback(process.stop)
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    headers |= dict(line.split(": ", 1) for line in made.headers.get(WHOLE, ()))
    body = body_of(made.models[WHOLE], stream=False)
    try:
        ready = until_ready(process, partial(_answers, f"http://127.0.0.1:{port}{PATH}", body, headers))
    except RuntimeError as error:
        print(f"  {name} does not run: {error}")
        return None
    return Running(made, process, port, ready)


def told(values: Sequence[float]) -> str:
    return f"{statistics.median(values):9.1f}  [{min(values):.1f}–{max(values):.1f}]"


def compare(running: Sequence[Running], kinds: Sequence[str], rounds: int) -> None:
    """Each gateway in turn, the others standing still, so that a busy minute hits all alike."""
    for kind in kinds:
        found: dict[str, list[float]] = {each.one.name: [] for each in running}
        rates: dict[str, list[float]] = {each.one.name: [] for each in running}
        failures: dict[str, str] = {}
        for _ in range(rounds):
            for each in running:
                alone(each, running)
                try:
                    ran = each.measure(kind)
                except RuntimeError as error:
                    failures[each.one.name] = str(error)
                    continue
                found[each.one.name].append(ran.per_piece if is_streamed(kind) else ran.per_call)
                rates[each.one.name].append(ran.told["rps"])
        ours = statistics.median(found[running[0].one.name] or [1])
        print(f"\n{TITLES[kind]} ({BOUNDS[kind]})")
        for name, values in found.items():
            if name in failures:
                print(f"  {name:<20} fails: {failures[name]}")
            elif values:
                more = "" if is_streamed(kind) else f"{statistics.median(rates[name]):9.0f} a second"
                print(f"  {name:<20}{told(values):<30}{statistics.median(values) / ours:8.2f} × ours{more}")


def alone(one: Running, running: Sequence[Running]) -> None:
    for each in running:
        each.process.rest() if each is not one else each.process.go_on()


def latency(running: Sequence[Running], upstreams: Upstreams, rounds: int, rates: Sequence[int]) -> None:
    """What a gateway adds to the upstream's own time, calls coming at a fixed rate."""
    for rate in rates:
        print(f"\nAdded at {rate} calls a second, ms (ours at 1000: at most 0.2 and 1)")
        direct: list[tuple[float, float]] = []
        found: dict[str, list[tuple[float, float]]] = {each.one.name: [] for each in running}
        calls = max(200, rate * 4)
        for _ in range(rounds):
            body = running[0].body(WHOLE)
            plain = run(upstreams.quick, body, at_once=64, calls=calls, rate=rate).told
            direct.append((plain["p50_us"], plain["p99_us"]))
            for each in running:
                alone(each, running)
                if rate > 100 and each is not running[0]:
                    continue  # it cannot keep up
                seen = each.measure(WHOLE, calls, at_once=64, rate=rate).told
                found[each.one.name].append((seen["p50_us"], seen["p99_us"]))
        base = [statistics.median(values) for values in zip(*direct, strict=True)]
        print(f"  the upstream alone: p50 {base[0] / 1000:.3f}, p99 {base[1] / 1000:.3f}")
        for name, values in found.items():
            if values:
                p50, p99 = (statistics.median(column) for column in zip(*values, strict=True))
                print(f"  {name:<20} p50 {(p50 - base[0]) / 1000:7.3f}   p99 {(p99 - base[1]) / 1000:7.3f}")


def footing(running: Sequence[Running]) -> None:
    print("\nUntil the first answer, and memory then (ours: at most 1.5 s)")
    for each in running:
        print(f"  {each.one.name:<20}{each.ready:6.2f} s CPU {each.memory:8.0f} MB")


def endurance(ours: Running) -> None:
    """Memory after many calls, of both roads."""
    seen = []
    for calls in (5_000, 45_000):
        for kind in (WHOLE, TRANSLATED):
            ours.measure(kind, calls // 2)
        seen.append(ours.process.memory())
    change = (seen[1] / seen[0] - 1) * 100
    print(
        f"\nOur memory after 5,000 calls {seen[0]:.1f} MB, after 50,000 {seen[1]:.1f} MB: {change:+.1f} % (at most +10)"
    )


def outage(ours: Running) -> None:
    """Another process keeps the store for itself: answers go on, and what waits for it has its bounds."""
    ours.measure(WHOLE, 5_000)
    seen = [ours.process.memory()]
    place = next(ours.process.folder.rglob("*.db"))
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            ours.measure(WHOLE, 25_000)
            seen.append(ours.process.memory())
        other.execute("ROLLBACK")
    told = ", ".join(f"{each:.0f}" for each in seen[1:])
    print(
        f"\nThe store locked: every call answered; {seen[0]:.0f} MB before, after 25, 50, 75 thousand calls {told}"
    )


def workers(upstreams: Upstreams, root: Path, rounds: int, stack: ExitStack) -> None:
    """One and two workers, all on every core, beside the tools of load."""
    one = start("quorate", quorate, upstreams, root, stack, workers=1)
    two = start("quorate", quorate, upstreams, root, stack, workers=2)
    if one is None or two is None:
        return
    pair = [one, two]
    costs: list[list[float]] = [[], []]
    rates: list[list[float]] = [[], []]
    shares: list[list[float]] = [[], []]
    for _ in range(rounds):
        for place, each in enumerate(pair):
            alone(each, pair)
            each.measure(WHOLE, 1000)
            before = idle()
            ran = each.measure(WHOLE)
            shares[place].append(100 * (1 - (idle() - before) / (ran.seconds * len(CORES))))
            costs[place].append(ran.per_call)
            rates[place].append(ran.told["rps"])
    print(
        "\nWorkers on all cores, CPU µs per whole call (two: at most 1.1 × one, and 85 % of what the cores leave)"
    )
    for each, cost, rate, share in zip(pair, costs, rates, shares, strict=True):
        print(
            f"  {each.one.name:<20}{told(cost):<30}{statistics.median(rate):9.0f} a second, "
            f"{statistics.median(share):.0f} % of what the cores could do at that cost"
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.gateway", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--only", nargs="*", default=list(CONTESTANTS), help="which gateways; ours is always there"
    )
    parser.add_argument("--kinds", nargs="*", default=list(TITLES), help="which kinds of calls")
    parser.add_argument(
        "--beside", default="", help="the `src` of another checkout, measured beside this one"
    )
    parser.add_argument(
        "--quick", action="store_true", help="only CPU, neither latency nor memory nor workers"
    )
    return parser.parse_args()


def main() -> None:
    """Print where and when, then every table."""
    asked = arguments()
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores"
    )
    print(f"Gateways on core {GATEWAY_CORES}, load and upstream on {CORES[1:] or CORES}")
    try:
        tool("mock"), tool("load")
    except Missing as error:
        sys.exit(f"Not measured: {error}")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        root = Path(name)
        upstreams = stack.enter_context(mocks(root))
        names = ["quorate", *(each for each in CONTESTANTS if each in asked.only and each != "quorate")]
        started = [start(each, CONTESTANTS[each], upstreams, root, stack) for each in names]
        if started[0] is None:
            sys.exit("Not measured: ours does not run")
        if asked.beside:
            started.insert(1, start("quorate", quorate, upstreams, root, stack, source=asked.beside))
        running = [each for each in started if each is not None]
        footing(running)
        compare(running, asked.kinds, asked.rounds)
        if not asked.quick:
            latency(running, upstreams, asked.rounds, (1000, 20))
            alone(running[0], running)
            endurance(running[0])
            outage(running[0])
            for each in running:
                each.process.rest()
            workers(upstreams, root, asked.rounds, stack)


if __name__ == "__main__":
    main()
