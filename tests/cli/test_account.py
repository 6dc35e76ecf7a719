"""`quorate account` and what `quorate models` shows of a market's own list, against a small market on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from .shell import Shell


def listed(number: int) -> dict[str, Any]:
    """Every third is free, every second has tools."""
    price = "0" if number % 3 == 0 else "0.000002"
    return {
        "id": f"maker/model-{number}",
        "context_length": 1000 * number,
        "pricing": {"prompt": price, "completion": price},
        "supported_parameters": ["tools"] if number % 2 == 0 else ["temperature"],
    }


PAGES: dict[str, Any] = {
    "/key": {
        "data": {"label": "mine", "usage": 2.5, "limit": 10, "limit_remaining": 7.5, "is_free_tier": False}
    },
    "/credits": {"data": {"total_credits": 100, "total_usage": 25}},
    "/generation": {"data": {"id": "gen-1", "model": "maker/model-1", "total_cost": 0.0042}},
    "/models": {"data": [listed(number) for number in range(1, 421)]},
}


class Market(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps(PAGES[self.path.partition("?")[0]]).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name it has above
        """Nothing is said."""


@pytest.fixture(scope="module")
def market() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Market) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def customer(shell: Shell, market: str) -> Shell:
    shell.set_up(f'[providers.openrouter]\napi_key = "sk"\nbase_url = "{market}"\n')
    return shell


def test_an_account_is_shown_line_by_line(customer: Shell):
    done = customer("account", "openrouter")

    assert done.out.splitlines() == [
        "key\tmine",
        "left in the account\t$75",
        "spent\t$2.5",
        "limit\t$10",
        "left of the limit\t$7.5",
    ]


def test_a_bill_says_what_an_answer_cost(customer: Shell):
    done = customer("account", "openrouter", "--bill", "gen-1", "--json")

    told = json.loads(done.out)
    assert (told["id"], told["usage"]["stated_cost"], told["usage"]["upstream_cost"]) == (
        "gen-1",
        "0.0042",
        None,
    )


def test_who_tells_nothing_is_said_to(customer: Shell):
    done = customer("account", "claude")

    assert (done.code, done.err) == (2, "quorate: 'claude' tells nothing of its accounts\n")


def test_a_markets_own_list_can_be_searched_by_price_and_feature(customer: Shell):
    customer("models", "-p", "openrouter", "--refresh")

    free = customer(
        "models", "-p", "openrouter", "model-", "--max-price", "0", "--feature", "tools", "--json"
    )
    every = customer("models", "-p", "openrouter", "maker/model-", "--limit", "0")

    rows = json.loads(free.out)
    assert len(rows) == 70
    assert {row["price_rule"].partition(" of 2")[0] for row in rows} == {"list of 'openrouter'"}
    assert {row["source"] for row in rows} == {"the provider's own list"}
    assert len(every.out.splitlines()) == 420
    assert every.err.splitlines() == [
        "420 models",
        "the list of 'openrouter' is 0 min old; --refresh asks anew",
    ]
