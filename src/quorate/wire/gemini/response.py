"""A tool's words as the object that Gemini wants for a result, and back.

Google's convention: `{"output": …}` for what a tool said, `{"error": …}` for why it failed; any other
object is the output itself. Words that are a JSON object already go as that object.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from quorate.types.parts import Text

from .fields import Misshapen, one_line

_OBJECT = msgspec.json.Decoder(dict[str, Raw])
_TEXT = msgspec.json.Decoder(str)


def read_response(raw: Raw, where: str = "") -> tuple[tuple[Text, ...], bool]:
    """What a tool said, and whether it failed."""
    try:
        fields = _OBJECT.decode(raw)
        match list(fields):
            case []:
                return (), False
            case ["error"]:
                return (Text(text=_words(fields["error"])),), True
            case ["output"] if _is_text(fields["output"]):
                return (Text(text=_words(fields["output"])),), False
            case _:
                return (Text(text=one_line(raw)),), False
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise Misshapen(f"'{where}' must be an object", where) from error


def write_response(texts: Sequence[str], *, failed: bool) -> Raw:
    """The object for what a tool said; several texts become one, a line each."""
    text = "\n".join(texts)
    fields = _as_object(text)
    if failed:
        value = msgspec.json.encode(text) if fields is None else text.encode()
        return Raw(b'{"error":' + value + b"}")
    if not texts:
        return Raw(b"{}")
    if fields is None or _reads_otherwise(fields):
        return Raw(msgspec.json.encode({"output": text}))
    return Raw(text.encode())


def _reads_otherwise(fields: dict[str, Raw]) -> bool:
    """An object that `read_response` would take for one of the conventions."""
    match list(fields):
        case [] | ["error"]:
            return True
        case ["output"]:
            return _is_text(fields["output"])
        case _:
            return False


def _as_object(text: str) -> dict[str, Raw] | None:
    """The fields of words that are one JSON object on one line."""
    if not (text.startswith("{") and text.endswith("}")) or "\n" in text or "\r" in text:
        return None
    try:
        msgspec.json.decode(text.encode())
        return _OBJECT.decode(text.encode())
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def _is_text(raw: Raw) -> bool:
    return bytes(raw).startswith(b'"')


def _words(raw: Raw) -> str:
    return _TEXT.decode(raw) if _is_text(raw) else one_line(raw)
