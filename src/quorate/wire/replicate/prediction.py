"""A prediction as the provider tells of it, read into a reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from quorate.types.chat import ChatReply, Finish, Message
from quorate.types.parts import Text
from quorate.types.usage import MISSING, Usage
from quorate.wire.json_fields import Json, a_count, a_text, is_list
from quorate.wire.seam import WireAnswer

from .failure import broken, failed, read_failure
from .fields import NAME, vendor


class Prediction(msgspec.Struct):
    """As much of it as we read."""

    id: str = ""
    model: str = ""
    version: str = ""
    status: str = ""
    created_at: str = ""
    output: Any = None
    error: Any = None
    urls: dict[str, str] = {}
    metrics: dict[str, Any] | None = None


_decode = msgspec.json.Decoder(Prediction).decode


def read_prediction(answer: WireAnswer) -> Prediction:
    """One that succeeded. Raises what it failed with."""
    try:
        told = _decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken(answer, "the answer is no prediction") from error
    if told.status in ("failed", "canceled", "aborted"):
        raise failed(told.status, a_text(told.error), answer)
    if not told.id and not told.status:
        raise read_failure(answer)
    return told


def read_reply(told: Prediction, answer: WireAnswer) -> ChatReply:
    if told.output is None and told.status != "succeeded":
        raise broken(answer, "the prediction ended without an output")
    text = "".join(pieces_of(told.output))
    kept: Json = {"version": told.version} if told.version else {}
    return ChatReply(
        id=told.id,
        model=told.model,
        created=_seconds(told.created_at),
        message=Message(role="assistant", parts=(Text(text=text),) if text else ()),
        finish=finish_of(told.status),
        usage=read_usage(told.metrics or {}),
        vendor=vendor(kept),
    )


def pieces_of(output: object) -> list[str]:
    """What a model wrote: one text, pieces of it in a list, or anything else as JSON."""
    if output is None:
        return []
    if is_list(output):
        return [each if isinstance(each, str) else _json(each) for each in output]
    return [output if isinstance(output, str) else _json(output)]


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def finish_of(status: str) -> Finish:
    """Why a model stopped, it does not tell."""
    return Finish(reason="stop" if status == "succeeded" else "other", raw=status)


def read_usage(metrics: Json) -> Usage:
    """Language models count tokens; others are billed by the second, of which nothing can be reckoned."""
    if "input_token_count" not in metrics or "output_token_count" not in metrics:
        return MISSING
    return Usage(
        input=a_count(metrics["input_token_count"]),
        output=a_count(metrics["output_token_count"]),
        vendor={NAME: metrics},
    )


def _seconds(moment: str) -> int:
    try:
        return int(datetime.fromisoformat(moment).timestamp()) if moment else 0
    except (ValueError, OverflowError):
        return 0
