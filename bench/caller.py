"""One library, calling: `python -m bench.caller LIBRARY MODE CONCURRENCY CALLS URL` prints one JSON line.

Measured is the CPU time of this process, all its threads, from the first counted call to the last; a few
calls before them warm it up.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

MODEL = "gpt-4o-mini"
SYSTEM = "You answer briefly and to the point. " * 12
QUESTION = "Name three rivers of Europe, and say where each of them begins and ends. " * 6
SETTINGS: dict[str, Any] = {"temperature": 0.7, "max_tokens": 256}
MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
"""About 1 KB, as in the peers' own benchmarks."""

Work = Callable[[], Awaitable[int]]
"""Makes one call; returns how many events it saw (0 of a whole answer)."""


async def _count(events: Any) -> int:
    seen = 0
    async for _ in events:
        seen += 1
    return seen


async def quorate(url: str, streamed: bool) -> Work:
    """Ours as the `server` extra has it, with pricing, statistics and fallback on."""
    return _ours(url, streamed, None)


async def quorate_aiohttp(url: str, streamed: bool) -> Work:
    """Ours as the plain package has it, without httptools: over aiohttp."""
    from quorate.transport.http import HttpTransport

    return _ours(url, streamed, HttpTransport())


def _ours(url: str, streamed: bool, transport: Any) -> Work:
    from quorate import Message, Quorate, Text

    environment = {"OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": url}
    client = Quorate(environment=environment, transport=transport)
    messages = [
        Message(role="system", parts=(Text(text=SYSTEM),)),
        Message(role="user", parts=(Text(text=QUESTION),)),
    ]
    settings: dict[str, Any] = {"model": f"openai/{MODEL}", "temperature": 0.7, "max_output": 256}

    async def whole() -> int:
        reply = await client.chat(messages, **settings)
        assert reply.cost
        assert reply.usage.output == 190
        return 0

    async def stream() -> int:
        async with client.stream(messages, **settings) as events:
            return await _count(events)

    return stream if streamed else whole


async def bare_aiohttp(url: str, streamed: bool) -> Work:
    """The HTTP client and a JSON parser, nothing else."""
    import aiohttp
    import orjson

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    headers = {"content-type": "application/json", "authorization": "Bearer sk-bench"}
    body = {"model": MODEL, "messages": MESSAGES, **SETTINGS}

    async def whole() -> int:
        async with session.post(
            f"{url}/chat/completions", data=orjson.dumps(body), headers=headers
        ) as answer:
            assert orjson.loads(await answer.read())["usage"]["completion_tokens"] == 190
        return 0

    async def stream() -> int:
        seen, rest = 0, b""
        asked = orjson.dumps({**body, "stream": True})
        async with session.post(f"{url}/chat/completions", data=asked, headers=headers) as answer:
            async for piece in answer.content.iter_any():
                *events, rest = (rest + piece).split(b"\n\n")
                for event in events:
                    if event[6:7] == b"{":
                        orjson.loads(event[6:])
                        seen += 1
        return seen

    return stream if streamed else whole


async def openai(url: str, streamed: bool) -> Work:
    """OpenAI's own SDK."""
    from openai import AsyncOpenAI

    client = AsyncOpenAI(base_url=url, api_key="sk-bench", max_retries=0)

    async def whole() -> int:
        await client.chat.completions.create(model=MODEL, messages=MESSAGES, **SETTINGS)  # type: ignore[arg-type]
        return 0

    async def stream() -> int:
        return await _count(
            await client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, **SETTINGS)  # type: ignore[arg-type]
        )

    return stream if streamed else whole


async def litellm(url: str, streamed: bool) -> Work:
    """LiteLLM's library."""
    import litellm as library

    library.suppress_debug_info = True
    fixed: dict[str, Any] = {
        "model": f"openai/{MODEL}",
        "messages": MESSAGES,
        "api_base": url,
        "api_key": "sk-bench",
        "num_retries": 0,
        **SETTINGS,
    }

    async def whole() -> int:
        await library.acompletion(**fixed)
        return 0

    async def stream() -> int:
        return await _count(await library.acompletion(stream=True, **fixed))

    return stream if streamed else whole


async def tensorzero(url: str, streamed: bool) -> Work:
    """TensorZero's embedded gateway, in Rust."""
    from tensorzero import AsyncTensorZeroGateway

    settings = os.path.join(os.environ["BENCH_FOLDER"], "tensorzero.toml")  # noqa: PTH118
    gateway: Any = await AsyncTensorZeroGateway.build_embedded(config_file=settings, async_setup=True)  # type: ignore[misc]
    asked: dict[str, Any] = {
        "model_name": "bench",
        "input": {"system": SYSTEM, "messages": [{"role": "user", "content": QUESTION}]},
        "params": {"chat_completion": SETTINGS},
    }

    async def whole() -> int:
        await gateway.inference(**asked)
        return 0

    async def stream() -> int:
        return await _count(await gateway.inference(stream=True, **asked))

    return stream if streamed else whole


LIBRARIES = {
    "quorate": quorate,
    "quorate_aiohttp": quorate_aiohttp,
    "bare_aiohttp": bare_aiohttp,
    "openai": openai,
    "litellm": litellm,
    "tensorzero": tensorzero,
}


async def measure(library: str, mode: str, concurrency: int, calls: int, url: str) -> dict[str, Any]:
    """Make the calls; CPU microseconds per call and per event."""
    work = await LIBRARIES[library](url, mode == "stream")

    async def worker(number: int) -> int:
        return sum([await work() for _ in range(number)])

    await asyncio.gather(*[worker(max(2, 20 // concurrency)) for _ in range(concurrency)])
    cpu, wall = time.process_time(), time.perf_counter()
    events = sum(await asyncio.gather(*[worker(calls // concurrency) for _ in range(concurrency)]))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    made = calls // concurrency * concurrency
    package = {"bare_aiohttp": "aiohttp", "quorate_aiohttp": "quorate"}.get(library, library)
    return {
        "library": library,
        "version": version(package),
        "us_per_call": cpu * 1e6 / made,
        "us_per_event": cpu * 1e6 / events if events else None,
        "calls_per_second": made / wall,
    }


def main() -> None:
    """Read the arguments, measure, print, leave without the libraries' own farewells."""
    library, mode, concurrency, calls, url = sys.argv[1:]
    import uvloop

    print(json.dumps(uvloop.run(measure(library, mode, int(concurrency), int(calls), url))), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
