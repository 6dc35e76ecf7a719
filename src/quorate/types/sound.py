"""Text that is spoken, and speech that is written down."""

from __future__ import annotations

from typing import Literal

from .parts import Vendor
from .value import Value
from .work import WorkReply, WorkRequest

Stamp = Literal["segment", "word"]
"""What times are told of."""


class SpeechReply(WorkReply):
    """The text as sound."""

    audio: bytes
    media_type: str
    """'audio/mpeg', 'audio/wav' …"""


class SpeechRequest(WorkRequest[SpeechReply]):
    """A text to be spoken. '' and None leave a setting alone."""

    text: str
    voice: str = ""
    """A provider's own name for it."""
    format: str = ""
    """'mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'."""
    speed: float | None = None
    """1 is the usual pace."""
    instructions: str = ""
    """How it is to be spoken, in words."""


class Segment(Value):
    """A stretch of what was said, with its time in seconds."""

    start: float
    end: float
    text: str
    speaker: str = ""
    vendor: Vendor = {}


class Word(Value):
    """One word, with its time in seconds."""

    start: float
    end: float
    text: str
    vendor: Vendor = {}


class TranscribeReply(WorkReply):
    """What was said."""

    text: str
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()
    language: str = ""
    """As the provider calls it: a code or a name."""
    duration: float | None = None
    """Seconds of sound; None where the provider does not say."""


class TranscribeRequest(WorkRequest[TranscribeReply]):
    """Speech to be written down. '' and None leave a setting alone."""

    audio: bytes
    name: str = "audio.wav"
    """Of the file: providers go by its ending."""
    media_type: str = ""
    language: str = ""
    """Of what is said, as an ISO 639-1 code."""
    prompt: str = ""
    """Words that are likely to come, or what was said before."""
    temperature: float | None = None
    timestamps: tuple[Stamp, ...] = ()
    """Times are wanted of these."""
    speakers: bool = False
    """Who says what is to be told apart."""
    translate: bool = False
    """The text is wanted in English, whatever is spoken."""
