"""The base of every value in Quorate."""

from __future__ import annotations

from typing import Any, dataclass_transform

import msgspec
from msgspec.structs import replace

__all__ = ["Value", "replace"]


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class _ValueMeta(msgspec.StructMeta):
    """Gives every heir of `Value` the same options, at run time and to type checkers.

    msgspec does not hand `kw_only` down to heirs, and checkers miss inherited `frozen`.
    """

    def __new__(mcls, name: str, bases: tuple[type, ...], body: dict[str, Any], **options: Any) -> Any:
        options = {"frozen": True, "kw_only": True, "omit_defaults": True} | options
        return super().__new__(mcls, name, bases, body, **options)


class Value(msgspec.Struct, metaclass=_ValueMeta):
    """Base of every value: immutable, built by keyword, equal by content. Change one by `replace`."""
