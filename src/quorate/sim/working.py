"""What the simulated models do that is no chat: a table, a function an operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from quorate.errors import InvalidRequest
from quorate.types.pictures import ImageReply, ImageRequest, Picture
from quorate.types.sound import Segment, SpeechReply, SpeechRequest, TranscribeReply, TranscribeRequest, Word
from quorate.types.usage import Usage
from quorate.types.work import (
    EmbedReply,
    EmbedRequest,
    Judgement,
    ModerateReply,
    ModerateRequest,
    Operation,
    Ranked,
    RerankReply,
    RerankRequest,
    WorkReply,
)

from .answer import CREATED
from .embedding import DIMENSIONS, MOST_DIMENSIONS, embed
from .pictures import PICTURE_TOKENS, draw
from .sounds import heard, seconds_of, speak
from .tokens import count

SEEN_TOKENS = 323
TOKENS_PER_SECOND = 10
MOST_PICTURES = 10
_UNHEARD = "Simulated: the words of this sound are not known."
_SENTENCE = re.compile(r"\S.*?(?:[.!?]+(?=\s|$)|$)", re.DOTALL)

HARM: Mapping[str, frozenset[str]] = {
    "violence": frozenset(("kill", "murder", "stab", "shoot", "bomb")),
    "hate": frozenset(("hate", "vermin", "subhuman")),
    "self-harm": frozenset(("suicide", "self-harm")),
    "sexual": frozenset(("porn", "explicit")),
}
"""Category → the words by which the simulated moderator knows it."""

_WORD = re.compile(r"[\w-]+")


def _vectors(request: EmbedRequest) -> EmbedReply:
    dimensions = DIMENSIONS if request.dimensions is None else request.dimensions
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise InvalidRequest(f"'dimensions' goes from 1 to {MOST_DIMENSIONS}", where="dimensions")
    texts = request.inputs or tuple(" ".join(map(str, numbers)) for numbers in request.tokens)
    return EmbedReply(
        model=request.model,
        vectors=tuple(embed(text, dimensions) for text in texts),
        usage=Usage(input=sum(map(count, texts))),
    )


def _ranked(request: RerankRequest) -> RerankReply:
    """By how near the vectors are: a document that shares words with the query comes first."""
    wanted = embed(request.query)
    scores = [
        sum(a * b for a, b in zip(wanted, embed(document), strict=True)) for document in request.documents
    ]
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    results = tuple(Ranked(index=place, score=round(max(scores[place], 0.0), 6)) for place in order)
    read = sum(map(count, (request.query, *request.documents)))
    return RerankReply(model=request.model, results=results[: request.top_n], usage=Usage(input=read))


def _judged(request: ModerateRequest) -> ModerateReply:
    texts = (" ".join(request.inputs),) if request.images else request.inputs
    results = tuple(map(_judgement, texts))
    scores = {name: max(each.scores[name] for each in results) for name in HARM}
    return ModerateReply(model=request.model, scores=scores, results=results)


def _judgement(text: str) -> Judgement:
    words = frozenset(_WORD.findall(text.lower()))
    scores = {name: 0.98 if words & known else 0.01 for name, known in HARM.items()}
    categories = {name: score > 0.5 for name, score in scores.items()}
    return Judgement(flagged=any(categories.values()), categories=categories, scores=scores)


def _drawn(request: ImageRequest) -> ImageReply:
    number = 1 if request.n is None else request.n
    if not 1 <= number <= MOST_PICTURES:
        raise InvalidRequest(f"'n' goes from 1 to {MOST_PICTURES}", where="n")
    seen = len(request.images) + (request.mask is not None)
    words = " ".join([request.prompt, *(each.name or each.url for each in request.images)])
    return ImageReply(
        model=request.model,
        images=tuple(
            Picture(data=draw(words, place), media_type="image/png", prompt=request.prompt)
            for place in range(number)
        ),
        created=CREATED,
        usage=Usage(
            input=count(request.prompt), input_image=SEEN_TOKENS * seen, output_image=PICTURE_TOKENS * number
        ),
    )


def _spoken(request: SpeechRequest) -> SpeechReply:
    """Always a WAV file, which says so itself."""
    return SpeechReply(model=request.model, audio=speak(request.text), media_type="audio/wav")


def _written(request: TranscribeRequest) -> TranscribeReply:
    """What a sound of the simulator's carries, each word as long as the others; of another, a word that it is not."""
    text, duration = heard(request.audio) or _UNHEARD, round(seconds_of(request.audio), 3)
    sentences: list[str] = _SENTENCE.findall(text)
    words = text.split()
    pace = duration / max(len(words), 1)
    segments: list[Segment] = []
    said = 0
    for sentence in sentences:
        length = len(sentence.split())
        segments.append(
            Segment(
                start=round(said * pace, 3),
                end=round((said + length) * pace, 3),
                text=sentence,
                speaker="A" if request.speakers else "",
            )
        )
        said += length
    timed = tuple(
        Word(start=round(place * pace, 3), end=round((place + 1) * pace, 3), text=word)
        for place, word in enumerate(words)
    )
    return TranscribeReply(
        model=request.model,
        text=text,
        segments=tuple(segments) if request.timestamps or request.speakers else (),
        words=timed if "word" in request.timestamps else (),
        language=request.language or "en",
        duration=duration,
        usage=Usage(input_audio=max(1, int(duration * TOKENS_PER_SECOND)), output=count(text)),
    )


WORK: Mapping[Operation, Callable[[Any], WorkReply]] = {
    "embed": _vectors,
    "rerank": _ranked,
    "moderate": _judged,
    "images": _drawn,
    "speech": _spoken,
    "transcribe": _written,
}
