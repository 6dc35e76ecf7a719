"""POST /model/{model}/invoke: pictures, asked in the form of each model's maker.

A target's `drawing` quirk says which form that is: the protocol has none of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from quorate.errors import Unsupported, UpstreamRefused
from quorate.types.parts import Media
from quorate.types.pictures import ImageReply, ImageRequest, Picture
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.wire.json_fields import Json, a_list, a_text
from quorate.wire.notes import Notes
from quorate.wire.seam import WireAnswer, WireRequest

from .address import path_of
from .count import document
from .failure import broken
from .fields import Misshapen, left, merged, own, read_blob, vendor, write_blob

_QUALITIES: Mapping[str, str] = {
    "standard": "standard",
    "premium": "premium",
    "low": "standard",
    "medium": "standard",
    "high": "premium",
    "hd": "premium",
}
_RATIOS: Mapping[str, float] = {
    name: int(name.partition(":")[0]) / int(name.partition(":")[2])
    for name in ("1:1", "16:9", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21")
}
_STRENGTH = 0.7
"""How far a picture may go from the one it begins from, where the request does not say."""

_STARTS = ((b"\x89PNG", "image/png"), (b"\xff\xd8", "image/jpeg"), (b"RIFF", "image/webp"))


class ImageCodec:
    """Asks for pictures."""

    def write_request(self, request: ImageRequest, target: Target) -> WireRequest:
        form = _FORMS.get(target.quirks.drawing)
        if form is None:
            raise Unsupported(
                f"'{target.name}' is not known to draw; its `drawing` quirk would say in which form",
                settings=("images",),
            )
        if request.mask is not None:
            raise Unsupported(f"'{target.name}' takes no mask of what is transparent", settings=("mask",))
        if any(not each.data for each in request.images):
            raise Unsupported(f"'{target.name}' takes pictures by their bytes alone", settings=("images",))
        notes = Notes()
        for name, is_wanted in (
            ("user", request.user),
            ("link", request.link),
            ("background", request.background),
        ):
            if is_wanted:
                notes.dropped(name, "the protocol has no place for it")
        body = merged(form(request, notes), own(request.vendor))
        return WireRequest(
            path=path_of("images", target, "/model/{model}/invoke"),
            body=msgspec.json.encode(merged(target.quirks.defaults, body)),
            headers={"accept": "application/json"},
            fidelity=notes.all(),
        )

    def read_reply(self, answer: WireAnswer) -> ImageReply:
        fields = document(answer)
        drawn = a_list(fields.get("images"))
        reasons = [a_text(each) for each in (fields.get("error"), *a_list(fields.get("finish_reasons")))]
        if not drawn and (words := "; ".join(filter(None, reasons))):
            raise UpstreamRefused(words, status=answer.status, body=answer.body)
        try:
            images = tuple(_picture(each) for each in drawn)
        except Misshapen as error:
            raise broken(answer, "a picture makes no sense") from error
        if not images:
            raise broken(answer, "the answer holds no pictures")
        return ImageReply(
            images=images, usage=Usage(images=len(images)), vendor=vendor(left(fields, ("images",)))
        )


def _picture(packed: object) -> Picture:
    data = read_blob(packed, "images")
    kind = next((kind for start, kind in _STARTS if data.startswith(start)), "")
    return Picture(data=data, media_type=kind)


def _amazon(request: ImageRequest, notes: Notes) -> Json:
    """Titan's image models and Nova Canvas."""
    if request.format not in ("", "png"):
        notes.dropped("format", "this target draws in its own format")
    config: Json = {} if request.n is None else {"numberOfImages": request.n}
    if (size := _size(request.size)) is not None:
        config |= {"width": size[0], "height": size[1]}
    elif request.size not in ("", "auto"):
        notes.dropped("size", "this target takes a width and a height, as 1024x1024")
    if request.quality not in ("", "auto"):
        quality = _QUALITIES.get(request.quality, "standard")
        config["quality"] = quality
        if quality != request.quality:
            notes.changed("quality", f"sent as '{quality}'")
    said: Json = {"taskType": "TEXT_IMAGE", "textToImageParams": {"text": request.prompt}}
    if request.images:
        shown = [_packed(each) for each in request.images]
        said = {
            "taskType": "IMAGE_VARIATION",
            "imageVariationParams": {"text": request.prompt, "images": shown},
        }
    return said | ({"imageGenerationConfig": config} if config else {})


def _stability(request: ImageRequest, notes: Notes) -> Json:
    """Stable Image and Stable Diffusion 3: one picture a call, its form a ratio."""
    said: Json = {"prompt": request.prompt}
    if request.n not in (None, 1):
        notes.dropped("n", "this target draws one picture a call")
    if request.quality not in ("", "auto"):
        notes.dropped("quality", "this target has no such setting")
    if request.format:
        said["output_format"] = request.format
    if request.images:
        said |= {"mode": "image-to-image", "image": _packed(request.images[0]), "strength": _STRENGTH}
        if len(request.images) > 1:
            notes.dropped("images", "this target begins from one picture: the first was sent")
    ratio = _ratio(request.size)
    if ratio and not request.images:
        said["aspect_ratio"] = ratio
    if request.size not in ("", "auto", ratio) or (request.images and ratio):
        notes.changed(
            "size",
            f"sent as the ratio {ratio}" if "aspect_ratio" in said else "this target keeps its own size",
        )
    return said


_FORMS: Mapping[str, Callable[[ImageRequest, Notes], Json]] = {"amazon": _amazon, "stability": _stability}


def _packed(media: Media) -> str:
    return write_blob(media.data)


def _size(told: str) -> tuple[int, int] | None:
    """Width and height of '1024x1536'; None of anything else."""
    width, _, height = told.partition("x")
    return (int(width), int(height)) if width.isdecimal() and height.isdecimal() and int(height) else None


def _ratio(told: str) -> str:
    """The ratio that is nearest to the size, or the one that is named; '' where there is none."""
    if told in _RATIOS:
        return told
    size = _size(told)
    if size is None:
        return ""
    return min(_RATIOS, key=lambda name: abs(_RATIOS[name] - size[0] / size[1]))
