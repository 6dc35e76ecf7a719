"""What is asked of a prediction, read from a submission, or from the address by which it is asked after.

The addresses hold the whole question, so that nothing has to be kept between the requests of one prediction.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from typing import Any

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest, Message
from quorate.types.parts import Text
from quorate.wire.json_fields import Json, a_text, an_object, objects
from quorate.wire.seam import Call

FOLDER = "/replicate"

_LIMITS = ("max_tokens", "max_new_tokens", "max_completion_tokens", "max_output_tokens")
_SYSTEM = ("system_prompt", "system_instruction")


class Asked(msgspec.Struct):
    """A prediction's model and inputs."""

    model: str
    input: dict[str, Any] = {}
    stream: bool = False

    @property
    def identity(self) -> str:
        return urlsafe_b64encode(msgspec.json.encode(self)).decode().rstrip("=")


def asked_in(call: Call) -> Asked:
    """Raises `InvalidRequest` for what is no question."""
    path = call.path.removeprefix(FOLDER)
    for shelf in ("/v1/predictions/", "/v1/streams/"):
        if path.startswith(shelf):
            return _from_identity(path.removeprefix(shelf).removesuffix("/cancel"))
    try:
        body = msgspec.json.decode(call.body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"the body is no JSON: {error}") from error
    if not isinstance(body.get("input"), dict):
        raise InvalidRequest("- input is required", where="input")
    for shelf in ("/v1/models/", "/v1/deployments/"):
        if path.startswith(shelf):
            model = path.removeprefix(shelf).removesuffix("/predictions")
            break
    else:
        model = a_text(body.get("version"))
    if not model:
        raise InvalidRequest("- version is required", where="version")
    return Asked(model=model, input=an_object(body["input"]), stream=body.get("stream") is True)


def _from_identity(identity: str) -> Asked:
    try:
        data = urlsafe_b64decode(identity + "=" * (-len(identity) % 4))
        return msgspec.json.decode(data, type=Asked)
    except (Error, ValueError, msgspec.MsgspecError) as error:
        raise InvalidRequest("The requested resource could not be found.") from error


def read_request(asked: Asked) -> ChatRequest:
    said = asked.input
    messages = [
        _message(a_text(each.get("role")), a_text(each.get("content")))
        for each in objects(said.get("messages"))
    ]
    messages += [_message("system", a_text(said[name])) for name in _SYSTEM if said.get(name)]
    if prompt := a_text(said.get("prompt")):
        messages.append(_message("user", prompt))
    limit = next((said[name] for name in _LIMITS if isinstance(said.get(name), int)), None)
    return ChatRequest(model=asked.model, messages=tuple(messages), max_output=limit, stop=_stops(said))


def _message(role: str, text: str) -> Message:
    known = "system" if role == "system" else "assistant" if role == "assistant" else "user"
    return Message(role=known, parts=(Text(text=text),))


def _stops(said: Json) -> tuple[str, ...]:
    return tuple(each for each in a_text(said.get("stop_sequences")).split(",") if each)
