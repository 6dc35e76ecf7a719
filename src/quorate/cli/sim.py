"""`quorate sim`: simulated providers on this machine, with faults on demand."""

from __future__ import annotations

import asyncio
from pathlib import Path

from quorate.errors import InvalidRequest
from quorate.sim.faults import FAULTS, HEADER
from quorate.sim.models import MODELS
from quorate.sim.script import read_script
from quorate.sim.simulator import BASE_PATHS, Simulator
from quorate.wire.wires import WIRES

from .terminal import note

PORT = 4750


def sim(
    *,
    port: int = PORT,
    host: str = "127.0.0.1",
    seed: int = 0,
    speed: float = 1.0,
    fault: tuple[str, ...] = (),
    script: Path | None = None,
    faults: bool = False,
) -> int:
    """Serve simulated providers of every protocol on one port, until interrupted.

    Parameters
    ----------
    port
        0 takes a free one.
    host
        The address to listen at. Everything is answered to everybody: leave it at this machine.
    seed
        The same seed gives the same answers and the same faults.
    speed
        How many times faster than life; 0 = at once.
    fault
        NAME=SHARE: this share of all calls meets that fault, as rate-limited=0.1; may be repeated.
    script
        A TOML file of conversations written beforehand: which words and tool calls answer which question.
    faults
        List the faults and leave.
    """
    if faults:
        for kind in FAULTS.values():
            print(f"{kind.name}\t{kind.about}")
        return 0
    shares = dict(map(_share, fault))
    scenes = read_script(script) if script else ()
    asyncio.run(_serve(Simulator(seed=seed, speed=speed, host=host, port=port, faults=shares, scenes=scenes)))
    return 0


def _share(said: str) -> tuple[str, float]:
    name, _, share = said.rpartition("=")
    try:
        rate = float(share)
    except ValueError:
        rate = -1.0
    if not name or not 0 <= rate <= 1:
        raise InvalidRequest(f"'{said}' is no fault: write NAME=SHARE, as rate-limited=0.1", where="fault")
    return name, rate


async def _serve(simulator: Simulator) -> None:
    async with simulator:
        print(simulator.url, flush=True)
        note("Every answer is simulated. Models: " + ", ".join(MODELS))
        for wire in WIRES:
            note(f"  {wire:<16} {simulator.url}{BASE_PATHS.get(wire, '')}")
        note(
            f"Faults: add +NAME to a model's name, or send {HEADER}: NAME (`quorate sim --faults` lists them)"
        )
        note(f"  curl {simulator.url}/v1/chat/completions -H 'content-type: application/json' \\")
        question = '{"model": "sim-swift", "messages": [{"role": "user", "content": "Hello"}]}'
        note(f"    -d '{question}'")
        await asyncio.Event().wait()
