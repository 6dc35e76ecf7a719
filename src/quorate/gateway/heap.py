"""Sets the garbage collector for a server: much that stays for ever, and calls that leave nothing to collect."""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 20
"""Containers made and not freed until the collector looks at the young ones; how often until it looks further.

A call frees what it made by itself. By Python's own numbers (700, 10, 10) the collector looked for it all the
same, at a tenth of what a call costs.
"""


def settle_heap() -> None:
    """What is there is there to stay: the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
