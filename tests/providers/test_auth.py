"""Signing: address, query and headers come together; a credential shows up nowhere else."""

from __future__ import annotations

import pytest

from quorate.errors import InvalidRequest, SettingsInvalid
from quorate.providers.auth import Signer
from quorate.types.secret import Secret
from quorate.types.target import Auth, Quirks, Target
from quorate.wire.seam import WireRequest

REQUEST = WireRequest(path="/chat", body=b"{}")
PLAIN = Target(provider="acme", model="m", wire="openai_chat", base_url="https://acme.test/v1/")


def with_auth(**auth: str) -> Target:
    return Target(
        provider="acme",
        model="m",
        wire="openai_chat",
        base_url="https://acme.test/v1",
        auth=Auth(**auth),  # pyright: ignore[reportArgumentType]
        secret=Secret("canary-key-1"),
    )


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "bearer"}, "authorization", "Bearer canary-key-1"),
        ({"kind": "header", "name": "X-Api-Key"}, "x-api-key", "canary-key-1"),
        ({"kind": "header", "name": "api-key", "prefix": "Key "}, "api-key", "Key canary-key-1"),
    ],
)
def test_the_credential_stands_in_its_header(auth, header, value):
    url, headers = Signer().sign(with_auth(**auth), REQUEST)

    assert url == "https://acme.test/v1/chat"
    assert headers == {"content-type": "application/json", header: value}


def test_the_credential_stands_in_the_query():
    target = with_auth(kind="query", name="key")

    url, headers = Signer().sign(target, WireRequest(path="/chat", query={"alt": "sse"}))

    assert url == "https://acme.test/v1/chat?alt=sse&key=canary-key-1"
    assert headers == {}


def test_without_a_credential_nothing_is_sent():
    assert Signer().sign(PLAIN, REQUEST) == (
        "https://acme.test/v1/chat",
        {"content-type": "application/json"},
    )


def test_query_values_are_encoded():
    target = Target(
        provider="a", model="m", wire="w", base_url="https://a.test", quirks=Quirks(query={"v": "a b&c=d/é"})
    )

    assert Signer().sign(target, REQUEST)[0] == "https://a.test/chat?v=a%20b%26c%3Dd%2F%C3%A9"


def test_the_targets_headers_win_over_the_codecs():
    target = Target(
        provider="a", model="m", wire="w", base_url="https://a.test", headers={"Anthropic-Version": "2099"}
    )
    request = WireRequest(
        path="/m", body=b"x", headers={"anthropic-version": "2023", "content-type": "text/x"}
    )

    assert Signer().sign(target, request)[1] == {"anthropic-version": "2099", "content-type": "text/x"}


def test_a_target_is_prepared_once_and_never_mistaken_for_another():
    signer = Signer()
    first = with_auth(kind="bearer")
    signer.sign(first, REQUEST)
    prepared = dict(signer._prepared)
    signer.sign(first, REQUEST)

    other = Target(provider="b", model="m", wire="w", base_url="https://b.test")
    signer._prepared[id(other)] = prepared[id(first)]

    assert signer._prepared[id(first)] is prepared[id(first)]
    assert signer.sign(other, REQUEST)[0] == "https://b.test/chat"


def test_what_a_caller_does_to_the_headers_does_not_stay():
    signer, target = Signer(), with_auth(kind="bearer")
    _, headers = signer.sign(target, WireRequest(path="/models", method="GET"))
    assert isinstance(headers, dict)
    headers["authorization"] = "gone"

    assert signer.sign(target, REQUEST)[1]["authorization"] == "Bearer canary-key-1"


def test_usual_requests_of_a_target_share_headers_that_nobody_can_change():
    signer, target = Signer(), with_auth(kind="bearer")
    first, again, other = (
        signer.sign(target, WireRequest(path=path, body=b"{}")) for path in ("/chat", "/chat", "/embed")
    )

    assert first == again == Signer().sign(target, REQUEST)
    assert (other[0], other[1]) == ("https://acme.test/v1/embed", first[1])
    assert again[1] is first[1]
    with pytest.raises(TypeError):
        first[1]["authorization"] = "gone"  # type: ignore[index]  # what is tried


@pytest.mark.parametrize("key", ["canary-key-1\r\nx-evil: 1", "canary-kéy", "canary\x00"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(key):
    target = Target(provider="acme", model="m", wire="w", base_url="https://a.test", secret=Secret(key))

    with pytest.raises(SettingsInvalid, match="'authorization'") as raised:
        Signer().sign(target, REQUEST)

    assert "canary" not in str(raised.value) + repr(raised.value.problems)


def test_memory_of_targets_has_an_end(monkeypatch):
    monkeypatch.setattr("quorate.providers.auth._MOST", 3)
    signer = Signer()
    targets = [Target(provider=f"p{n}", model="m", wire="w", base_url="https://a.test") for n in range(10)]

    urls = [signer.sign(target, REQUEST)[0] for target in targets]

    assert len(signer._prepared) <= 3
    assert len(urls) == 10


def test_a_credential_in_the_query_shows_up_nowhere_else():
    signer, target = Signer(), with_auth(kind="query", name="key")
    signer.sign(target, REQUEST)

    shown = repr(target) + repr(signer) + repr(signer._prepared)

    assert "canary" not in shown


@pytest.mark.parametrize("path", ["/a/../b", "/./a", "/..", "/a/b/."])
def test_an_address_does_not_leave_its_folder(path: str):
    with pytest.raises(InvalidRequest):
        Signer().sign(PLAIN, WireRequest(path=path))


@pytest.mark.parametrize("path", ["/models/..:generate", "/a/.b/...", "/v1.5/a..b"])
def test_dots_may_stand_in_a_name(path: str):
    assert Signer().sign(PLAIN, WireRequest(path=path))[0] == f"https://acme.test/v1{path}"
