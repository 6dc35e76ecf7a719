"""Where two readings of one answer differ, field by field."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from quorate.types.value import Value

from .verdict import Answer, Called, Counts, Failure, Verdict, parsed

KINDS: Mapping[str, frozenset[str]] = {
    "BadRequestError": frozenset(
        ("UpstreamRejected", "TooLong", "KeyInvalid", "ModelUnavailable", "QuotaExhausted", "UpstreamRefused")
    ),
    "AuthenticationError": frozenset(("KeyInvalid",)),
    "PermissionDeniedError": frozenset(
        ("KeyInvalid", "ModelUnavailable", "QuotaExhausted", "UpstreamRefused")
    ),
    "NotFoundError": frozenset(("ModelUnavailable", "UpstreamRejected")),
    "UnprocessableEntityError": frozenset(("UpstreamRejected", "TooLong")),
    "RateLimitError": frozenset(("UpstreamBusy", "QuotaExhausted", "TooLong")),
    "InternalServerError": frozenset(
        ("UpstreamBroken", "UpstreamBusy", "UpstreamTimeout", "UpstreamRejected")
    ),
    "UnauthorizedError": frozenset(("KeyInvalid",)),
    "InvalidTokenError": frozenset(("KeyInvalid",)),
    "ForbiddenError": frozenset(("KeyInvalid", "ModelUnavailable", "QuotaExhausted", "UpstreamRefused")),
    "TooManyRequestsError": frozenset(("UpstreamBusy", "QuotaExhausted", "TooLong")),
    "ServiceUnavailableError": frozenset(("UpstreamBroken", "UpstreamBusy")),
    "ServerError": frozenset(("UpstreamBroken", "UpstreamBusy", "UpstreamTimeout")),
    "ValidationException": frozenset(("UpstreamRejected", "TooLong", "ModelUnavailable")),
    "ThrottlingException": frozenset(("UpstreamBusy", "QuotaExhausted")),
    "AccessDeniedException": frozenset(("KeyInvalid", "ModelUnavailable")),
    "ExpiredTokenException": frozenset(("KeyInvalid",)),
    "ResourceNotFoundException": frozenset(("ModelUnavailable",)),
}
"""An SDK's class, where it tells more than the status → ours that say the same or say it closer."""


class Comparison(Value):
    """A field in which an SDK has an opinion."""

    field: str
    ours: str
    theirs: str
    agreed: bool


def comparisons(ours: Verdict, theirs: Verdict) -> Iterator[Comparison]:
    """Every field in which the SDK has an opinion."""
    if theirs.cannot:
        return
    if theirs.failure is not None or ours.failure is not None:
        yield from _failures(ours, theirs)
        return
    if theirs.models is not None:
        mine, given = ours.models or (), tuple(name.removeprefix("models/") for name in theirs.models)
        yield Comparison(field="models", ours=" ".join(mine), theirs=" ".join(given), agreed=mine == given)
    if theirs.vectors is not None:
        agreed = _close(ours.vectors or (), theirs.vectors)
        yield Comparison(field="vectors", ours=_shape(ours), theirs=_shape(theirs), agreed=agreed)
    if theirs.ranks is not None:
        yield _compared("ranks", ours.ranks, theirs.ranks)
    if theirs.answers is not None:
        yield from _answers(ours.answers or (), theirs.answers)
    if theirs.usage is not None:
        yield from _usages(ours.usage, theirs.usage)


def _failures(ours: Verdict, theirs: Verdict) -> Iterator[Comparison]:
    mine, given = ours.failure, theirs.failure
    if mine is None or given is None:
        yield Comparison(field="failure", ours=_told(mine), theirs=_told(given), agreed=False)
        return
    if given.status:
        yield _compared("failure.status", mine.status, given.status)
    if (allowed := KINDS.get(given.kind)) is not None:
        yield Comparison(field="failure.kind", ours=mine.kind, theirs=given.kind, agreed=mine.kind in allowed)
    agreed = _same_words(mine, given)
    yield Comparison(field="failure.words", ours=_told(mine), theirs=_told(given), agreed=agreed)


