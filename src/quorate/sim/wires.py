"""Every protocol the simulator plays: those with a front for clients, and those that providers alone speak."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.wire.seam import Wire
from quorate.wire.wires import WIRES

from .bedrock import SIMULATED_BEDROCK
from .cohere import SIMULATED_COHERE
from .replicate import SIMULATED_REPLICATE

SIMULATED: Mapping[str, Wire] = {
    **WIRES,
    SIMULATED_BEDROCK.name: SIMULATED_BEDROCK,
    SIMULATED_COHERE.name: SIMULATED_COHERE,
    SIMULATED_REPLICATE.name: SIMULATED_REPLICATE,
}
