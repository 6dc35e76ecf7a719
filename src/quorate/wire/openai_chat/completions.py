"""OpenAI's older completions, a text to go on with: read as a chat of one question, written from its answer."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import msgspec

from quorate.errors import Unsupported
from quorate.types.chat import ChatReply, ChatRequest, Finish, Message
from quorate.types.parts import Part, Refusal, Text, TokenLogprob
from quorate.wire.json_fields import Fields, Json, a_list, a_text, an_object, is_list, is_object
from quorate.wire.seam import Call

from .fields import own, vendor
from .finish import write_finish
from .reply import kept_choice
from .settings import read_plain
from .usage import write_usage

COMPLETE_PATH = "/completions"

OLDER = "openai_completions"
"""Whose leftovers are the fields that only this form has: no chat takes them, so that each is reported."""

USUAL_MOST = 16
"""Tokens, where the call sets no limit: the protocol's own default."""

_ONE_TEXT = "a chat model takes one text as its prompt"


class _Echo(msgspec.Struct):
    prompt: str | list[str] = ""
    echo: bool | None = None


_read_echo = msgspec.json.Decoder(_Echo).decode


def is_completion(call: Call) -> bool:
    """Is it a call of the older form?"""
    return call.path.endswith(COMPLETE_PATH) and not call.path.endswith("/chat/completions")


def echoed(call: Call) -> str:
    """The prompt, where the call wants it before the answer."""
    try:
        asked = _read_echo(call.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return "".join(asked.prompt) if asked.echo else ""


def read_completion(body: Fields, model: str) -> ChatRequest:
    """The prompt as a user's message. Raises `Unsupported` for what only a target of this form understands."""
    prompt = _prompt(body)
    if body.text("suffix"):
        raise Unsupported(
            "a chat model cannot fill in a text before a 'suffix': name a model with OpenAI's older completions",
            settings=("suffix",),
        )
    body.flag("echo")
    older: Json = {"best_of": best} if (best := body.integer("best_of")) not in (None, 1) else {}
    most = body.integer("max_tokens")
    body.rest["max_tokens"] = USUAL_MOST if most is None else most
    told = body.integer("logprobs")
    plain = read_plain(body)
    if told is not None:
        plain |= {"logprobs": True, "top_logprobs": told or None}
    message = Message(role="user", parts=(Text(text=prompt),))
    kept = vendor(body.rest) | ({OLDER: older} if older else {})
    return ChatRequest(model=model, messages=(message,), vendor=kept, **plain)


def _prompt(body: Fields) -> str:
    match body.take("prompt"):
        case str() as text if text:
            return text
        case [str() as text] if text:
            return text
        case [str(), _, *_] as texts if all(isinstance(each, str) for each in texts):
            raise Unsupported(f"{_ONE_TEXT}: send a call for each text", settings=("prompt",))
        case [int(), *_] | [[*_], *_]:
            raise Unsupported(f"{_ONE_TEXT}, not token numbers: send the text itself", settings=("prompt",))
        case _:
            raise body.wrong("prompt", "a string that is not empty, or a list with one")


def write_completion(reply: ChatReply, echo: str) -> Json:
    """The body of a whole answer; `echo` stands before each text."""
    rest = dict(own(reply.vendor))
    kept = a_list(rest.pop("choices", None))
    answers = [(reply.message, reply.finish), *((each.message, each.finish) for each in reply.alternatives)]
    body: Json = {
        "id": reply.id,
        "object": "text_completion",
        "created": reply.created,
        "model": reply.model,
        "choices": [
            write_choice(number, echo + said(message.parts), write_end(finish), write_logprobs(message.parts))
            | kept_choice(kept, number)
            for number, (message, finish) in enumerate(answers)
        ],
    }
    usage = write_usage(reply.usage)
    return body | ({"usage": usage} if usage is not None else {}) | rest


def write_choice(number: int, text: str, finish: str | None, logprobs: Json | None) -> Json:
    return {"text": text, "index": number, "logprobs": logprobs, "finish_reason": finish}


def said(parts: Sequence[Part]) -> str:
    """All words of an answer: the form has no other place."""
    return "".join(part.text for part in parts if isinstance(part, Text | Refusal))


def write_end(finish: Finish) -> str:
    """Why it ended. The form knows no tools: a model that wants one has just stopped."""
    return "stop" if finish.reason == "tool_calls" else write_finish(finish, declined=False)


def write_logprobs(parts: Sequence[Part]) -> Json | None:
    """Tokens side by side in lists; None where no token has a probability."""
    tokens = [one for part in parts if isinstance(part, Text) for one in part.logprobs]
    if not tokens:
        return None
    ends = accumulate((len(one.token) for one in tokens), initial=0)
    return {
        "tokens": [one.token for one in tokens],
        "token_logprobs": [one.logprob for one in tokens],
        "top_logprobs": [{each.token: each.logprob for each in _likeliest(one)} for one in tokens],
        "text_offset": [start for start, _ in zip(ends, tokens, strict=False)],
    }


def _likeliest(one: TokenLogprob) -> Sequence[TokenLogprob]:
    return one.top or (one,)


def as_piece(choice: Json) -> Json:
    """What a choice of this form says, as the piece of a chat's answer that says the same."""
    return {"content": choice["text"]} if isinstance(choice.get("text"), str) else {}


def as_chat(choice: Json) -> Json:
    """The choice with its probabilities as a chat tells them, where they stand side by side in lists."""
    told = choice.get("logprobs")
    if not is_object(told) or "tokens" not in told:
        return choice
    tokens, values, tops = told.get("tokens"), told.get("token_logprobs"), told.get("top_logprobs")
    if not is_list(tokens) or not is_list(values) or len(tokens) != len(values):
        return choice
    beside = tops if is_list(tops) and len(tops) == len(tokens) else [None] * len(tokens)
    content = [
        {"token": a_text(token), "logprob": value, "top_logprobs": _spread(top)}
        for token, value, top in zip(tokens, values, beside, strict=True)
    ]
    return choice | {"logprobs": {"content": content}}


def _spread(top: object) -> list[Json]:
    return [{"token": token, "logprob": value} for token, value in an_object(top).items()]
