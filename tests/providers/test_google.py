"""Google's credentials: each kind of file, the machine's own, and what is said when none does."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from quorate import Quorate
from quorate.errors import KeyInvalid, Unreachable, UpstreamRejected
from quorate.providers.entry import Entry
from quorate.providers.google import Google
from quorate.providers.token import Token, Tokens
from quorate.settings.settings import Settings
from quorate.transport.courier import Courier
from quorate.transport.http import HttpTransport
from quorate.transport.scripted import Answer, ScriptedTransport, answer
from quorate.transport.seam import Send
from quorate.types.secret import Secret
from quorate.types.target import Auth, Target

google_jwt = pytest.importorskip("google.auth.jwt", reason="google-auth is not installed")

ANSWER = json.dumps(
    {"candidates": [{"content": {"parts": [{"text": "Rhine"}]}, "finishReason": "STOP"}]}
).encode()
GRANTED = json.dumps({"access_token": "ya29.fresh", "expires_in": 3600}).encode()
REFUSED = json.dumps({"error": {"code": 401, "message": "Expired.", "status": "UNAUTHENTICATED"}}).encode()
USER = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def service_account(key: rsa.RSAPrivateKey, token_uri: str) -> dict[str, Any]:
    """A key file as Google's console makes them."""
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": "acme",
        "private_key_id": "k1",
        "private_key": pem.decode(),
        "client_email": "bot@acme.test",
        "token_uri": token_uri,
    }


@asynccontextmanager
async def served(*answers: web.Response) -> AsyncGenerator[tuple[str, list[dict[str, list[str]]]]]:
    """A token endpoint on loopback, and the forms that were posted to it."""
    posted: list[dict[str, list[str]]] = []
    left = iter(answers)

    async def grant(request: web.Request) -> web.Response:
        posted.append(parse_qs(await request.text()))
        return next(left)

    application = web.Application()
    application.router.add_post("/token", grant)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}/token", posted
    finally:
        await runner.cleanup()


def target(secret: str = "", **options: str) -> Target:
    return Target(
        provider="vertex",
        model="gemini",
        wire="gemini",
        base_url="https://x.test",
        auth=Auth(kind="google"),
        secret=Secret(secret),
        options=options,
    )


async def found(google: Google, wanted: Target) -> Token:
    """As the keeper asks: in a thread beside the loop."""
    return await asyncio.to_thread(google.find, wanted, asyncio.get_running_loop())


def google(script: Callable[[Send], Answer], environment: Mapping[str, str] | None = None) -> Google:
    return Google(environment or {"HOME": "/nowhere"}, Courier(ScriptedTransport(script), "tokens"))


async def test_a_service_account_signs_for_a_token_at_its_own_address(key):
    transport = HttpTransport()
    async with served(web.json_response({"access_token": "ya29.one", "expires_in": 3599})) as (url, posted):
        info = json.dumps(service_account(key, url))
        token = await found(Google({}, Courier(transport, "tokens")), target(info, quota_project="counted"))
    await transport.close()

    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    claims = google_jwt.decode(
        posted[0]["assertion"][0], certs=public, audience="https://oauth2.googleapis.com/token"
    )
    assert token.text == "ya29.one"
    assert token.headers == {"x-goog-user-project": "counted"}
    assert 3500 < (token.expires or 0) - time.time() <= 3600
    assert claims["iss"] == "bot@acme.test"
    assert claims["scope"] == "https://www.googleapis.com/auth/cloud-platform"


async def test_a_key_that_was_deleted_says_what_to_do(key):
    refusal = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
    transport = HttpTransport()
    async with served(web.json_response(refusal, status=400)) as (url, _):
        info = json.dumps(service_account(key, url))
        with pytest.raises(KeyInvalid, match=r"Invalid JWT Signature.*check that the service account"):
            await found(Google({}, Courier(transport, "tokens")), target(info))
    await transport.close()


async def test_the_sign_in_of_gcloud_is_found_and_its_quota_project_told(tmp_path):
    file = tmp_path / "application_default_credentials.json"
    file.write_text(json.dumps(USER | {"quota_project_id": "mine"}))
    asked: list[Send] = []

    def script(send: Send) -> Answer:
        asked.append(send)
        return answer(GRANTED)

    token = await found(google(script, {"CLOUDSDK_CONFIG": str(tmp_path)}), target())

    assert (token.text, token.headers) == ("ya29.fresh", {"x-goog-user-project": "mine"})
    assert urlsplit(asked[0].url).netloc == "oauth2.googleapis.com"
    assert parse_qs(asked[0].body.decode())["refresh_token"] == ["r"]


async def test_another_clouds_identity_is_exchanged(tmp_path):
    proof = tmp_path / "proof"
    proof.write_text("subject-token")
    info = {
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(proof)},
    }
    file = tmp_path / "federated.json"
    file.write_text(json.dumps(info))
    asked: list[Send] = []

    def script(send: Send) -> Answer:
        asked.append(send)
        return answer(GRANTED)

    token = await found(google(script, {"GOOGLE_APPLICATION_CREDENTIALS": str(file)}), target())

    assert token.text == "ya29.fresh"
    assert parse_qs(asked[0].body.decode())["subject_token"] == ["subject-token"]


