"""Pictures, speech, transcripts and verdicts over the gateway, forms with files among them."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import pytest

from quorate.cli.simulated import NAMES
from quorate.gateway.app import Gateway
from quorate.wire.multipart import FormPart, write_form

from .house import PLAIN, Answered, call

OPENAI = f"{NAMES['openai_chat']}/sim-swift"
PNG = b"\x89PNG\r\n\x1a\n\xff\xfe"


async def posted(gateway: Gateway, path: str, **body: Any) -> Answered:
    return await call(gateway, path, json.dumps({"model": OPENAI} | body).encode())


async def sent(gateway: Gateway, path: str, fields: Mapping[str, str], **files: bytes) -> Answered:
    texts = [FormPart(name=name, data=value.encode()) for name, value in {"model": OPENAI, **fields}.items()]
    held = [FormPart(name=name, data=data, filename=f"{name}.bin") for name, data in files.items()]
    content_type, body = write_form([*texts, *held])
    return await call(gateway, path, body, headers=PLAIN | {"content-type": content_type})


async def test_pictures_are_drawn(gateway: Gateway):
    answered = await posted(gateway, "/v1/images/generations", prompt="a boat", n=2)

    told = json.loads(answered.body)
    assert [b64decode(each["b64_json"])[:4] for each in told["data"]] == [b"\x89PNG"] * 2
    assert told["usage"]["output_tokens_details"]["image_tokens"] == 2112
    assert answered.headers["x-quorate-provider"] == NAMES["openai_chat"]


async def test_a_form_with_a_picture_in_it_is_drawn_over(gateway: Gateway):
    answered = await sent(gateway, "/v1/images/edits", {"prompt": "more sea", "n": "1"}, image=PNG, mask=PNG)

    assert answered.status == 200
    assert json.loads(answered.body)["usage"]["input_tokens_details"]["image_tokens"] == 646


async def test_what_is_spoken_can_be_written_down(gateway: Gateway):
    spoken = await posted(gateway, "/v1/audio/speech", input="The tide is out. Come.", voice="any")
    written = await sent(
        gateway, "/v1/audio/transcriptions", {"response_format": "verbose_json"}, file=spoken.body
    )

    told = json.loads(written.body)
    assert spoken.headers["content-type"] == "audio/wav"
    assert told["text"] == "The tide is out. Come."
    assert [each["text"] for each in told["segments"]] == ["The tide is out.", "Come."]
    assert told["duration"] == pytest.approx(1.0)


async def test_subtitles_are_made_for_those_who_want_them(gateway: Gateway):
    spoken = await posted(gateway, "/v1/audio/speech", input="Come.", voice="any")
    written = await sent(gateway, "/v1/audio/translations", {"response_format": "srt"}, file=spoken.body)

    assert written.body.decode() == "1\n00:00:00,000 --> 00:00:00,200\nCome.\n"


async def test_texts_are_judged(gateway: Gateway):
    answered = await posted(gateway, "/v1/moderations", input=["a walk", "I will kill him"])

    assert [each["flagged"] for each in json.loads(answered.body)["results"]] == [False, True]
    assert answered.headers["x-quorate-cost"] == "0"


@pytest.mark.parametrize("protocol", ["anthropic", "ollama"])
async def test_a_target_that_draws_nothing_says_so(gateway: Gateway, protocol: str):
    answered = await posted(
        gateway, "/v1/images/generations", prompt="x", model=f"{NAMES[protocol]}/sim-swift"
    )

    assert answered.status == 400
    assert "draws no pictures" in answered.body.decode()


async def test_a_form_that_breaks_off_is_the_clients_fault(gateway: Gateway):
    answered = await call(
        gateway,
        "/v1/audio/transcriptions",
        b"--X\r\nContent-Disposition: form-data; name=model\r\n\r\n\xff",
        headers=PLAIN | {"content-type": "multipart/form-data; boundary=X"},
    )

    assert answered.status == 400
    assert json.loads(answered.body)["error"]["type"] == "invalid_request_error"


async def test_bytes_that_are_no_text_stay_out_of_everything_else(gateway: Gateway):
    plain = await call(gateway, "/v1/images/generations", PNG, headers=PLAIN)
    form = await call(
        gateway,
        "/v1/chat/completions",
        PNG,
        headers=PLAIN | {"content-type": "multipart/form-data; boundary=X"},
    )

    assert (plain.status, form.status) == (400, 400)


@pytest.mark.parametrize(("kind", "status"), [("Multipart/Form-Data", 200), ("multipart/mixed", 400)])
async def test_only_forms_may_hold_what_is_no_text(gateway: Gateway, kind: str, status: int):
    parts = [FormPart(name="model", data=OPENAI.encode()), FormPart(name="file", data=PNG, filename="a.wav")]
    content_type, body = write_form(parts)
    headers = PLAIN | {"content-type": content_type.replace("multipart/form-data", kind)}

    answered = await call(gateway, "/v1/audio/transcriptions", body, headers=headers)

    assert answered.status == status


async def test_a_target_of_another_protocol_draws_and_speaks(gateway: Gateway):
    model = f"{NAMES['gemini']}/sim-swift"

    drawn = await posted(gateway, "/v1/images/generations", prompt="a boat", size="1024x1024", model=model)
    spoken = await posted(gateway, "/v1/audio/speech", input="Come.", voice="Kore", model=model)

    assert b64decode(json.loads(drawn.body)["data"][0]["b64_json"])[:4] == b"\x89PNG"
    assert drawn.headers["x-quorate-fidelity"] == "size=changed"
    assert (spoken.headers["content-type"], spoken.body[:4]) == ("audio/wav", b"RIFF")


async def test_documents_are_put_in_order(gateway: Gateway):
    answered = await posted(
        gateway, "/v1/rerank", query="rivers of Germany", documents=["cats", "rivers in Germany"]
    )

    assert [each["index"] for each in json.loads(answered.body)["results"]] == [1, 0]
    assert answered.headers["x-quorate-provider"] == NAMES["openai_chat"]
