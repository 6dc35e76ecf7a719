"""The containers that recorders use, each read from a small example of its kind."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from .exchange import Exchange
from .reading.folder import exchanges, recorded_files
from .sorting import kind_of

BODY = '{"ok": true}'


def read(tmp_path: Path, name: str, content: str | bytes) -> list[Exchange]:
    """The exchanges of a file with that content."""
    file = tmp_path / "somebody" / "someone" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    (found,) = recorded_files(tmp_path)
    return exchanges(tmp_path, found)


def as_json(document: Any) -> str:
    return json.dumps(document)


REQUEST: dict[str, Any] = {"method": "post", "uri": "https://api.example.com/v1/x?a=b", "body": "{}"}

CASSETTES: dict[str, tuple[str, str | bytes]] = {
    "vcrpy": (
        "a.yaml",
        as_json(
            {
                "interactions": [
                    {
                        "request": REQUEST,
                        "response": {
                            "status": {"code": 200},
                            "headers": {"Content-Type": ["text/plain"]},
                            "body": {"string": BODY},
                        },
                    }
                ]
            }
        ),
    ),
    "vcrpy with an older client": (
        "a.yaml",
        as_json(
            {"interactions": [{"request": REQUEST, "response": {"status_code": 200, "content": BODY}}]},
        ),
    ),
    "Ruby's": (
        "a.yml",
        as_json(
            {
                "http_interactions": [
                    {
                        "request": REQUEST,
                        "response": {"status": {"code": 200}, "body": {"encoding": "UTF-8", "string": BODY}},
                    }
                ]
            }
        ),
    ),
    "Go's": (
        "a.yaml",
        as_json({"interactions": [{"request": REQUEST, "response": {"status": "200 OK", "body": BODY}}]}),
    ),
    "parsed by its recorder": (
        "a.yaml",
        as_json(
            {"interactions": [{"request": REQUEST, "response": {"status": 200, "parsed_body": {"ok": True}}}]}
        ),
    ),
    "two lists, packed": (
        "a.yaml.gz",
        gzip.compress(
            as_json(
                {"requests": [REQUEST], "responses": [{"status": 200, "body": {"string": BODY}}]}
            ).encode()
        ),
    ),
    "packed body": (
        "a.yaml",
        b"interactions:\n- request: {method: post, uri: 'https://api.example.com/v1/x?a=b'}\n"
        b"  response: {status: 200, body: {string: !!binary "
        + base64.b64encode(gzip.compress(BODY.encode()))
        + b"}}\n",
    ),
    "one exchange": (
        "a.json",
        as_json({"request": {**REQUEST, "url": REQUEST["uri"]}, "response": {"status": 200, "body": BODY}}),
    ),
    "nock": (
        "a.json",
        as_json(
            [
                {
                    "scope": "https://api.example.com:443",
                    "path": "/v1/x?a=b",
                    "method": "POST",
                    "response": [BODY.encode().hex()[:6], BODY.encode().hex()[6:]],
                }
            ]
        ),
    ),
    "httpmock": (
        "a.yaml",
        (
            "when: {path: /v1/x, method: POST, query_param: [{name: a, value: b}]}\n"
            f"then: {{status: 200, body: '{BODY}'}}\n"
        ),
    ),
}


@pytest.mark.parametrize("name", CASSETTES)
def test_a_container_gives_method_path_query_status_and_body(name: str, tmp_path: Path):
    file, content = CASSETTES[name]

    (found,) = read(tmp_path, file, content)

    assert (found.method, found.path, found.query, found.status) == ("POST", "/v1/x", {"a": "b"}, 200)
    assert json.loads(found.body) == {"ok": True}


def test_a_file_of_payloads_becomes_the_stream_it_was_cut_from(tmp_path: Path):
    (found,) = read(tmp_path, "a.chunks.txt", '{"type":"ping"}\n{"n":1}\n')

    assert found.body == b'event: ping\ndata: {"type":"ping"}\n\ndata: {"n":1}\n\n'


def test_the_body_of_an_error_tells_its_status(tmp_path: Path):
    (found,) = read(tmp_path, "a.json", '{"error": {"code": 429, "message": "slowly"}}')

    assert (found.status, found.fidelity) == (429, "body")


def test_several_documents_are_several_exchanges(tmp_path: Path):
    one = f"when: {{path: /v1/x, method: POST}}\nthen: {{status: 200, body: '{BODY}'}}\n"

    found = read(tmp_path, "a.yaml", f"{one}---\n{one}")

    assert [each.name for each in found] == ["somebody/someone/a.yaml#0", "somebody/someone/a.yaml#1"]


def test_tags_of_other_languages_are_read_as_what_they_hold(tmp_path: Path):
    tagged = (
        "interactions:\n- request:\n    method: POST\n    uri: /v1/x\n    headers:\n"
        "      ? !!python/object/apply:multidict._multidict.istr [Accept]\n      : [a]\n"
        "  response: {status: 200, body: {string: '{}'}}\n"
    )

    (found,) = read(tmp_path, "a.yaml", tagged)

    assert found.request_headers == {"accept": "a"}


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("/openai/deployments/any/chat/completions", "openai_chat chat"),
        ("/v1/messages", "anthropic chat"),
        ("/v1/messages/count_tokens", "anthropic count"),
        ("/v1/messages/batches", "anthropic other"),
        ("/v1/responses/input_tokens", "openai_responses count"),
        ("/v1beta/models/any:countTokens", "gemini count"),
        ("/v1/completions", "openai_chat completion"),
        ("/v1beta/models/any:streamGenerateContent", "gemini chat"),
        ("/v1/projects/p/locations/l/publishers/anthropic/models/any:rawPredict", "vertex-partner chat"),
        ("/v1beta/openai/chat/completions", "openai_chat chat"),
        ("/v1/embeddings", "openai_chat embed"),
        ("/api/generate", "ollama chat"),
        ("/v1/responses", "openai_responses chat"),
        ("/model/any/converse-stream", "bedrock chat"),
    ],
)
def test_a_path_tells_the_protocol(path: str, label: str):
    assert kind_of(Exchange(method="POST", url=f"https://api.example.com{path}")).label == label


@pytest.mark.parametrize(
    ("body", "label", "framing"),
    [
        (b'{"object": "chat.completion", "choices": []}', "openai_chat chat", "json"),
        (b'event: message_start\ndata: {"type": "message_start"}\n\n', "anthropic chat", "sse"),
        (b'data: {"candidates": []}\n\n', "gemini chat", "sse"),
        (b'{"model": "m", "done": false}\n{"model": "m", "done": true}', "ollama chat", "ndjson"),
        (b'{"object": "response"}', "openai_responses chat", "json"),
    ],
)
def test_without_a_path_the_body_tells(body: bytes, label: str, framing: str):
    kind = kind_of(Exchange(body=body))

    assert (kind.label, kind.framing) == (label, framing)
