"""HTTPS with a certificate of files, which may be renewed while the gateway runs."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from quorate.errors import OperatorError

_EVERY = 60.0
"""Seconds after which the files are looked at again."""

_log = logging.getLogger("quorate.gateway")


class Certificate:
    """The files of a certificate and its key. `context` is what listens; new connections get the newest files."""

    def __init__(self, certificate: str, key: str) -> None:
        """`key` '' stands in the same file. Raises `OperatorError` where they cannot be used."""
        self._paths = (certificate, key or certificate)
        self._seen = self._state()
        self._newest = self._loaded()
        self._looked = 0.0
        self.context = self._newest
        self.context.sni_callback = self._choose

    def look(self, now: float) -> None:
        """Take files that changed. Those that cannot be used are told of, and the older ones stay."""
        if now - self._looked < _EVERY:
            return
        self._looked = now
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            self._newest = self._loaded()
        except OperatorError as error:
            _log.error("the changed certificate is not taken: %s", error)
        else:
            _log.info("the changed certificate of '%s' is taken", self._paths[0])

    def _choose(self, connection: ssl.SSLObject, name: str | None, context: ssl.SSLContext) -> None:
        """Called in every handshake, whether the client names a server or not."""
        connection.context = self._newest

    def _state(self) -> list[tuple[int, int, int]]:
        """What differs when a file is another one."""
        states: list[tuple[int, int, int]] = []
        for path in self._paths:
            try:
                told = Path(path).stat()
            except OSError:
                states.append((0, 0, 0))
            else:
                states.append((told.st_mtime_ns, told.st_size, told.st_ino))
        return states

    def _loaded(self) -> ssl.SSLContext:
        certificate, key = self._paths
        for path in (certificate, key):
            try:
                Path(path).read_bytes()
            except OSError as error:
                raise OperatorError(f"'{path}' cannot be read: {error.strerror}") from error
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (ssl.SSLError, ValueError) as error:
            raise OperatorError(
                f"'{certificate}' with the key in '{key}' is of no use: {_why(error)}"
            ) from error
        return context


def _no_password() -> str:
    """OpenSSL would ask for one at the terminal."""
    raise ValueError("the key is locked with a password")


def _why(error: Exception) -> str:
    """The parser's words for it are for those who know OpenSSL by heart."""
    if not isinstance(error, ssl.SSLError):
        return str(error)
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key is of another certificate"
    return f"no certificate and key in PEM form ({error.reason})" if error.reason else "not in PEM form"
