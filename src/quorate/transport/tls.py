"""How a transport proves who it is, and whom it believes."""

from __future__ import annotations

import ssl

from quorate.errors import SettingsInvalid
from quorate.types.value import Value


class Tls(Value):
    """Certificates. Without any of these, the system's authorities are believed."""

    ca_file: str = ""
    """Authorities to believe instead of the system's, in PEM."""
    client_certificate: str = ""
    """Our own certificate, in PEM; with `client_key` where the key is in another file."""
    client_key: str = ""
    verify: bool = True
    """False believes anybody: traffic can then be read and changed on its way."""


def context_of(tls: Tls) -> ssl.SSLContext | None:
    """None where the usual context will do. Raises `SettingsInvalid` for files that cannot be used."""
    if tls == Tls():
        return None
    problems: list[tuple[str, str]] = []
    context = _believing(tls, problems)
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.client_certificate:
        try:
            # Without a password callback OpenSSL would ask on the terminal.
            context.load_cert_chain(tls.client_certificate, tls.client_key or None, password="")
        except (OSError, ValueError) as error:
            problems.append(("network.client_certificate", _told(tls.client_certificate, error)))
    elif tls.client_key:
        problems.append(("network.client_key", "a key needs its 'client_certificate'"))
    if problems:
        told = "; ".join(f"{place}: {wrong}" for place, wrong in problems)
        raise SettingsInvalid(f"the TLS settings cannot be used: {told}", problems=problems)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _believing(tls: Tls, problems: list[tuple[str, str]]) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=tls.ca_file or None)
    except OSError as error:
        problems.append(("network.ca_file", _told(tls.ca_file, error)))
        return ssl.create_default_context()


def _told(path: str, error: OSError | ValueError) -> str:
    match error:
        case ssl.SSLError():
            return f"'{path}' holds no certificate and key that can be used"
        case OSError(strerror=str(reason)):
            return f"'{path}': {reason}"
        case _:
            return f"'{path}' cannot be used"
