"""Pictures: generations and edits, in the shapes that providers of this protocol have for them."""

from __future__ import annotations

import json
from base64 import b64encode
from decimal import Decimal
from typing import Any

import pytest

from quorate.errors import InvalidRequest, UpstreamBroken, UpstreamError
from quorate.types.parts import Media
from quorate.types.pictures import ImageReply, ImageRequest, Picture
from quorate.types.target import Quirks
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.multipart import FormPart, read_form, write_form
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import Call, WireAnswer
from tests.wire.laws import call_of
from tests.wire.openai_chat.given import target

CODEC, FRONT = OPENAI_CHAT.work["images"], OPENAI_CHAT.work_fronts["images"]
PNG = b"\x89PNG\r\n\x1a\n--and more\r\n--"
PACKED = b64encode(PNG).decode()
INLINE = Media(kind="image", media_type="image/png", data=PNG, name="in.png")
LINKED = Media(kind="image", url="https://pictures.test/a.png")
PLAIN = ImageRequest(model="some-model", prompt="a boat")
FULL = ImageRequest(
    model="some-model",
    prompt="a boat",
    n=2,
    size="1024x1024",
    quality="high",
    background="transparent",
    format="webp",
    user="u",
    link=True,
    vendor={"openai_chat": {"moderation": "low", "output_compression": 50}},
)


def answer(body: Any) -> WireAnswer:
    return WireAnswer(body=json.dumps(body).encode())


@pytest.mark.parametrize(
    "request_",
    [
        PLAIN,
        FULL,
        replace(PLAIN, link=False),
        replace(FULL, images=(INLINE,)),
        replace(FULL, images=(INLINE, replace(INLINE, name="b.png")), mask=replace(INLINE, name="m.png")),
        replace(FULL, images=(LINKED, Media(kind="image", media_type="image/png", data=PNG)), mask=LINKED),
    ],
)
def test_what_is_asked_of_a_provider_a_client_can_ask_of_us(request_: ImageRequest):
    written = CODEC.write_request(request_, target())

    assert written.fidelity == ()
    assert FRONT.read_request(call_of(written, "/v1")) == request_


def test_a_wish_goes_out_as_json():
    written = CODEC.write_request(FULL, target())

    assert written.path == "/images/generations"
    assert json.loads(written.body) == {
        "model": "some-model",
        "prompt": "a boat",
        "n": 2,
        "size": "1024x1024",
        "quality": "high",
        "background": "transparent",
        "output_format": "webp",
        "user": "u",
        "response_format": "url",
        "moderation": "low",
        "output_compression": 50,
    }


def test_pictures_to_begin_from_go_out_in_a_form():
    written = CODEC.write_request(replace(PLAIN, n=2, images=(INLINE, INLINE), mask=INLINE), target())

    assert written.path == "/images/edits"
    assert [
        (each.name, each.filename) for each in read_form(written.headers["content-type"], written.body)
    ] == [
        ("model", ""),
        ("prompt", ""),
        ("n", ""),
        ("image[]", "in.png"),
        ("image[]", "in.png"),
        ("mask", "in.png"),
    ]


@pytest.mark.parametrize(("link", "lost"), [(None, []), (False, []), (True, ["link"])])
def test_a_target_that_always_gives_bytes_is_not_told_to(link: bool | None, lost: list[str]):
    quirks = Quirks(drop=frozenset(("response_format",)))

    written = CODEC.write_request(replace(PLAIN, link=link), target(quirks))

    assert "response_format" not in json.loads(written.body)
    assert [each.setting for each in written.fidelity] == lost


def test_pictures_come_as_bytes_or_addresses_with_what_they_used():
    reply = CODEC.read_reply(
        answer(
            {
                "created": 7,
                "output_format": "png",
                "data": [{"b64_json": PACKED, "revised_prompt": "a red boat"}, {"url": "https://p.test/1"}],
                "usage": {
                    "input_tokens": 60,
                    "output_tokens": 1000,
                    "total_tokens": 1060,
                    "input_tokens_details": {"text_tokens": 10, "image_tokens": 50},
                },
            }
        )
    )

    assert reply.images == (
        Picture(data=PNG, media_type="image/png", prompt="a red boat"),
        Picture(url="https://p.test/1", media_type="image/png"),
    )
    assert replace(reply.usage, vendor={}) == Usage(input=10, input_image=50, output_image=1000)


