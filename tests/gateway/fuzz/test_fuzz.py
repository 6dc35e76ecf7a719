"""Bad requests by the thousand: each is answered or refused in the client's own form, and nothing breaks or leaks."""

from __future__ import annotations

import pytest

from quorate.wire.wires import WIRES

from .arsenal import KINDS, Arsenal
from .ground import KEY, Range
from .seeds import FRONTS, seeds_of
from .volley import fired

QUICK, LONG = 1_500, 20_000
SEED = 20_260


async def test_bad_requests_are_refused_in_their_own_form(ground: Range):
    volley = await fired(ground, Arsenal(), SEED, range(QUICK))

    assert not volley.faulty, volley.report()
    assert {kind for _, kind, _ in volley.counts} == set(KINDS)
    assert volley.of_status(400, 499) > volley.of_status(200, 399) > 0


@pytest.mark.long
async def test_twenty_thousand_bad_requests_are_refused_in_their_own_form(ground: Range):
    arsenal = Arsenal(generated=40, recorded=300)
    volley = await fired(ground, arsenal, SEED + 1, range(LONG))

    assert not volley.faulty, volley.report()


@pytest.mark.parametrize("front", FRONTS)
def test_every_route_has_a_request_that_makes_sense(front: str):
    wire = WIRES[front]
    assert wire.front is not None
    routes = [*wire.front.routes, *(route for work in wire.work_fronts.values() for route in work.routes)]

    assert [{(seed.method, seed.path) for seed in seeds} for seeds in seeds_of(front)] == [
        {(route.method, route.path)} for route in routes
    ]


def test_a_number_tells_the_same_request_every_time():
    first, second = Arsenal(), Arsenal()

    assert [first.shot(1, number, KEY, ["a"]) for number in range(50)] == [
        second.shot(1, number, KEY, ["a"]) for number in range(50)
    ]
