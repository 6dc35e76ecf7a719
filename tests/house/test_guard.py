"""The tests' own guard holds: loopback only, and nobody's keys."""

from __future__ import annotations

import os
import socket

import pytest

from tests.loopback import LeftLoopback, is_loopback


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST", b"localhost", None]
)
def test_loopback_is_known_by_all_its_names(host: str | bytes | None):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "192.0.2.1", "example.com", "localhost.example.com", b"::"]
)
def test_what_others_could_reach_is_not_loopback(host: str | bytes):
    assert not is_loopback(host)


def test_a_test_cannot_reach_the_network():
    with socket.socket() as outward, pytest.raises(LeftLoopback):
        outward.connect(("192.0.2.1", 80))
    with pytest.raises(LeftLoopback):
        socket.getaddrinfo("example.com", 80)


def test_a_test_cannot_listen_to_the_network():
    with socket.socket() as inward, pytest.raises(LeftLoopback):
        inward.bind(("0.0.0.0", 0))


def test_a_test_may_listen_on_loopback_and_reach_itself():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_no_key_of_the_person_at_the_keyboard_is_seen():
    assert [name for name in os.environ if name.endswith("_API_KEY")] == []
