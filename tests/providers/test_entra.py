"""Microsoft Entra's credentials, by the real azure-identity against an authority on loopback."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from quorate import Quorate
from quorate.errors import KeyInvalid
from quorate.providers.entra import Entra
from quorate.providers.entry import Entry
from quorate.providers.token import Token
from quorate.settings.settings import Settings
from quorate.transport.scripted import Answer, ScriptedTransport, answer
from quorate.transport.seam import Send
from quorate.types.secret import Secret
from quorate.types.target import Auth, Target
from tests.transport.certificates import Authority

pytest.importorskip("azure.identity", reason="azure-identity is not installed")

ANSWER = json.dumps({"choices": [{"message": {"content": "Rhine"}, "finish_reason": "stop"}]}).encode()
REFUSED = json.dumps({"error": {"code": "401", "message": "Access denied."}}).encode()


@pytest.fixture(autouse=True)
def no_identity_of_this_machine(monkeypatch, tmp_path):
    """The chain reads the environment itself, and runs the programs it finds on the path."""
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_AUTHORITY_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "managedidentitycredential")


@asynccontextmanager
async def served(
    method: str, path: str, *answers: web.Response, tls: ssl.SSLContext | None = None
) -> AsyncGenerator[tuple[int, list[web.Request]]]:
    """Answers on loopback, one after the other; the port, and what was asked."""
    asked: list[web.Request] = []
    left = iter(answers)

    async def reply(request: web.Request) -> web.Response:
        await request.read()
        asked.append(request)
        return next(left)

    application = web.Application()
    application.router.add_route(method, path, reply)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield runner.addresses[0][1], asked
    finally:
        await runner.cleanup()


def target(secret: str = "", **options: str) -> Target:
    return Target(
        provider="azure",
        model="d",
        wire="openai_chat",
        base_url="https://x.test",
        auth=Auth(kind="entra"),
        secret=Secret(secret),
        options=options,
    )


async def found(wanted: Target) -> Token:
    return await asyncio.to_thread(Entra().find, wanted, asyncio.get_running_loop())


def granted(text: str) -> web.Response:
    return web.json_response(
        {
            "access_token": text,
            "expires_in": 3600,
            "expires_on": int(time.time()) + 3600,
            "resource": "https://cognitiveservices.azure.com",
            "token_type": "Bearer",
        }
    )


async def test_a_managed_identity_is_asked_for_the_services_scope(monkeypatch):
    async with served("GET", "/token", granted("managed")) as (port, asked):
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{port}/token")
        monkeypatch.setenv("IDENTITY_HEADER", "proof")
        token = await found(target(client="identity-1"))

    assert token.text == "managed"
    assert 3500 < (token.expires or 0) - time.time() <= 3601
    assert asked[0].query["resource"] == "https://cognitiveservices.azure.com"
    assert asked[0].query["client_id"] == "identity-1"
    assert asked[0].headers["x-identity-header"] == "proof"


async def test_an_applications_secret_is_exchanged_at_its_authority(monkeypatch, tmp_path):
    authority = Authority(tmp_path)
    tls = authority.server_context(authority.issue("localhost"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    description = web.json_response({})
    async with served("*", "/acme/{rest:.*}", description, granted("for-app"), tls=tls) as (port, asked):
        base = f"https://localhost:{port}"
        described = {
            "issuer": f"{base}/acme/v2.0",
            "authorization_endpoint": f"{base}/acme/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/acme/oauth2/v2.0/token",
        }
        description.text = json.dumps(described)
        token = await found(target("secret-1", tenant="acme", client="app-1", authority=base))

    form = await asked[1].post()
    assert token.text == "for-app"
    assert (form["client_id"], form["client_secret"]) == ("app-1", "secret-1")
    assert form["scope"] == "https://cognitiveservices.azure.com/.default"


async def test_what_is_wrong_with_a_secret_alone_is_told():
    with pytest.raises(KeyInvalid, match="'tenant' and 'client'"):
        await found(target("secret-1"))


async def test_where_the_chain_finds_nothing_the_ways_are_named(monkeypatch):
    async with served("GET", "/token", *[web.Response(status=400, text="{}")] * 8) as (port, _):
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{port}/token")
        monkeypatch.setenv("IDENTITY_HEADER", "proof")
        with pytest.raises(KeyInvalid, match=r"set the resource's key.*az login"):
            await found(target())


def azure(transport: ScriptedTransport, key: str = "") -> Quorate:
    entry = Entry(provider="azure", key=Secret(key), options={"resource": "acme"})
    return Quorate(Settings(entries=(entry,)), environment={}, transport=transport)


async def test_without_a_key_a_token_is_sent_and_one_that_is_refused_is_renewed_once(monkeypatch):
    def script(send: Send) -> Answer:
        return answer(ANSWER) if send.headers["authorization"].endswith("two") else answer(REFUSED, 401)

    transport = ScriptedTransport(script)
    async with served("GET", "/token", granted("one"), granted("two")) as (port, _):
        monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{port}/token")
        monkeypatch.setenv("IDENTITY_HEADER", "proof")
        async with azure(transport) as client:
            reply = await client.chat("A river?", model="azure/my-gpt")

    assert reply.text == "Rhine"
    assert [send.headers["authorization"] for send in transport.sent] == ["Bearer one", "Bearer two"]
    assert "api-key" not in transport.sent[0].headers


async def test_with_a_key_no_token_is_asked_for():
    transport = ScriptedTransport(lambda send: answer(ANSWER))

    async with azure(transport, "key-1") as client:
        await client.chat("A river?", model="azure/my-gpt")

    assert transport.sent[0].headers["api-key"] == "key-1"
    assert "authorization" not in transport.sent[0].headers
