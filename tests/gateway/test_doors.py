"""Who may call, from where, and how much: refusals come in the client's own words, before anything is spent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from quorate.errors import SettingsInvalid
from quorate.gateway.app import Gateway
from quorate.gateway.callers import KeyRing, callers_in_settings
from quorate.gateway.gate import Gate
from quorate.settings.read import read_settings
from quorate.sim.simulator import Simulator
from quorate.types.secret import Secret
from tests.sim.asking import question

from .house import HOST, KEY, PLAIN, PROTOCOLS, call, gateway_for, settings_for, written

ASKED = written("openai_chat", question(model="sim-openai/sim-swift"))


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": f"Bearer {KEY}"}, ""),
        ({"authorization": f"bearer  {KEY}"}, ""),
        ({"x-api-key": KEY}, ""),
        ({"x-goog-api-key": KEY}, ""),
        ({"api-key": KEY}, ""),
        ({}, f"key={KEY}"),
        ({"authorization": "Bearer of-another-server", "x-api-key": KEY}, ""),
    ],
)
async def test_a_key_may_come_in_every_form_that_clients_have(
    gateway: Gateway, headers: dict[str, str], query: str
):
    answered = await call(gateway, ASKED.path, ASKED.body, headers={"host": HOST} | headers, query=query)

    assert answered.status == 200


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("key", ["", "wrong-key-of-the-tests-0123", KEY[:-1], KEY + "x", "käse"])
async def test_without_a_known_key_nothing_is_done(gateway: Gateway, sim: Simulator, protocol: str, key: str):
    asked = written(protocol, question(model="sim-openai/sim-swift"))
    headers = {"host": HOST} | ({"x-api-key": key} if key else {})

    answered = await call(gateway, asked.path, asked.body, headers=headers)

    assert answered.status == 401
    assert "error" in json.loads(answered.body)
    assert sim.stats.requests == 0


async def test_the_callers_key_goes_no_further(sim: Simulator):
    from quorate.transport.scripted import ScriptedTransport, answer

    transport = ScriptedTransport(lambda sent: answer(b"{}", 500))
    gateway, _ = gateway_for(settings_for("http://upstream.example"), transport)
    await call(gateway, ASKED.path, ASKED.body, headers=PLAIN | {"api-key": KEY}, query=f"key={KEY}&x=1")

    sent = transport.sent[0]
    assert KEY not in f"{sent.url} {dict(sent.headers)} {sent.body!r}"


async def test_every_caller_has_a_scope_of_its_own():
    keys = ("one key of two", "another one of two")
    callers = KeyRing()
    callers.learn("settings", callers_in_settings(map(Secret, keys)))

    scopes = {callers.find({"x-api-key": key}, {}).scope for key in keys}

    assert len(scopes) == 2
    assert not any("of two" in scope for scope in scopes)


HOSTS = {
    "127.0.0.1:4747": 200,
    "localhost:4747": 200,
    "LOCALHOST": 200,
    "[::1]:4747": 200,
    "quorate.internal": 200,
    "evil.example": 403,
    "evil.example:4747": 403,
    "127.0.0.1.evil.example": 403,
    "": 403,
    "[": 403,
}


@pytest.mark.parametrize("host", HOSTS)
async def test_on_loopback_only_its_own_names_are_answered(sim: Simulator, host: str):
    gateway, household = gateway_for(settings_for(sim.url, server={"hosts": ("quorate.internal",)}))

    answered = await call(gateway, ASKED.path, ASKED.body, headers=PLAIN | {"host": host})
    await household.transport.close()

    assert answered.status == HOSTS[host]


def test_beyond_loopback_every_name_is_answered_unless_some_are_given():
    Gate("0.0.0.0", (), ()).check({"host": "any.example"})

    with pytest.raises(Exception, match="not called"):
        Gate("0.0.0.0", ("mine.example",), ()).check({"host": "any.example"})


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://chat.example", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost:3000", 403),
    ],
)
async def test_a_browsers_page_is_refused_unless_it_is_allowed(sim: Simulator, origin: str, status: int):
    gateway, household = gateway_for(settings_for(sim.url, server={"origins": ("https://chat.example",)}))

    answered = await call(gateway, ASKED.path, ASKED.body, headers=PLAIN | {"origin": origin})
    await household.transport.close()

    assert answered.status == status


REFUSED: dict[str, tuple[int, dict[str, Any]]] = {
    "an unknown path": (404, {"path": "/v1/nothing"}),
    "an unknown shelf": (404, {"path": "/nowhere"}),
    "another method": (405, {"method": "DELETE"}),
    "no JSON": (400, {"body": b"{"}),
    "no UTF-8": (400, {"body": b'{"model": "\xff"}'}),
    "another type": (400, {"body": b'{"model": 5}'}),
    "no body": (400, {"body": b""}),
    "too deep": (400, {"body": b'{"model": "m", "messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"}),
    "too large": (413, {"body": b" " * 5000}),
    "announced as too large": (413, {"headers": PLAIN | {"content-length": "5000"}}),
    "compressed": (400, {"headers": PLAIN | {"content-encoding": "gzip"}}),
    "too many headers": (431, {"headers": PLAIN | {f"x-{n}": "" for n in range(200)}}),
    "too long headers": (431, {"headers": PLAIN | {"x-long": "x" * 70_000}}),
    "two hosts": (400, {"headers": [*PLAIN.items(), ("host", "evil.example")]}),
    "an unknown model": (
        404,
        {"body": b'{"model": "no/such", "messages": [{"role": "user", "content": "x"}]}'},
    ),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_makes_no_sense_is_refused_in_the_clients_words(sim: Simulator, case: str):
    status, changes = REFUSED[case]
    sent: dict[str, Any] = {"path": ASKED.path, "body": ASKED.body} | changes
    limit = 1_000_000 if case == "too deep" else 4096
    gateway, household = gateway_for(settings_for(sim.url, server={"body_limit": limit}))

    answered = await call(gateway, **sent)
    await household.transport.close()

    assert answered.status == status
    assert json.loads(answered.body)["error"]["message"]
    assert sim.stats.requests == 0


@pytest.mark.parametrize(
    ("path", "headers", "shape"),
    [
        ("/v1/nothing", {}, ["error"]),
        ("/v1/nothing", {"anthropic-version": "2023-06-01"}, ["type", "error"]),
        ("/v1beta/nothing", {}, ["error"]),
        ("/api/nothing", {}, ["error"]),
    ],
)
async def test_an_unknown_path_is_told_in_the_protocol_that_the_client_shows(
    gateway: Gateway, path: str, headers: dict[str, str], shape: list[str]
):
    answered = await call(gateway, path, headers=PLAIN | headers)

    assert answered.status == 404
    assert set(shape) <= json.loads(answered.body).keys()


async def test_a_wrong_method_is_told_the_right_ones(gateway: Gateway):
    answered = await call(gateway, "/v1/chat/completions", method="GET")

    assert answered.headers["allow"] == "POST"


async def test_a_request_id_of_the_client_comes_back(gateway: Gateway):
    own = await call(gateway, ASKED.path, ASKED.body, headers=PLAIN | {"x-request-id": "my-1"})
    strange = await call(gateway, ASKED.path, ASKED.body, headers=PLAIN | {"x-request-id": "no good\t"})

    assert own.headers["x-request-id"] == "my-1"
    assert strange.headers["x-request-id"] != "no good\t"


async def test_what_only_the_operator_should_know_is_not_told_to_callers(tmp_path: Path):
    from quorate.providers.entry import Entry
    from quorate.types.value import replace

    settings = settings_for("http://upstream.example")
    entry = Entry(provider="openai", name="openai", place=f"{tmp_path}/quorate.toml:3")
    gateway, _ = gateway_for(replace(settings, entries=(entry,)))

    answered = await call(gateway, ASKED.path, ASKED.body.replace(b"sim-openai/", b"openai/"))

    assert answered.status == 500
    assert "no key for 'openai'" in answered.body.decode()
    assert "toml" not in answered.body.decode()
    assert "OPENAI_API_KEY" not in answered.body.decode()


def test_a_key_in_the_settings_is_never_quoted(tmp_path: Path):
    path = tmp_path / "quorate.toml"
    path.write_text('[server]\nkeys = ["short-canary"]\n')

    with pytest.raises(SettingsInvalid) as caught:
        read_settings(path, {})

    assert "server.keys.0" in str(caught.value)
    assert "canary" not in str(caught.value)


def test_the_servers_settings_are_read(tmp_path: Path):
    path = tmp_path / "quorate.toml"
    path.write_text(
        '[server]\nport = 5000\nkeys = ["${THE_KEY}"]\norigins = ["https://a.example"]\nbody_limit = 2048\ngrace = 5\n'
    )

    server = read_settings(path, {"THE_KEY": KEY}).server

    assert server.keys == (Secret(KEY),)
    assert (server.host, server.port, server.body_limit, server.grace) == ("127.0.0.1", 5000, 2048, 5)
