"""The way to an upstream: TLS with the right and the wrong certificates, and proxies before it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from quorate.errors import Unreachable, UpstreamError
from quorate.transport.proxies import Proxies
from quorate.transport.seam import Transport
from quorate.transport.tls import Tls
from quorate.types.secret import Secret

from .asking import asking, fetch
from .certificates import Authority
from .proxy import proxying
from .server import CHUNKED, Peer, chunk, closed_port, connecting, saying, serving, whole

Make = Callable[..., Transport]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def localhost(authority: Authority) -> Path:
    return authority.issue("localhost", "127.0.0.1")


async def test_a_certificate_of_the_named_authority_is_believed(
    make: Make, authority: Authority, localhost: Path
):
    transport = make(tls=Tls(ca_file=str(authority.file)))
    async with serving(saying(whole(b"safe")), tls=authority.server_context(localhost)) as server:
        answers = [await fetch(transport, asking(server.url())) for _ in range(2)]

    assert answers == [b"safe", b"safe"]
    assert server.connections == 1


async def test_a_certificate_of_nobody_we_know_is_refused(
    transport: Transport, authority: Authority, localhost: Path
):
    async with serving(saying(whole(b"x")), tls=authority.server_context(localhost)) as server:
        with pytest.raises(Unreachable, match="its certificate is not accepted") as caught:
            await fetch(transport, asking(server.url("/v1?key=canary")))

    assert caught.value.reason == "tls"
    assert "canary" not in str(caught.value)
    assert server.heard == []


async def test_a_certificate_for_another_name_is_refused(make: Make, authority: Authority):
    transport = make(tls=Tls(ca_file=str(authority.file)))
    context = authority.server_context(authority.issue("elsewhere.example.com"))
    async with serving(saying(whole(b"x")), tls=context) as server:
        with pytest.raises(Unreachable) as caught:
            await fetch(transport, asking(server.url()))

    assert caught.value.reason == "tls"
    assert server.heard == []


async def test_anybody_is_believed_only_where_that_is_said(make: Make, authority: Authority, localhost: Path):
    transport = make(tls=Tls(verify=False))
    async with serving(saying(whole(b"unsafe")), tls=authority.server_context(localhost)) as server:
        assert await fetch(transport, asking(server.url())) == b"unsafe"


async def test_our_own_certificate_is_shown_to_whoever_asks(
    make: Make, authority: Authority, localhost: Path
):
    transport = make(
        tls=Tls(ca_file=str(authority.file), client_certificate=str(authority.issue("a-client")))
    )
    context = authority.server_context(localhost, asks_for_client=True)
    async with serving(saying(whole(b"welcome")), tls=context) as server:
        assert await fetch(transport, asking(server.url())) == b"welcome"


async def test_a_server_that_asks_in_vain_for_our_certificate_is_an_upstream_error(
    make: Make, authority: Authority, localhost: Path
):
    transport = make(tls=Tls(ca_file=str(authority.file)))
    context = authority.server_context(localhost, asks_for_client=True)
    async with serving(saying(whole(b"x")), tls=context) as server:
        with pytest.raises(UpstreamError):
            await fetch(transport, asking(server.url()))

    assert server.heard == []


async def test_plain_http_where_tls_is_spoken_is_an_upstream_error(
    transport: Transport, authority: Authority, localhost: Path
):
    async with serving(saying(whole(b"x")), tls=authority.server_context(localhost)) as server:
        with pytest.raises(UpstreamError):
            await fetch(transport, asking(server.url().replace("https", "http")))


async def test_tls_where_plain_http_is_spoken_is_unreachable(transport: Transport):
    async def puzzled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(whole(b"", status=b"HTTP/1.1 400 Bad Request\r\n"))

    async with connecting(puzzled) as place:
        with pytest.raises(Unreachable) as caught:
            await fetch(transport, asking(f"https://{place}/v1"))

    assert caught.value.reason == "tls"


async def test_leaving_a_stream_under_tls_hangs_up_at_once(make: Make, authority: Authority, localhost: Path):
    transport = make(tls=Tls(ca_file=str(authority.file)))

    async def endless(peer: Peer) -> None:
        await peer.say(CHUNKED)
        for _ in range(1_000_000):
            await peer.say(chunk(bytes(1000)))

    async with serving(endless, tls=authority.server_context(localhost)) as server:
        async with transport.send(asking(server.url())) as arrival:
            await anext(arrival.chunks())
        await server.until_hung_up()


async def test_a_proxy_leads_to_plain_http(make: Make):
    async with proxying() as proxy, serving(saying(whole(b"through"))) as server:
        transport = make(proxies=Proxies(http=Secret(proxy.url("")), loopback=True))
        answer = await fetch(transport, asking(server.url()))

    assert answer == b"through"
    assert proxy.heard[0].line == f"POST {server.url()} HTTP/1.1".encode()


async def test_a_proxy_leads_to_tls_without_seeing_what_is_said(
    make: Make, authority: Authority, localhost: Path
):
    context = authority.server_context(localhost)
    async with proxying() as proxy, serving(saying(whole(b"through")), tls=context) as server:
        transport = make(
            tls=Tls(ca_file=str(authority.file)), proxies=Proxies(https=Secret(proxy.url("")), loopback=True)
        )
        headers = {"authorization": "Bearer canary"}
        answers = [await fetch(transport, asking(server.url(), headers=headers)) for _ in range(2)]

    assert answers == [b"through", b"through"]
    assert proxy.heard[0].line == f"CONNECT 127.0.0.1:{server.port} HTTP/1.1".encode()
    assert proxy.connections == 1
    assert b"canary" not in b"".join(peer.head for peer in proxy.heard)


@pytest.mark.parametrize("is_tls", [False, True])
async def test_a_proxy_gets_its_password_and_the_upstream_does_not(
    make: Make, authority: Authority, localhost: Path, is_tls: bool
):
    credential = b"Basic " + b64encode(b"me:secret")
    context = authority.server_context(localhost) if is_tls else None
    async with (
        proxying(credential=credential) as proxy,
        serving(saying(whole(b"through")), context) as server,
    ):
        address = Secret(proxy.url("").replace("//", "//me:secret@"))
        transport = make(
            tls=Tls(ca_file=str(authority.file)),
            proxies=Proxies(http=address, https=address, loopback=True),
        )
        answers = [await fetch(transport, asking(server.url())) for _ in range(2)]

    assert answers == [b"through", b"through"]


@pytest.mark.parametrize("is_tls", [False, True])
async def test_a_proxy_that_wants_another_password_is_named_without_ours(
    make: Make, authority: Authority, localhost: Path, is_tls: bool
):
    context = authority.server_context(localhost) if is_tls else None
    async with proxying(credential=b"another") as proxy, serving(saying(whole(b"x")), context) as server:
        address = Secret(proxy.url("").replace("//", "//me:secret@"))
        transport = make(proxies=Proxies(http=address, https=address, loopback=True))
        with pytest.raises(Unreachable, match=f"proxy '127.0.0.1:{proxy.port}'") as caught:
            await fetch(transport, asking(server.url()))

    assert (caught.value.reason, caught.value.status) == ("proxy", 407)
    assert "secret" not in str(caught.value)
    assert server.heard == []


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_is_not_there_is_named(make: Make, scheme: str):
    address = Secret(f"http://me:secret@127.0.0.1:{closed_port()}")
    transport = make(proxies=Proxies(http=address, https=address))
    with pytest.raises(Unreachable, match=r"no connection to the proxy '127\.0\.0\.1:") as caught:
        await fetch(transport, asking(f"{scheme}://upstream.example.com/v1?key=canary"))

    assert caught.value.reason == "proxy"
    assert "secret" not in str(caught.value)
    assert "canary" not in str(caught.value)


async def test_this_machine_is_reached_without_a_proxy(make: Make):
    transport = make(proxies=Proxies(http=Secret(f"http://127.0.0.1:{closed_port()}")))
    async with serving(saying(whole(b"straight"))) as server:
        assert await fetch(transport, asking(server.url())) == b"straight"
