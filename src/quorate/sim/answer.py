"""One simulated answer: the same each time for the same seed, model and question."""

from __future__ import annotations

import math
from itertools import accumulate

import msgspec

from quorate.errors import TooLong
from quorate.types.chat import ChatReply, ChatRequest, Choice, Finish, Message
from quorate.types.parts import Part, Reasoning, Text, TokenLogprob
from quorate.types.usage import Usage
from quorate.types.value import Value

from .chance import chance, number_of
from .modalities import in_modalities
from .models import SimModel, model_of
from .prompt_cache import Cached, PromptCache
from .prose import prose
from .question import Question, question_of, tokens_of, tokens_of_tools
from .schema import Hints, make
from .script import Line, Script
from .tokens import count, cut
from .toolcalls import calls_of
from .truth import guess, riddle_of

CREATED = 1_767_225_600
"""The moment of every answer, Unix seconds: a simulation has no clock, so that it repeats itself."""

MOST_ANSWERS = 16
MARK = "x_quorate_simulated"
"""Field of every reply, where its protocol has a place for one."""

_EFFORTS = {"none": 0, "minimal": 1, "low": 2, "medium": 4, "high": 8, "xhigh": 12, "max": 16}
_THOUGHTS = (
    "First I look at what is asked.",
    "I turn the question over once more.",
    "One way to see it is the plain one.",
    "I check that way against the words of the question.",
    "Nothing speaks against it.",
    "I could be wrong, and note how sure I am.",
    "So I settle on an answer.",
)


class Said(Value):
    """One of the answers to a question."""

    message: Message
    finish: Finish
    tokens: int
    reasoning: int


def answer(
    request: ChatRequest, protocol: str, seed: int, cache: PromptCache, script: Script | None = None
) -> ChatReply:
    """The reply to a request, by the script where it has a line for it.

    A prompt beyond the model's context raises `TooLong`, as a provider says it.
    """
    model = model_of(request.model)
    question = question_of(request)
    asked = sum(map(tokens_of, request.messages)) + tokens_of_tools(request)
    if asked > model.context:
        raise TooLong(
            f"This model's maximum context length is {model.context} tokens, but the prompt has {asked}",
            status=400,
            upstream_code="context_length_exceeded",
        )
    line = script.line(request) if script else None
    answers = [
        _said(request, question, model, line, seed, number)
        for number in range(min(max(request.n or 1, 1), MOST_ANSWERS))
    ]
    first, *others = answers
    reply = ChatReply(
        id=f"sim-{number_of(seed, request.model, question.key):016x}",
        model=request.model,
        created=CREATED,
        message=first.message,
        finish=first.finish,
        alternatives=tuple(Choice(message=each.message, finish=each.finish) for each in others),
        usage=_usage(asked, answers, cache.visit(request)),
        vendor={protocol: {MARK: True}},
    )
    return in_modalities(request, reply)


def _usage(asked: int, answers: list[Said], cached: Cached) -> Usage:
    return Usage(
        input=asked - cached.read - cached.written - cached.written_1h,
        cache_read=cached.read,
        cache_write=cached.written,
        cache_write_1h=cached.written_1h,
        output=sum(each.tokens for each in answers),
        reasoning=sum(each.reasoning for each in answers),
    )


