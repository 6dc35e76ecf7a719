"""A client's request, as our values."""

from __future__ import annotations

from quorate.errors import InvalidRequest, Unsupported
from quorate.types.chat import ChatRequest, OutputFormat
from quorate.wire.seam import Call

from .failure import THREAD
from .fields import NAME, Fields, Json, Misshapen
from .output import read_format
from .quirks import BETA
from .thinking import read_thinking
from .tools import read_choice, read_tool
from .turns import read_system, read_turns


def read_request(call: Call) -> ChatRequest:
    try:
        return _request(Fields(call.body), betas_of(call))
    except Misshapen as error:
        raise InvalidRequest(str(error), where=error.where) from error


def betas_of(call: Call) -> list[str]:
    """What the client wants to try: comma-separated words in a header."""
    words = (word.strip() for word in header_of(call, BETA).split(","))
    return [word for word in words if word]


def header_of(call: Call, name: str) -> str:
    """One of the client's that goes on to a target. Raises `InvalidRequest` for what no header may hold."""
    value = call.headers.get(name, "")
    if not (value.isascii() and value.isprintable()):
        raise InvalidRequest(f"'{name}' holds characters that no header may hold", where=name)
    return value


def _request(fields: Fields, betas: list[str]) -> ChatRequest:
    fields.rest.pop("stream", None)
    _refuse_thread(fields)
    model = fields.needed_text("model")
    messages = (*read_system(fields), *read_turns(fields))
    kept: Json = {"betas": betas} if betas else {}
    at = fields.place("tools")
    tools = tuple(read_tool(raw, f"{at}.{number}") for number, raw in enumerate(fields.items("tools")))
    choice, parallel = read_choice(fields.inner("tool_choice"))
    output, effort = _config(fields, kept)
    thinking = read_thinking(fields.inner("thinking"), effort)
    user = _user(fields, kept)
    limit = fields.whole("max_tokens")
    if limit is not None and limit < 1:
        fields.wrong("max_tokens", "at least 1")
    return ChatRequest(
        model=model,
        messages=messages,
        tools=tools,
        tool_choice=choice,
        parallel_tools=parallel,
        output=output,
        thinking=thinking,
        max_output=limit,
        temperature=fields.number("temperature"),
        top_p=fields.number("top_p"),
        top_k=fields.whole("top_k"),
        stop=fields.words("stop_sequences"),
        user=user,
        service_tier=fields.text("service_tier"),
        vendor=_vendor(kept | fields.left()),
    )


def _refuse_thread(fields: Fields) -> None:
    """What was said before is with the provider that keeps the thread; nobody else could answer."""
    if fields.inner("thread") is not None:
        raise Unsupported(
            "only the provider itself knows a 'thread': send the conversation", settings=(THREAD,)
        )


def _vendor(kept: Json) -> dict[str, Json]:
    return {NAME: kept} if kept else {}


def _config(fields: Fields, kept: Json) -> tuple[OutputFormat | None, str]:
    """The form of the answer and the effort. The form's older place is a field of its own."""
    older = read_format(fields.inner("output_format"))
    config = fields.inner("output_config")
    if config is None:
        return older, ""
    output, effort = read_format(config.inner("format")) or older, config.text("effort")
    if left := config.left():
        kept["output_config"] = left
    return output, effort


def _user(fields: Fields, kept: Json) -> str:
    metadata = fields.inner("metadata")
    if metadata is None:
        return ""
    user = metadata.text("user_id")
    if left := metadata.left():
        kept["metadata"] = left
    return user
