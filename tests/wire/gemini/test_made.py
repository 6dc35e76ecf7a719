"""Pictures and speech that Gemini's models make."""

from __future__ import annotations

import io
import json
import wave
from base64 import b64encode
from typing import Any

import pytest

from quorate.errors import Unsupported, UpstreamBroken, UpstreamRefused
from quorate.types.parts import Media
from quorate.types.pictures import ImageRequest, Picture
from quorate.types.sound import SpeechRequest
from quorate.types.target import Quirks, Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import WireAnswer

DRAW, SPEAK = GEMINI.work["images"], GEMINI.work["speech"]
TARGET = Target(provider="maker", model="drawer", wire="gemini", base_url="https://maker.test/v1beta")
IMAGEN = replace(TARGET, quirks=Quirks(paths={"images": "/models/{model}:predict"}))
PNG = b"\x89PNG-and-more"
PACKED = b64encode(PNG).decode()


def answer(body: Any) -> WireAnswer:
    return WireAnswer(body=json.dumps(body).encode())


def said(*parts: Any, finish: str = "STOP") -> WireAnswer:
    counts = {
        "promptTokenCount": 4,
        "candidatesTokenCount": 9,
        "totalTokenCount": 13,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 9}],
    }
    candidate = {"content": {"role": "model", "parts": list(parts)}, "finishReason": finish}
    return answer({"candidates": [candidate], "usageMetadata": counts, "modelVersion": "drawer-1"})


def inline(kind: str, data: bytes) -> Any:
    return {"inlineData": {"mimeType": kind, "data": b64encode(data).decode()}}


def test_a_model_that_chats_is_asked_to_draw():
    request = ImageRequest(
        model="any",
        prompt="a boat",
        size="1536x1024",
        images=(Media(kind="image", media_type="image/png", data=PNG),),
    )

    written = DRAW.write_request(request, TARGET)

    assert written.path == "/models/drawer:generateContent"
    assert json.loads(written.body) == {
        "contents": [
            {
                "role": "user",
                "parts": [{"text": "a boat"}, {"inlineData": {"mimeType": "image/png", "data": PACKED}}],
            }
        ],
        "generationConfig": {"responseModalities": ["TEXT", "IMAGE"], "imageConfig": {"aspectRatio": "3:2"}},
    }
    assert [(each.setting, each.kind) for each in written.fidelity] == [("size", "changed")]


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        ({"size": "auto"}, []),
        ({"size": "16:9"}, []),
        ({"size": "1000x999"}, [("size", "dropped")]),
        ({"n": 2}, [("n", "changed")]),
        (
            {"quality": "high", "background": "opaque", "format": "png", "link": True, "user": "u"},
            [(each, "dropped") for each in ("quality", "background", "format", "link", "user")],
        ),
    ],
)
def test_what_cannot_be_said_is_reported(changes: dict[str, Any], lost: list[tuple[str, str]]):
    written = DRAW.write_request(ImageRequest(model="any", prompt="a boat", **changes), TARGET)

    assert [(each.setting, each.kind) for each in written.fidelity] == lost


def test_a_mask_is_not_taken():
    with pytest.raises(Unsupported):
        DRAW.write_request(ImageRequest(model="any", prompt="p", mask=Media(kind="image", data=PNG)), TARGET)


def test_pictures_are_taken_out_of_an_answer():
    reply = DRAW.read_reply(said({"text": "Here:"}, inline("image/png", PNG)))

    assert reply.images == (Picture(data=PNG, media_type="image/png"),)
    assert (reply.model, replace(reply.usage, vendor={})) == ("drawer-1", Usage(input=4, output_image=9))


@pytest.mark.parametrize(
    ("given", "error"),
    [(said({"text": "No."}), UpstreamBroken), (said(finish="IMAGE_SAFETY"), UpstreamRefused)],
)
def test_an_answer_in_words_alone_is_an_error(given: WireAnswer, error: type[Exception]):
    with pytest.raises(error):
        DRAW.read_reply(given)


def test_imagen_is_asked_in_its_own_way():
    written = DRAW.write_request(ImageRequest(model="any", prompt="a boat", n=2, size="1:1"), IMAGEN)

    assert written.path == "/models/drawer:predict"
    assert json.loads(written.body) == {
        "instances": [{"prompt": "a boat"}],
        "parameters": {"sampleCount": 2, "aspectRatio": "1:1"},
    }


def test_imagens_pictures_are_counted():
    made = {"bytesBase64Encoded": PACKED, "mimeType": "image/png"}

    reply = DRAW.read_reply(answer({"predictions": [made, made]}))

    assert reply.images == (Picture(data=PNG, media_type="image/png"),) * 2
    assert reply.usage == Usage(images=2, quality="estimated")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"predictions": []}, UpstreamBroken),
        ({"predictions": "x"}, UpstreamBroken),
        ({"predictions": [{"bytesBase64Encoded": "*"}]}, UpstreamBroken),
        ({"predictions": [{"raiFilteredReason": "people"}]}, UpstreamRefused),
    ],
)
def test_an_answer_of_imagen_without_pictures_is_an_error(body: Any, error: type[Exception]):
    with pytest.raises(error):
        DRAW.read_reply(answer(body))


def test_a_text_is_spoken():
    request = SpeechRequest(
        model="any", text="Hello", voice="Kore", instructions="Cheerfully:", speed=2, format="mp3"
    )

    written = SPEAK.write_request(request, TARGET)

    assert json.loads(written.body) == {
        "contents": [{"role": "user", "parts": [{"text": "Cheerfully:\nHello"}]}],
        "generationConfig": {
            "responseModalities": ["AUDIO"],
            "speechConfig": {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}},
        },
    }
    assert [(each.setting, each.kind) for each in written.fidelity] == [
        ("format", "changed"),
        ("speed", "dropped"),
        ("instructions", "emulated"),
    ]


def test_samples_become_a_file_that_players_know():
    reply = SPEAK.read_reply(said(inline("audio/L16;codec=pcm;rate=16000", b"\1\0\2\0")))

    with wave.open(io.BytesIO(reply.audio)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.readframes(9)) == (16_000, 1, b"\1\0\2\0")
    assert reply.media_type == "audio/wav"


def test_an_answer_without_sound_is_broken():
    with pytest.raises(UpstreamBroken):
        SPEAK.read_reply(said({"text": "no"}))
