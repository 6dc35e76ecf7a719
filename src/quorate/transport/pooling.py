"""How connections are kept between requests, whatever HTTP client keeps them."""

from __future__ import annotations

from quorate.types.value import Value


class Pool(Value):
    """How connections are kept, and how much of an answer's head is believed."""

    per_host: int = 0
    """Most connections to one host; a request beyond waits, within its time to connect. 0 = any number."""
    keep_alive: float = 15.0
    """Seconds an idle connection is kept. Shorter than what usual servers grant, so that few requests meet
    a connection that is being closed."""
    longest_header: int = 32 * 1024
    """Bytes of the status line or of one header."""
    most_headers: int = 256
