"""What bad requests have brought to light, one by one."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest

from tests.gateway.house import HOST

from .ground import KEY, Range, Result
from .seeds import Seed
from .shot import Header, Shot

HEADERS: tuple[Header, ...] = ((b"host", HOST.encode()), (b"content-type", b"application/json"))
AS_ANTHROPIC = (*HEADERS, (b"x-api-key", KEY.encode()), (b"anthropic-version", b"2023-06-01"))
AS_GEMINI = (*HEADERS, (b"x-goog-api-key", KEY.encode()))
AS_OPENAI = (*HEADERS, (b"authorization", b"Bearer " + KEY.encode()))
HI = b'"messages": [{"role": "user", "content": "hi"}]'


async def refused(ground: Range, shot: Shot) -> tuple[int, dict[str, str]]:
    """The status and the record's words; what is wrong with the answer besides fails the test."""
    result: Result = await ground.fire(shot)
    assert result.faults == []
    record = ground.last
    return result.status, {"outcome": record.outcome, "detail": record.detail}


@pytest.mark.parametrize("name", [b"../..", b"../../x", b"a/./b", b"a/../b"])
@pytest.mark.parametrize("method", [b"generateContent", b"embedContent", b"countTokens"])
async def test_a_models_name_does_not_lead_out_of_its_place_in_the_address(
    ground: Range, name: bytes, method: bytes
):
    url = b"/v1beta/models/sim-gemini/%b:%b" % (name, method)
    body = b'{"contents": [{"parts": [{"text": "hi"}]}], "content": {"parts": [{"text": "hi"}]}}'
    status, told = await refused(ground, Shot(front="gemini", url=url, headers=AS_GEMINI, body=body))

    assert (status, told["outcome"]) in ((400, "invalid_request"), (200, "answered"))
    assert status == 400 or method == b"countTokens"  # which is estimated where nobody can be asked


async def test_a_length_of_thousands_of_digits_is_too_large(ground: Range):
    headers = (*AS_OPENAI, (b"content-length", b"1" * 5_000))
    status, _ = await refused(
        ground, Shot(front="openai_chat", url=b"/v1/chat/completions", headers=headers, body=b"{}")
    )

    assert status == 413


@pytest.mark.parametrize("name", [b"anthropic-version", b"anthropic-beta"])
@pytest.mark.parametrize("value", [b"\x7f", b"a\r\nx-injected: 1", b"\xff"])
async def test_a_header_that_no_provider_can_be_sent_is_refused(ground: Range, name: bytes, value: bytes):
    headers = (*HEADERS, (b"x-api-key", KEY.encode()), (b"anthropic-version", b"2023-06-01"), (name, value))
    body = b'{"model": "sim-anthropic/sim-swift", "max_tokens": 9, %b}' % HI
    shot = Shot(front="anthropic", url=b"/v1/messages", headers=headers, body=body)
    status, told = await refused(ground, shot)

    assert (status, told["outcome"]) == (400, "invalid_request")


async def test_a_body_is_text_whatever_its_head_says(ground: Range):
    kind = (b"content-type", b"multipart/form-data; boundary=x")
    body = b'{"model": "gpt-of-old", "max_t\xe2kens": 9, %b}' % HI
    shot = Shot(front="anthropic", url=b"/v1/messages", headers=(*AS_ANTHROPIC[:1], *AS_ANTHROPIC[2:], kind))
    status, told = await refused(ground, replace(shot, body=body))

    assert status == 400
    assert "no UTF-8" in told["detail"]


@pytest.mark.parametrize("depth", [150, 300, 480, 900, 990])
@pytest.mark.parametrize(
    "model", ["sim-openai", "sim-anthropic", "sim-gemini", "sim-ollama", "sim-responses"]
)
async def test_what_is_nested_deeply_is_read_or_refused(ground: Range, model: str, depth: int):
    schema = b'{"type":"array","items":' * depth + b"{}" + b"}" * depth
    types = b'{"type":' + b"[" * depth + b"]" * depth + b"}"
    seen: set[int] = set()
    for each in (schema, types):
        tool = b'{"name": "f", "parametersJsonSchema": %b}, {"name": "g", "parameters": %b}' % (each, each)
        body = (
            b'{"contents": [{"parts": [{"text": "hi"}]}], "tools": [{"functionDeclarations": [%b]}]}' % tool
        )
        url = f"/v1beta/models/{model}/sim-swift:generateContent".encode()
        status, _ = await refused(ground, Shot(front="gemini", url=url, headers=AS_GEMINI, body=body))
        seen.add(status)

    assert seen <= {200, 400}


@pytest.mark.parametrize("model", ["openai/gpt-5", "mistral/x", "bedrock/x", "azure/x"])
async def test_a_provider_that_is_not_set_up_is_unknown_to_a_caller(ground: Range, model: str):
    body = json.dumps({"model": model, "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]})
    shot = Shot(front="anthropic", url=b"/v1/messages", headers=AS_ANTHROPIC, body=body.encode())
    plain = await refused(ground, shot)
    named = await refused(ground, replace(shot, headers=(*AS_ANTHROPIC, (b"idempotency-key", b"once"))))

    assert (plain[0], plain[1]["outcome"]) == (404, "unknown_model")
    assert named == plain


@pytest.mark.parametrize("text", [b"1e999", b'"\\ud800"'])
async def test_a_field_that_nobody_reads_is_read_all_the_same(ground: Range, text: bytes):
    body = b'{"model": "sim-anthropic/sim-swift", "input": ["one"], "truncate": %b}' % text
    status, _ = await refused(ground, Shot(front="ollama", url=b"/api/embed", headers=AS_OPENAI, body=body))

    assert status == 400


async def test_a_format_that_is_no_word_is_told_in_words(ground: Range):
    body = b'{"model": "sim-anthropic/sim-swift", %b, "stream": false, "format": {"type": "string", "format": {}}}'
    shot = Shot(front="ollama", url=b"/api/chat", headers=AS_OPENAI, body=body % HI)
    status, _ = await refused(ground, shot)

    assert status in (200, 400)


async def test_whoever_shows_no_key_is_told_so_in_the_words_of_the_path(ground: Range):
    for path in ("/v1beta/openai/models", "/v1beta/openai/embeddings"):
        shot = Shot(front="openai_chat", url=path.encode(), headers=HEADERS, body=b"{}")
        status, _ = await refused(ground, shot)

        assert status == 401


async def test_a_count_that_is_estimated_is_an_answer(ground: Range):
    body = b'{"contents": [{"parts": [{"text": "hi"}]}]}'
    url = b"/v1beta/models/sim-openai/sim-swift:countTokens"
    status, told = await refused(ground, Shot(front="gemini", url=url, headers=AS_GEMINI, body=body))

    assert (status, told["outcome"]) == (200, "answered")


async def test_what_is_wrong_with_an_answer_is_seen(ground: Range):
    seed = Seed("openai_chat", "POST", "/v1/chat/completions", "", {"model": "m", "messages": []})
    shot = seed.aimed(Random(1), KEY, ["a"])

    result = await ground.fire(replace(shot, expected=frozenset({418})))

    assert result.faults == ["status 400 instead of [418]"]
