"""`quorate serve`: the gateway. Clients of every protocol change their base URL and reach every provider."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any

from quorate.assemble import Household, assemble, read
from quorate.gateway.app import Gateway
from quorate.gateway.gate import UNIX, is_loopback
from quorate.gateway.heap import settle_heap
from quorate.gateway.listening import allow_connections, close, listen, may_listen, url_of
from quorate.gateway.opening import Place, opened, prepare, stored_rights
from quorate.gateway.server import run
from quorate.gateway.server import serve as serve_app
from quorate.gateway.stopping import Stop, stoppable
from quorate.gateway.stored_keys import FirstKeys
from quorate.gateway.tls import Certificate
from quorate.gateway.workers import supervise
from quorate.providers.entry import Entry
from quorate.settings.places import store_url
from quorate.settings.settings import ServerSettings, Settings
from quorate.sim.simulator import Simulator
from quorate.types.secret import Secret
from quorate.types.value import replace
from quorate.wire.wires import WIRES

from .simulated import NAMES, simulated_settings
from .terminal import note

SIMULATED = "sim-swift"
"""The model of a simulated provider for calls that name none."""


def serve(
    *,
    host: str | None = None,
    port: int | None = None,
    config: str | None = None,
    grace: float | None = None,
    workers: int | None = None,
) -> int:
    """Serve every provider to clients of every protocol on one port, until interrupted.

    Where no provider is set up, simulated ones answer.

    Parameters
    ----------
    host
        The address to listen at; this machine alone unless the settings say more. `unix:PATH` is a Unix socket.
    port
        0 takes a free one; 4747 unless the settings say otherwise.
    config
        The settings file.
    grace
        Seconds that running answers have when the server is told to stop.
    workers
        Processes that share the port; one unless the settings say more.
    """
    with ExitStack() as stack:
        stop = stack.enter_context(stoppable())
        household = assemble(read(config) if config else None)
        told = {"host": host, "port": port, "grace": grace, "workers": workers}
        server = _over(household.parts.settings.server, told)
        store = store_url(household.parts.settings.store.url, os.environ)
        _check_keys(server, store)
        certificate = Certificate(server.certificate, server.certificate_key) if server.certificate else None
        allow_connections(server.connections)
        listening = listen(server.host, server.port, sockets=server.workers)
        stack.callback(close, listening, server.host)
        shared = Path(stack.enter_context(TemporaryDirectory())) if server.workers > 1 else None
        place = Place(url=store, wires=WIRES, host=server.host, environment=os.environ, shared=shared)
        made, link = run(prepare(place.url, with_caller=not server.keys))
        url = url_of(listening[0], is_https=certificate is not None, base_path=server.base_path)
        _announce(url, server.host, household, made, link)

        def work(number: int, stop: Stop) -> int:
            # Each worker has a socket of its own: the system deals new connections out evenly.
            own = [listening[number % len(listening)]]
            here = dataclasses.replace(place, stop=stop, worker=number)
            return run(_serve(household, server, own, here, certificate))

        if server.workers > 1:
            return supervise(
                work, server.workers, stop, grace=server.grace, leave=lambda: close(listening, server.host)
            )
        return work(0, stop)


def _check_keys(server: ServerSettings, store: Secret) -> None:
    """Raises `SettingsInvalid` beyond this machine, where there are no keys yet."""
    if not is_loopback(server.host):
        for_clients, for_admins = run(stored_rights(store))
        may_listen(server.host, has_keys=for_clients or bool(server.keys), has_admin_key=for_admins)


def _over(server: ServerSettings, told: Mapping[str, Any]) -> ServerSettings:
    """The settings, but for what the command itself says."""
    return replace(server, **{name: value for name, value in told.items() if value is not None})


async def _serve(
    household: Household,
    server: ServerSettings,
    listening: Sequence[socket],
    place: Place,
    certificate: Certificate | None,
) -> int:
    async with AsyncExitStack() as stack:
        if _is_simulated(household):
            simulator = await stack.enter_async_context(Simulator(seed=1))
            household = assemble(_with_simulated(household.parts.settings, simulator.url))
        stack.push_async_callback(household.transport.close)
        made = await stack.enter_async_context(opened(household, place))
        gateway = Gateway(household, made.services, host=server.host)
        settle_heap()
        await serve_app(gateway, listening, place.stop, server, certificate=certificate)
    return place.stop.code


def _is_simulated(household: Household) -> bool:
    return not household.parts.directory.entries


def _with_simulated(settings: Settings, url: str) -> Settings:
    """The simulator's providers instead of none. A settings file is then no longer watched for changes."""
    simulated = simulated_settings(url)
    return replace(
        settings,
        source="",
        rows=settings.rows | simulated.rows,
        prices=(*settings.prices, *simulated.prices),
        entries=tuple(
            Entry(provider=name, name=name, chat_model=SIMULATED, embedding_model="sim-embed")
            for name in NAMES.values()
        ),
        places=(),
        from_environment=False,
    )


def _announce(url: str, host: str, household: Household, made: FirstKeys | None, link: Secret) -> None:
    """Where it is found and how it is tried; the address first, and alone on stdout."""
    is_simulated = _is_simulated(household)
    entries = household.parts.directory.entries
    names = list(NAMES.values()) if is_simulated else [entry.name or entry.provider for entry in entries]
    key = made.caller.reveal() if made and made.caller else "$QUORATE_KEY"
    print(host if host.startswith(UNIX) else url, flush=True)
    note(f"Providers: {', '.join(names)}")
    if is_simulated:
        note(
            "None is set up, so every answer is simulated. Set a key (`quorate providers` lists them) and restart."
        )
    note(f"  OpenAI clients      base URL {url}/v1")
    note(f"  Anthropic, Gemini and Ollama clients   {url}")
    if not host.startswith(UNIX):
        note(f"  Sign in, once, within ten minutes      {url}/sign-in/{link.reveal()}")
    if made:
        note("Keys, made now and shown only this once; `quorate keys` makes others:")
        note(f"  admin          {made.admin.reveal()}")
    if made and made.caller:
        note(f"  for clients    {key}")
    model = f"{names[0]}/{SIMULATED}" if is_simulated else f"{names[0]}/…"
    way = f"--unix-socket {host.removeprefix(UNIX)} " if host.startswith(UNIX) else ""
    note("Try it:")
    note(f'  curl {way}{url}/v1/chat/completions -H "authorization: Bearer {key}" \\')
    note(f'    -d \'{{"model": "{model}", "messages": [{{"role": "user", "content": "Hello"}}]}}\'')
