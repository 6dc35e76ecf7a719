"""The errors: a tree that its own docstring draws, with a code for each and plain data in each."""

from __future__ import annotations

import inspect
import pickle
import re
from decimal import Decimal

import pytest

from quorate import errors
from quorate.errors import (
    BudgetExceeded,
    InvalidOutput,
    InvalidRequest,
    MissingCredential,
    NoAnswer,
    NoQuorum,
    QuorateError,
    RateLimited,
    SettingsInvalid,
    StreamInterrupted,
    UnknownModel,
    Unsupported,
    UpstreamBusy,
    UpstreamError,
    UpstreamTimeout,
)

CLASSES = [made for _, made in inspect.getmembers(errors, inspect.isclass) if issubclass(made, QuorateError)]
UPSTREAM = [made for made in CLASSES if issubclass(made, UpstreamError)]


def drawn_tree() -> set[tuple[str, str]]:
    """(class, parent) pairs as the docstring's indents tell them."""
    drawn = re.findall(r"^( +)([A-Z]\w+)(?: {2,}.*)?$", errors.__doc__ or "", re.MULTILINE)
    above: list[tuple[int, str]] = []
    pairs: set[tuple[str, str]] = set()
    for indent, name in drawn:
        above = [(depth, parent) for depth, parent in above if depth < len(indent)]
        pairs.add((name, above[-1][1] if above else "Exception"))
        above.append((len(indent), name))
    return pairs


def test_the_docstring_draws_the_tree_as_it_is():
    assert drawn_tree() == {(made.__name__, made.__mro__[1].__name__) for made in CLASSES}


def test_every_error_has_a_code_of_its_own():
    codes = [made.code for made in CLASSES]

    assert sorted(codes) == sorted(set(codes))
    assert [code for code in codes if not re.fullmatch(r"[a-z_]+", code)] == []


@pytest.mark.parametrize("made", CLASSES)
def test_every_error_has_a_status_and_a_sentence(made: type[QuorateError]):
    assert 400 <= made.http_status < 600
    assert made.retry in ("never", "same", "elsewhere")
    assert (made.__doc__ or "").strip()


@pytest.mark.parametrize("made", [each for each in CLASSES if not issubclass(each, UpstreamError)])
def test_only_a_providers_fault_is_tried_again(made: type[QuorateError]):
    assert made.retry == "never"


@pytest.mark.parametrize("made", CLASSES)
def test_every_error_says_its_words_and_nothing_else(made: type[QuorateError]):
    assert str(made("the words")) == "the words"


@pytest.mark.parametrize("made", CLASSES)
def test_every_error_can_go_to_another_process(made: type[QuorateError]):
    copy = pickle.loads(pickle.dumps(made("the words")))  # noqa: S301  # our own bytes

    assert (type(copy), str(copy)) == (made, "the words")


def test_errors_of_requests_carry_what_is_wrong():
    assert InvalidRequest("m", where="messages.0").where == "messages.0"
    assert InvalidOutput("m", text="{").text == "{"
    assert Unsupported("m", settings=["top_k"]).settings == ("top_k",)
    unknown = UnknownModel("m", model="gpt-9", nearest=["gpt-5"])
    assert (unknown.model, unknown.nearest) == ("gpt-9", ("gpt-5",))


def test_errors_of_access_carry_the_limits():
    exceeded = BudgetExceeded("m", limit=Decimal(3), left=Decimal(1), needed=Decimal(2))
    assert (exceeded.limit, exceeded.left, exceeded.needed) == (3, 1, 2)
    assert RateLimited("m", retry_after=2.5).retry_after == 2.5


@pytest.mark.parametrize("made", UPSTREAM)
def test_errors_of_providers_carry_what_they_said(made: type[UpstreamError]):
    error = made(
        "m",
        provider="p",
        model="x",
        status=418,
        upstream_code="teapot",
        retry_after=1.5,
        request_id="r",
        body=b"x" * 5000,
    )

    assert (error.provider, error.model, error.status) == ("p", "x", 418)
    assert (error.upstream_code, error.retry_after, error.request_id) == ("teapot", 1.5, "r")
    assert len(error.body) == 4096


def test_errors_of_providers_need_only_words():
    error = UpstreamBusy("m")

    assert (error.provider, error.status, error.retry_after, error.body) == ("", 0, None, b"")
    assert StreamInterrupted("m").partial is None
    assert UpstreamTimeout("m").waited_for == ""


def test_errors_of_many_carry_the_single_ones():
    causes = [UpstreamBusy("a"), UpstreamTimeout("b")]

    assert NoAnswer("m", causes=causes).causes == tuple(causes)
    assert NoQuorum("m", causes=causes).causes == tuple(causes)


def test_errors_of_settings_say_where_they_could_be_mended():
    assert SettingsInvalid("m", problems=[("a.b", "wrong")]).problems == (("a.b", "wrong"),)
    missing = MissingCredential("m", provider="p", variable="P_KEY", setting="providers.p.api_key")
    assert (missing.provider, missing.variable, missing.setting) == ("p", "P_KEY", "providers.p.api_key")
