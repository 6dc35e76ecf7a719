"""What can be wrong with a method, an address, a key or a header."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from tests.gateway.house import HOST

from .shot import Header, Shot

_KEYS = frozenset({b"authorization", b"x-api-key", b"x-goog-api-key", b"api-key"})
_WRONG = (
    *(
        b"",
        b" ",
        b"Bearer",
        b"Bearer ",
        b"bearer  x",
        b"Basic YTpi",
        b"Digest x",
        b"\xff\xfe",
        b"Bearer \xc3\xa9",
    ),
    *(
        b"null",
        b"undefined",
        b"sk-" + b"x" * 48,
        b"x" * 9_000,
        b"Bearer a, Bearer b",
        b"Bearer \xed\xa0\x80",
        b"*",
    ),
    *(
        b"' OR 1=1 --",
        b"../../x",
        b"%00",
        b"Bearer key-of-the-tests",
        b"Bearer key-of-the-tests-0123456789 x",
    ),
)
_QUERIES = (
    *(
        b"alt=sse",
        b"alt=json",
        b"alt=sse&alt=x",
        b"alt=%73se",
        b"beta=true",
        b"%",
        b"%zz",
        b"&&&",
        b"=",
        b"a=%ff%fe",
    ),
    *(b"a" * 9_000, b"&".join(b"a%d=1" % n for n in range(63)), b"&".join(b"a%d=1" % n for n in range(500))),
    *(
        b"stream=true",
        b"api-version=%0d%0ax:1",
        b"limit=-1",
        b"limit=x",
        b"limit=9999999999999999999",
        b"pageSize=-5",
    ),
    *(
        b"pageToken=%00",
        b"after_id=%ed%a0%80",
        b"after=x&limit=1000",
        b"order=sideways",
        b"include[]=x&include=y",
    ),
    *(
        b"starting_after=x",
        b"starting_after=99999999999999999999",
        b"stream=maybe",
        b"\xff",
        b"a=%0d%0aSet-Cookie:x",
    ),
    *(
        b"key=wrong",
        b"key=",
        b"key=a&key=b",
        b"model=x",
        b"a[b][c]=d",
        b"a;b;c",
        b"$where=1",
        b"%24%7Bjndi%7D",
    ),
)
_METHODS = ("GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "POST", "PROPFIND", "get", "X" * 200)
_PLACES = (
    *(
        b"/",
        b"//",
        b"/..",
        b"/../../etc/passwd",
        b"/v1",
        b"/v1/",
        b"/v1/chat",
        b"/v1/chat/completions/",
        b"/v2/models",
    ),
    *(
        b"/v1//chat/completions",
        b"/V1/CHAT/COMPLETIONS",
        b"/v1/chat/completions%00",
        b"/v1/chat%2fcompletions",
    ),
    *(
        b"/v1/responses/",
        b"/v1/responses/../models",
        b"/v1/responses/%00",
        b"/v1/responses/a/b/c",
        b"/api",
        b"/api/v1",
    ),
    *(
        b"/api/v1/../chat",
        b"/api/delete",
        b"/api/pull",
        b"/v1beta",
        b"/v1beta/models/",
        b"/metrics/",
        b"/health/x",
    ),
    *(
        b"/v1beta/models/:generateContent",
        b"/v1beta/models/x:",
        b"/v1beta/models/x",
        b"/v1beta/models/x:unknown",
    ),
    *(
        b"/v1beta/models/%3AgenerateContent",
        b"/v1beta/models/..%2f..%2fx:generateContent",
        b"/v1/models/" + b"a" * 9_000,
    ),
    *(
        b"/v1beta/models/a%0d%0ab:generateContent",
        b"/v1beta/models/%ff:generateContent",
        b"/sign-in/x",
        b"/%",
        b"/%zz",
    ),
    *(
        b"/v1beta/models/sim-gemini%2F..%2F..:generateContent",
        b"/v1beta/models/a:b:c:generateContent",
        b"/%c3%a9",
    ),
    *(
        b"/openai/deployments//chat/completions",
        b"/openai/deployments/../x/chat/completions",
        b"/v1/models/..",
    ),
    *(
        b"/v1/projects/../locations/x/publishers/y/models/z:generateContent",
        b"/v1/files",
        b"/v1/batches",
        b"/v1/rerank",
    ),
)
_IN_MODEL = (
    *(
        b"%2e%2e%2f",
        b"..%2f",
        b"%00",
        b"%0a",
        b"%0d%0a",
        b"%20",
        b"%25",
        b"%3f",
        b"%23",
        b"%ff",
        b"%ed%a0%80",
        b"%",
    ),
    *(
        b":",
        b":generateContent",
        b"::",
        b"models/",
        b"/",
        b"//",
        b"%2F",
        b"%3A",
        b"%c3%a9",
        b"%F0%9F%98%80",
        b";a=b",
    ),
)
_VALUES = (
    *(
        b"",
        b"\0",
        b"\x07\x1b[31m",
        b"a\r\nx-injected: 1",
        b"\xff\xff",
        b"\xe2\x80\xae",
        b"x" * 8_000,
        b"${jndi:ldap}",
    ),
    *(
        b"-1",
        b"0",
        b"1" * 5_000,
        b"NaN",
        b"\x7f",
        b"a,b;c=d",
        b"null",
        b"2023-06-01",
        b"../../x",
        b"\n",
        b"\t",
        b'"',
    ),
)
_NAMES = (
    *(
        b"anthropic-version",
        b"anthropic-beta",
        b"x-request-id",
        b"traceparent",
        b"tracestate",
        b"idempotency-key",
    ),
    *(
        b"content-length",
        b"origin",
        b"host",
        b"accept",
        b"user-agent",
        b"x-forwarded-for",
        b"forwarded",
        b"cookie",
    ),
    *(
        b"openai-organization",
        b"openai-beta",
        b"x-goog-api-client",
        b"x-goog-user-project",
        b"x-sim-fault-x",
        b"range",
    ),
    *(
        b"transfer-encoding",
        b"content-encoding",
        b"expect",
        b"x-quorate-intent",
        b"access-control-request-method",
    ),
)
_TYPES = (
    *(
        b"",
        b"text/plain",
        b"multipart/form-data; boundary=x",
        b"application/x-www-form-urlencoded",
        b"application/xml",
    ),
    *(
        b"application/json; charset=utf-16",
        b"application/json; charset=\xff",
        b"application/json" * 500,
        b"*/*",
        b"json",
    ),
)
_ENCODINGS = (b"gzip", b"br", b"deflate", b"identity", b"gzip, gzip", b"x", b"IDENTITY", b"")
TOO_MANY = 140


def _method(shot: Shot, luck: Random) -> Shot:
    return replace(shot, method=luck.choice([each for each in _METHODS if each != shot.method]))


def _path(shot: Shot, luck: Random) -> Shot:
    query = shot.url.partition(b"?")[2]
    return replace(shot, url=luck.choice(_PLACES) + (b"?" + query if query else b""))


def _address(shot: Shot, luck: Random) -> Shot:
    """Something odd somewhere in the path."""
    path, mark, query = shot.url.partition(b"?")
    place = luck.choice([1, luck.randrange(1, len(path) + 1), max(1, path.rfind(b":")), len(path)])
    return replace(shot, url=path[:place] + luck.choice(_IN_MODEL) + path[place:] + mark + query)


def _query(shot: Shot, luck: Random) -> Shot:
    mark = b"&" if b"?" in shot.url else b"?"
    return replace(shot, url=shot.url + mark + luck.choice(_QUERIES))


def _without_key(shot: Shot) -> Shot:
    headers = tuple((name, value) for name, value in shot.headers if name not in _KEYS)
    return replace(shot, headers=headers, url=re.sub(rb"[?&]key=[^&]*", b"", shot.url))


def _no_key(shot: Shot, luck: Random) -> Shot:
    return replace(_without_key(shot), expected=frozenset({401}))


def _wrong_key(shot: Shot, luck: Random) -> Shot:
    bare = _without_key(shot)
    name = luck.choice(sorted(_KEYS))
    return replace(bare, headers=(*bare.headers, (name, luck.choice(_WRONG))), expected=frozenset({401}))


def _more_keys(shot: Shot, luck: Random) -> Shot:
    """A wrong one beside the right one, in the same form or another."""
    more: list[Header] = [
        (luck.choice(sorted(_KEYS)), luck.choice(_WRONG)) for _ in range(luck.randrange(1, 4))
    ]
    return replace(shot, headers=(*more, *shot.headers) if luck.random() < 0.5 else (*shot.headers, *more))


def _header(shot: Shot, luck: Random) -> Shot:
    more = tuple((luck.choice(_NAMES), luck.choice(_VALUES)) for _ in range(luck.randrange(1, 3)))
    return replace(shot, headers=(*shot.headers, *more))


def _many_headers(shot: Shot, luck: Random) -> Shot:
    more = tuple((b"x-%d" % number, b"y") for number in range(TOO_MANY))
    long = ((b"x-long", b"y" * 70_000),)
    return replace(shot, headers=(*shot.headers, *luck.choice([more, long])), expected=frozenset({431}))


def _content(shot: Shot, luck: Random) -> Shot:
    headers = tuple(each for each in shot.headers if each[0] != b"content-type")
    return replace(shot, headers=(*headers, (b"content-type", luck.choice(_TYPES))))


def _encoding(shot: Shot, luck: Random) -> Shot:
    return replace(shot, headers=(*shot.headers, (b"content-encoding", luck.choice(_ENCODINGS))))


def _host(shot: Shot, luck: Random) -> Shot:
    others = (
        b"",
        b"evil.example",
        b"127.0.0.1.evil.example",
        b"[::1",
        b"localhost:99999999",
        b"\xff",
        b"a b",
        b"@",
    )
    headers = tuple(each for each in shot.headers if each[0] != b"host")
    return replace(shot, headers=(*headers, (b"host", luck.choice(others))))


def _origin(shot: Shot, luck: Random) -> Shot:
    origins = (b"https://evil.example", b"null", b"", b"http://" + HOST.encode(), b"\xff", b"x" * 3_000)
    return replace(shot, headers=(*shot.headers, (b"origin", luck.choice(origins))))


HEADS: Mapping[str, Callable[[Shot, Random], Shot]] = {
    "another method": _method,
    "another path": _path,
    "an odd address": _address,
    "an odd query": _query,
    "no key": _no_key,
    "a wrong key": _wrong_key,
    "keys at odds": _more_keys,
    "an odd header": _header,
    "too many headers": _many_headers,
    "another content type": _content,
    "an encoding": _encoding,
    "another host": _host,
    "an origin": _origin,
}
_PLACED = frozenset({"no key", "too many headers", "another content type", "an encoding"})
"""After these it is still plain whose client calls, if its key is not what told it."""


def damaged_head(kind: str, shot: Shot, luck: Random) -> Shot:
    """With something of its head changed."""
    made = HEADS[kind](shot, luck)
    tells_by_key = shot.front == "gemini" and kind == "no key"
    is_placed = shot.is_placed and kind in _PLACED and not tells_by_key
    return replace(made, kinds=(*shot.kinds, kind), is_placed=is_placed)


HEAD_KINDS = tuple(HEADS)