def _compared(field: str, ours: object, theirs: object) -> Comparison:
    return Comparison(field=field, ours=repr(ours), theirs=repr(theirs), agreed=ours == theirs)


def _told(failure: Failure | None) -> str:
    return "an answer" if failure is None else f"{failure.kind}: {' | '.join(failure.words)}"


def _same_words(ours: Failure, theirs: Failure) -> bool:
    """Our words are among theirs, or part of them: an SDK adds the status, or quotes the whole body."""
    mine = " ".join(ours.words[0].split())
    given = [" ".join(word.split()) for word in theirs.words if word.strip()]
    return bool(mine) and (
        not given or any(mine in word or (len(word) > 8 and word in mine) for word in given)
    )


def _answers(ours: tuple[Answer, ...], theirs: tuple[Answer, ...]) -> Iterator[Comparison]:
    """A question that was blocked has no answer, and yet a finish: that counts as one."""
    yield _compared("answers", len(ours), len(theirs) or 1)
    for mine, given in zip(ours, theirs, strict=False):
        for name in ("text", "reasoning", "refusal", "hosted", "sources", "finish"):
            if getattr(given, name) is not None:
                yield _compared(name, getattr(mine, name), getattr(given, name))
        if given.tools is not None:
            agreed = _same_tools(mine.tools or (), given.tools)
            yield Comparison(field="tools", ours=repr(mine.tools), theirs=repr(given.tools), agreed=agreed)


def _same_tools(ours: tuple[Called, ...], theirs: tuple[Called, ...]) -> bool:
    return len(ours) == len(theirs) and all(
        mine.name == (given.name or "")
        and (not given.id or mine.id == given.id)
        and parsed(mine.arguments) == parsed(given.arguments)
        for mine, given in zip(ours, theirs, strict=True)
    )


def _usages(ours: Counts | None, theirs: Counts) -> Iterator[Comparison]:
    """Counts that contradict one another are not compared. Of embeddings some tell the total alone."""
    if theirs.input is None and theirs.total is None:
        return
    if ours is None:
        yield Comparison(field="usage", ours="missing", theirs=repr(theirs), agreed=False)
    elif theirs.input is None:
        yield _compared("usage.totals", None if ours.dubious else ours.total, theirs.total)
    elif not ours.dubious:
        yield from _counts(ours, theirs, theirs.input)


def _counts(ours: Counts, theirs: Counts, read: int) -> Iterator[Comparison]:
    """Where a provider's parts fall short of its total, what is missing belongs to one of the two sides."""
    written = theirs.output or 0
    sides = {(read, written)}
    if theirs.total is not None:
        sides |= {(read, theirs.total - read), (theirs.total - written, written)}
    mine = (ours.input, ours.output)
    yield Comparison(field="usage.totals", ours=repr(mine), theirs=repr(sorted(sides)), agreed=mine in sides)
    for name in ("cache_read", "cache_write"):
        if getattr(theirs, name) is not None:
            yield _compared(f"usage.{name}", getattr(ours, name), getattr(theirs, name))
    if (
        theirs.reasoning is not None
    ):  # a share of the output, so never more than it, whatever a provider counts
        yield _compared("usage.reasoning", ours.reasoning, min(theirs.reasoning, ours.output or 0))


def _shape(verdict: Verdict) -> str:
    return " ".join(str(len(vector)) for vector in verdict.vectors or ())


def _close(ours: tuple[tuple[float, ...], ...], theirs: tuple[tuple[float, ...], ...]) -> bool:
    """Equal but for the last bits: an SDK reads 32-bit floats where a provider sends them packed."""
    return len(ours) == len(theirs) and all(
        len(mine) == len(given)
        and all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(mine, given, strict=True))
        for mine, given in zip(ours, theirs, strict=True)
    )
