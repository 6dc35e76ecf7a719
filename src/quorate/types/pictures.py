"""Pictures that are drawn, or drawn over: what is asked, and what comes back."""

from __future__ import annotations

from .parts import Media, Vendor
from .value import Value
from .work import WorkReply, WorkRequest


class Picture(Value):
    """One picture: its bytes, or where they can be fetched."""

    data: bytes = b""
    media_type: str = ""
    """'image/png' …; '' where the provider does not say."""
    url: str = ""
    """Of a provider that keeps it for a while."""
    prompt: str = ""
    """What was drawn, where the provider put the wish in words of its own."""
    vendor: Vendor = {}


class ImageReply(WorkReply):
    """The pictures, in the order they were drawn."""

    images: tuple[Picture, ...]
    created: int = 0
    """Unix seconds; 0 where the provider does not say."""


class ImageRequest(WorkRequest[ImageReply]):
    """A picture to draw; with `images`, one to be made of those. '' and None leave a setting alone."""

    prompt: str
    n: int | None = None
    """How many."""
    size: str = ""
    """'1024x1536' and the like, or a provider's own word."""
    quality: str = ""
    background: str = ""
    """'transparent', 'opaque'."""
    format: str = ""
    """'png', 'jpeg', 'webp'."""
    images: tuple[Media, ...] = ()
    """What to begin from."""
    mask: Media | None = None
    """Where it is transparent, the first of `images` is drawn anew."""
    link: bool | None = None
    """True: URLs are wanted; False: bytes; None leaves it to the provider."""
    user: str = ""
