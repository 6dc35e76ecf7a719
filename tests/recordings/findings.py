"""What came of one exchange: for each feature it shows, whether it was decoded and who agrees."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from quorate.types.value import Value

from .comparing import Comparison, comparisons
from .excuses import Excuse
from .replay import Replay
from .verdict import Verdict

Feature = Literal[
    "chat",
    "stream",
    "tools",
    "reasoning",
    "structured",
    "usage",
    "embeddings",
    "models",
    "errors",
    "request",
    "reply",
]
"""`request` and `reply` are the round trips of law 1."""

TRIPS: frozenset[Feature] = frozenset({"request", "reply"})

Mark = Literal["failed", "disagreed", "excused", "agreed", "silent"]
"""failed: not decoded. excused: it differs, for a listed reason. silent: decoded, the SDK has no opinion."""

WORST_FIRST: tuple[Mark, ...] = ("failed", "disagreed", "excused", "agreed", "silent")
WILD = 1e6
MAIN: Mapping[str, Feature] = {"embed": "embeddings", "models": "models"}


class Finding(Value):
    """One exchange's marks, and the differences behind them."""

    name: str
    provider: str
    protocol: str
    marks: dict[Feature, Mark]
    differences: tuple[Comparison, ...] = ()
    """Those that no excuse covers."""
    excuses: tuple[Excuse, ...] = ()
    """Those that were needed."""
    cannot: str = ""
    """Why the SDK has no opinion."""

    @property
    def mark(self) -> Mark:
        """The worst of the marks."""
        return worst(*self.marks.values())

    @property
    def reading(self) -> Mark:
        """The worst of the marks that an SDK gives: how we read the answer."""
        marks: list[Mark] = [mark for feature, mark in self.marks.items() if feature not in TRIPS]
        return worst(*marks)


def worst(*marks: Mark) -> Mark:
    return next(mark for mark in WORST_FIRST if mark in marks)


def find(replay: Replay, theirs: Verdict | None, excuses: Iterable[Excuse]) -> Finding:
    """`theirs` is None where no SDK was asked: then the laws alone are judged."""
    name = replay.exchange.name
    listed = {excuse.field: excuse for excuse in excuses if excuse.recording == name}
    marks: dict[Feature, Mark] = {main_feature(replay, theirs): "silent"}
    if replay.verdict.usage is not None and replay.verdict.usage.dubious:
        marks["usage"] = "silent"
    differences: dict[Comparison, None] = {}
    used: dict[Excuse, None] = {}
    for feature, each in _observed(replay, theirs):
        mark = _mark(each, listed)
        if mark == "excused":
            used[listed[each.field]] = None
        elif not each.agreed:
            differences[each] = None
        marks[feature] = worst(marks.get(feature, "silent"), mark)
    return Finding(
        name=name,
        provider=replay.exchange.provider,
        protocol=replay.kind.protocol,
        marks=marks,
        differences=tuple(differences),
        excuses=tuple(used),
        cannot=theirs.cannot if theirs else "",
    )


def _mark(each: Comparison, listed: Mapping[str, Excuse]) -> Mark:
    if each.agreed:
        return "agreed"
    if each.field in listed:
        return "excused"
    return "failed" if each.field in ("crash", "failure") else "disagreed"


def main_feature(replay: Replay, theirs: Verdict | None) -> Feature:
    """What the exchange is about; an error inside a success is about an error."""
    if replay.exchange.status >= 400 or (theirs is not None and theirs.failure is not None):
        return "errors"
    return MAIN.get(replay.kind.operation, "stream" if replay.kind.is_stream else "chat")


def _observed(replay: Replay, theirs: Verdict | None) -> Iterator[tuple[Feature, Comparison]]:
    main = main_feature(replay, theirs)
    if replay.crash:
        yield main, _law("crash", replay.crash)
    elif theirs is not None and theirs.cannot:
        for each in _alone(replay):
            yield main, each
    elif theirs is not None:
        for each in comparisons(replay.verdict, theirs):
            for feature in _features(replay, main, each):
                yield feature, each
    laws: tuple[tuple[Feature, str, str | None], ...] = (
        (main, "any chunking", replay.chunking),
        ("request", "request", replay.request_trip),
        ("reply", "reply", replay.reply_trip),
    )
    for feature, law, result in laws:
        if result is not None:
            yield feature, _law(law, result)


def _alone(replay: Replay) -> Iterator[Comparison]:
    """Where the SDK cannot judge, our own failure over a success is no success: but nothing can be read in nothing.

    Nor are numbers without bounds a vector of any model: they are bytes read in the wrong width.
    """
    for vector in replay.verdict.vectors or ():
        wild = next((number for number in vector if not abs(number) < WILD), 0.0)
        yield Comparison(field="vectors", ours=f"{wild!r}", theirs="cannot judge", agreed=not wild)
    failure = replay.verdict.failure
    if failure is not None and replay.exchange.status < 400:
        told = f"{failure.kind}: {' '.join(failure.words)}"
        is_empty = not replay.exchange.body.strip()
        yield Comparison(field="failure", ours=told, theirs="cannot judge", agreed=is_empty)


def _law(field: str, result: str) -> Comparison:
    return Comparison(field=field, ours=result, theirs="", agreed=not result)


def _features(replay: Replay, main: Feature, each: Comparison) -> list[Feature]:
    """Where a field counts: tools and reasoning of an answer only where there are any."""
    match each.field.partition(".")[0]:
        case "tools":
            return ["tools"] if "()" not in (each.ours, each.theirs) or not each.agreed else []
        case "reasoning":
            return ["reasoning"] if each.theirs != "''" or not each.agreed else []
        case "usage":
            return ["usage"]
        case "text" if replay.is_structured:
            return [main, "structured"]
        case _:
            return [main]
