"""What a message is made of. Pure values: two equal parts are the same part.

Every part has `vendor`: what one protocol must get back unchanged (signatures, ids, unknown
fields), keyed by the protocol's name. Codecs and fronts read only their own key.
"""

from __future__ import annotations

from typing import Any, Literal

from .value import Value, replace

Vendor = dict[str, Any]
"""Leftovers by protocol name: `{"anthropic": {"field": …}}`. The values are plain JSON."""

CacheMark = Literal["5m", "1h"]
"""Ask the provider to keep the prompt up to here in its cache for so long."""

MediaKind = Literal["image", "audio", "video", "file"]


class _Part(Value, tag_field="type"):
    vendor: Vendor = {}


class TokenLogprob(Value):
    """One token of an answer with its log probability, natural logarithm."""

    token: str
    logprob: float
    top: tuple[TokenLogprob, ...] = ()
    """The likeliest tokens at this place, the chosen one among them where the provider lists it."""
    vendor: Vendor = {}


class Text(_Part, tag="text"):
    """Words."""

    text: str
    cache: CacheMark | None = None
    logprobs: tuple[TokenLogprob, ...] = ()


class Reasoning(_Part, tag="reasoning"):
    """What the model thought before it answered, as far as it tells."""

    text: str = ""
    signature: str = ""
    """Opaque proof that must go back unchanged; of a redacted part, its sealed content."""
    redacted: bool = False


class Media(_Part, tag="media"):
    """An image, a sound, a film or a document: inline (`data`), by `url`, or by the provider's `file_id`."""

    kind: MediaKind
    media_type: str = ""
    """MIME type; '' where only the provider knows (a URL, a file id)."""
    data: bytes = b""
    url: str = ""
    file_id: str = ""
    name: str = ""
    transcript: str = ""
    """The words of a sound that a model spoke."""
    detail: str = ""
    """How closely to look at an image: 'low', 'high', 'auto'; '' leaves it to the provider."""
    cache: CacheMark | None = None


class SearchResult(_Part, tag="search_result"):
    """A passage with its source: handed to a model to cite, or found by a provider's own search."""

    url: str = ""
    title: str = ""
    text: str = ""
    published: str = ""
    """Date as the provider wrote it."""
    cache: CacheMark | None = None


class ToolCall(_Part, tag="tool_call"):
    """The model wants a tool run; or, when `hosted`, tells of one the provider ran itself."""

    id: str
    name: str
    arguments: str = ""
    """JSON text exactly as the model wrote it."""
    hosted: bool = False
    """The provider runs this call: nobody else may."""
    cache: CacheMark | None = None


class ToolResult(_Part, tag="tool_result"):
    """What a tool gave back."""

    call_id: str
    content: tuple[Text | Media | SearchResult, ...] = ()
    name: str = ""
    """The tool's name, for protocols that go by it; may be empty."""
    failed: bool = False
    hosted: bool = False
    cache: CacheMark | None = None


class Citation(_Part, tag="citation"):
    """A source for what was just said; it follows the text it supports."""

    url: str = ""
    title: str = ""
    quote: str = ""
    """The source's own words."""
    start: int | None = None
    """Where the supported words begin in the reply's text, as the provider counts (its unit: its docs)."""
    end: int | None = None


class Refusal(_Part, tag="refusal"):
    """The model's own words for declining."""

    text: str


class Opaque(_Part, tag="opaque"):
    """A part that only its own protocol understands. It travels whole in `vendor`."""

    kind: str
    """The provider's name for it."""


Part = Text | Reasoning | Media | SearchResult | ToolCall | ToolResult | Citation | Refusal | Opaque


def grown(part: Part, text: str = "", data: bytes = b"", **fields: Any) -> Part:
    """The part with what came after it began; `fields` are set as they are."""
    match part:
        case Text() | Reasoning() | Refusal() | SearchResult():
            return replace(part, **({"text": part.text + text} | fields))
        case ToolCall():
            return replace(part, **({"arguments": part.arguments + text} | fields))
        case Media():
            return replace(
                part, **({"transcript": part.transcript + text, "data": part.data + data} | fields)
            )
        case _:
            return replace(part, **fields)
