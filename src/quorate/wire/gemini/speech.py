"""Texts that are spoken by a Gemini model: https://ai.google.dev/gemini-api/docs/speech-generation."""

from __future__ import annotations

import re
import struct

from quorate.types.chat import Departure
from quorate.types.parts import Media, Text
from quorate.types.sound import SpeechReply, SpeechRequest
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.wire.seam import WireAnswer, WireRequest

from .fields import Json, own
from .images import as_chat, nothing_made
from .reply import read_reply
from .request import path_to, write_request

_RATE = re.compile(r"rate=(\d{4,6})")
_USUAL_RATE = 24_000
_SAMPLE = 2
"""Bytes of one: 16 bits, the low ones first."""


class SpeechCodec:
    """The sound comes as bare samples, and is handed on as a WAV file."""

    def write_request(self, request: SpeechRequest, target: Target) -> WireRequest:
        notes: list[Departure] = []
        if request.format not in ("", "wav"):
            notes.append(
                Departure(setting="format", kind="changed", detail="this protocol's sound comes as WAV")
            )
        if request.speed is not None:
            notes.append(
                Departure(setting="speed", kind="dropped", detail="this protocol has no word for it")
            )
        text = request.text
        if request.instructions:
            text = f"{request.instructions.rstrip(': ')}:\n{text}"
            notes.append(
                Departure(setting="instructions", kind="emulated", detail="they stand before the text")
            )
        config: Json = {"responseModalities": ["AUDIO"]}
        if request.voice:
            config["speechConfig"] = {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": request.voice}}}
        chat = as_chat(request.model, (Text(text=text),), own(request.vendor), config)
        written = write_request(chat, target, stream=False)
        path = path_to(target, "generateContent", "speech")
        return replace(written, path=path, fidelity=(*written.fidelity, *notes))

    def read_reply(self, answer: WireAnswer) -> SpeechReply:
        reply = read_reply(answer)
        sounds = [
            part
            for part in reply.message.parts
            if isinstance(part, Media) and part.kind == "audio" and part.data
        ]
        if not sounds:
            raise nothing_made(reply, "sound", answer)
        kind = sounds[0].media_type
        audio = b"".join(part.data for part in sounds)
        if kind.lower().startswith(("audio/l16", "audio/pcm")):
            found = _RATE.search(kind)
            audio, kind = _wav(audio, int(found[1]) if found else _USUAL_RATE), "audio/wav"
        return SpeechReply(
            model=reply.model, audio=audio, media_type=kind, usage=reply.usage, vendor=reply.vendor
        )


def _wav(samples: bytes, rate: int) -> bytes:
    """One channel of samples, with the head that tells players what they are."""
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * _SAMPLE, _SAMPLE, 8 * _SAMPLE)
    head = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(samples))
    return b"RIFF" + struct.pack("<I", len(head) + len(samples)) + head + samples
