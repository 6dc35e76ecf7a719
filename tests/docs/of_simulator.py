"""The tables of the simulator page, from what it plays."""

from __future__ import annotations

from quorate.sim.faults import FAULTS, SHORT, FaultKind
from quorate.sim.models import MODELS

from .markdown import code, table


def models_table() -> str:
    rows = (
        (
            f"`{model.name}`",
            model.about,
            f"{model.context:,}",
            f"{model.tokens_per_second:g}",
            f"{model.first_token:g}",
            f"{model.input_price:f}",
            f"{model.output_price:f}",
        )
        for model in MODELS.values()
    )
    head = ("model", "it is", "context", "tokens a second", "first token, s", "$ per million in", "out")
    return table(head, rows)


def faults_table() -> str:
    return table(("fault", "also", "argument", "what happens"), map(_row, FAULTS.values()))


def _row(kind: FaultKind) -> tuple[str, str, str, str]:
    others = code(short for short, name in SHORT.items() if name == kind.name)
    usual = f", {kind.usual:g} by itself" if kind.usual else ""
    argument = "" if kind.argument in ("none", "place") else f"{kind.argument}{usual}"
    return f"`{kind.name}`", others, argument, kind.about
