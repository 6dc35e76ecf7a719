"""What stands in each generated block of the documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from tests.clients.matrix import matrix

from .fidelity import fidelity_table, instead_table
from .of_commands import commands, fenced_help
from .of_operating import buckets, line, metrics_table
from .of_providers import features_table, forms_table, providers_table, words_table
from .of_settings import PLACES, settings_table
from .of_simulator import faults_table, models_table

MAKERS: Mapping[str, Callable[[], str]] = {
    **{f"settings of {place.replace('.', ' ')}": partial(settings_table, place) for place in PLACES},
    "help": fenced_help,
    **{f"help of {name}": partial(fenced_help, name) for name in commands()},
    "providers": providers_table,
    "features": features_table,
    "words": words_table,
    "forms": forms_table,
    "fidelity": fidelity_table,
    "instead": instead_table,
    "simulated models": models_table,
    "faults": faults_table,
    "metrics": metrics_table,
    "buckets": buckets,
    **{f"log as {form}": partial(line, form) for form in ("text", "json")},
    "clients": matrix,
}
"""Name of the block → what makes it."""
