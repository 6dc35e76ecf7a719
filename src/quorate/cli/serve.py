"""`quorate serve`: the gateway. Clients of every protocol change their base URL and reach every provider."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack

from quorate.assemble import Household, assemble, read
from quorate.errors import SettingsInvalid
from quorate.gateway.app import Gateway
from quorate.gateway.callers import KeyRing, named_for
from quorate.gateway.first_key import kept_key
from quorate.gateway.gate import is_loopback
from quorate.gateway.handlers import HANDLERS
from quorate.gateway.journal import Journal
from quorate.gateway.limits import Limits
from quorate.gateway.server import listen, run, stoppable, url_of
from quorate.gateway.server import serve as serve_app
from quorate.gateway.visit import Services
from quorate.providers.entry import Entry
from quorate.settings.places import data_folder
from quorate.settings.settings import Settings
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
) -> int:
    """Serve every provider to clients of every protocol on one port, until interrupted.

    Where no provider is set up, simulated ones answer.

    Parameters
    ----------
    host
        The address to listen at; this machine alone unless the settings say more.
    port
        0 takes a free one; 4747 unless the settings say otherwise.
    config
        The settings file.
    grace
        Seconds that running answers have when the server is told to stop.
    """
    return run(_serve(host, port, config, grace))


async def _serve(host: str | None, port: int | None, config: str | None, grace: float | None) -> int:
    async with AsyncExitStack() as stack:
        stop = stack.enter_context(stoppable())
        household = assemble(read(config) if config else None)
        server = household.parts.settings.server
        host = server.host if host is None else host
        if not server.keys and not is_loopback(host):
            raise SettingsInvalid(
                f"to listen at '{host}', beyond this machine, set `keys` under [server] in the settings",
                problems=[("server.keys", "is missing")],
            )
        listening = stack.enter_context(listen(host, server.port if port is None else port))
        is_simulated = not household.parts.directory.entries
        if is_simulated:
            simulator = await stack.enter_async_context(Simulator(seed=1))
            household = assemble(_with_simulated(household.parts.settings, simulator.url))
        stack.push_async_callback(household.transport.close)
        kept, made = (None, None) if server.keys else kept_key(data_folder(os.environ))
        callers = KeyRing()
        callers.learn("first start", {kept: named_for(kept)} if kept else {})
        services = Services(
            wires=WIRES, callers=callers, journal=Journal(), limits=Limits(), handlers=HANDLERS
        )
        gateway = Gateway(household, services, host=host)
        _announce(url_of(listening), household, made, is_simulated=is_simulated)
        await serve_app(gateway, listening, stop, grace=server.grace if grace is None else grace)
    return 0


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


def _announce(url: str, household: Household, made: Secret | None, *, is_simulated: bool) -> None:
    parts = household.parts
    names = [entry.name or entry.provider for entry in parts.directory.entries]
    key = made.reveal() if made else "$QUORATE_KEY"
    print(url, flush=True)
    note(f"Providers: {', '.join(names)}")
    if is_simulated:
        note(
            "None is set up, so every answer is simulated. Set a key (`quorate providers` lists them) and restart."
        )
    note(f"  OpenAI clients      base URL {url}/v1")
    note(f"  Anthropic, Gemini and Ollama clients   {url}")
    if made:
        note(f"Key, made now and shown only this once: {made.reveal()}")
        note("  Its hash is kept. Keys of your own: `keys` under [server] in the settings.")
    model = f"{names[0]}/{SIMULATED}" if is_simulated else f"{names[0]}/…"
    note("Try it:")
    note(f'  curl {url}/v1/chat/completions -H "authorization: Bearer {key}" \\')
    note(f'    -d \'{{"model": "{model}", "messages": [{{"role": "user", "content": "Hello"}}]}}\'')
