"""What a call asks of whoever keeps answers: to keep this one, to go on from an earlier one, to be made for later."""

from __future__ import annotations

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.value import Value
from quorate.wire.json_fields import Fields

_ABSENT = msgspec.Raw(b"")
_NOTHING = (b"", b"null")
_REFERENCE = b'"item_reference"'
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Wishes(Value):
    """As the call says it."""

    keep: bool = True
    background: bool = False
    stream: bool = False
    previous: str = ""
    """The id of the answer it goes on from."""
    conversation: bool = False
    """It belongs to a conversation that a provider keeps."""
    prompt: bool = False
    """It is asked by a prompt that a provider keeps."""
    reference: bool = False
    """It names items that a provider keeps."""
    input: bytes = b""
    """JSON: a text or a list of items; '' where there is none."""


class _Told(msgspec.Struct):
    store: bool | None = None
    background: bool | None = None
    stream: bool | None = None
    previous_response_id: str | None = None
    conversation: msgspec.Raw = _ABSENT
    prompt: msgspec.Raw = _ABSENT
    input: msgspec.Raw = _ABSENT


_read = msgspec.json.Decoder(_Told).decode
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def read_wishes(body: bytes) -> Wishes:
    """Raises `InvalidRequest` for what makes no sense."""
    try:
        told = _read(body)
    except _UNREADABLE as error:
        raise _fault(body) from error
    return Wishes(
        keep=told.store is not False,
        background=bool(told.background),
        stream=bool(told.stream),
        previous=told.previous_response_id or "",
        conversation=bytes(told.conversation) not in _NOTHING,
        prompt=bytes(told.prompt) not in _NOTHING,
        reference=_REFERENCE in body,
        input=b"" if bytes(told.input) in _NOTHING else bytes(told.input),
    )


def made_at_once(body: bytes) -> bytes:
    """The call without the wish that nobody waits for its answer."""
    fields = _read_fields(body)
    fields.pop("background", None)
    return msgspec.json.encode(fields)


def _fault(body: bytes) -> InvalidRequest:
    """What is wrong with a body that cannot be read."""
    try:
        fields = Fields(msgspec.json.decode(body))
        for name in ("store", "background", "stream"):
            fields.flag(name)
        fields.text("previous_response_id")
    except InvalidRequest as error:
        return error
    except _UNREADABLE:
        pass
    return InvalidRequest("the body is not JSON", where="")
