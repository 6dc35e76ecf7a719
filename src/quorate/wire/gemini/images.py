"""Pictures: drawn by a model that also chats, or by Imagen. A `paths` quirk that ends in ':predict' asks the latter."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from math import gcd

from quorate.errors import Unsupported, UpstreamBroken, UpstreamRefused
from quorate.types.chat import ChatReply, ChatRequest, Departure, Message
from quorate.types.parts import Media, Text
from quorate.types.pictures import ImageReply, ImageRequest, Picture
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.seam import WireAnswer, WireRequest

from .failure import error_of, read_failure
from .fields import NAME, Fields, Json, Misshapen, an_object, own, vendor
from .reply import read_reply
from .request import encode, path_to, write_request

_PREDICT = ":predict"

RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
"""Those that the models draw in: https://ai.google.dev/gemini-api/docs/image-generation"""

_NO_WORD: Mapping[str, str] = {
    "quality": "this protocol has no word for it",
    "background": "this protocol has no word for it",
    "format": "the model chooses the format",
    "link": "this protocol gives bytes",
    "user": "this protocol has no field for the end user",
}


class ImageCodec:
    """Asks Gemini or Imagen for pictures."""

    def write_request(self, request: ImageRequest, target: Target) -> WireRequest:
        if request.mask is not None:
            raise Unsupported(f"'{target.name}' takes no mask", settings=("mask",))
        notes = [
            Departure(setting=name, kind="dropped", detail=detail)
            for name, detail in _NO_WORD.items()
            if getattr(request, name)
        ]
        ratio = _ratio(request.size, notes)
        if path_to(target, "generateContent", "images").endswith(_PREDICT):
            return _predict(request, target, ratio, notes)
        if (request.n or 1) > 1:
            notes.append(
                Departure(setting="n", kind="changed", detail="this model draws one picture at a time")
            )
        config: Json = {"responseModalities": ["TEXT", "IMAGE"]}
        if ratio:
            config["imageConfig"] = {"aspectRatio": ratio}
        written = write_request(
            as_chat(request.model, (Text(text=request.prompt), *request.images), own(request.vendor), config),
            target,
            stream=False,
        )
        path = path_to(target, "generateContent", "images")
        return replace(written, path=path, fidelity=(*written.fidelity, *notes))

    def read_reply(self, answer: WireAnswer) -> ImageReply:
        if b'"predictions"' in answer.body:
            return _read_predicted(answer)
        reply = read_reply(answer)
        images = [
            Picture(data=part.data, media_type=part.media_type)
            for part in reply.message.parts
            if isinstance(part, Media) and part.kind == "image" and part.data
        ]
        if not images:
            raise nothing_made(reply, "pictures", answer)
        return ImageReply(
            model=reply.model,
            images=tuple(images),
            created=reply.created,
            usage=reply.usage,
            vendor=reply.vendor,
        )


def as_chat(model: str, parts: tuple[Text | Media, ...], kept: Json, config: Json) -> ChatRequest:
    """The wish as a question; a client's own settings of the protocol come before ours."""
    merged = kept | {"generationConfig": config | an_object(kept.get("generationConfig"))}
    return ChatRequest(model=model, messages=(Message(role="user", parts=parts),), vendor={NAME: merged})


def nothing_made(reply: ChatReply, what: str, answer: WireAnswer) -> UpstreamBroken | UpstreamRefused:
    """The error of an answer in words alone: a refusal, where it is one."""
    if reply.finish.reason in ("blocked", "refusal"):
        told = reply.finish.detail or reply.refusal or reply.finish.raw
        return UpstreamRefused(f"the model refused: {told}", status=answer.status, body=answer.body)
    return UpstreamBroken(f"the answer has no {what}", status=answer.status, body=answer.body)


def _ratio(size: str, notes: list[Departure]) -> str:
    """The nearest thing to a size: its ratio, if that is one the models know."""
    if size in ("", "auto", *RATIOS):
        return "" if size == "auto" else size
    width, cross, height = size.partition("x")
    if cross and width.isdecimal() and height.isdecimal() and (part := gcd(int(width), int(height))):
        ratio = f"{int(width) // part}:{int(height) // part}"
        if ratio in RATIOS:
            notes.append(Departure(setting="size", kind="changed", detail=f"drawn in the ratio {ratio}"))
            return ratio
    notes.append(Departure(setting="size", kind="dropped", detail=f"the ratios are {', '.join(RATIOS)}"))
    return ""


def _predict(request: ImageRequest, target: Target, ratio: str, notes: list[Departure]) -> WireRequest:
    if request.images:
        raise Unsupported(f"'{target.name}' draws from words alone", settings=("images",))
    kept = dict(own(request.vendor))
    parameters: Json = {"sampleCount": request.n or 1}
    if ratio:
        parameters["aspectRatio"] = ratio
    body = {
        "instances": [{"prompt": request.prompt}],
        "parameters": parameters | an_object(kept.pop("parameters", None)),
    }
    return WireRequest(
        path=path_to(target, "predict", "images"),
        body=encode(body | kept),
        query=target.quirks.query,
        headers=target.quirks.headers,
        fidelity=tuple(notes),
    )


def _read_predicted(answer: WireAnswer) -> ImageReply:
    """Imagen counts no tokens: it is billed by the picture. What a filter took away it tells the reason of."""
    try:
        fields = Fields(answer.body)
        if "error" in fields.rest:
            raise read_failure(answer)
        made = fields.items("predictions")
        reasons = [reason for each in made if (reason := each.maybe_text("raiFilteredReason"))]
        images = [
            Picture(
                data=b64decode(packed, validate=True), media_type=each.maybe_text("mimeType") or "image/png"
            )
            for each in made
            if (packed := each.maybe_text("bytesBase64Encoded"))
        ]
        left = fields.left()
    except (Misshapen, ValueError) as error:
        if error_of(answer.body):
            raise read_failure(answer) from error
        raise UpstreamBroken(f"no pictures came: {error}", body=answer.body) from error
    if not images and reasons:
        raise UpstreamRefused(f"the model refused: {reasons[0]}", status=answer.status, body=answer.body)
    if not images:
        raise UpstreamBroken("the answer has no pictures", status=answer.status, body=answer.body)
    usage = Usage(images=len(images), quality="estimated")
    return ImageReply(images=tuple(images), usage=usage, vendor=vendor(left))
