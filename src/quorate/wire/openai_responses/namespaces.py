"""Tools grouped under a name: in our values tools of their own, under a name that fits every protocol.

A tool, and a call of it, keeps both names in `vendor` (`namespace`, and `name` within it): by them this protocol
gets its groups back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

from quorate.types.parts import Part, ToolCall
from quorate.types.value import replace
from quorate.wire.json_fields import a_text, objects

from .fields import NAME, own

NAMESPACE = "namespace"

_LONGEST = 64
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")

Home = tuple[str, str]
"""A namespace, and a tool's name in it."""


def joined(home: Home) -> str:
    """Both names as one: letters, digits, `_` and `-`, no digit first, 64 of them at most."""
    whole = "__".join(home)
    return whole if _fit(whole) == whole and len(whole) <= _LONGEST else _marked(home)


def _fit(whole: str) -> str:
    fit = _UNFIT.sub("_", whole)
    return fit if fit[:1].isalpha() or fit.startswith("_") else f"_{fit}"


def _marked(home: Home) -> str:
    """Where the plain name cannot be: as much of it as there is room for, and a mark that is this tool's alone."""
    mark = sha256("\n".join(home).encode(errors="replace")).hexdigest()[:8]
    return f"{_fit('__'.join(home))[: _LONGEST - len(mark) - 1]}_{mark}"


def flat_names(tools: object) -> Mapping[Home, str]:
    """The names under which a call's grouped tools are known to others; no two tools of it have the same one."""
    names: dict[Home, str] = {}
    taken = {a_text(tool.get("name")) for tool in objects(tools) if tool.get("type") != NAMESPACE}
    for tool in objects(tools):
        if tool.get("type") != NAMESPACE:
            continue
        for inner in objects(tool.get("tools")):
            home = a_text(tool.get("name")), a_text(inner.get("name"))
            if home not in names:
                flat = joined(home)
                names[home] = _marked(home) if flat in taken else flat
                taken.add(names[home])
    return names


def grouped_of(tools: object, kind: str) -> set[str]:
    """Flat names of the grouped tools of that kind."""
    names = flat_names(tools)
    return {
        names[a_text(tool.get("name")), a_text(inner.get("name"))]
        for tool in objects(tools)
        if tool.get("type") == NAMESPACE
        for inner in objects(tool.get("tools"))
        if inner.get("type") == kind
    }


def home_of(call: ToolCall) -> Home | None:
    """Where a call's tool belongs; None for a tool of no group."""
    space = a_text(own(call.vendor).get(NAMESPACE))
    return (space, own_name(call)) if space else None


def own_name(call: ToolCall) -> str:
    """The name of a call's tool, as this protocol has it."""
    return a_text(own(call.vendor).get("name")) or call.name


def at_home(part: Part, home: Home, flat: str) -> Part:
    """A call of a grouped tool: others know it by its flat name, this protocol by both."""
    told = own(part.vendor) | {NAMESPACE: home[0], "name": home[1]}
    return replace(part, name=flat, vendor=part.vendor | {NAME: told})


def brought_home(part: Part, homes: Mapping[str, Home]) -> Part:
    """A call of a grouped tool by its flat name, as this protocol tells it; any other part as it is.

    What a provider of this protocol says of a group is left as it is: it may have made that group itself.
    """
    if not isinstance(part, ToolCall) or part.hosted or home_of(part) or part.name not in homes:
        return part
    return at_home(part, homes[part.name], part.name)
