"""Where the simulator answers as Cohere does: where Cohere does itself, and under a folder of its own.

Cohere shares the path of its list of models with other protocols; in the folder it has it alone.
"""

from __future__ import annotations

from quorate.types.work import Operation
from quorate.wire.seam import Route

FOLDER = "/cohere"

JSON = {"content-type": "application/json"}


def routes(method: str, path: str, operation: Operation = "chat") -> tuple[Route, ...]:
    return tuple(Route(method=method, path=base + path, operation=operation) for base in (FOLDER, ""))
