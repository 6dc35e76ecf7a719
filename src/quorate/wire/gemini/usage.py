"""Gemini's token counts as disjoint classes, and back.

`promptTokenCount` holds the cached tokens, `candidatesTokenCount` does not hold the thoughts, what a tool of
Google's read stands apart; the total is the sum of them all.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace

from .fields import NAME, Json, decoded, own


class _Share(msgspec.Struct, rename="camel"):
    modality: str | int | None = None
    token_count: int | None = None


class _Counts(msgspec.Struct, rename="camel"):
    prompt_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    total_token_count: int | None = None
    prompt_tokens_details: list[_Share] | None = None
    cache_tokens_details: list[_Share] | None = None
    candidates_tokens_details: list[_Share] | None = None
    tool_use_prompt_tokens_details: list[_Share] | None = None


_COUNTS = msgspec.json.Decoder(_Counts, strict=False)

_IMAGE: tuple[str | int, ...] = ("IMAGE", 2)
_AUDIO: tuple[str | int, ...] = ("AUDIO", 4)


def read_usage(raw: Raw | None) -> Usage:
    """What was used. Counts that contradict their own total are marked, and so are counts without one."""
    if raw is None:
        return MISSING
    kept = {NAME: decoded(raw, "usageMetadata")}
    try:
        counts = _COUNTS.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return replace(MISSING, vendor=kept)
    prompt, cached = counts.prompt_token_count, counts.cached_content_token_count or 0
    tools, thoughts = counts.tool_use_prompt_token_count or 0, counts.thoughts_token_count or 0
    spoken, total = counts.candidates_token_count, counts.total_token_count
    if prompt is None and spoken is None and total is None:
        return replace(MISSING, vendor=kept)
    prompt, spoken = prompt or 0, spoken or 0
    read = [*(counts.prompt_tokens_details or ()), *(counts.tool_use_prompt_tokens_details or ())]
    heard = _sum(read, _AUDIO) - _sum(counts.cache_tokens_details, _AUDIO)
    seen = _sum(read, _IMAGE) - _sum(counts.cache_tokens_details, _IMAGE)
    sung = _sum(counts.candidates_tokens_details, _AUDIO)
    drawn = _sum(counts.candidates_tokens_details, _IMAGE)
    plain, written = prompt + tools - cached - heard - seen, spoken - sung - drawn
    adds_up = total == prompt + tools + thoughts + spoken
    sound = adds_up and min(prompt, cached, tools, thoughts, plain, written, heard, seen) >= 0
    return Usage(
        input=max(plain, 0),
        cache_read=max(cached, 0),
        input_audio=max(heard, 0),
        input_image=max(seen, 0),
        output=max(written, 0) + max(thoughts, 0),
        reasoning=max(thoughts, 0),
        output_audio=max(sung, 0),
        output_image=max(drawn, 0),
        quality="exact" if sound else "inconsistent",
        vendor=kept,
    )


def _sum(shares: Sequence[_Share] | None, kind: tuple[str | int, ...]) -> int:
    return sum(share.token_count or 0 for share in shares or () if share.modality in kind)


def write_usage(usage: Usage) -> Json | None:
    """The counts as Gemini writes them: as they came, where they came from here; None where none are known."""
    if kept := own(usage.vendor):
        return kept
    if usage.quality == "missing":
        return None
    counts: Json = {
        "promptTokenCount": usage.input_total,
        "candidatesTokenCount": usage.output_total - usage.reasoning,
        "totalTokenCount": usage.total,
    }
    if usage.cache_read:
        counts["cachedContentTokenCount"] = usage.cache_read
    if usage.reasoning:
        counts["thoughtsTokenCount"] = usage.reasoning
    if usage.input_audio or usage.input_image:
        text = usage.input_total - usage.input_audio - usage.input_image
        counts["promptTokensDetails"] = _shares(text, usage.input_audio, usage.input_image)
    if usage.output_audio or usage.output_image:
        text = usage.output - usage.reasoning
        counts["candidatesTokensDetails"] = _shares(text, usage.output_audio, usage.output_image)
    return counts


def _shares(text: int, audio: int, image: int) -> list[Json]:
    counts = {"TEXT": text, "AUDIO": audio, "IMAGE": image}
    return [{"modality": kind, "tokenCount": number} for kind, number in counts.items() if number]
