"""The key that is made at the first start, where the settings have none: kept as a hash, shown once."""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from pathlib import Path

from quorate.errors import OperatorError
from quorate.types.secret import Secret

from .callers import hash_of

KEY_FILE = "gateway-key.sha256"


def kept_key(folder: Path) -> tuple[str, Secret | None]:
    """The hash of the key that was made at the first start, and the key itself if that is this one.

    Of the key only its hash is kept: who loses it deletes the file and gets another.
    """
    path = folder / KEY_FILE
    try:
        if path.exists():
            return _read_hash(path), None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Secret(f"qk-{secrets.token_urlsafe(32)}")
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, hash_of(key.reveal()).encode() + b"\n")
        finally:
            os.close(handle)
    except FileExistsError:
        return _read_hash(path), None  # another start was quicker
    except OSError as error:
        raise OperatorError(f"the gateway's key cannot be kept in '{path}': {error.strerror}") from error
    return hash_of(key.reveal()), key


def _read_hash(path: Path) -> str:
    kept = path.read_text(encoding="ascii", errors="replace").strip()
    if len(kept) != sha256().digest_size * 2 or not set(kept) <= set("0123456789abcdef"):
        raise OperatorError(f"'{path}' holds no hash of a key: delete it, and the next start makes a key")
    return kept
