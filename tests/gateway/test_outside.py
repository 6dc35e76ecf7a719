"""Who calls through which proxies, below which path, and what a browser is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import quorate
from quorate.errors import SettingsInvalid
from quorate.gateway.cors import EXPOSED, cors_of, headers_for, preflight
from quorate.gateway.intake import Head
from quorate.gateway.outside import Client, Trusted, client_of, within
from quorate.settings.read import read_settings

PROXY, EDGE, STRANGER = "127.0.0.1", "10.1.2.3", "203.0.113.9"
TRUSTED = Trusted(networks=("127.0.0.1", "10.0.0.0/8", "fd00::/8"))


def scope(*headers: tuple[str, str], peer: str | None = PROXY) -> dict[str, Any]:
    pairs = [("host", "inside:4747"), *headers]
    return {
        "client": (peer, 5000) if peer is not None else None,
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
    }


CLIENTS: dict[str, tuple[list[tuple[str, str]], str, str, str]] = {
    "no word at all": ([], PROXY, "http", "inside:4747"),
    "one proxy": ([("x-forwarded-for", STRANGER)], STRANGER, "http", "inside:4747"),
    "two proxies": ([("x-forwarded-for", f"{STRANGER}, {EDGE}")], STRANGER, "http", "inside:4747"),
    "two headers": (
        [("x-forwarded-for", STRANGER), ("x-forwarded-for", EDGE)],
        STRANGER,
        "http",
        "inside:4747",
    ),
    "a client that lies": (
        [("x-forwarded-for", f"1.1.1.1, 2.2.2.2, {STRANGER}, {EDGE}")],
        STRANGER,
        "http",
        "inside:4747",
    ),
    "proxies alone": ([("x-forwarded-for", f"10.9.9.9, {EDGE}")], "10.9.9.9", "http", "inside:4747"),
    "nonsense on the way": ([("x-forwarded-for", f"{STRANGER}, what, {EDGE}")], EDGE, "http", "inside:4747"),
    "nonsense alone": ([("x-forwarded-for", "what")], PROXY, "http", "inside:4747"),
    "a port": ([("x-forwarded-for", f"{STRANGER}:1234")], STRANGER, "http", "inside:4747"),
    "version six": ([("x-forwarded-for", "[2001:db8::1]:1234")], "2001:db8::1", "http", "inside:4747"),
    "scheme and host": (
        [
            ("x-forwarded-for", STRANGER),
            ("x-forwarded-proto", "HTTPS"),
            ("x-forwarded-host", "llm.example"),
        ],
        STRANGER,
        "https",
        "llm.example",
    ),
    "scheme alone": ([("x-forwarded-proto", "https")], PROXY, "https", "inside:4747"),
    "a scheme for each hop": (
        [("x-forwarded-for", f"1.1.1.1, {STRANGER}, {EDGE}"), ("x-forwarded-proto", "ftp, https, http")],
        STRANGER,
        "https",
        "inside:4747",
    ),
    "a scheme that is none": (
        [("x-forwarded-for", STRANGER), ("x-forwarded-proto", "javascript")],
        STRANGER,
        "http",
        "inside:4747",
    ),
    "the standard's header": (
        [("forwarded", f'For="{STRANGER}:99";proto=https;host="llm.example", for={EDGE};proto=http')],
        STRANGER,
        "https",
        "llm.example",
    ),
    "the standard's header and version six": (
        [("forwarded", 'for="[2001:db8::1]:99"')],
        "2001:db8::1",
        "http",
        "inside:4747",
    ),
    "the standard's header, hidden": ([("forwarded", "for=_hidden")], PROXY, "http", "inside:4747"),
    "two forms that agree": (
        [("forwarded", f"for={STRANGER};proto=https"), ("x-forwarded-for", STRANGER)],
        STRANGER,
        "https",
        "inside:4747",
    ),
    "two forms that do not": (
        [("forwarded", "for=1.1.1.1;proto=https"), ("x-forwarded-for", STRANGER)],
        PROXY,
        "http",
        "inside:4747",
    ),
}


@pytest.mark.parametrize("case", CLIENTS)
def test_the_last_one_that_is_no_proxy_of_ours_is_the_client(case: str):
    headers, address, scheme, host = CLIENTS[case]

    assert client_of(scope(*headers), TRUSTED) == Client(address=address, scheme=scheme, host=host)


def test_what_a_stranger_says_of_itself_counts_for_nothing():
    told = [("x-forwarded-for", "1.1.1.1"), ("x-forwarded-proto", "https"), ("forwarded", "for=2.2.2.2")]

    for trusted in (TRUSTED, Trusted()):
        found = client_of(scope(*told, peer=STRANGER), trusted)
        assert found == Client(address=STRANGER, scheme="http", host="inside:4747")


def test_a_unix_socket_is_trusted_where_that_is_said():
    told = scope(("x-forwarded-for", STRANGER), peer=None)

    assert client_of(told, Trusted(networks=("unix",))).address == STRANGER
    assert client_of(told, TRUSTED).address == ""


def test_addresses_of_both_versions_are_told_apart():
    assert TRUSTED.includes("::ffff:10.1.1.1")
    assert TRUSTED.includes("fd00::5")
    assert not TRUSTED.includes("fe80::1")
    assert not TRUSTED.includes("10.1.1.1.evil")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/llm/v1/models", "/v1/models"),
        ("/llm", "/"),
        ("/llm/", "/"),
        ("/llm//x", "//x"),
        ("/llmx/v1", None),
        ("/v1/models", None),
        ("/", None),
        ("/LLM/v1", None),
    ],
)
def test_only_what_lies_below_the_base_path_is_served(path: str, found: str | None):
    assert within("/llm", path) == found
    assert within("", path) == path


def asked(**headers: str) -> Head:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Head(method="OPTIONS", path="/v1/models", query={}, headers=told)


PAGE = "https://chat.example"


def test_a_browsers_question_is_answered_for_its_page_alone():
    told = preflight(
        asked(
            origin=PAGE,
            access_control_request_method="POST",
            access_control_request_headers="authorization, content-type, x-stainless-os",
        )
    )

    assert told is not None
    assert told["access-control-allow-origin"] == PAGE
    assert "POST" in told["access-control-allow-methods"]
    assert told["access-control-allow-headers"] == "authorization, content-type, x-stainless-os"
    assert told["vary"] == "origin, access-control-request-headers"
    assert "access-control-allow-credentials" not in told
    assert "access-control-allow-private-network" not in told


def test_a_page_on_the_internet_may_ask_for_this_machine():
    told = preflight(
        asked(origin=PAGE, access_control_request_method="GET", access_control_request_private_network="true")
    )

    assert told is not None
    assert told["access-control-allow-private-network"] == "true"
    assert "access-control-allow-headers" not in told


@pytest.mark.parametrize("wanted", ["x\r\nset-cookie: a", "a b", ",", "x" * 5000, "*, é"])
def test_names_that_are_none_are_not_repeated(wanted: str):
    told = preflight(
        asked(origin=PAGE, access_control_request_method="GET", access_control_request_headers=wanted)
    )

    assert told is not None
    assert "access-control-allow-headers" not in told


def test_what_is_no_question_is_a_call():
    assert preflight(asked(origin=PAGE)) is None
    assert preflight(asked(access_control_request_method="POST")) is None
    call = Head(
        method="POST", path="/", query={}, headers={"origin": PAGE, "access-control-request-method": "POST"}
    )
    assert preflight(call) is None


def test_every_answer_tells_the_page_that_it_may_be_read():
    assert cors_of({"origin": PAGE}) == headers_for(PAGE)
    assert headers_for(PAGE)["access-control-allow-origin"] == PAGE
    assert cors_of({}) == {}


def test_every_header_of_ours_may_be_read():
    sources = Path(quorate.__file__).parent.joinpath("gateway").rglob("*.py")
    written = {name for path in sources for name in re.findall(r'"(x-quorate-[a-z-]+)":', path.read_text())}

    assert written
    assert written <= set(EXPOSED)


def test_the_settings_of_its_surroundings_are_read(tmp_path: Path):
    path = tmp_path / "quorate.toml"
    path.write_text(
        '[server]\nworkers = 3\ntrusted_proxies = ["127.0.0.1", "fd00::/8", "unix"]\nbase_path = "/a/llm/"\n'
        'certificate = "c.pem"\ncertificate_key = "k.pem"\nconnections = 9\nhead_timeout = 1.5\n'
    )

    server = read_settings(path, {}).server

    assert (server.workers, server.connections, server.head_timeout) == (3, 9, 1.5)
    assert (server.certificate, server.certificate_key) == ("c.pem", "k.pem")
    assert (server.trusted_proxies, server.base_path) == (("127.0.0.1", "fd00::/8", "unix"), "/a/llm")


def test_settings_of_its_surroundings_that_make_no_sense_are_told_of_together(tmp_path: Path):
    path = tmp_path / "quorate.toml"
    path.write_text(
        '[server]\ncertificate_key = "k.pem"\ntrusted_proxies = ["10.0.0.1/8", "proxy.example"]\n'
    )
    with pytest.raises(SettingsInvalid) as caught:
        read_settings(path, {})
    path.write_text('[server]\nbase_path = "llm"\nidle_timeout = 0\nworkers = 0\n')
    with pytest.raises(SettingsInvalid) as formless:
        read_settings(path, {})

    told = " ".join(what for _, what in caught.value.problems)
    assert [word in told for word in ("certificate", "'10.0.0.1/8'", "'proxy.example'")] == [True] * 3
    assert len(formless.value.problems) == 3
