"""The gateway among browsers, proxies and stops: the same for every protocol, errors and streams included."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from quorate.gateway.cors import EXPOSED
from quorate.sim.simulator import Simulator
from tests.sim.asking import question

from .house import KEY, NAMES, PLAIN, PROTOCOLS, call, gateway_for, seen, settings_for, written
from .wire_level import connected, running

PAGE = "https://chat.example"
ASKED = written("openai_chat", question(model="sim-openai/sim-swift"))
STREAMED = written("openai_chat", question(model="sim-openai/sim-swift"), stream=True)


async def answered(sim: Simulator, path: str, body: bytes = b"", server: Any = None, **more: Any) -> Any:
    gateway, household = gateway_for(settings_for(sim.url, server={"origins": (PAGE,)} | (server or {})))
    try:
        return await call(gateway, path, body, **more)
    finally:
        await household.transport.close()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (ASKED.path, ASKED.body, 200),
        (STREAMED.path, STREAMED.body, 200),
        (ASKED.path, b"{", 400),
        ("/v1/nothing", b"", 404),
    ],
    ids=["whole", "stream", "error", "unknown path"],
)
async def test_an_allowed_page_may_read_every_answer(sim: Simulator, path: str, body: bytes, status: int):
    told = await answered(sim, path, body, headers=PLAIN | {"origin": PAGE})

    assert told.status == status
    assert told.headers["access-control-allow-origin"] == PAGE
    assert told.headers["access-control-expose-headers"].split(", ") == list(EXPOSED)


async def test_a_page_that_is_not_allowed_reads_nothing(sim: Simulator):
    told = await answered(sim, ASKED.path, ASKED.body, headers=PLAIN | {"origin": "https://evil.example"})

    assert told.status == 403
    assert "access-control-allow-origin" not in told.headers
    assert sim.stats.requests == 0


async def test_an_allowed_page_may_read_what_applications_answer_by_themselves(sim: Simulator):
    async def tells(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b"told"})

    gateway, household = gateway_for(
        settings_for(sim.url, server={"origins": (PAGE,)}), mounts={"own": tells}
    )
    told = await call(gateway, "/own/thing", method="GET", headers=PLAIN | {"origin": PAGE})
    await household.transport.close()

    assert (told.status, told.body, told.headers["x-own"]) == (200, b"told", "1")
    assert told.headers["access-control-allow-origin"] == PAGE


async def test_a_browsers_question_takes_no_key(sim: Simulator):
    asking = {"host": PLAIN["host"], "access-control-request-method": "POST"}
    yes = await answered(sim, ASKED.path, method="OPTIONS", headers=asking | {"origin": PAGE})
    no = await answered(
        sim, ASKED.path, method="OPTIONS", headers=asking | {"origin": "https://evil.example"}
    )

    assert (yes.status, yes.body, no.status) == (204, b"", 403)
    assert yes.headers["access-control-allow-origin"] == PAGE


async def test_below_a_base_path_everything_is_and_nothing_else(sim: Simulator):
    server = {"base_path": "/llm"}
    below = await answered(sim, "/llm" + ASKED.path, ASKED.body, server)
    outside = await answered(sim, ASKED.path, ASKED.body, server)

    assert (below.status, outside.status) == (200, 404)
    assert "'/llm'" in json.loads(outside.body)["error"]["message"]


async def test_a_trusted_proxy_tells_under_which_name_the_gateway_was_called(sim: Simulator):
    server = {"trusted_proxies": ("10.0.0.0/8",), "hosts": ("ai.example",)}
    gateway, household = gateway_for(settings_for(sim.url, server=server))
    headers = PLAIN | {"host": "ai.example", "x-forwarded-host": "evil.example", "x-forwarded-for": "1.2.3.4"}
    statuses = [
        (await call(gateway, ASKED.path, ASKED.body, headers=headers, peer=peer)).status
        for peer in ("10.1.1.1", "192.0.2.1")
    ]
    await household.transport.close()

    assert statuses == [403, 200]


ENDS = {
    "openai_chat": b'"code":"server_stopping"}}\n\n',
    "openai_responses": b'"code":"server_stopping"',
    "anthropic": b"event: error\ndata: ",
    "gemini": b'"reason":"SERVER_STOPPING"',
    "ollama": b'{"error":"the gateway is being stopped"}\n',
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("road", ["relayed", "translated"])
async def test_a_stream_that_outlives_the_grace_ends_in_its_own_words(
    sim: Simulator, protocol: str, road: str
):
    other = "anthropic" if protocol != "anthropic" else "gemini"
    target = NAMES[protocol if road == "relayed" else other]
    asked = written(protocol, question(model=f"{target}/sim-swift+stall-midway:60"), stream=True)
    gateway, household = gateway_for(settings_for(sim.url))
    head = f"POST {asked.path}?{asked.query} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {KEY}\r\n"
    async with running(gateway, grace=0.1) as server, connected(server.port) as client:
        await client.say(f"{head}Content-Length: {len(asked.body)}\r\n\r\n".encode() + asked.body)
        began = await client.reader.readuntil(b"France")
        server.stop.tell()
        rest = await client.rest()
    await household.transport.close()

    assert began.startswith(b"HTTP/1.1 200")
    assert ENDS[protocol] in rest
    assert rest.endswith(b"0\r\n\r\n")
    await seen(lambda: sim.stats.cancelled == 1)


async def test_a_call_that_has_not_begun_is_told_in_its_own_words(sim: Simulator):
    asked = written("anthropic", question(model="sim-openai/sim-swift+slow-head:60"))
    gateway, household = gateway_for(settings_for(sim.url))
    head = f"POST {asked.path} HTTP/1.1\r\nHost: localhost\r\nX-Api-Key: {KEY}\r\n"
    async with running(gateway, grace=0.1) as server, connected(server.port) as client:
        await client.say(f"{head}Content-Length: {len(asked.body)}\r\n\r\n".encode() + asked.body)
        await asyncio.sleep(0.2)
        server.stop.tell()
        rest = await client.rest()
    await household.transport.close()

    assert rest.startswith(b"HTTP/1.1 503 ")
    assert b'"type":"error"' in rest
