"""Which setting each protocol takes as it is: found out by writing a request with that setting alone."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry
from quorate.providers.targets import make_target
from quorate.types.chat import (
    ChatRequest,
    Departure,
    HostedTool,
    Message,
    OutputFormat,
    Thinking,
    Tool,
    ToolChoice,
)
from quorate.types.parts import Media, Part, Reasoning, SearchResult, Text, ToolCall, ToolResult
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.wire.wires import WIRES

from .markdown import table

MODELS: Mapping[str, str] = {
    "anthropic": "claude-sonnet-4-6",
    "gemini": "gemini-3-flash",
    "ollama": "llama3.2",
    "bedrock": "us.anthropic.claude-sonnet-4-6",
}
"""Protocol → a usual model of it, where some of its models differ; any model where not."""

QUESTION = Message(role="user", parts=(Text(text="Which river is longest?"),))
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
WEATHER = Tool(name="weather", description="The weather in a city.", schema=SCHEMA)
CALL = ToolCall(id="call_1", name="weather", arguments='{"name": "Lima"}')
PNG = bytes.fromhex("89504e470d0a1a0a")


def _said(*parts: Part) -> ChatRequest:
    return _asked(messages=(Message(role="user", parts=(*QUESTION.parts, *parts)),))


def _asked(**settings: object) -> ChatRequest:
    return ChatRequest(**({"model": "", "messages": (QUESTION,)} | settings))  # type: ignore[arg-type]  # by name


def _told(result: ToolResult) -> ChatRequest:
    turns = (QUESTION, Message(role="assistant", parts=(CALL,)), Message(role="tool", parts=(result,)))
    return _asked(messages=turns, tools=(WEATHER,))


IMAGE = Media(kind="image", media_type="image/png", data=PNG)
PROBES: Mapping[str, ChatRequest] = {
    "system message": _asked(messages=(Message(role="system", parts=(Text(text="Be brief."),)), QUESTION)),
    "image, inline": _said(IMAGE),
    "image, by URL": _said(Media(kind="image", media_type="image/png", url="https://example.com/a.png")),
    "PDF, inline": _said(Media(kind="file", media_type="application/pdf", data=b"%PDF-1.7")),
    "PDF, by URL": _said(Media(kind="file", media_type="application/pdf", url="https://example.com/a.pdf")),
    "sound, inline": _said(Media(kind="audio", media_type="audio/wav", data=b"RIFF")),
    "film, inline": _said(Media(kind="video", media_type="video/mp4", data=b"ftyp")),
    "search result": _said(SearchResult(url="https://example.com", title="Rivers", text="The Nile.")),
    "cache mark": _asked(messages=(Message(role="user", parts=(Text(text="A long text.", cache="5m"),)),)),
    "thoughts of another provider": _asked(
        messages=(
            QUESTION,
            Message(role="assistant", parts=(Reasoning(text="Let me see."), Text(text="The Nile."))),
            QUESTION,
        )
    ),
    "tools": _asked(tools=(WEATHER,)),
    "tools, strict": _asked(tools=(replace(WEATHER, strict=True),)),
    "tools of another provider": _asked(tools=(HostedTool(protocol="elsewhere", name="web_search"),)),
    "tool_choice: none": _asked(tools=(WEATHER,), tool_choice=ToolChoice(mode="none")),
    "tool_choice: required": _asked(tools=(WEATHER,), tool_choice=ToolChoice(mode="required")),
    "tool_choice: one tool": _asked(tools=(WEATHER,), tool_choice=ToolChoice(mode="named", name="weather")),
    "parallel_tools: off": _asked(tools=(WEATHER,), parallel_tools=False),
    "tool result": _told(ToolResult(call_id="call_1", name="weather", content=(Text(text="18 degrees"),))),
    "tool result with an image": _told(ToolResult(call_id="call_1", name="weather", content=(IMAGE,))),
    "tool result, failed": _told(
        ToolResult(call_id="call_1", name="weather", content=(Text(text="no"),), failed=True)
    ),
    "output: some JSON": _asked(output=OutputFormat(kind="json")),
    "output: a schema": _asked(output=OutputFormat(kind="schema", schema=SCHEMA)),
    "thinking: effort": _asked(thinking=Thinking(effort="low")),
    "thinking: budget": _asked(thinking=Thinking(budget=2048)),
    "thinking: off": _asked(thinking=Thinking(enabled=False)),
    "thinking: shown": _asked(thinking=Thinking(enabled=True, show=True)),
    "max_output": _asked(max_output=100),
    "temperature": _asked(temperature=0.5),
    "top_p": _asked(top_p=0.5),
    "top_k": _asked(top_k=5),
    "stop": _asked(stop=("END",)),
    "seed": _asked(seed=1),
    "presence_penalty": _asked(presence_penalty=0.5),
    "frequency_penalty": _asked(frequency_penalty=0.5),
    "logprobs": _asked(logprobs=True),
    "top_logprobs": _asked(logprobs=True, top_logprobs=2),
    "n": _asked(n=2),
    "user": _asked(user="u-1"),
    "service_tier": _asked(service_tier="flex"),
}
"""What is asked → a request with that and nothing else."""


def fidelity_table() -> str:
    asked = targets()
    head = ["asked for", *(f"`{target.wire}`" for target in asked)]
    return table(head, ([name, *(_how(request, each) for each in asked)] for name, request in PROBES.items()))


def instead_table() -> str:
    """What is done instead, in the words of the reply's `fidelity`."""
    rows = (
        (f"`{target.wire}`", name, each.kind, each.detail)
        for target in targets()
        for name, request in PROBES.items()
        for each in _departures(request, target)
    )
    return table(("protocol", "asked for", "it is", "in the words of `fidelity`"), rows)


def targets() -> list[Target]:
    """A model of a plain provider of each protocol: one that is as the protocol says."""
    rows = {name: {"wire": name, "base_url": "http://localhost", "keyless": True} for name in WIRES}
    plain = ProviderBook({f"plain-{name}": row for name, row in rows.items()}, plug_ins=dict)
    entries = [(Entry(provider=f"plain-{name}"), MODELS.get(name, "any-model")) for name in WIRES]
    return [make_target(plain.row_of(entry), entry, model, {}, max_output=8192) for entry, model in entries]


def _how(request: ChatRequest, target: Target) -> str:
    return ", ".join(dict.fromkeys(each.kind for each in _departures(request, target))) or "✓"


def _departures(request: ChatRequest, target: Target) -> tuple[Departure, ...]:
    codec = WIRES[target.wire].codec
    return codec.write_request(replace(request, model=target.model), target, stream=False).fidelity
