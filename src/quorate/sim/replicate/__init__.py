"""The simulator's side of Replicate's protocol, which no client of the gateway speaks."""

from __future__ import annotations

from quorate.types.value import replace
from quorate.wire.replicate import REPLICATE

from .front import ReplicateFront
from .models import ModelsFront

SIMULATED_REPLICATE = replace(REPLICATE, front=ReplicateFront(), work_fronts={"models": ModelsFront()})

__all__ = ["SIMULATED_REPLICATE"]
