"""Pictures: https://platform.openai.com/docs/api-reference/images, asked of a provider."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from quorate.errors import Unsupported
from quorate.types.parts import Media
from quorate.types.pictures import ImageReply, ImageRequest
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_count, a_text, an_object, objects
from quorate.wire.multipart import FormPart
from quorate.wire.openai_faults import broken
from quorate.wire.seam import WireAnswer, WireRequest

from .codec import path_of
from .drawn import kind_of, link_of, read_drawn, read_picture
from .fields import own, vendor
from .form import write_fields
from .settings import bend
from .told import read_told

DRAW, EDIT = "/images/generations", "/images/edits"

IMAGE_TEXTS = ("size", "quality", "background", "user")


class ImageCodec:
    """Asks a provider for pictures. Where it begins from some, they travel in a form; by URL, in JSON."""

    def write_request(self, request: ImageRequest, target: Target) -> WireRequest:
        body, lost = bend(_write_body(request, target), target.quirks)
        lost = [replace(each, setting=_OURS.get(each.setting, each.setting)) for each in lost]
        if request.link is False and "response_format" not in target.quirks.drop:
            body["response_format"] = (
                target.quirks.image_bytes
            )  # what refuses the field gives bytes by itself
        pictures = [*request.images, *([request.mask] if request.mask else [])]
        if any(each.file_id and not each.data for each in pictures):
            raise Unsupported(f"'{target.name}' cannot be shown a file by its id", settings=("images",))
        path = path_of("edit" if pictures else "images", EDIT if pictures else DRAW, target)
        content_type = ""
        if not pictures:
            encoded = msgspec.json.encode(body)
        elif all(each.data for each in pictures):
            content_type, encoded = write_fields(body, _files(request))
        else:
            encoded = msgspec.json.encode(body | _links(request))
        typed = {"content-type": content_type} if content_type else {}
        return WireRequest(
            path=path,
            body=encoded,
            query=target.quirks.query,
            headers=target.quirks.headers | typed,
            fidelity=tuple(lost),
        )

    def read_reply(self, answer: WireAnswer) -> ImageReply:
        body = read_told(answer, "data")
        data = objects(body.pop("data", None))
        format_ = a_text(body.get("output_format"))
        images = [read_picture(dict(item), format_, answer) for item in data]
        if not images:
            raise broken("the answer has no pictures", answer)
        return ImageReply(
            model=a_text(body.pop("model", None)),
            images=tuple(images),
            created=a_count(body.pop("created", None)),
            usage=read_drawn(an_object(body.pop("usage", None)), len(images)),
            vendor=vendor(body),
        )


_OURS: Mapping[str, str] = {"output_format": "format", "output": "link"}
"""What `bend` calls a body field → our name for it."""


def _write_body(request: ImageRequest, target: Target) -> Json:
    body: Json = {**own(request.vendor), "model": target.model, "prompt": request.prompt}
    if request.n is not None:
        body["n"] = request.n
    body |= {name: told for name in IMAGE_TEXTS if (told := getattr(request, name))}
    if request.format:
        body["output_format"] = request.format
    if request.link:
        body["response_format"] = "url"
    return body


def _files(request: ImageRequest) -> list[FormPart]:
    several = len(request.images) > 1
    files = [
        _file("image[]" if several else "image", each, number) for number, each in enumerate(request.images)
    ]
    return [*files, *([_file("mask", request.mask, 0)] if request.mask else [])]


def _file(field: str, media: Media, number: int) -> FormPart:
    kind = media.media_type or kind_of(media.data)
    name = media.name or f"{field.removesuffix('[]')}{number or ''}.{kind.rpartition('/')[2]}"
    return FormPart(name=field, data=media.data, filename=name, media_type=kind)


def _links(request: ImageRequest) -> Json:
    told: Json = {"images": [{"image_url": link_of(each)} for each in request.images]}
    return told | ({"mask": {"image_url": link_of(request.mask)}} if request.mask else {})
