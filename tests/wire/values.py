"""Generated requests and replies, within what a protocol can carry (`Carries`).

A protocol's laws hold exactly for what it can carry; what it cannot is the business of fidelity.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from quorate.types.chat import (
    ChatReply,
    ChatRequest,
    Finish,
    FinishReason,
    Message,
    OutputFormat,
    Thinking,
    Tool,
    ToolChoice,
)
from quorate.types.parts import (
    Citation,
    Media,
    Part,
    Reasoning,
    Refusal,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from quorate.types.usage import Usage
from quorate.types.value import Value


class Carries(Value):
    """What one protocol can carry in a request or a reply."""

    protocol: str
    media: tuple[str, ...] = ("image/png",)
    """MIME types of inline media in user messages."""
    media_urls: bool = True
    media_names: bool = False
    settings: tuple[str, ...] = ("max_output", "temperature", "top_p", "stop")
    """Names of plain `ChatRequest` fields; see `_SETTINGS`."""
    efforts: tuple[str, ...] = ()
    budgets: bool = False
    tool_choices: tuple[str, ...] = ("auto", "none", "required", "named")
    parallel_tools: bool = True
    strict_tools: bool = False
    json_mode: bool = True
    json_schema: bool = True
    cache_marks: bool = False
    failed_results: bool = False
    result_media: bool = False
    result_names: bool = False
    call_ids: bool = True
    names: bool = False
    text_parts: int = 2
    """Most text parts one after the other in a user message; 1 where the protocol joins them."""
    request_reasoning: bool = False
    """Earlier thoughts go back in a request."""
    signatures: bool = False
    signed_by_vendor: bool = False
    """Signed thoughts bear the protocol's mark, so that no other protocol takes them for its own."""
    reasoning: bool = True
    text_before_calls: bool = True
    refusals: bool = False
    citations: bool = False
    logprobs: bool = False
    finishes: tuple[FinishReason, ...] = ("stop", "length")
    usage: tuple[str, ...] = ("input", "output")
    vendor_field: str = "x_unknown"


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), include_characters="\n\t"),
    min_size=1,
    max_size=30,
).filter(lambda text: bool(text.strip()))
names = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
scalars: st.SearchStrategy[Any] = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), words)
objects: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    names,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
        max_leaves=4,
    ),
    max_size=3,
)
schemas: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    names,
    st.sampled_from(
        [{"type": "string"}, {"type": "integer"}, {"type": "array", "items": {"type": "number"}}]
    ),
    min_size=1,
    max_size=3,
).map(
    lambda properties: {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }
)

_SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "max_output": st.integers(1, 100_000),
    "temperature": st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    "top_p": st.sampled_from([0.125, 0.5, 0.875]),
    "top_k": st.integers(1, 100),
    "stop": st.lists(words, min_size=1, max_size=3, unique=True).map(tuple),
    "seed": st.integers(0, 2**31 - 1),
    "presence_penalty": st.sampled_from([-1.0, 0.5]),
    "frequency_penalty": st.sampled_from([-0.5, 1.5]),
    "top_logprobs": st.integers(1, 5),
    "logprobs": st.just(True),
    "n": st.integers(2, 4),
    "user": names,
    "service_tier": st.sampled_from(["flex", "priority"]),
    "parallel_tools": st.booleans(),
}


def requests(carries: Carries) -> st.SearchStrategy[ChatRequest]:
    """Requests that the protocol can carry whole."""
    return st.composite(_request)(carries)