@pytest.mark.parametrize(
    ("usage", "read"),
    [
        (None, Usage(images=1, quality="estimated")),
        (
            {"cost_in_usd_ticks": 700_000_000},
            Usage(images=1, quality="estimated", stated_cost=Decimal("0.07")),
        ),
        (
            {"input_tokens": 5, "output_tokens": 9, "total_tokens": 99},
            Usage(input=5, output_image=9, quality="inconsistent"),
        ),
        (
            {
                "input_tokens": 5,
                "output_tokens": 9,
                "total_tokens": 14,
                "output_tokens_details": {"text_tokens": 2},
            },
            Usage(input=5, output=2, output_image=7),
        ),
    ],
)
def test_what_drawing_used_is_read_as_it_is_told(usage: Any, read: Usage):
    reply = CODEC.read_reply(answer({"data": [{"b64_json": PACKED}]} | ({"usage": usage} if usage else {})))

    assert replace(reply.usage, vendor={}) == read


@pytest.mark.parametrize(
    "picture", [{"b64_json": f"data:image/png;base64,{PACKED}"}, {"url": f"data:image/png;base64,{PACKED}"}]
)
def test_a_data_url_is_taken_apart(picture: Any):
    assert CODEC.read_reply(answer({"data": [picture]})).images == (
        Picture(data=PNG, media_type="image/png"),
    )


@pytest.mark.parametrize("body", [{}, {"data": []}, {"data": [{}]}, {"data": [{"b64_json": "***"}]}, [], "x"])
def test_an_answer_without_pictures_is_broken(body: Any):
    with pytest.raises(UpstreamBroken):
        CODEC.read_reply(answer(body))


def test_an_error_inside_a_success_is_told():
    with pytest.raises(UpstreamError, match="not allowed"):
        CODEC.read_reply(answer({"error": {"message": "not allowed"}}))


def test_what_a_client_gets_reads_back_equal():
    call = Call(path="/v1/images/generations", body=b'{"model": "m", "prompt": "p"}')
    reply = ImageReply(
        images=(Picture(data=PNG, media_type="image/png", prompt="p"), Picture(url="https://p.test/1")),
        created=5,
        usage=Usage(input=3, input_image=4, output_image=9),
        vendor={"openai_chat": {"quality": "low"}},
    )

    read = CODEC.read_reply(FRONT.write_reply(reply, call))

    assert replace(read, usage=replace(read.usage, vendor={})) == reply


def form(*parts: FormPart, path: str = "/v1/images/edits") -> Call:
    content_type, body = write_form(parts)
    return Call(path=path, headers={"content-type": content_type}, body=body)


MODEL, PROMPT = FormPart(name="model", data=b"m"), FormPart(name="prompt", data=b"p")
IMAGE = FormPart(name="image", data=PNG, filename="a.png")


@pytest.mark.parametrize(
    "call",
    [
        Call(path="/v1/images/generations", body=b'{"model": "m"}'),
        Call(path="/v1/images/generations", body=b'{"model": "m", "prompt": "p", "stream": true}'),
        Call(path="/v1/images/generations", body=b'{"model": "m", "prompt": "p", "response_format": "x"}'),
        Call(path="/v1/images/edits", body=b'{"model": "m", "prompt": "p"}'),
        Call(path="/v1/images/edits", body=b'{"model": "m", "prompt": "p", "images": [{}]}'),
        Call(
            path="/v1/images/edits", body=b'{"model": "m", "prompt": "p", "image": "data:image/png;base64,*"}'
        ),
        form(MODEL, PROMPT),
        form(MODEL, IMAGE),
        form(MODEL, PROMPT, IMAGE, FormPart(name="n", data=b"two")),
        form(MODEL, PROMPT, IMAGE, FormPart(name="n", data=b"nan")),
        form(MODEL, PROMPT, IMAGE, FormPart(name="n", data=b"1.5")),
        form(MODEL, PROMPT, IMAGE, FormPart(name="n", data=b"9" * 5000)),
        form(MODEL, PROMPT, IMAGE, FormPart(name="size", data=b"\xff")),
        form(MODEL, PROMPT, IMAGE, FormPart(name="stream", data=b"true")),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(call: Call):
    with pytest.raises(InvalidRequest):
        FRONT.read_request(call)


def test_the_model_may_stand_in_the_path_of_azures_clients():
    call = form(PROMPT, IMAGE, path="/openai/deployments/mine/images/edits")

    assert FRONT.read_request(call).model == "mine"
