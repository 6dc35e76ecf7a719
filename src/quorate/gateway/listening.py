"""Where the gateway listens: a port or a Unix socket, and who may reach it there."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

from quorate.errors import OperatorError, SettingsInvalid

from .gate import UNIX, is_loopback

_BACKLOG = 2048
_MODE = 0o600
_OTHER_FILES = 256


def may_listen(host: str, *, has_keys: bool, has_admin_key: bool) -> None:
    """Beyond this machine only with keys of both kinds. Raises `SettingsInvalid`."""
    if is_loopback(host):
        return
    problems: list[tuple[str, str]] = []
    if not has_keys:
        told = (
            "make a key for clients (`quorate keys add NAME`), or set `keys` under [server] in the settings"
        )
        problems.append(("server.keys", told))
    if not has_admin_key:
        problems.append(("server.host", "make an admin key (`quorate keys add NAME --admin`)"))
    if problems:
        told = ", and ".join(what for _, what in problems)
        raise SettingsInvalid(f"to listen at '{host}', beyond this machine, {told}", problems=problems)


def listen(host: str, port: int, *, sockets: int = 1) -> list[socket.socket]:
    """Sockets that clients can connect to from this moment on, all of one address. Raises `OperatorError`.

    Each of several gets its share of the connections, also where they come in a burst.
    `host` may be `unix:PATH`; such a socket is for this user alone, and there is one of it.
    """
    if host.startswith(UNIX):
        return [_listen_locally(Path(host.removeprefix(UNIX)))]
    # Sockets that share a port are shared with any other program of this user too, unless one looks first.
    first = _bound(host, port, is_shared=False)
    if sockets == 1 or sys.platform != "linux":  # elsewhere the last of them would get every connection
        return [_open(first)]
    port = first.getsockname()[1]
    first.close()
    made: list[socket.socket] = []
    try:
        for _ in range(sockets):
            made.append(_open(_bound(host, port, is_shared=True)))  # noqa: PERF401 those made so far are closed below
    except OperatorError:
        for each in made:
            each.close()
        raise
    return made


def _bound(host: str, port: int, *, is_shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small pieces at once only on sockets that say they speak TCP.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise _cannot(host, port, error) from error
    return made


def _open(bound: socket.socket) -> socket.socket:
    host, port = bound.getsockname()[:2]
    try:
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise _cannot(host, port, error) from error
    return bound


def _cannot(host: str, port: int, error: OSError) -> OperatorError:
    why = error.strerror or str(error)
    if error.errno == errno.EADDRINUSE:
        why = "another program listens there: end it, or choose another with `--port`"
    return OperatorError(f"cannot listen on '{host}' port {port}: {why}")


def _listen_locally(path: Path) -> socket.socket:
    """A socket that nobody else may use. One that was left behind by a program that is gone is taken away."""
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o777 & ~_MODE)
    try:
        if path.is_socket() and not _answers(path):
            path.unlink()
        made.bind(str(path))
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        why = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror or error
        raise OperatorError(f"cannot listen on '{path}': {why}") from error
    finally:
        os.umask(mask)
    return made


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        try:
            asking.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
    return True


def close(sockets: list[socket.socket], host: str) -> None:
    """Close them, if the server has not; a Unix socket leaves no file behind."""
    for each in sockets:
        each.close()
    if host.startswith(UNIX):
        path = Path(host.removeprefix(UNIX))
        if path.is_socket() and not _answers(path):  # it may be the next server's
            path.unlink(missing_ok=True)


def url_of(listening: socket.socket, *, is_https: bool = False, base_path: str = "") -> str:
    """Where clients find it. A Unix socket has a path beside it, which is told elsewhere."""
    scheme = "https" if is_https else "http"
    if listening.family == socket.AF_UNIX:
        return f"{scheme}://localhost{base_path}"
    host, port = listening.getsockname()[:2]
    return f"{scheme}://[{host}]:{port}{base_path}" if ":" in host else f"{scheme}://{host}:{port}{base_path}"


def allow_connections(count: int) -> None:
    """Let this process hold so many connections of clients, with one upstream for each, if the system allows it."""
    try:
        import resource  # noqa: PLC0415  # not there on every system
    except ImportError:
        return
    wanted = 2 * count + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
