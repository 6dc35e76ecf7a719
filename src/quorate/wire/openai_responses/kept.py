"""What clients ask about answers that are kept: to see one, its input, to delete it, to stop its making."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NoReturn

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.value import Value
from quorate.wire.json_fields import Json
from quorate.wire.seam import Call, Method, Route, WireAnswer

from .paths import BASES

Action = Literal["show", "delete", "cancel", "list_input"]

_JSON = {"content-type": "application/json"}
_ROUTES: Sequence[tuple[Method, str]] = (
    ("GET", "/responses/{id}"),
    ("DELETE", "/responses/{id}"),
    ("POST", "/responses/{id}/cancel"),
    ("GET", "/responses/{id}/input_items"),
)
_MOST_ITEMS = 100
_WORDS = {"true": True, "false": False, "": False}


class KeptRequest(Value):
    """One such question."""

    action: Action
    id: str
    stream: bool = False
    starting_after: int = -1
    """Number of the last event that is known already."""
    limit: int = 20
    is_ascending: bool = False
    after: str = ""
    """The id of the last item that is known already."""


class KeptFront:
    """Answers them."""

    routes: Sequence[Route] = tuple(
        Route(method=method, path=base + path, operation="answers")
        for base in BASES
        for method, path in _ROUTES
    )

    def read_request(self, call: Call) -> KeptRequest:
        """Raises `InvalidRequest`."""
        name, _, rest = call.path.partition("/responses/")[2].partition("/")
        match call.method, rest:
            case "DELETE", _:
                return KeptRequest(action="delete", id=name)
            case "POST", _:
                return KeptRequest(action="cancel", id=name)
            case _, "":
                return KeptRequest(
                    action="show",
                    id=name,
                    stream=_flag(call, "stream"),
                    starting_after=_number(call, "starting_after", -1, least=0, most=2**53),
                )
            case _:
                return KeptRequest(
                    action="list_input",
                    id=name,
                    limit=_number(call, "limit", 20, least=1, most=_MOST_ITEMS),
                    is_ascending=_order(call) == "asc",
                    after=call.query.get("after", ""),
                )

    def write_reply(self, reply: Json | bytes, call: Call) -> WireAnswer:
        body = reply if isinstance(reply, bytes) else msgspec.json.encode(reply)
        return WireAnswer(headers=_JSON, body=body)


def deleted(name: str) -> Json:
    """What is said of an answer that is gone."""
    return {"id": name, "object": "response", "deleted": True}


def _flag(call: Call, name: str) -> bool:
    value = call.query.get(name, "").lower()
    if value not in _WORDS:
        _refuse(name, "'true' or 'false'")
    return _WORDS[value]


def _number(call: Call, name: str, default: int, *, least: int, most: int) -> int:
    value = call.query.get(name, "")
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) < 17 and least <= int(value) <= most):
        _refuse(name, f"a number from {least} to {most}")
    return int(value)


def _order(call: Call) -> str:
    order = call.query.get("order") or "desc"
    if order not in ("asc", "desc"):
        _refuse("order", "'asc' or 'desc'")
    return order


def _refuse(name: str, wanted: str) -> NoReturn:
    raise InvalidRequest(f"'{name}' must be {wanted}", where=name)
