"""What can be wrong with a body."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from .draft import Draft
from .oddities import (
    DEPTHS,
    LIMITS,
    MEDIA,
    MEDIA_KEYS,
    NAMES,
    NUMBERS,
    SCHEMA_KEYS,
    SCHEMAS,
    STREAMS,
    STRINGS,
    VALUES,
)
from .shot import Shot

Damage = Callable[[Draft, Random], None]
BAD = frozenset({400, 413})


def _wrong_type(draft: Draft, luck: Random) -> None:
    container, key = draft.slot(luck)
    container[key] = luck.choice(VALUES)


def _missing(draft: Draft, luck: Random) -> None:
    container, key = draft.slot(luck)
    if container is draft.root:
        container[key] = {}
    else:
        del container[key]


def _twice(draft: Draft, luck: Random) -> None:
    """A key that stands in an object twice, or a body's field in a place that is not its own."""
    home = luck.choice(draft.objects() or [draft.root])
    key = luck.choice(list(home) or ["x"])
    value = luck.choice([home.get(key), luck.choice(VALUES)])
    home[draft.raw(json.dumps(key).encode()) if luck.random() < 0.7 else "model"] = value


def _number(draft: Draft, luck: Random) -> None:
    container, key = draft.slot(luck)
    container[key] = draft.raw(luck.choice(NUMBERS).encode())


def _nested(draft: Draft, luck: Random) -> None:
    depth, (container, key) = luck.choice(DEPTHS), draft.slot(luck)
    before, after = luck.choice([(b"[", b"]"), (b'{"a":', b"}"), (b'[{"type":"object","items":', b"}]")])
    container[key] = draft.raw(before * depth + b"1" + after * depth)


def _huge(draft: Draft, luck: Random) -> None:
    container, key = draft.slot(luck)
    size = luck.choice([1_000, 10_000, 60_000, 300_000])
    match luck.randrange(5):
        case 0:
            container[key] = "x" * size
        case 1:
            container[key] = draft.raw(b"[" + b"0," * size + b"0]")
        case 2:
            container[key] = {f"k{number}": None for number in range(size // 20)}
        case 3:
            container[key] = [container[key]] * (size // 500)
        case _:
            container[draft.raw(b'"' + b"k" * size + b'"') if isinstance(container, dict) else key] = (
                "\u4e2d" * size
            )


def _odd_string(draft: Draft, luck: Random) -> None:
    container, key = draft.slot(luck)
    data = luck.choice(STRINGS)
    if isinstance(container, dict) and container is not draft.root and luck.random() < 0.3:
        container[draft.raw(data)] = container.pop(key)
    else:
        container[key] = draft.raw(data)


def _schema(draft: Draft, luck: Random) -> None:
    schema = luck.choice(SCHEMAS)
    if found := draft.keyed(SCHEMA_KEYS):
        container, key = luck.choice(found)
        inner = container[key]
        if isinstance(inner, dict) and "schema" in inner:
            container, key = inner, "schema"
        container[key] = schema
    elif isinstance(body := draft.root[""], dict):
        body["tools"] = luck.choice(
            [
                [{"type": "function", "function": {"name": "f", "parameters": schema}}],
                [{"type": "function", "name": "f", "parameters": schema}],
                [{"name": "f", "input_schema": schema}],
                [{"functionDeclarations": [{"name": "f", "parameters": schema}]}],
            ]
        )


def _media(draft: Draft, luck: Random) -> None:
    found = draft.keyed(MEDIA_KEYS)
    container, key = luck.choice(found) if found else draft.slot(luck)
    container[key] = luck.choice(MEDIA)


def _name(draft: Draft, luck: Random) -> None:
    found = draft.keyed(frozenset({"model", "name", "id", "call_id", "tool_call_id", "tool_use_id"}))
    container, key = luck.choice(found) if found else draft.slot(luck)
    container[key] = luck.choice(NAMES)


def _stream(draft: Draft, luck: Random) -> None:
    body = draft.root[""]
    if isinstance(body, dict):
        body["stream"] = luck.choice(STREAMS)
        body[luck.choice(["stream_options", "background", "store", "n", "previous_response_id"])] = (
            luck.choice(
                [
                    {"include_usage": "x"},
                    {"include_usage": True},
                    True,
                    False,
                    None,
                    5,
                    "resp_x",
                    0,
                    -1,
                    10**12,
                ]
            )
        )


def _limit(draft: Draft, luck: Random) -> None:
    found = draft.keyed(LIMITS)
    odd = luck.choice([-1, 0, 10**12, 2**63, 10**30, 1.5, 0.1, "5", "x", None, True, [], -1e308, 10**400])
    body = draft.root[""]
    if found:
        container, key = luck.choice(found)
        container[key] = odd
    elif isinstance(body, dict):
        body[luck.choice(sorted(LIMITS))] = odd


_TREES: Mapping[str, Damage] = {
    "another type": _wrong_type,
    "a key missing": _missing,
    "a key twice": _twice,
    "an odd number": _number,
    "nested deeply": _nested,
    "huge": _huge,
    "an odd string": _odd_string,
    "no schema": _schema,
    "broken media": _media,
    "an odd name": _name,
    "stream flags at odds": _stream,
    "an absurd limit": _limit,
}


def _cut(body: bytes, luck: Random) -> bytes:
    return body[: luck.randrange(len(body))]


def _doubled(body: bytes, luck: Random) -> bytes:
    place = luck.randrange(len(body))
    return body[:place] + body[max(0, place - luck.randrange(1, 40)) :]


def _flipped(body: bytes, luck: Random) -> bytes:
    out = bytearray(body)
    for _ in range(luck.randrange(1, 6)):
        out[luck.randrange(len(out))] = luck.randrange(256)
    return bytes(out)


def _other_bytes(body: bytes, luck: Random) -> bytes:
    return luck.choice(
        [
            body.decode("utf-8", "replace").encode("utf-16"),
            b"\xef\xbb\xbf" + body,
            body + b"\0",
            b"\0" + body,
            body + body,
            body + b"\xff",
            b"\x1f\x8b" + body,
            luck.randbytes(luck.randrange(1, 300)),
            b"a=1&b=2",
            b'--x\r\ncontent-disposition: form-data; name="file"\r\n\r\nx\r\n--x--',
            b"[" * 100_000,
            b'{"model":' * 100_000,
            b'"' * 1_001,
            b"null",
            b"[]",
            b'""',
        ]
    )


_RAW: Mapping[str, tuple[Callable[[bytes, Random], bytes], frozenset[int]]] = {
    "cut off": (_cut, BAD),
    "said twice": (_doubled, frozenset()),
    "bytes changed": (_flipped, frozenset()),
    "no JSON object": (_other_bytes, BAD),
}


def damaged_tree(kind: str, shot: Shot, luck: Random) -> Shot:
    """With a value, a key or a place of its body changed."""
    draft = Draft(shot.body)
    _TREES[kind](draft, luck)
    return replace(shot, body=draft.written(), kinds=(*shot.kinds, kind))


def damaged_bytes(kind: str, shot: Shot, luck: Random) -> Shot:
    """With bytes of its body changed."""
    damage, expected = _RAW[kind]
    return replace(shot, body=damage(shot.body, luck), kinds=(*shot.kinds, kind), expected=expected)


TREE_KINDS, BYTE_KINDS = tuple(_TREES), tuple(_RAW)