def _request(draw: st.DrawFn, carries: Carries) -> ChatRequest:
    tools = draw(st.lists(_tools(carries), max_size=2, unique_by=lambda tool: tool.name).map(tuple))
    fields: dict[str, Any] = {name: draw(_SETTINGS[name]) for name in carries.settings if draw(st.booleans())}
    if fields.get("top_logprobs") is not None:
        fields["logprobs"] = True
    if tools and carries.tool_choices and draw(st.booleans()):
        mode: Any = draw(st.sampled_from(carries.tool_choices))
        fields["tool_choice"] = ToolChoice(mode=mode, name=tools[0].name if mode == "named" else "")
    if tools and carries.parallel_tools and draw(st.booleans()):
        fields["parallel_tools"] = draw(st.booleans())
    if (output := draw(_outputs(carries))) is not None:
        fields["output"] = output
    if (thinking := draw(_thinkings(carries))) is not None:
        fields["thinking"] = thinking
    if draw(st.booleans()):
        fields["vendor"] = {carries.protocol: {carries.vendor_field: draw(objects)}}
    return ChatRequest(
        model=draw(names), messages=draw(_conversations(carries, bool(tools))), tools=tools, **fields
    )


def _outputs(carries: Carries) -> st.SearchStrategy[OutputFormat | None]:
    forms: list[st.SearchStrategy[OutputFormat | None]] = [st.none()]
    if carries.json_mode:
        forms.append(st.just(OutputFormat(kind="json")))
    if carries.json_schema:
        forms.append(schemas.map(lambda schema: OutputFormat(kind="schema", schema=schema)))
    return st.one_of(forms)


def _thinkings(carries: Carries) -> st.SearchStrategy[Thinking | None]:
    forms: list[st.SearchStrategy[Thinking | None]] = [st.none()]
    if carries.efforts:
        forms.append(st.sampled_from(carries.efforts).map(lambda effort: Thinking(effort=effort)))
    if carries.budgets:
        forms.append(st.integers(1024, 4096).map(lambda budget: Thinking(enabled=True, budget=budget)))
    return st.one_of(forms)


def _tools(carries: Carries) -> st.SearchStrategy[Tool]:
    return st.builds(
        Tool,
        name=names,
        description=words,
        schema=schemas,
        strict=st.sampled_from([None, True]) if carries.strict_tools else st.none(),
        cache=_caches(carries),
    )


def _caches(carries: Carries) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, "5m", "1h"]) if carries.cache_marks else st.none()


def _conversations(carries: Carries, has_tools: bool) -> st.SearchStrategy[tuple[Message, ...]]:
    return st.composite(_conversation)(carries, has_tools)


def _conversation(draw: st.DrawFn, carries: Carries, has_tools: bool) -> tuple[Message, ...]:
    turns: list[Message] = []
    if draw(st.booleans()):
        turns.append(Message(role="system", parts=(draw(_texts(carries)),)))
    turns.append(draw(_users(carries)))
    for turn in range(draw(st.integers(0, 2))):
        if has_tools and draw(st.booleans()):
            turns.extend(draw(_tool_turns(carries, turn)))
        else:
            turns.append(Message(role="assistant", parts=(draw(_texts(carries)),)))
            turns.append(draw(_users(carries)))
    return tuple(turns)


def _texts(carries: Carries) -> st.SearchStrategy[Text]:
    return st.builds(Text, text=words, cache=_caches(carries))


def _users(carries: Carries) -> st.SearchStrategy[Message]:
    return st.composite(_user)(carries)


def _user(draw: st.DrawFn, carries: Carries) -> Message:
    parts: list[Part] = list(draw(st.lists(_texts(carries), min_size=1, max_size=carries.text_parts)))
    if carries.media and draw(st.booleans()):
        parts.append(draw(_media(carries)))
    return Message(
        role="user", parts=tuple(parts), name=draw(names) if carries.names and draw(st.booleans()) else ""
    )


def _media(carries: Carries) -> st.SearchStrategy[Media]:
    return st.composite(_one_media)(carries)


def _one_media(draw: st.DrawFn, carries: Carries) -> Media:
    media_type = draw(st.sampled_from(carries.media))
    major = media_type.split("/")[0]
    kind: Any = major if major in ("image", "audio", "video") else "file"
    if kind == "image" and carries.media_urls and draw(st.booleans()):
        return Media(kind="image", url="https://example.com/" + draw(names) + ".png")
    name = draw(names) + ".pdf" if carries.media_names and kind == "file" else ""
    return Media(kind=kind, media_type=media_type, data=draw(st.binary(min_size=1, max_size=20)), name=name)


