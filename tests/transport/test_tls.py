"""TLS settings that cannot be used are told at the start, all at once, and without what is in the files."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from quorate.errors import SettingsInvalid
from quorate.transport.http import HttpTransport
from quorate.transport.tls import Tls, context_of

from .certificates import Authority


def test_without_settings_the_client_uses_its_own_context():
    assert context_of(Tls()) is None


def test_whoever_is_not_verified_is_still_spoken_to_under_tls():
    context = context_of(Tls(verify=False))

    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


def test_an_authority_of_ones_own_replaces_the_systems(tmp_path: Path):
    context = context_of(Tls(ca_file=str(Authority(tmp_path).file)))

    assert context is not None
    assert (len(context.get_ca_certs()), context.verify_mode) == (1, ssl.CERT_REQUIRED)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path):
    not_pem = tmp_path / "client.pem"
    not_pem.write_text("canary, no certificate")
    with pytest.raises(SettingsInvalid) as caught:
        HttpTransport(tls=Tls(ca_file=str(tmp_path / "none.pem"), client_certificate=str(not_pem)))

    assert [place for place, _ in caught.value.problems] == ["network.ca_file", "network.client_certificate"]
    assert "No such file" in str(caught.value)
    assert "canary," not in str(caught.value)


def test_a_key_without_its_certificate_is_told():
    with pytest.raises(SettingsInvalid, match="needs its 'client_certificate'"):
        context_of(Tls(client_key="key.pem"))
