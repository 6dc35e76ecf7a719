"""Pictures, in the forms of their models' makers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import Unsupported, UpstreamBroken, UpstreamRefused
from quorate.types.parts import Media
from quorate.types.pictures import ImageRequest, Picture
from quorate.types.target import Quirks, Target
from tests.wire import laws

from .making import WIRE, target

IMAGES = WIRE.work["images"]
PNG = Media(kind="image", media_type="image/png", data=b"png")


def painter(form: Any) -> Target:
    return target(Quirks(drawing=form), model="m:0")


def asked(**fields: Any) -> ImageRequest:
    return ImageRequest(model="m", prompt="a river", **fields)


@pytest.mark.parametrize(
    ("form", "request_", "body", "departures"),
    [
        ("amazon", asked(), {"taskType": "TEXT_IMAGE", "textToImageParams": {"text": "a river"}}, {}),
        (
            "amazon",
            asked(
                n=2,
                size="1024x512",
                quality="high",
                format="jpeg",
                vendor={"bedrock": {"imageGenerationConfig": {"seed": 7}}},
            ),
            {
                "taskType": "TEXT_IMAGE",
                "textToImageParams": {"text": "a river"},
                "imageGenerationConfig": {
                    "numberOfImages": 2,
                    "width": 1024,
                    "height": 512,
                    "quality": "premium",
                    "seed": 7,
                },
            },
            {"format": "dropped", "quality": "changed"},
        ),
        (
            "amazon",
            asked(images=(PNG,), size="large"),
            {"taskType": "IMAGE_VARIATION", "imageVariationParams": {"text": "a river", "images": ["cG5n"]}},
            {"size": "dropped"},
        ),
        (
            "stability",
            asked(n=3, size="1920x1080", format="png", quality="hd", user="u"),
            {"prompt": "a river", "aspect_ratio": "16:9", "output_format": "png"},
            {"user": "dropped", "n": "dropped", "quality": "dropped", "size": "changed"},
        ),
        ("stability", asked(size="3:2"), {"prompt": "a river", "aspect_ratio": "3:2"}, {}),
        (
            "stability",
            asked(images=(PNG, PNG), size="1:1"),
            {"prompt": "a river", "mode": "image-to-image", "image": "cG5n", "strength": 0.7},
            {"images": "dropped", "size": "changed"},
        ),
    ],
)
def test_each_maker_is_asked_to_draw_in_its_own_form(
    form: str, request_: ImageRequest, body: dict[str, Any], departures: dict[str, str]
):
    sent = IMAGES.write_request(request_, painter(form))

    assert (sent.path, json.loads(sent.body)) == ("/model/m%3A0/invoke", body)
    assert {each.setting: each.kind for each in sent.fidelity} == departures


@pytest.mark.parametrize(
    ("form", "request_"),
    [
        ("", asked()),
        ("amazon", asked(images=(PNG,), mask=PNG)),
        ("stability", asked(images=(Media(kind="image", url="https://a.test/x.png"),))),
    ],
)
def test_what_no_maker_takes_is_unsupported(form: str, request_: ImageRequest):
    with pytest.raises(Unsupported):
        IMAGES.write_request(request_, painter(form))


def test_pictures_come_with_their_type_and_are_counted():
    reply = IMAGES.read_reply(
        laws.answer_of(b'{"images": ["iVBORw0KGgo=", "AAAA"], "error": null, "seeds": [7]}')
    )

    assert reply.images == (
        Picture(data=b"\x89PNG\r\n\x1a\n", media_type="image/png"),
        Picture(data=b"\x00\x00\x00"),
    )
    assert reply.usage.images == 2
    assert reply.vendor == {"bedrock": {"error": None, "seeds": [7]}}


@pytest.mark.parametrize(
    "body",
    [
        b'{"images": [], "error": "This request was blocked by our content filters"}',
        b'{"images": [], "finish_reasons": ["Filter reason: prompt"]}',
    ],
)
def test_what_a_filter_refuses_is_told(body: bytes):
    with pytest.raises(UpstreamRefused):
        IMAGES.read_reply(laws.answer_of(body))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"images": []}', b'{"images": [7]}', b'{"images": ["!"]}'])
def test_an_answer_without_pictures_is_a_broken_upstream(body: bytes):
    with pytest.raises(UpstreamBroken):
        IMAGES.read_reply(laws.answer_of(body))
