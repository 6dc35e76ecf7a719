"""From a prediction that was taken on to its answer: asked after until it is done, or its stream."""

from __future__ import annotations

from collections.abc import Generator
from urllib.parse import quote

import msgspec

from quorate.wire.seam import Step, WireAnswer, WireRequest

from .prediction import Prediction, pieces_of

_FIRST, _LONGEST, _GROWTH = 0.5, 5.0, 1.5
"""Seconds between two askings: the first pause, the longest, and by how much each is longer than the last."""

_MISSES = 3
"""So many askings in a row may fail for a while before the prediction is given up."""

_SOON_OVER = frozenset((429, 500, 502, 503, 504))
_OVER = frozenset(("succeeded", "failed", "canceled", "aborted"))
_STREAM = {"accept": "text/event-stream", "cache-control": "no-store"}

_decode = msgspec.json.Decoder(Prediction).decode


def follow_whole(first: WireAnswer) -> Generator[Step, WireAnswer, WireAnswer]:
    """Ask after it until it is done. What cannot be read is left to who reads the answer."""
    answer, told = first, _read(first)
    wait, misses = _FIRST, 0
    while told is not None and told.id and told.status not in _OVER:
        asked = yield Step(request=WireRequest(method="GET", path=_path(told.id)), wait=wait)
        wait = min(wait * _GROWTH, _LONGEST)
        if asked.status in _SOON_OVER and misses < _MISSES:
            misses += 1
            continue
        misses, answer, told = 0, asked, _read(asked)
        if answer.status >= 300:
            break
    return answer


def follow_stream(first: WireAnswer) -> Generator[Step, WireAnswer, WireAnswer]:
    """Its stream; of a model that has none the whole output, told as a stream."""
    told = _read(first)
    url = told.urls.get("stream", "") if told is not None else ""
    if url.startswith(("https://", "http://")):
        request = WireRequest(method="GET", path="", headers=_STREAM, framing="sse")
        yield Step(request=request, url=url, is_last=True)
    answer = yield from follow_whole(first)
    done = _read(answer)
    return answer if done is None or answer.status >= 300 else _as_stream(done, answer)


def cancel(first: WireAnswer) -> WireRequest | None:
    """What stops it; nothing where it is done already."""
    told = _read(first)
    if told is None or not told.id or told.status in _OVER:
        return None
    return WireRequest(path=f"{_path(told.id)}/cancel")


def _path(identity: str) -> str:
    return f"/v1/predictions/{quote(identity, safe='')}"


def _read(answer: WireAnswer) -> Prediction | None:
    try:
        return _decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _as_stream(done: Prediction, answer: WireAnswer) -> WireAnswer:
    if done.status == "succeeded":
        frames = [_event("output", piece) for piece in pieces_of(done.output)] + [_event("done", "{}")]
    else:
        words = done.error if isinstance(done.error, str) else f"the prediction was {done.status}"
        frames = [_event("error", msgspec.json.encode({"detail": words}).decode())]
    return WireAnswer(
        status=answer.status, headers={"content-type": "text/event-stream"}, body=b"".join(frames)
    )


def _event(name: str, data: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.split("\n"))
    return f"event: {name}\n{lines}\n".encode()
