"""Pictures for clients: generations and edits, the latter as a form or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.parts import Media
from quorate.types.pictures import ImageReply, ImageRequest
from quorate.wire.json_fields import Fields, Json
from quorate.wire.multipart import FormPart
from quorate.wire.seam import Call, Route, WireAnswer

from .drawn import from_link, write_drawn, write_picture
from .fields import own, vendor
from .form import read_fields
from .front import JSON, model_of
from .images import DRAW, EDIT, IMAGE_TEXTS
from .paths import routes

_LINKS: Mapping[str, bool | None] = {"": None, "url": True, "b64_json": False}


class ImageFront:
    """Draws for clients."""

    routes: Sequence[Route] = (
        *routes("POST", DRAW, "images", deployed=True),
        *routes("POST", EDIT, "images", deployed=True),
    )

    def read_request(self, call: Call) -> ImageRequest:
        body, files = read_fields(call, numbers=_NUMBERS, flags=("stream",))
        model, prompt = model_of(body, call), body.needed_text("prompt")
        if body.flag("stream"):
            raise InvalidRequest("pictures are not streamed here: leave 'stream' out", where="stream")
        form = body.text("response_format")
        if form not in _LINKS:
            raise body.wrong("response_format", "'url' or 'b64_json'")
        images, mask = _read_images(body, files) if call.path.endswith(EDIT) else ((), None)
        return ImageRequest(
            model=model,
            prompt=prompt,
            n=body.integer("n"),
            **{name: body.text(name) for name in IMAGE_TEXTS},
            format=body.text("output_format"),
            images=images,
            mask=mask,
            link=_LINKS[form],
            vendor=vendor(body.rest),
        )

    def write_reply(self, reply: ImageReply, call: Call) -> WireAnswer:
        body: Json = {"created": reply.created, "data": [write_picture(each) for each in reply.images]}
        if reply.usage.quality != "missing":
            body["usage"] = write_drawn(reply.usage)
        return WireAnswer(headers=JSON, body=msgspec.json.encode(body | own(reply.vendor)))


_NUMBERS = ("n", "output_compression", "partial_images")


def _read_images(body: Fields, files: Mapping[str, list[FormPart]]) -> tuple[tuple[Media, ...], Media | None]:
    """Files of a form, or addresses in JSON."""
    if files:
        images = tuple(_from_file(each) for each in files.get("image", ()))
        mask = next((_from_file(each) for each in files.get("mask", ())), None)
    else:
        told = body.items("images") or [each for each in (body.take("image"),) if each is not None]
        images = tuple(from_link(each, f"images.{place}") for place, each in enumerate(told))
        mask = from_link(masked, "mask") if (masked := body.take("mask")) is not None else None
    if not images:
        raise InvalidRequest("there is no 'image' to begin from", where="image")
    return images, mask


def _from_file(part: FormPart) -> Media:
    return Media(kind="image", media_type=part.media_type, data=part.data, name=part.filename)
