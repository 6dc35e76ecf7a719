"""The seam of hooks: what a package offers under the entry point group `quorate.hooks`.

An entry point names a `MakeHook`: it checks its options once, when settings load, and gives a `Hook`. That makes
a `Guard` for each call it is set for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from quorate.engine.guard import Guard
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Context
from quorate.types.value import Value
from quorate.types.work import ModerateReply, ModerateRequest

__all__ = ["Asked", "Guard", "Hook", "MakeHook", "Models"]

GROUP = "quorate.hooks"


class Models(Protocol):
    """The models that a hook may ask, by any name that a call may use. No hook sees what hooks ask."""

    async def answer(self, request: ChatRequest, context: Context) -> ChatReply: ...

    async def moderate(self, request: ModerateRequest, context: Context) -> ModerateReply: ...


class Asked(Value):
    """A call that is about to be made."""

    scope: str
    """The tenant whose call it is."""
    key: str
    """The id of the key that was shown."""
    front: str
    """The client's protocol."""
    context: Context
    """Its budget of attempts, time and money: what a hook asks of models counts towards it."""
    models: Models


class Hook(Protocol):
    """One entry under `[[server.hooks]]`, its options checked. Serves all calls."""

    def begin(self, asked: Asked) -> Guard: ...


class MakeHook(Protocol):
    """What an entry point names: a class or a function."""

    def __call__(self, options: Mapping[str, Any], /) -> Hook:
        """Raises `SettingsInvalid` with (option, what is wrong) pairs."""
        ...