def _said(
    request: ChatRequest, question: Question, model: SimModel, line: Line | None, seed: int, number: int
) -> Said:
    names = (seed, request.model, number)
    left = min(request.max_output or model.max_output, model.max_output)
    thoughts, cut_short = _shortened(_thoughts(request, model, question.key, *names), left)
    parts: list[Part] = []
    if thoughts and (request.thinking is None or request.thinking.show is not False):
        parts.append(Reasoning(text=thoughts, signature=f"sim{number_of(thoughts):016x}"))
    reasoning = count(thoughts)
    left -= reasoning
    calls = line.calls if line else calls_of(request, question, *names)
    if calls and not cut_short:
        before = line.say if line else ""
        parts.extend([Text(text=before), *calls] if before else calls)
        tokens = reasoning + sum(count(call.name) + count(call.arguments) for call in calls) + count(before)
        message = Message(role="assistant", parts=tuple(parts))
        return Said(message=message, finish=Finish(reason="tool_calls"), tokens=tokens, reasoning=reasoning)
    words = line.say if line else _words(request, question, model, *names)
    whole, stop = _until(words, request.stop)
    words, shortened = _shortened(whole, left)
    if words:
        parts.append(Text(text=words, logprobs=_logprobs(request, words, *names)))
    finish = Finish(reason="length") if shortened or cut_short else Finish(reason="stop", stop=stop)
    message = Message(role="assistant", parts=tuple(parts))
    return Said(message=message, finish=finish, tokens=reasoning + count(words), reasoning=reasoning)


def _words(request: ChatRequest, question: Question, model: SimModel, *names: object) -> str:
    """JSON where JSON is asked for, else prose."""
    if request.output is None:
        return prose(question, model, request.model, *names)
    if request.output.kind == "json":
        said = {
            "simulated": True,
            "model": request.model,
            "answer": prose(question, model, request.model, *names),
        }
        return msgspec.json.encode(said).decode()
    riddle = riddle_of(question.text)
    guessed = guess(riddle, model.quality, riddle.asked, *names) if riddle else ""
    numbers = [float(guessed) if "." in guessed else int(guessed)] if riddle and riddle.kind == "sum" else []
    texts = [guessed] if riddle else question.names
    luck = chance("output", question.key, *names)
    return msgspec.json.encode(make(request.output.schema, luck, Hints(texts, numbers))).decode()


def _thoughts(request: ChatRequest, model: SimModel, *names: object) -> str:
    """As many sentences as the effort asks for, within the budget of tokens."""
    wish = request.thinking
    if wish is None or (wish.enabled is None and not wish.effort and wish.budget is None):
        wanted = _EFFORTS["medium"] if model.reasons else 0
    elif wish.enabled is False:
        wanted = 0
    else:
        wanted = _EFFORTS.get(wish.effort, _EFFORTS["medium"])
    luck = chance("thoughts", *names)
    thoughts = " ".join(
        ["(simulated thoughts)", *(luck.choice(_THOUGHTS) for _ in range(wanted))] if wanted else []
    )
    budget = wish.budget if wish else None
    return thoughts if budget is None else _shortened(thoughts, budget)[0]


def _until(text: str, stops: tuple[str, ...]) -> tuple[str, str]:
    """The text up to the first stop text, and which that was."""
    found = [(text.index(stop), stop) for stop in stops if stop and stop in text]
    if not found:
        return text, ""
    place, stop = min(found)
    return text[:place], stop


def _shortened(text: str, most: int) -> tuple[str, bool]:
    """At most so many tokens, and whether any were cut off."""
    tokens = cut(text)
    return "".join(tokens[: max(most, 0)]), len(tokens) > most


def _logprobs(request: ChatRequest, words: str, *names: object) -> tuple[TokenLogprob, ...]:
    if not request.logprobs:
        return ()
    luck = chance("logprobs", words, *names)
    others = min(request.top_logprobs or 0, 20)
    return tuple(_logprob(token, luck.uniform(0.3, 0.99), others) for token in cut(words))


def _logprob(token: str, sure: float, others: int) -> TokenLogprob:
    """The chosen token and, beside it, ever less likely ones that are plainly made up."""
    shares = accumulate(range(1, others), lambda share, _: share / 2, initial=(1 - sure) / 2)
    top = [_plain(token, sure), *(_plain(f"{token}~{place}", share) for place, share in enumerate(shares, 1))]
    return TokenLogprob(token=token, logprob=_plain(token, sure).logprob, top=tuple(top[:others]))


def _plain(token: str, share: float) -> TokenLogprob:
    return TokenLogprob(token=token, logprob=round(math.log(share), 6))
