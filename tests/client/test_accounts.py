"""How accounts stand, what answers cost in the end, prices off a provider's own list: as a program asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from quorate import Quorate
from quorate.assemble import assemble, new_context
from quorate.engine.accounts import BILL_WAITS, Accounts
from quorate.errors import (
    BudgetExceeded,
    InvalidRequest,
    KeyInvalid,
    MissingCredential,
    ModelUnavailable,
    Unsupported,
)
from quorate.settings.read import read_settings
from quorate.settings.settings import Settings
from quorate.sync import Quorate as Blocking
from quorate.transport.scripted import Scripted, ScriptedTransport, answer
from quorate.transport.seam import Send
from quorate.types.account import Bill
from quorate.types.target import Context, Target
from quorate.types.work import Operation

KEYS = {"OPENROUTER_API_KEY": "sk-or", "LITELLM_API_KEY": "sk-l", "LITELLM_BASE_URL": "http://127.0.0.1:9"}

CHAT: dict[str, Any] = {
    "id": "gen-1",
    "model": "maker/model",
    "choices": [{"message": {"content": "Ems"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
}
KEY = {"data": {"label": "mine", "usage": 2.5, "limit": 10, "limit_remaining": 7.5}}
CREDITS = {"data": {"total_credits": 100, "total_usage": 25}}
BILL = {
    "data": {"id": "gen-1", "total_cost": 0.0042, "native_tokens_prompt": 90, "native_tokens_completion": 12}
}
MODELS = {"data": [{"id": "maker/model", "pricing": {"prompt": "0.000001", "completion": "0.00001"}}]}


def told(body: Any, status: int = 200, **headers: str) -> Scripted:
    return answer(json.dumps(body).encode(), status, **headers)


def by_path(answers: Mapping[str, Scripted]) -> Callable[[Send], Scripted]:
    """Answers by the end of an address without its query; what is not there is not found."""

    def script(send: Send) -> Scripted:
        path = send.url.partition("?")[0]
        found = (scene for end, scene in answers.items() if path.endswith(end))
        return next(found, told({"error": {"message": "not found", "code": 404}}, 404))

    return script


OPENROUTER = {
    "/key": told(KEY),
    "/credits": told(CREDITS),
    "/generation": told(BILL),
    "/models": told(MODELS),
    "/chat/completions": told(CHAT),
}


def client(tmp_path: Path, **changed: Scripted) -> Quorate:
    answers = OPENROUTER | {f"/{name}": scene for name, scene in changed.items()}
    return Quorate(
        environment=KEYS | {"XDG_CACHE_HOME": str(tmp_path)}, transport=ScriptedTransport(by_path(answers))
    )


async def test_what_the_key_and_the_account_tell_stands_together(tmp_path: Path):
    async with client(tmp_path) as q:
        account = await q.account("openrouter")

    assert (account.provider, account.label) == ("openrouter", "mine")
    assert (account.spent, account.limit_left, account.balance) == (
        Decimal("2.5"),
        Decimal("7.5"),
        Decimal(75),
    )


async def test_a_key_that_manages_nothing_tells_of_itself_alone(tmp_path: Path):
    forbidden = told({"error": {"message": "Only management keys", "code": 403}}, 403)

    async with client(tmp_path, credits=forbidden) as q:
        account = await q.account("openrouter")

    assert (account.spent, account.balance) == (Decimal("2.5"), None)


async def test_a_wrong_key_is_said_to_be_one(tmp_path: Path):
    refused = told({"error": {"message": "no such key", "code": 401}}, 401)

    async with client(tmp_path, credits=refused, key=refused) as q:
        with pytest.raises(KeyInvalid, match="no such key"):
            await q.account("openrouter")


@pytest.mark.parametrize(
    ("provider", "error"),
    [("ollama", Unsupported), ("openruter", InvalidRequest), ("deepseek", MissingCredential)],
)
async def test_who_cannot_be_asked_is_told_with_the_reason(
    tmp_path: Path, provider: str, error: type[Exception]
):
    async with client(tmp_path) as q:
        with pytest.raises(error, match=provider[:6]):
            await q.account(provider)


async def test_the_true_cost_takes_the_place_of_what_was_reckoned(tmp_path: Path):
    async with client(tmp_path) as q:
        await q.models("openrouter")
        reply = await q.chat("hi", model="openrouter/maker/model")
        settled = await q.settled(reply)

    assert (reply.cost, reply.price_rule.partition(" of 2")[0]) == (Decimal("0.0002"), "list of 'openrouter'")
    assert (settled.cost, settled.price_rule) == (Decimal("0.0042"), "stated by the provider")
    assert settled.usage.total == reply.usage.total == 110


async def test_counts_that_were_a_guess_are_those_of_the_bill(tmp_path: Path):
    silent = told({name: value for name, value in CHAT.items() if name != "usage"})

    async with client(tmp_path, **{"chat/completions": silent}) as q:
        settled = await q.settled(await q.chat("hi", model="openrouter/maker/model"))

    assert (settled.usage.input, settled.usage.output, settled.usage.quality) == (90, 12, "exact")


def test_a_blocking_program_asks_the_same(tmp_path: Path):
    transport = ScriptedTransport(by_path(OPENROUTER))
    with Blocking(environment=KEYS | {"XDG_CACHE_HOME": str(tmp_path)}, transport=transport) as q:
        account, bill = q.account("openrouter"), q.bill("openrouter", "gen-1")
        settled = q.settled(q.chat("hi", model="openrouter/maker/model"))

    assert (account.label, bill.cost, settled.cost) == ("mine", Decimal("0.0042"), Decimal("0.0042"))
    assert [send.url.partition("/v1")[2] for send in transport.sent][2] == "/generation?id=gen-1"


class Late:
    """A provider whose bill is there at the third look."""

    def __init__(self, *, after: int) -> None:
        self.looks, self._after, self.naps = 0, after, list[float]()

    async def inquire(self, operation: Operation, request: object, target: Target, context: Context) -> Any:
        self.looks += 1
        if self.looks <= self._after:
            raise ModelUnavailable("not there yet")
        return Bill(id="gen-1")

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)


def accounts(late: Late) -> Accounts:
    parts = assemble(Settings(), environment=KEYS, transport=ScriptedTransport([])).parts
    context = new_context(parts.settings)
    return Accounts(inquirer=late, directory=parts.directory, context=lambda: context, sleep=late.sleep)


async def test_a_bill_that_is_not_written_yet_is_waited_for():
    late = Late(after=2)

    bill = await accounts(late).bill("openrouter", "gen-1")

    assert (bill.provider, late.naps) == ("openrouter", list(BILL_WAITS[:2]))


async def test_a_bill_that_never_comes_is_given_up():
    late = Late(after=99)

    with pytest.raises(ModelUnavailable):
        await accounts(late).bill("openrouter", "gen-1")

    assert late.naps == list(BILL_WAITS)


async def test_a_list_that_was_kept_prices_the_calls_of_the_next_program(tmp_path: Path):
    async with client(tmp_path) as first:
        await first.models("openrouter")

    async with client(tmp_path) as second:
        reply = await second.chat("hi", model="openrouter/maker/model", max_cost=1, max_output=10)

    assert (reply.cost, reply.price_rule.partition(" of 2")[0]) == (Decimal("0.0002"), "list of 'openrouter'")


@pytest.mark.parametrize(
    ("header", "cost"),
    [("1.875e-05", "0.00001875"), ("0.0", None), ("None", None), ("nan", None), ("-1", None)],
)
async def test_what_a_proxy_says_in_a_header_is_the_cost(tmp_path: Path, header: str, cost: str | None):
    scene = told(CHAT, x_litellm_response_cost=header)

    async with client(tmp_path, **{"chat/completions": scene}) as q:
        reply = await q.chat("hi", model="litellm/mini")

    expected = None if cost is None else Decimal(cost)
    assert (reply.cost, reply.usage.stated_cost) == (expected, expected)


async def test_vectors_have_their_cost_in_the_header_too(tmp_path: Path):
    vectors = {"data": [{"index": 0, "embedding": [0.5]}], "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    scene = told(vectors, x_litellm_response_cost="2e-08")

    async with client(tmp_path, embeddings=scene) as q:
        reply = await q.embed("hi", model="litellm/vec")

    assert (reply.cost, reply.price_rule) == (Decimal("2E-8"), "stated by the provider")


CAPPED = """
from_environment = false
[providers.dear]
provider = "openrouter"
api_key = "sk"
max_cost = 0.001
[providers.plain]
provider = "openrouter"
api_key = "sk"
[[prices]]
provider = "openrouter"
model = "*"
input = 1
output = 10
[routes.both]
targets = ["dear/maker/model", "plain/maker/model"]
"""


def capped(tmp_path: Path) -> tuple[Quorate, ScriptedTransport]:
    file = tmp_path / "quorate.toml"
    file.write_text(CAPPED)
    transport = ScriptedTransport(by_path(OPENROUTER))
    return Quorate(read_settings(file, {}), environment={}, transport=transport), transport


async def test_a_call_that_may_cost_more_than_its_provider_allows_is_not_sent(tmp_path: Path):
    q, transport = capped(tmp_path)

    with pytest.raises(BudgetExceeded, match="dear/maker/model") as refused:
        await q.chat("hi", model="dear/maker/model", max_output=1_000)

    assert (refused.value.limit, transport.sent) == (Decimal("0.001"), [])
    assert (refused.value.needed or 0) > Decimal("0.01")


async def test_a_call_that_cannot_cost_so_much_is_sent(tmp_path: Path):
    q, _ = capped(tmp_path)

    reply = await q.chat("hi", model="dear/maker/model", max_output=10)

    assert reply.provider == "dear"


async def test_what_is_too_dear_at_one_target_goes_to_the_next(tmp_path: Path):
    q, _ = capped(tmp_path)

    reply = await q.chat("hi", model="route/both", max_output=1_000)

    assert [(each.target, each.outcome) for each in reply.attempts] == [
        ("dear/maker/model", "budget_exceeded"),
        ("plain/maker/model", "answered"),
    ]


async def test_wishes_of_the_entry_are_sent_under_those_of_the_call(tmp_path: Path):
    file = tmp_path / "quorate.toml"
    file.write_text(
        '[providers.openrouter]\napi_key = "sk"\noptions = { site = "https://example.com", app = "Rivers" }\n'
        '[providers.openrouter.quirks.defaults]\nprovider = { data_collection = "deny", sort = "price" }\n'
        'transforms = ["middle-out"]\n'
    )
    transport = ScriptedTransport(by_path(OPENROUTER))
    async with Quorate(read_settings(file, {}), environment={}, transport=transport) as q:
        wishes = {"provider": {"sort": "throughput", "only": ["maker"]}, "models": ["maker/other"]}
        await q.chat("hi", model="openrouter/maker/model", vendor={"openai_chat": wishes})

    (sent,) = transport.sent
    body = json.loads(sent.body)
    assert body["provider"] == {"data_collection": "deny", "sort": "throughput", "only": ["maker"]}
    assert (body["models"], body["transforms"]) == (["maker/other"], ["middle-out"])
    assert (sent.headers["http-referer"], sent.headers["x-title"]) == ("https://example.com", "Rivers")


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_who_may_not_see_the_longer_list_gets_the_plain_one(tmp_path: Path, status: int):
    refused = told({"error": {"message": "not for this key"}}, status)

    async with client(tmp_path, **{"model/info": refused}) as q:
        offers = await q.models("litellm")

    assert [offer.name for offer in offers] == ["litellm/maker/model"]