def _tool_turns(carries: Carries, turn: int) -> st.SearchStrategy[list[Message]]:
    return st.composite(_tool_turn)(carries, turn)


def _tool_turn(draw: st.DrawFn, carries: Carries, turn: int) -> list[Message]:
    calls = tuple(
        ToolCall(id=f"call_{turn}_{number}", name=draw(names), arguments=json.dumps(draw(objects)))
        for number in range(draw(st.integers(1, 2)))
    )
    parts: list[Part] = []
    if carries.request_reasoning and draw(st.booleans()):
        parts.append(draw(reasonings(carries)))
    if carries.text_before_calls and draw(st.booleans()):
        parts.append(Text(text=draw(words)))
    results = tuple(
        ToolResult(
            call_id=call.id,
            name=call.name if carries.result_names else "",
            content=_result_content(draw, carries),
            failed=carries.failed_results and draw(st.booleans()),
        )
        for call in calls
    )
    return [
        Message(role="assistant", parts=(*parts, *calls)),
        Message(role="tool", parts=results),
        Message(role="assistant", parts=(draw(_texts(Carries(protocol=carries.protocol))),)),
        draw(_users(carries)),
    ]


def _result_content(draw: st.DrawFn, carries: Carries) -> tuple[Text | Media, ...]:
    content: tuple[Text | Media, ...] = (Text(text=draw(words)),)
    if carries.result_media and draw(st.booleans()):
        content += (
            Media(kind="image", media_type="image/png", data=draw(st.binary(min_size=1, max_size=9))),
        )
    return content


def reasonings(carries: Carries) -> st.SearchStrategy[Reasoning]:
    """Thoughts, signed where the protocol signs them."""
    return st.builds(
        Reasoning,
        text=words,
        signature=names if carries.signatures else st.just(""),
        vendor=st.just({carries.protocol: {}} if carries.signed_by_vendor else {}),
    )


def replies(carries: Carries) -> st.SearchStrategy[ChatReply]:
    """Replies that the protocol can carry whole, streamed or not."""
    return st.composite(_reply)(carries)


def _reply(draw: st.DrawFn, carries: Carries) -> ChatReply:
    parts: list[Part] = []
    if carries.reasoning and draw(st.booleans()):
        parts.append(draw(reasonings(carries)))
    if carries.refusals and draw(st.booleans()):
        parts.append(Refusal(text=draw(words)))
    elif draw(st.booleans()):
        parts.append(Text(text=draw(words), logprobs=draw(_logprobs(carries))))
        if carries.citations and draw(st.booleans()):
            parts.append(Citation(url="https://example.com/" + draw(names), title=draw(words)))
    calls = draw(st.integers(0, 2))
    for number in range(calls):
        identity = f"call_{number}" if carries.call_ids else ""
        parts.append(ToolCall(id=identity, name=draw(names), arguments=json.dumps(draw(objects))))
    reason: FinishReason = "tool_calls" if calls else draw(st.sampled_from(carries.finishes))
    return ChatReply(
        id=draw(names),
        model=draw(names),
        message=Message(role="assistant", parts=tuple(parts)),
        finish=Finish(reason=reason),
        usage=draw(usages(carries)),
    )


def _logprobs(carries: Carries) -> st.SearchStrategy[tuple[TokenLogprob, ...]]:
    if not carries.logprobs:
        return st.just(())
    one = st.builds(TokenLogprob, token=words, logprob=st.sampled_from([-0.5, -2.25]))
    return st.lists(one, max_size=2).map(tuple)


def usages(carries: Carries) -> st.SearchStrategy[Usage]:
    """Counts in the classes that the protocol tells apart; reasoning never exceeds output."""

    def made(counts: dict[str, Any]) -> Usage:
        if "reasoning" in counts:
            counts = counts | {"output": counts["output"] + counts["reasoning"]}
        return Usage(**counts)

    return st.fixed_dictionaries({name: st.integers(0, 5000) for name in carries.usage}).map(made)
