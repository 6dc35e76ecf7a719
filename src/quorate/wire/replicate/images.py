"""Pictures: what a model draws comes as addresses that hold for an hour."""

from __future__ import annotations

from base64 import b64encode

from quorate.types.parts import Media
from quorate.types.pictures import ImageReply, ImageRequest, Picture
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.wire.json_fields import Json
from quorate.wire.notes import Notes
from quorate.wire.seam import WireAnswer, WireRequest

from .failure import broken
from .fields import own, vendor
from .following import follow_whole
from .prediction import pieces_of, read_prediction
from .question import bend
from .submitting import submit

_LOST = ("quality", "background", "user")


class ImagesCodec:
    """A prediction of a model that draws."""

    def write_request(self, request: ImageRequest, target: Target) -> WireRequest:
        notes = Notes()
        fields: Json = {"prompt": request.prompt} | _sized(request.size)
        if request.n is not None:
            fields["num_outputs"] = request.n
        if request.format:
            fields["output_format"] = request.format
        if request.images:
            fields["image"] = _link(request.images[0])
        if len(request.images) > 1:
            notes.changed("images", "one picture is drawn over: the first was sent")
        if request.mask is not None:
            fields["mask"] = _link(request.mask)
        for setting in _LOST:
            if getattr(request, setting):
                notes.dropped(setting, "predictions have no such input in common")
        if request.link is False:
            notes.dropped("link", "pictures come as addresses")
        fields = bend(fields | own(request.vendor), target.quirks, notes)
        return submit(fields, target, notes.all(), follow=follow_whole)

    def read_reply(self, answer: WireAnswer) -> ImageReply:
        told = read_prediction(answer)
        links = [each for each in pieces_of(told.output) if each.startswith(("https://", "http://"))]
        if not links:
            raise broken(answer, "the prediction holds no picture")
        return ImageReply(
            model=told.model,
            images=tuple(Picture(url=each) for each in links),
            usage=Usage(images=len(links)),
            vendor=vendor({"metrics": told.metrics} if told.metrics else {}),
        )


def _sized(size: str) -> Json:
    """Pixels are two inputs, anything else is a shape like '16:9'."""
    width, _, height = size.partition("x")
    if width.isdecimal() and height.isdecimal():
        return {"width": int(width), "height": int(height)}
    return {"aspect_ratio": size} if size else {}


def _link(part: Media) -> str:
    if part.url:
        return part.url
    return f"data:{part.media_type or 'image/png'};base64,{b64encode(part.data).decode()}"
