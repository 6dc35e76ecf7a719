"""The tables of the settings page, from the schema that reads the file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from quorate.settings import schema

from .markdown import table

PLACES: dict[str, type[schema.Table]] = {
    "the file": schema.SettingsFile,
    "providers": schema.ProviderTable,
    "fallback": schema.FallbackTable,
    "routes": schema.RouteTable,
    "timeouts": schema.TimeoutsTable,
    "network": schema.NetworkTable,
    "server": schema.ServerTable,
    "server.hooks": schema.HookTable,
    "store": schema.StoreTable,
    "prices": schema.PriceTable,
    "llm": schema.LlmTable,
    "llm.providers": schema.NamedProviderTable,
    "openrouter": schema.OpenRouterTable,
    "openrouter.routing": schema.OpenRouterRoutingTable,
    "openrouter.optimization": schema.OpenRouterOptimizationTable,
}
"""Place in the file → its table; a table that grows from another one is told of by what it adds."""

_WORDS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Decimal: "number",
    date: "date",
}


def settings_table(place: str) -> str:
    return table(("setting", "what it is", "default", "meaning"), (_row(*each) for each in own_fields(place)))


def own_fields(place: str) -> list[tuple[str, FieldInfo]]:
    """The fields of a place that its table does not have from another one."""
    kind = PLACES[place]
    inherited = {
        name
        for parent in kind.__mro__[1:]
        if issubclass(parent, schema.Table)
        for name in parent.model_fields
    }
    return [
        (name, field)
        for name, field in kind.model_fields.items()
        if name not in inherited or kind is schema.ProviderTable
    ]


def _row(name: str, field: FieldInfo) -> tuple[str, str, str, str]:
    meaning = " ".join((field.description or "").split())
    return f"`{name}`", _kind(field.annotation, field.metadata), _default(field), meaning


def _kind(kind: Any, metadata: list[Any]) -> str:
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        metadata = [*metadata, *(inner for each in more for inner in getattr(each, "metadata", [each]))]
    inner = get_args(kind)
    if get_origin(kind) is Literal:
        return " or ".join(f"`{word}`" for word in inner)
    if type(None) in inner:
        return _kind(next(each for each in inner if each is not type(None)), metadata)
    if get_origin(kind) is list:
        return "list of tables" if is_table(inner[0]) else "list of texts"
    if get_origin(kind) is dict or is_table(kind):
        return "table"
    return _WORDS[kind] + _limits(metadata)


def is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, schema.Table)


def _limits(metadata: list[Any]) -> str:
    least = next((each.ge for each in metadata if hasattr(each, "ge")), None)
    most = next((each.le for each in metadata if hasattr(each, "le")), None)
    if most is not None:
        return f", {least} to {most}"
    return "" if least is None else f", at least {least}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    match field.default:
        case None | schema.Table() | [] | {}:
            return "–"
        case True:
            return "`true`"
        case False:
            return "`false`"
        case str() as text:
            return f'`"{text}"`'
        case other:
            return f"`{other}`"
