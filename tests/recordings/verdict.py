"""The normal form in which our reading of an answer and an SDK's are compared."""

from __future__ import annotations

import json
from typing import Any

from quorate.errors import UpstreamError
from quorate.types.chat import ChatReply, Finish, Message
from quorate.types.parts import Citation, Reasoning, Refusal, ToolCall
from quorate.types.usage import Usage
from quorate.types.value import Value
from quorate.types.work import CountReply, EmbedReply, ModelList, RerankReply


class Called(Value):
    """A tool call; '' where no id is told."""

    name: str | None = ""
    id: str = ""
    arguments: Any = ""


class Answer(Value):
    """One of the answers to one question; None where the reader does not tell."""

    text: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tools: tuple[Called, ...] | None = None
    hosted: tuple[str, ...] | None = None
    """Names of the tools that the provider ran."""
    sources: tuple[str, ...] | None = None
    """The words that citations quote."""
    finish: str | None = None


class Counts(Value):
    """Tokens, as totals; None where the reader does not tell."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    dubious: bool = False
    """The provider's own counts contradict one another, so there is nothing to compare."""


class Failure(Value):
    """An error: `kind` is the reader's class for it, `words` all the texts in which it may have told it."""

    status: int = 0
    kind: str = ""
    words: tuple[str, ...] = ()


class Verdict(Value):
    """What a reader makes of an answer: exactly one of answers, failure, models, vectors, ranks, cannot."""

    name: str = ""
    answers: tuple[Answer, ...] | None = None
    usage: Counts | None = None
    failure: Failure | None = None
    models: tuple[str, ...] | None = None
    vectors: tuple[tuple[float, ...], ...] | None = None
    ranks: tuple[tuple[int, float], ...] | None = None
    """Documents in order, with their scores."""
    cannot: str = ""
    """Why the reader has no opinion."""


def of_reply(reply: ChatReply) -> Verdict:
    answers = [_answer(reply.message, reply.finish)]
    answers += [_answer(each.message, each.finish) for each in reply.alternatives]
    return Verdict(answers=tuple(answers), usage=_counts(reply.usage))


def of_work(reply: EmbedReply | ModelList | CountReply | RerankReply) -> Verdict:
    match reply:
        case RerankReply(results=results):
            return Verdict(
                ranks=tuple((each.index, each.score) for each in results), usage=_counts(reply.usage)
            )
        case CountReply(tokens=tokens):
            return Verdict(usage=Counts(input=tokens, output=0, total=tokens))
        case EmbedReply():
            return Verdict(vectors=reply.vectors, usage=_counts(reply.usage))
        case ModelList():
            return Verdict(models=tuple(model.id for model in reply.models))


def of_error(error: UpstreamError) -> Verdict:
    return Verdict(failure=Failure(status=error.status, kind=type(error).__name__, words=(str(error),)))


def _answer(message: Message, finish: Finish) -> Answer:
    parts = message.parts
    calls = [part for part in parts if isinstance(part, ToolCall)]
    return Answer(
        text=message.text,
        reasoning="".join(part.text for part in parts if isinstance(part, Reasoning)),
        refusal="".join(part.text for part in parts if isinstance(part, Refusal)),
        tools=tuple(
            Called(name=call.name, id=call.id, arguments=call.arguments) for call in calls if not call.hosted
        ),
        hosted=tuple(call.name for call in calls if call.hosted),
        sources=tuple(part.quote for part in parts if isinstance(part, Citation)),
        finish=finish.raw,
    )


def _counts(usage: Usage) -> Counts | None:
    """None where nothing was said."""
    if usage.quality == "missing":
        return None
    return Counts(
        input=usage.input_total,
        output=usage.output_total,
        total=usage.total,
        cache_read=usage.cache_read,
        cache_write=usage.cache_write + usage.cache_write_1h,
        reasoning=usage.reasoning,
        dubious=usage.quality == "inconsistent",
    )


def parsed(arguments: Any) -> Any:
    """Arguments as a document, where they are one; nothing at all calls with no arguments."""
    if not isinstance(arguments, str):
        return arguments or {}
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments
