"""OpenAI's chat completions, and the dialects of all that is shaped like it."""

from __future__ import annotations

from quorate.wire.seam import Wire

from .account import AccountCodec, BillCodec
from .codec import ChatCodec
from .fields import NAME
from .front import ChatFront
from .glance import glance
from .image_front import ImageFront
from .images import ImageCodec
from .moderation import ModerateCodec, ModerateFront
from .rerank import RerankCodec, RerankFront
from .speech import SpeechCodec, SpeechFront
from .transcript_front import TranscribeFront
from .transcripts import TranscribeCodec
from .work import EmbedCodec, EmbedFront, ModelsCodec, ModelsFront

OPENAI_CHAT = Wire(
    name=NAME,
    codec=ChatCodec(),
    front=ChatFront(),
    glance=glance,
    work={
        "embed": EmbedCodec(),
        "rerank": RerankCodec(),
        "models": ModelsCodec(),
        "account": AccountCodec("account"),
        "credits": AccountCodec("credits"),
        "bill": BillCodec(),
        "moderate": ModerateCodec(),
        "images": ImageCodec(),
        "speech": SpeechCodec(),
        "transcribe": TranscribeCodec(),
    },
    work_fronts={
        "embed": EmbedFront(),
        "rerank": RerankFront(),
        "models": ModelsFront(),
        "moderate": ModerateFront(),
        "images": ImageFront(),
        "speech": SpeechFront(),
        "transcribe": TranscribeFront(),
    },
)

__all__ = ["OPENAI_CHAT"]
