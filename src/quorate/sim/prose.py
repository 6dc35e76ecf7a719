"""What a simulated model says: that it is simulated, what it was asked, and what it can honestly tell of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from quorate.types.parts import Media

from .chance import chance
from .models import SimModel
from .question import Question, words_of
from .truth import Riddle, guess, riddle_of

_LENGTH = re.compile(r"\b(\d{1,5})[ -]words?\b", re.IGNORECASE)
_QUOTED = 240
_FILLING = (
    "A simulated model has nothing to add, so it goes on in plain words.",
    "Each sentence stands here to give the stream some length.",
    "Nothing in this part was thought by anybody.",
    "The pace of these words is that of the model it plays.",
    "A real model would have said something of substance by this point.",
    "Whoever reads this tests a program, and is welcome to count the words.",
)
_OPENINGS = ("Simulated answer from {name}.", "{name} here, simulated.", "This is {name}, a simulation.")


def prose(question: Question, model: SimModel, name: str, *names: object) -> str:
    """`name` is the model as it was asked for; `names` seed what may differ from answer to answer."""
    opening = chance("opening", question.key, *names).choice(_OPENINGS).format(name=name)
    told = " ".join([opening, *_told(question, model, *names)])
    wanted = _LENGTH.search(question.text)
    return told if wanted is None else _lengthened(told, int(wanted[1]), question.key, *names)


def _told(question: Question, model: SimModel, *names: object) -> Iterator[str]:
    if question.answers_tools:
        yield from _results(question)
    elif (riddle := riddle_of(question.text)) is not None:
        yield _solved(riddle, guess(riddle, model.quality, riddle.asked, *names))
    else:
        yield from list(_restated(question))[: model.sentences]
    yield from map(_seen, question.media)


def _results(question: Question) -> Iterator[str]:
    for result in question.results:
        said = " ".join(words_of(part) for part in result.content).strip()
        tool = f"the tool {result.name}" if result.name else "a tool"
        verb = "failed and said" if result.failed else "gave back"
        yield f"For “{_short(question.text)}” {tool} {verb}: “{_short(said)}”."


def _solved(riddle: Riddle, answer: str) -> str:
    if riddle.kind == "sum":
        return f"{riddle.asked} = {answer}.\n\nAnswer: {answer}"
    return f"Of the options I take {answer}.\n\nAnswer: {answer}"


def _restated(question: Question) -> Iterator[str]:
    asked = _short(question.text)
    yield f"You asked: “{asked}”." if asked else "You asked nothing in words."
    common = Counter(word.lower() for word in question.words if len(word) > 3).most_common(4)
    if common:
        yield f"The words that matter in it: {', '.join(word for word, _ in common)}."
    length = len(question.words)
    yield f"It has {length} word{'s' * (length != 1)} and is turn {question.turns} of our conversation."
    if question.system:
        yield f"My instructions begin with “{_short(question.system, 80)}”."


def _seen(media: Media) -> str:
    """A picture, sound, film or file that came: told apart, never looked into."""
    kind = {"image": "an image", "audio": "a sound", "video": "a film", "file": "a document"}[media.kind]
    named = f" “{media.name}”" if media.name else ""
    if media.data:
        return (
            f"With it came {kind}{named} ({media.media_type or 'of unknown type'}, {len(media.data)} bytes)."
        )
    return f"With it came {kind}{named} at {media.url or media.file_id}, which I did not fetch."


def _short(text: str, most: int = _QUOTED) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _lengthened(text: str, words: int, *names: object) -> str:
    """Exactly so many words, the answer's own first."""
    luck = chance("filling", *names)
    told = text.split(" ")
    while len(told) < words:
        told.extend(luck.choice(_FILLING).split(" "))
    return " ".join(told[:words])
