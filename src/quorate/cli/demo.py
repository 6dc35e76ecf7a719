"""`quorate demo`: three simulated models, three protocols, one question, side by side."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from quorate.client.client import Quorate
from quorate.sim.simulator import Simulator
from quorate.types.events import PartDelta, ReplyEnd

from .simulated import simulated_settings
from .terminal import dollars, is_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

QUESTION = "Which rivers flow through Vienna, and where do they end?"
ASKED = ("sim-openai/sim-swift", "sim-anthropic/sim-sage", "sim-ollama/sim-thrift")

GOODBYE = """
These answers are simulated. To ask a real model, set a key and name it:

  export OPENAI_API_KEY=…        (`quorate providers` lists every provider and its variable)
  quorate ask -m openai/gpt-5-mini "Name three rivers"
"""


class Lane:
    """One model's answer as it grows."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.text = ""
        self.tokens = 0
        self.cost: Decimal | None = None
        self.seconds = 0.0
        self.is_over = False

    async def ask(self, q: Quorate, question: str) -> None:
        started = time.monotonic()
        async with q.stream(question, model=self.model) as events:
            async for event in events:
                self.seconds = time.monotonic() - started
                match event:
                    case PartDelta(text=text):
                        self.text += text
                    case ReplyEnd():
                        self.tokens, self.cost = event.usage.output_total, event.cost
                    case _:
                        pass
        self.is_over = True

    @property
    def account(self) -> str:
        """Tokens, time and cost, as far as they are known."""
        if not self.is_over:
            return f"{self.seconds:.1f} s"
        return f"{self.tokens} tokens · {self.seconds:.1f} s · {dollars(self.cost)}"


def demo(question: str = QUESTION, *, speed: float = 1.0) -> int:
    """Ask three simulated models one question. Nothing leaves this machine.

    Parameters
    ----------
    question
        What they are asked.
    speed
        How many times faster than life they answer; 0 = at once.
    """
    asyncio.run(_run(question, speed))
    return 0


async def _run(question: str, speed: float) -> None:
    async with Simulator(seed=1, speed=speed) as simulator, Quorate(simulated_settings(simulator.url)) as q:
        lanes = [Lane(model) for model in ASKED]
        print(f"Asking {len(lanes)} simulated models over three protocols: {question}\n")
        if is_terminal():
            await _side_by_side(lanes, q, question)
        else:
            await _all(lanes, q, question)
            for lane in lanes:
                print(f"── {lane.model} · {lane.account}\n{lane.text.strip()}\n")
    print(GOODBYE.strip("\n"))


async def _all(lanes: Sequence[Lane], q: Quorate, question: str) -> None:
    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(lane.ask(q, question))


async def _side_by_side(lanes: Sequence[Lane], q: Quorate, question: str) -> None:
    from rich.live import Live

    with Live(_columns(lanes), refresh_per_second=15) as live:
        async with asyncio.TaskGroup() as group:
            group.create_task(_all(lanes, q, question))
            while not all(lane.is_over for lane in lanes):
                await asyncio.sleep(1 / 15)
                live.update(_columns(lanes))


def _columns(lanes: Sequence[Lane]) -> RenderableType:
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(expand=True, padding=(0, 1))
    for _ in lanes:
        table.add_column(ratio=1)
    panels = [
        Panel(
            Text(lane.text.strip() or "…"),
            title=lane.model,
            subtitle=lane.account,
            border_style="green" if lane.is_over else "dim",
        )
        for lane in lanes
    ]
    table.add_row(*panels)
    return table