async def test_a_machine_in_googles_cloud_asks_its_own_server():
    asked: list[Send] = []

    def script(send: Send) -> Answer:
        asked.append(send)
        return answer(GRANTED, metadata_flavor="Google")

    token = await found(google(script, {"HOME": "/nowhere", "GCE_METADATA_HOST": "127.0.0.1:9"}), target())

    assert token.text == "ya29.fresh"
    assert urlsplit(asked[0].url).netloc == "127.0.0.1:9"
    assert asked[0].headers["metadata-flavor"] == "Google"


@pytest.mark.parametrize(
    "told",
    [Unreachable("no route"), answer(b"<html>a login page</html>"), answer(GRANTED)],
)
async def test_where_nothing_is_found_the_ways_are_named(told):
    with pytest.raises(KeyInvalid, match=r"GOOGLE_APPLICATION_CREDENTIALS.*gcloud auth"):
        await found(google(lambda send: told), target())


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("{", "is no JSON object"),
        ("[]", "no JSON, no file"),
        ('{"type": "surprise"}', "no type that is known"),
        ('{"type": "service_account", "client_email": "x"}', "gave no token"),
        ("/nowhere/key.json", "no JSON, no file"),
    ],
)
async def test_a_credential_that_is_none_is_told_so(secret, words):
    with pytest.raises(KeyInvalid, match=words):
        await found(google(lambda send: answer(GRANTED)), target(secret))


async def test_an_access_token_is_sent_as_it_is():
    tokens = Tokens(google(lambda send: answer(GRANTED)))
    wanted = target("ya29.given")

    await tokens.ready(wanted)

    assert tokens.sign(wanted, "POST", "https://x.test", {}, b"")["authorization"] == "Bearer ya29.given"


def vertex(transport: ScriptedTransport, folder: str) -> Quorate:
    entry = Entry(provider="vertex", options={"project": "acme"})
    return Quorate(Settings(entries=(entry,)), environment={"CLOUDSDK_CONFIG": folder}, transport=transport)


@pytest.fixture
def signed_in(tmp_path) -> str:
    (tmp_path / "application_default_credentials.json").write_text(json.dumps(USER))
    return str(tmp_path)


async def test_a_token_is_fetched_once_and_kept(signed_in):
    transport = ScriptedTransport(lambda send: answer(GRANTED if "oauth2" in send.url else ANSWER))

    async with vertex(transport, signed_in) as client:
        first = await client.chat("A river?", model="vertex/gemini-2.5-flash")
        await client.chat("A river?", model="vertex/gemini-2.5-flash")

    assert first.text == "Rhine"
    assert [urlsplit(send.url).netloc for send in transport.sent] == [
        "oauth2.googleapis.com",
        "aiplatform.googleapis.com",
        "aiplatform.googleapis.com",
    ]
    assert transport.sent[2].headers["authorization"] == "Bearer ya29.fresh"


async def test_a_token_that_was_taken_back_is_fetched_anew_once(signed_in):
    grants = iter(["ya29.one", "ya29.two"])

    def script(send: Send) -> Answer:
        if "oauth2" in send.url:
            return answer(json.dumps({"access_token": next(grants), "expires_in": 3600}).encode())
        return answer(ANSWER) if send.headers["authorization"].endswith("two") else answer(REFUSED, 401)

    async with vertex(ScriptedTransport(script), signed_in) as client:
        reply = await client.chat("A river?", model="vertex/gemini-2.5-flash")

    assert reply.text == "Rhine"
    assert [attempt.outcome for attempt in reply.attempts] == ["key_invalid", "answered"]


async def test_a_fresh_token_that_is_refused_too_ends_the_call_with_advice(signed_in):
    grants = iter(["ya29.one", "ya29.two"])

    def script(send: Send) -> Answer:
        if "oauth2" in send.url:
            return answer(json.dumps({"access_token": next(grants), "expires_in": 3600}).encode())
        return answer(REFUSED, 401)

    async with vertex(ScriptedTransport(script), signed_in) as client:
        with pytest.raises(KeyInvalid, match="gcloud auth application-default login"):
            await client.chat("A river?", model="vertex/gemini-2.5-flash")


async def test_a_token_that_is_quoted_back_is_not_shown(signed_in):
    def script(send: Send) -> Answer:
        if "oauth2" in send.url:
            return answer(GRANTED)
        told = {"error": {"code": 400, "message": f"odd: {send.headers['authorization']}"}}
        return answer(json.dumps(told).encode(), 400)

    async with vertex(ScriptedTransport(script), signed_in) as client:
        with pytest.raises(UpstreamRejected) as caught:
            await client.chat("A river?", model="vertex/gemini-2.5-flash")

    assert "ya29.fresh" not in str(caught.value)
    assert b"ya29.fresh" not in caught.value.body
