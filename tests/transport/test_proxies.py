"""Which proxy leads where, by the variables that other programs heed too."""

from __future__ import annotations

import pytest

from quorate.errors import SettingsInvalid
from quorate.transport.proxies import Proxies, proxies_of
from quorate.types.secret import Secret

PROXY = "http://proxy.example:3128"


def led(proxies: Proxies, address: str) -> str:
    scheme, _, rest = address.partition("://")
    host, _, port = rest.rpartition(":") if rest.rsplit(":")[-1].isdigit() else (rest, "", "")
    return proxies.leading_to(scheme, host.strip("[]"), int(port) if port else None).reveal()


@pytest.mark.parametrize(
    ("environment", "address", "proxy"),
    [
        ({}, "https://api.example", ""),
        ({"HTTPS_PROXY": PROXY}, "https://api.example", PROXY),
        ({"https_proxy": PROXY}, "https://api.example", PROXY),
        ({"https_proxy": PROXY, "HTTPS_PROXY": "http://other:1"}, "https://api.example", PROXY),
        ({"HTTPS_PROXY": PROXY}, "http://api.example", ""),
        ({"HTTP_PROXY": PROXY}, "http://api.example", PROXY),
        ({"HTTP_PROXY": PROXY}, "https://api.example", ""),
        ({"ALL_PROXY": PROXY}, "https://api.example", PROXY),
        ({"ALL_PROXY": PROXY, "HTTPS_PROXY": "http://other:1"}, "https://api.example", "http://other:1"),
        ({"HTTPS_PROXY": "proxy.example:3128"}, "https://api.example", PROXY),
        ({"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, "http://api.example", ""),
        ({"http_proxy": PROXY, "REQUEST_METHOD": "GET"}, "http://api.example", PROXY),
        ({"ALL_PROXY": PROXY}, "http://localhost:11434", ""),
        ({"ALL_PROXY": PROXY}, "http://127.0.0.1:11434", ""),
        ({"ALL_PROXY": PROXY}, "http://[::1]:11434", ""),
        ({"ALL_PROXY": PROXY}, "http://model.localhost:80", ""),
    ],
)
def test_the_variables_are_heeded(environment: dict[str, str], address: str, proxy: str):
    assert led(proxies_of(environment), address) == proxy


@pytest.mark.parametrize(
    ("rules", "address", "is_direct"),
    [
        ("api.example", "https://api.example", True),
        ("api.example", "https://eu.api.example", True),
        (".api.example", "https://eu.api.example", True),
        ("*.api.example", "https://eu.api.example", True),
        ("api.example", "https://notapi.example", False),
        ("api.example", "https://api.example.org", False),
        ("API.Example", "https://api.EXAMPLE.", True),
        ("one, two api.example", "https://api.example", True),
        ("api.example:443", "https://api.example", True),
        ("api.example:8443", "https://api.example", False),
        ("api.example:8443", "https://api.example:8443", True),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("fd00::/8", "https://[fd12::1]", True),
        ("*", "https://api.example", True),
        (" , ", "https://api.example", False),
        ("", "https://api.example", False),
    ],
)
def test_exceptions_are_reached_without(rules: str, address: str, is_direct: bool):
    proxies = proxies_of({"ALL_PROXY": PROXY, "NO_PROXY": rules})

    assert led(proxies, address) == ("" if is_direct else PROXY)


def test_the_setting_stands_above_the_variables_but_for_exceptions():
    environment = {"HTTPS_PROXY": "http://other:1", "NO_PROXY": "intern.example"}
    proxies = proxies_of(environment, proxy=PROXY)

    assert led(proxies, "https://api.example") == PROXY
    assert led(proxies, "http://api.example") == PROXY
    assert led(proxies, "https://llm.intern.example") == ""


@pytest.mark.parametrize(
    "address", ["socks5://proxy:1080", "http://", "http://proxy:port", "http://proxy:99999"]
)
def test_a_proxy_that_cannot_be_used_is_refused_at_the_start(address: str):
    with pytest.raises(SettingsInvalid) as caught:
        proxies_of({}, proxy=address)

    assert caught.value.problems[0][0] == "network.proxy"


def test_the_password_of_a_proxy_is_not_shown():
    proxies = proxies_of({}, proxy="http://me:canary@proxy.example:3128")

    assert "canary" not in repr(proxies)
    assert proxies.https == Secret("http://me:canary@proxy.example:3128")
