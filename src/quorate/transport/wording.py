"""What goes wrong on the way, in our own errors and words, whatever HTTP client is in use.

No text holds more of an address than host and port: a query may be a credential.
"""

from __future__ import annotations

from collections.abc import Mapping

from quorate.errors import InvalidRequest, Unreachable, UpstreamBroken, UpstreamTimeout

_WAITED: Mapping[str, str] = {
    "connect": "'{place}' could not be connected to within {seconds:g} s",
    "first_byte": "'{place}' sent nothing within {seconds:g} s",
    "gap": "'{place}' sent nothing more for {seconds:g} s",
    "total": "the time for the whole call was over before '{place}' had answered",
}


def timed_out(place: str, waited_for: str, seconds: float = 0.0) -> UpstreamTimeout:
    """Nothing came in time; `seconds` is how long that was."""
    error = UpstreamTimeout(_WAITED[waited_for].format(place=place, seconds=seconds))
    error.waited_for = waited_for
    return error


def broken(message: str, reason: str, *, status: int = 0) -> UpstreamBroken:
    """Bytes that broke off, or make no sense."""
    error = UpstreamBroken(message, status=status)
    error.reason = reason
    return error


def unreachable(message: str, reason: str, *, status: int = 0) -> Unreachable:
    """No connection."""
    error = Unreachable(message, status=status)
    error.reason = reason
    return error


def unsendable(headers: Mapping[str, str]) -> InvalidRequest:
    """A request that HTTP cannot say, most often a key with the end of its line."""
    bad = [name for name, value in headers.items() if any(mark in name + value for mark in "\r\n\0")]
    if bad:
        return InvalidRequest(f"the header '{bad[0]}' holds a line break or a zero byte", where="headers")
    return InvalidRequest("the request cannot be written as HTTP", where="headers")


def too_large(limit: int) -> UpstreamBroken:
    """A whole body beyond what was asked for at most."""
    return broken(f"the answer is larger than {limit} bytes", "too_large")
