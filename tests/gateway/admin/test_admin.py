"""The admin API: who may use it, what it tells, what it changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI

from quorate.gateway.admin.access import include, resource
from quorate.gateway.admin.app import described
from quorate.gateway.stored_keys import make_link
from tests.gateway.house import HOST, call, written
from tests.sim.asking import question

from .conftest import Office

RESOURCES = ("health", "version", "providers", "models", "routes", "calls", "keys", "settings")


@pytest.mark.parametrize("name", RESOURCES)
async def test_every_resource_is_there_for_an_admin_and_for_nobody_else(office: Office, name: str):
    admin, _ = await office.ask("GET", f"/api/v1/{name}")
    caller, fault = await office.ask(
        "GET", f"/api/v1/{name}", key=office.first.caller.reveal() if office.first.caller else ""
    )
    nobody, _ = await office.ask("GET", f"/api/v1/{name}", key="")
    wrong, _ = await office.ask("GET", f"/api/v1/{name}", key="qk-not-a-key-of-this-gateway")

    assert (admin.status, caller.status, nobody.status, wrong.status) == (200, 403, 401, 401)
    assert fault["error"]["code"] == "forbidden"


async def test_a_path_that_is_not_there_and_a_method_that_is_not_taken_are_told(office: Office):
    unknown, unknown_fault = await office.ask("GET", "/api/v1/nothing")
    method, method_fault = await office.ask("PUT", "/api/v1/keys")

    assert (unknown.status, unknown_fault["error"]["code"]) == (404, "unknown_path")
    assert (method.status, method_fault["error"]["code"]) == (405, "wrong_method")
    assert "POST" in method.headers["allow"] or "GET" in method.headers["allow"]


async def test_a_key_is_made_shown_once_used_and_revoked(office: Office):
    made, key = await office.ask("POST", "/api/v1/keys", {"name": "laptop", "models": ["sim-openai/*"]})
    asked = written("openai_chat", question(model="sim-openai/sim-swift"))
    told = {"host": HOST, "x-api-key": key["key"]}
    before = await call(office.gateway, asked.path, asked.body, headers=told)
    listed, page = await office.ask("GET", "/api/v1/keys")
    revoked, end = await office.ask("DELETE", f"/api/v1/keys/{key['id']}")
    again, _ = await office.ask("DELETE", f"/api/v1/keys/{key['id']}")
    after = await call(office.gateway, asked.path, asked.body, headers=told)

    assert (made.status, before.status, revoked.status, again.status, after.status) == (
        201,
        200,
        200,
        200,
        401,
    )
    assert key["key"] not in listed.body.decode()
    assert key["shown"] == key["key"][-4:]
    assert [each["name"] for each in page["items"]] == ["admin", "first", "laptop"]
    assert end["revoked_at"] is not None


@pytest.mark.parametrize(
    ("path", "methods"), [("keys", "GET, POST"), ("keys/x", "DELETE, GET"), ("health", "GET")]
)
async def test_all_methods_of_a_path_are_told(office: Office, path: str, methods: str):
    answered, _ = await office.ask("PUT", f"/api/v1/{path}")

    assert (answered.status, answered.headers["allow"]) == (405, methods)


@pytest.mark.parametrize("time", ["0.5", "17", "-1", "+5.", "noon"])
async def test_a_number_is_no_time(office: Office, time: str):
    answered, fault = await office.ask("GET", "/api/v1/calls", query=f"until={time}")

    assert (answered.status, fault["error"]["where"]) == (422, "query.until")


async def test_models_of_a_provider_that_cannot_be_asked_are_those_that_are_known(office: Office):
    unknown, _ = await office.ask("GET", "/api/v1/models", query="provider=nobody")
    unready, _ = await office.ask("GET", "/api/v1/models", query="provider=bedrock")

    assert (unknown.status, unready.status) == (400, 200)


BAD_KEYS: list[dict[str, Any]] = [
    {},
    {"name": ""},
    {"name": "x", "models": "openai/*"},
    {"name": "x", "requests_per_minute": 0},
    {"name": "x", "tokens_per_minute": -1},
    {"name": "x", "expires_at": "2001-01-01T00:00:00Z"},
    {"name": "x", "expires_at": "2999-01-01T00:00:00"},
    {"name": "x", "expires_at": 32503680000},
    {"name": "x", "surprise": 1},
]


@pytest.mark.parametrize("body", BAD_KEYS)
async def test_a_key_that_makes_no_sense_is_not_made(office: Office, body: dict[str, Any]):
    answered, fault = await office.ask("POST", "/api/v1/keys", body)
    _, page = await office.ask("GET", "/api/v1/keys")

    assert answered.status in {400, 422}
    assert fault["error"]["where"]
    assert len(page["items"]) == 2


async def test_lists_come_in_pages(office: Office):
    for number in range(3):
        await office.ask("POST", "/api/v1/keys", {"name": f"key {number}"})

    _, first = await office.ask("GET", "/api/v1/keys", query="limit=3")
    _, second = await office.ask("GET", "/api/v1/keys", query=f"limit=3&after={first['next']}")

    assert [each["name"] for each in first["items"] + second["items"]] == [
        "admin",
        "first",
        "key 0",
        "key 1",
        "key 2",
    ]
    assert second["next"] is None


async def test_what_can_be_asked_is_told(office: Office):
    _, providers = await office.ask("GET", "/api/v1/providers", query="ready=true")
    _, models = await office.ask("GET", "/api/v1/models", query="search=swift&limit=2")
    _, routes = await office.ask("GET", "/api/v1/routes")

    assert {each["name"] for each in providers["items"]} >= {"sim-openai", "sim-anthropic"}
    assert len(models["items"]) == 2
    assert models["next"] == models["items"][-1]["name"]
    assert routes["items"][0]["leads_to"] == ["sim-openai/sim-swift", "sim-anthropic/sim-swift"]
    assert routes["items"][1]["name"] == "gpt-*"


async def test_kept_bodies_are_read_and_erased(office: Office):
    _, key = await office.ask("POST", "/api/v1/keys", {"name": "kept", "keep_bodies": True})
    asked = written("openai_chat", question(model="sim-openai/sim-swift"))
    told = {"host": HOST, "x-api-key": key["key"]}
    calls = [await call(office.gateway, asked.path, asked.body, headers=told) for _ in range(3)]
    first, second, _ = (each.headers["x-quorate-decision"] for each in calls)

    read, kept = await office.ask("GET", f"/api/v1/bodies/{first}")
    _, one = await office.ask("DELETE", f"/api/v1/bodies/{first}")
    after, _ = await office.ask("GET", f"/api/v1/bodies/{first}")
    _, others = await office.ask("DELETE", "/api/v1/bodies", query=f"key_id={key['id']}")
    gone, _ = await office.ask("GET", f"/api/v1/bodies/{second}")
    neither, _ = await office.ask("DELETE", "/api/v1/bodies")

    assert (read.status, after.status, gone.status, neither.status) == (200, 404, 404, 400)
    assert json.loads(kept["asked"]["text"])["model"] == "sim-openai/sim-swift"
    assert "choices" in json.loads(kept["answered"]["text"])
    assert (one["erased"], others["erased"]) == (1, 2)


async def test_settings_are_shown_without_what_could_hold_a_secret(office: Office):
    answered, shown = await office.ask("GET", "/api/v1/settings")
    text = answered.body.decode()

    assert shown["values"]["aliases"] == {"gpt-*": "route/fast"}
    assert not any(word in text for word in ("api_key", "headers", "key-of-the-tests", office.sim.url))


async def test_a_link_signs_a_browser_in_once(office: Office):
    word = (await make_link(office.opened.database)).reveal()

    entered, _ = await office.ask("GET", f"/sign-in/{word}", key="")
    again, _ = await office.ask("GET", f"/sign-in/{word}", key="")
    cookie = {"cookie": entered.headers["set-cookie"].partition(";")[0]}
    read, _ = await office.ask("GET", "/api/v1/keys", key="", headers=cookie)
    forged, fault = await office.ask("POST", "/api/v1/keys", {"name": "x"}, key="", headers=cookie)
    meant, _ = await office.ask(
        "POST", "/api/v1/keys", {"name": "x"}, key="", headers=cookie | {"x-quorate-intent": "1"}
    )
    left, _ = await office.ask(
        "DELETE", "/api/v1/session", key="", headers=cookie | {"x-quorate-intent": "1"}
    )
    after, _ = await office.ask("GET", "/api/v1/keys", key="", headers=cookie)

    assert (entered.status, again.status, read.status) == (303, 401, 200)
    assert {"HttpOnly", "SameSite=strict"} <= set(entered.headers["set-cookie"].split("; "))
    assert (forged.status, meant.status, left.status, after.status) == (403, 201, 204, 401)
    assert "x-quorate-intent" in fault["error"]["message"]


async def test_a_session_ends_with_the_key_it_was_opened_by(office: Office):
    word = (await make_link(office.opened.database)).reveal()
    entered, _ = await office.ask("GET", f"/sign-in/{word}", key="")
    cookie = {"cookie": entered.headers["set-cookie"].partition(";")[0]}
    _, page = await office.ask("GET", "/api/v1/keys")
    await office.ask("DELETE", f"/api/v1/keys/{page['items'][0]['id']}")

    answered, _ = await office.ask("GET", "/api/v1/keys", key="", headers=cookie)

    assert answered.status == 401


def nothing() -> None:
    """An endpoint."""


def test_a_route_that_does_not_say_who_may_use_it_is_not_served():
    router = APIRouter()
    router.add_api_route("/open", nothing)

    with pytest.raises(TypeError, match="does not say who"):
        include(FastAPI(), router)


def test_a_resource_says_it_for_all_its_routes():
    router, app = resource("things"), FastAPI()
    router.add_api_route("", nothing)

    include(app, router)

    assert "/api/v1/things" in app.openapi()["paths"]


async def test_ollamas_paths_beside_it_stay_ollamas(office: Office):
    answered, listed = await office.ask("GET", "/api/tags")

    assert answered.status == 200
    assert listed["models"]


async def test_the_api_describes_itself_to_anyone(office: Office):
    answered, told = await office.ask("GET", "/api/v1/openapi.json", key="")

    assert answered.status == 200
    assert told["openapi"].startswith("3.1")
    assert {path.split("/")[3] for path in told["paths"]} == {*RESOURCES, "bodies", "session"}


def test_the_description_in_the_docs_is_that_of_the_code():
    kept = Path(__file__).parents[3] / "docs" / "openapi.json"

    assert json.loads(kept.read_text()) == described()
