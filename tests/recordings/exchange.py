"""One recorded exchange: what was asked of a provider and what it answered."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from quorate.types.value import Value

Fidelity = Literal["raw", "parsed", "rewritten", "body"]
"""raw: the bytes as they came. parsed: JSON that a recorder kept as a document. rewritten: ids replaced and
keys sorted by its authors. body: the answer's body alone, often trimmed."""


class Exchange(Value):
    """A request and its answer, whatever container they were kept in."""

    file: str = ""
    """Path below the recordings folder."""
    number: int = 0
    """Which of the file's exchanges, from 0."""
    provider: str = ""
    method: str = ""
    """Upper case; '' where only the answer was kept."""
    url: str = ""
    request_headers: dict[str, str] = {}
    request: bytes = b""
    status: int = 200
    headers: dict[str, str] = {}
    body: bytes = b""
    fidelity: Fidelity = "raw"

    @property
    def name(self) -> str:
        """How reports and excuses call it."""
        return f"{self.file}#{self.number}"

    @property
    def source(self) -> str:
        """Who recorded it."""
        return self.file.partition("/")[0]

    @property
    def path(self) -> str:
        """Of the URL, percent-decoded; '' where the URL was not kept."""
        return unquote(urlsplit(self.url).path) if "/" in self.url else ""

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))
