"""Google's Gemini protocol, generateContent: `GEMINI` is the whole of it."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .codec import GeminiCodec
from .count import CountCodec, CountFront
from .front import GeminiFront
from .images import ImageCodec
from .models import ModelsCodec, ModelsFront
from .speech import SpeechCodec
from .work import EmbedCodec, EmbedFront

GEMINI = Wire(
    name="gemini",
    codec=GeminiCodec(),
    front=GeminiFront(),
    work={
        "embed": EmbedCodec(),
        "models": ModelsCodec(),
        "count": CountCodec(),
        "images": ImageCodec(),
        "speech": SpeechCodec(),
    },
    work_fronts={"embed": EmbedFront(), "models": ModelsFront(), "count": CountFront()},
)
