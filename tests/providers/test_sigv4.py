"""Amazon's signature, as Amazon's own client makes it."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.providers.sigv4 import Credentials, signed

MOMENT = 1_780_000_000.25
STAMP = "20260528T202640Z"
KEY = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SESSION = Credentials("ASIDEXAMPLE", "secret", "token/with+signs=")


def theirs(credentials: Credentials, method: str, url: str, headers: dict[str, str], body: bytes) -> str:
    """The authorization that botocore writes for that moment."""
    auth: Any = pytest.importorskip("botocore.auth", reason="botocore comes with the `bedrock` extra")
    request: Any = importlib.import_module("botocore.awsrequest").AWSRequest(
        method=method, url=url, headers=headers, data=body
    )
    key: Any = importlib.import_module("botocore.credentials").Credentials(
        credentials.access_key, credentials.secret_key, credentials.token or None
    )
    signer = auth.SigV4Auth(key, "bedrock", "eu-west-1")
    request.context["timestamp"] = STAMP
    signer._modify_request_before_signing(request)
    asked = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, asked), request)
    signer._inject_signature_to_request(request, signature)
    return request.headers["Authorization"]


def ours(credentials: Credentials, method: str, url: str, headers: dict[str, str], body: bytes) -> str:
    told = signed(
        credentials, method, url, headers, body, region="eu-west-1", service="bedrock", moment=MOMENT
    )
    assert told["x-amz-date"] == STAMP
    return told["authorization"]


@pytest.mark.parametrize("credentials", [KEY, SESSION], ids=["key", "session"])
@pytest.mark.parametrize(
    ("method", "url", "headers", "body"),
    [
        (
            "POST",
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/us.anthropic.claude-v1%3A0/converse",
            {"content-type": "application/json", "x-amzn-bedrock-trace": " ENABLED  FULL"},
            b'{"messages":[]}',
        ),
        (
            "POST",
            "https://bedrock-runtime.eu-west-1.amazonaws.com/model/arn%3Aaws%3Abedrock%3A%3Ax%2Fy/converse-stream",
            {"content-type": "application/json"},
            "ü".encode(),
        ),
        ("GET", "https://bedrock.eu-west-1.amazonaws.com/foundation-models", {}, b""),
        (
            "GET",
            "https://bedrock.eu-west-1.amazonaws.com/inference-profiles?nextToken=a%2Bb%3D&maxResults=1000&flag",
            {},
            b"",
        ),
        ("POST", "http://127.0.0.1:4747", {"content-type": "application/json"}, b"{}"),
        ("POST", "https://example.com:443/a~b/c", {}, b"{}"),
    ],
)
def test_a_request_is_signed_as_amazons_client_signs_it(
    credentials: Credentials, method: str, url: str, headers: dict[str, str], body: bytes
):
    assert ours(credentials, method, url, headers, body) == theirs(credentials, method, url, headers, body)


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=20),
    st.binary(max_size=40),
)
def test_any_models_name_is_signed_as_amazons_client_signs_it(model: str, body: bytes):
    quote = importlib.import_module("urllib.parse").quote
    url = f"https://bedrock-runtime.eu-west-1.amazonaws.com/model/{quote(model, safe='')}/converse"

    assert ours(KEY, "POST", url, {}, body) == theirs(KEY, "POST", url, {}, body)


def test_a_token_goes_along_and_what_was_there_stays():
    told = signed(
        SESSION, "GET", "https://a.test/", {"x-other": "1"}, b"", region="r-1", service="s", moment=MOMENT
    )

    assert told["x-amz-security-token"] == "token/with+signs="
    assert told["x-other"] == "1"
    assert "secret" not in str(told)


def test_credentials_show_nothing_and_are_equal_by_all_they_hold():
    same = Credentials("ASIDEXAMPLE", "secret", "token/with+signs=", source="elsewhere")

    assert "secret" not in repr(SESSION)
    assert same == SESSION
    assert hash(SESSION) == hash(same)
    assert Credentials("ASIDEXAMPLE", "other", "token/with+signs=") != SESSION
    assert SESSION != "ASIDEXAMPLE"
