"""A credential that cannot be shown by accident."""

from __future__ import annotations

import hmac


class Secret:
    """Text that hides itself in `repr`, `str`, logs and error reports; `reveal` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """The credential itself: for the header it belongs in, nowhere else."""
        return self._text

    @property
    def tail(self) -> str:
        """The last four characters, so that an owner knows which key it is; '' where the key is short."""
        return self._text[-4:] if len(self._text) >= 12 else ""

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._bytes(), other._bytes())

    def __hash__(self) -> int:
        return hash(self._text)

    def _bytes(self) -> bytes:
        # From the environment may come text that is no UTF-8; the error of a strict encoder would quote it.
        return self._text.encode(errors="surrogatepass")

    def __repr__(self) -> str:
        return "Secret(…)" if self._text else "Secret('')"

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        message = "a Secret is not pickled"
        raise TypeError(message)
