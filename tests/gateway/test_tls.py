"""HTTPS with files that are made here, and changed while the server runs."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from quorate.errors import OperatorError
from quorate.gateway.tls import Certificate

from .wire_level import GET, HELLO, Echo, connected, running


@pytest.fixture
def anyio_backend() -> Any:
    """The loop that serves: TLS is its own work there."""
    return ("asyncio", {"use_uvloop": True})


def made(folder: Path, name: str = "gateway", password: bytes | None = None) -> tuple[str, str]:
    """A certificate of its own signing for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    kind = serialization.PrivateFormat.PKCS8
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, lock))
    return str(paths[0]), str(paths[1])


def spoilt(path: str) -> None:
    Path(path).write_text("half a key")


def client_of(certificate: str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


async def test_calls_come_over_tls(tmp_path: Path):
    paths, echo = made(tmp_path), Echo()
    context = client_of(paths[0])

    async with (
        running(echo, certificate=Certificate(*paths)) as server,
        connected(server.port, ssl=context, server_hostname="localhost") as client,
    ):
        await client.say(GET)
        answered = await client.reply()
        spoken = client.writer.get_extra_info("ssl_object")

    assert answered == (200, HELLO)
    assert spoken.selected_alpn_protocol() == "http/1.1"
    assert spoken.version() in {"TLSv1.2", "TLSv1.3"}


async def test_older_versions_are_not_spoken(tmp_path: Path):
    context = Certificate(*made(tmp_path)).context

    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


async def test_a_call_without_tls_is_closed(tmp_path: Path):
    async with (
        running(Echo(), certificate=Certificate(*made(tmp_path))) as server,
        connected(server.port) as client,
    ):
        await client.say(GET)

        assert await client.rest() == b""


@pytest.mark.parametrize("host", ["localhost", None], ids=["named", "unnamed"])
async def test_changed_files_are_taken_by_new_connections(tmp_path: Path, host: str | None):
    paths = made(tmp_path)
    certificate = Certificate(*paths)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    seen: list[bytes | None] = []

    async with running(Echo(), certificate=certificate) as server:
        for later in (1e9, 2e9, 3e9):
            async with connected(server.port, ssl=context, server_hostname=host or "127.0.0.1") as client:
                await client.say(GET)
                assert await client.reply() == (200, HELLO)
                seen.append(client.writer.get_extra_info("ssl_object").getpeercert(binary_form=True))
            made(tmp_path)
            certificate.look(later)

    assert len(set(seen)) == 3


async def test_changed_files_that_are_of_no_use_are_not_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    paths = made(tmp_path)
    certificate = Certificate(*paths)
    context = client_of(paths[0])
    spoilt(paths[1])
    certificate.look(1e9)
    certificate.look(2e9)

    async with (
        running(Echo(), certificate=certificate) as server,
        connected(server.port, ssl=context, server_hostname="localhost") as client,
    ):
        await client.say(GET)
        assert await client.reply() == (200, HELLO)

    assert len(caplog.records) == 1


def test_files_that_are_of_no_use_are_told_of_at_the_start(tmp_path: Path):
    certificate, key = made(tmp_path)
    _, other = made(tmp_path, "other")
    _, locked = made(tmp_path, "locked", b"secret")
    empty = tmp_path / "empty"
    empty.touch()

    with pytest.raises(OperatorError, match="cannot be read"):
        Certificate(str(tmp_path / "none.pem"), key)
    with pytest.raises(OperatorError, match="of another certificate"):
        Certificate(certificate, other)
    with pytest.raises(OperatorError, match="locked with a password"):
        Certificate(certificate, locked)
    with pytest.raises(OperatorError, match="PEM"):
        Certificate(str(empty), key)
    with pytest.raises(OperatorError, match="PEM"):
        Certificate(certificate, "")


def test_certificate_and_key_may_stand_in_one_file(tmp_path: Path):
    certificate, key = made(tmp_path)
    both = tmp_path / "both.pem"
    both.write_bytes(Path(certificate).read_bytes() + Path(key).read_bytes())

    assert Certificate(str(both), "").context
