"""Takes a credential out of what a provider says of it: some quote the key they refuse."""

from __future__ import annotations

from quorate.errors import UpstreamError
from quorate.types.secret import Secret

SHORTEST = 8
"""Characters. What is shorter is a placeholder for local servers, and may be a word of the message."""

HIDDEN = "(hidden)"


def hide(secret: Secret, error: UpstreamError) -> None:
    """Replace the secret in the error's words, code, request id and body."""
    text = secret.reveal()
    if len(text) < SHORTEST:
        return
    error.args = tuple(each.replace(text, HIDDEN) if isinstance(each, str) else each for each in error.args)
    error.upstream_code = error.upstream_code.replace(text, HIDDEN)
    error.request_id = error.request_id.replace(text, HIDDEN)
    error.body = error.body.replace(text.encode(errors="surrogatepass"), HIDDEN.encode())
