"""Answers are kept under their tenant, found again, listed with their input, and deleted."""

from __future__ import annotations

import pytest

from .kept import ABROAD, NATIVE, Tenant, words_of


@pytest.mark.parametrize("model", [NATIVE, ABROAD])
async def test_an_answer_is_found_as_it_was_told(tenant: Tenant, model: str):
    told = await tenant.create("Name a river", model, metadata={"of": "mine"})

    assert await tenant.get(told["id"]) == told
    assert "Name a river" in words_of(told)


@pytest.mark.parametrize("model", [NATIVE, ABROAD])
async def test_a_streamed_answer_is_found_as_its_last_event_told_it(tenant: Tenant, model: str):
    events = await tenant.stream("Name a river", model)

    assert events[-1]["type"] == "response.completed"
    assert await tenant.get(events[-1]["response"]["id"]) == events[-1]["response"]


async def test_an_answer_outlives_the_moment_in_which_it_waits(tenant: Tenant):
    told = await tenant.create("Name a river")
    async with tenant.answers.keeper._writing:
        assert await tenant.get(told["id"]) == told


async def test_no_other_tenant_sees_it(tenant: Tenant):
    told = await tenant.create("Name a river")
    other = tenant.other()
    body = {"model": ABROAD, "input": "And?", "previous_response_id": told["id"]}

    seen = [
        await other.refused("GET", f"/{told['id']}"),
        await other.refused("DELETE", f"/{told['id']}"),
        await other.refused("POST", f"/{told['id']}/cancel"),
        await other.refused("GET", f"/{told['id']}/input_items"),
    ]
    unknown = await other.refused("GET", "/resp_nobody")

    assert [status for status, _ in seen] == [404] * 4
    assert {error["message"].replace(told["id"], "") for _, error in (*seen, unknown)} == {
        "Response with id '' not found.",
        "Response with id 'resp_nobody' not found.",
    }
    assert (await other.refused("POST", "", body))[1]["code"] == "previous_response_not_found"
    assert await tenant.get(told["id"]) == told


async def test_what_the_client_wants_forgotten_is_not_kept(tenant: Tenant):
    told = await tenant.create("Name a river", store=False)

    assert told["store"] is False
    assert (await tenant.refused("GET", f"/{told['id']}"))[0] == 404


async def test_a_deleted_answer_is_gone(tenant: Tenant):
    told = await tenant.create("Name a river")

    gone = await tenant.send("DELETE", f"/{told['id']}")

    assert gone.status == 200
    assert b'"deleted":true' in gone.body
    assert (await tenant.refused("GET", f"/{told['id']}"))[0] == 404
    assert (await tenant.refused("DELETE", f"/{told['id']}"))[0] == 404


async def test_the_input_is_listed_page_by_page(tenant: Tenant):
    first = await tenant.create("One", instructions="Be brief")
    second = await tenant.create([{"role": "user", "content": "Two"}], previous_response_id=first["id"])

    newest = await tenant.get(f"{second['id']}/input_items", query="limit=2")
    rest = await tenant.get(f"{second['id']}/input_items", query=f"limit=2&after={newest['last_id']}")
    oldest = await tenant.get(f"{second['id']}/input_items", query="order=asc&limit=1")

    said = [item["content"][0]["text"] for item in (*newest["data"], *rest["data"])]
    assert said[0] == "Two"
    assert said[2] == "One"
    assert (newest["has_more"], rest["has_more"]) == (True, False)
    assert oldest["data"] == rest["data"]
    assert oldest["first_id"] == rest["first_id"]


@pytest.mark.parametrize(
    ("query", "param"),
    [("limit=0", "limit"), ("limit=x", "limit"), ("order=up", "order"), ("after=x", "after")],
)
async def test_a_page_that_makes_no_sense_says_why(tenant: Tenant, query: str, param: str):
    told = await tenant.create("One")

    status, error = await tenant.refused("GET", f"/{told['id']}/input_items", query=query)

    assert (status, error["param"]) == (400, param)


async def test_an_answer_that_is_at_its_end_can_be_neither_cancelled_nor_streamed(tenant: Tenant):
    told = await tenant.create("One")

    assert (await tenant.refused("POST", f"/{told['id']}/cancel"))[0] == 400
    assert (await tenant.refused("GET", f"/{told['id']}", query="stream=true"))[0] == 400
