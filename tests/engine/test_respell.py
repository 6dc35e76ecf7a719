"""A field that a target calls by another name gets that name, and nothing else of the bytes changes."""

from __future__ import annotations

import json

import pytest

from quorate.engine.respell import respelt

RENAME = {"max_tokens": "max_completion_tokens", "same": "same"}


def test_what_a_field_holds_keeps_every_byte():
    body = b'{"messages":[ {"content":"\\u00fc \\"max_tokens\\""} ], "max_tokens" : 1e2}'

    assert respelt(body, RENAME) == (
        b'{"messages":[ {"content":"\\u00fc \\"max_tokens\\""} ], "max_completion_tokens" : 1e2}'
    )


@pytest.mark.parametrize("body", [b'{"model": "m"}', b'{"same": 1}', b'{"model": "max_tokens_"}'])
def test_a_body_without_such_a_field_is_left_alone(body: bytes):
    assert respelt(body, RENAME) is body


@pytest.mark.parametrize(
    "body",
    [
        {"max_tokens": 1, "max_completion_tokens": 2},
        {"tools": [{"properties": {"max_tokens": {}}}]},
        {"max_tokens": 1, "metadata": {"max_tokens": 1}},
    ],
    ids=["both names", "deeper alone", "deeper too"],
)
def test_what_more_than_a_name_would_change_is_told(body: dict[str, object]):
    assert respelt(json.dumps(body).encode(), RENAME) is None
