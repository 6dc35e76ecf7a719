"""Amazon's credentials: where they come from, when they are fetched anew, and what is said when they are refused."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from quorate.errors import KeyInvalid, OperatorError, QuorateError
from quorate.providers import aws
from quorate.providers.auth import Signer
from quorate.providers.aws import Aws, from_chain, region_of
from quorate.providers.sigv4 import Credentials
from quorate.types.secret import Secret
from quorate.types.target import Auth, Target
from quorate.types.value import replace
from quorate.wire.seam import WireRequest

CANARY = "canary-secret"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAENVIRONMENT1", "AWS_SECRET_ACCESS_KEY": CANARY, "AWS_SESSION_TOKEN": "tok"}
TARGET = Target(
    provider="bedrock",
    model="m",
    wire="bedrock",
    base_url="https://bedrock-runtime.us-east-1.amazonaws.com",
    auth=Auth(kind="sigv4", name="bedrock"),
    options={"region": "us-east-1"},
)
REQUEST = WireRequest(path="/model/m/converse", body=b"{}")


class Clock:
    def __init__(self) -> None:
        self.now = 1_780_000_000.0

    def __call__(self) -> float:
        return self.now


class Chain:
    """Gives out keys in turn; an error where one stands."""

    def __init__(self, *keys: Credentials | QuorateError) -> None:
        self.keys, self.profiles = list(keys), list[str]()

    def __call__(self, profile: str) -> Credentials:
        self.profiles.append(profile)
        found = self.keys.pop(0)
        if isinstance(found, QuorateError):
            raise found
        return found


def key(name: str, *, expires: float | None = None, source: str = "sso") -> Credentials:
    return Credentials(name, CANARY, expires=expires, source=source)


def refused() -> KeyInvalid:
    return KeyInvalid("The security token included in the request is expired", status=403)


async def signer(cloud: Aws, target: Target = TARGET) -> str:
    """The access key that a request is signed with."""
    await cloud.ready(target)
    _, headers = Signer({"sigv4": cloud}).sign(target, REQUEST)
    return headers["authorization"].partition("Credential=")[2].partition("/")[0]


async def test_an_api_key_is_a_bearer_and_nothing_is_fetched():
    cloud = Aws({}, chain=Chain())
    target = replace(TARGET, secret=Secret("ABSKcanary"))
    await cloud.ready(target)
    _, headers = Signer({"sigv4": cloud}).sign(target, REQUEST)

    assert headers["authorization"] == "Bearer ABSKcanary"
    assert not await cloud.renew(target, error := refused(), again=False)
    assert str(error).endswith("make a new API key in the console of Amazon Bedrock")


async def test_an_access_key_in_the_settings_comes_first():
    target = replace(TARGET, secret=Secret(f"AKIASETTINGS12345:{CANARY}:tok/en=="))
    cloud = Aws(KEYS, chain=Chain())
    await cloud.ready(target)
    _, headers = Signer({"sigv4": cloud}).sign(target, REQUEST)

    assert "Credential=AKIASETTINGS12345/" in headers["authorization"]
    assert headers["x-amz-security-token"] == "tok/en=="


async def test_the_environment_comes_before_the_chain_unless_a_profile_is_named():
    chain = Chain(key("AKIAPROFILE"))
    cloud = Aws(KEYS, chain=chain)
    named = replace(TARGET, options={"region": "us-east-1", "profile": "work"})

    assert await signer(cloud) == "AKIAENVIRONMENT1"
    assert await signer(cloud, named) == "AKIAPROFILE"
    assert chain.profiles == ["work"]


async def test_a_credential_is_kept_until_shortly_before_its_end():
    clock = Clock()
    chain = Chain(key("AKIAONE", expires=clock.now + 3600), key("AKIATWO", expires=clock.now + 7200))
    cloud = Aws({}, chain=chain, now=clock)

    assert [await signer(cloud), await signer(cloud)] == ["AKIAONE", "AKIAONE"]
    clock.now += 3500
    assert await signer(cloud) == "AKIATWO"


async def test_many_calls_at_once_fetch_one_credential():
    started, chain = threading.Event(), Chain(key("AKIAONE"))

    def slowly(profile: str) -> Credentials:
        started.wait(0.05)
        return chain(profile)

    cloud = Aws({}, chain=slowly)
    await asyncio.gather(*(cloud.ready(TARGET) for _ in range(20)))

    assert chain.profiles == [""]


async def test_a_refused_credential_is_fetched_anew_and_used_once_more():
    cloud = Aws({}, chain=Chain(key("AKIAOLD"), key("AKIANEW")))
    await cloud.ready(TARGET)

    assert await cloud.renew(TARGET, refused(), again=False)
    assert await signer(cloud) == "AKIANEW"


@pytest.mark.parametrize(
    ("source", "advice"),
    [("sso", "aws sso login"), ("env", "AWS_SESSION_TOKEN"), ("iam-role", "aws sts get-caller-identity")],
)
async def test_the_same_credential_again_is_no_reason_to_try_again(source: str, advice: str):
    cloud = Aws({}, chain=Chain(key("AKIAOLD", source=source), key("AKIAOLD", source=source)))
    await cloud.ready(TARGET)
    error = refused()

    assert not await cloud.renew(TARGET, error, again=False)
    assert str(error).startswith("The security token included in the request is expired; ")
    assert advice in str(error)


async def test_a_second_failure_says_what_to_do():
    cloud = Aws({}, chain=Chain(key("AKIAOLD")))
    await cloud.ready(TARGET)
    error = refused()

    assert not await cloud.renew(TARGET, error, again=True)
    assert "aws sso login" in str(error)


async def test_a_chain_that_breaks_while_renewing_tells_why():
    cloud = Aws({}, chain=Chain(key("AKIAOLD"), KeyInvalid("the sign-in has expired")))
    await cloud.ready(TARGET)
    error = refused()

    assert not await cloud.renew(TARGET, error, again=False)
    assert str(error).endswith("the sign-in has expired")


async def test_a_failure_is_told_again_for_a_while_and_then_tried_again():
    clock = Clock()
    chain = Chain(KeyInvalid("no credential"), key("AKIALATER"))
    cloud = Aws({}, chain=chain, now=clock)
    for _ in range(3):
        with pytest.raises(KeyInvalid, match="no credential"):
            await cloud.ready(TARGET)

    clock.now += 10
    assert await signer(cloud) == "AKIALATER"
    assert len(chain.profiles) == 2


async def test_a_chain_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("quorate.providers.cloud.PATIENCE", 0.01)
    stop = threading.Event()

    def silent(profile: str) -> Credentials:
        stop.wait(5)
        return key("AKIALATE")

    try:
        with pytest.raises(KeyInvalid, match=r"within 0\.01 s"):
            await Aws({}, chain=silent).ready(TARGET)
    finally:
        stop.set()


def test_nothing_is_signed_before_it_is_fetched():
    with pytest.raises(KeyInvalid, match="was not fetched"):
        Signer({"sigv4": Aws({})}).sign(TARGET, REQUEST)


@pytest.mark.parametrize(
    ("target", "region"),
    [
        (TARGET, "us-east-1"),
        (
            replace(TARGET, options={}, base_url="https://bedrock-runtime.eu-west-3.amazonaws.com"),
            "eu-west-3",
        ),
        (
            replace(
                TARGET, options={}, base_url="https://vpce-1.bedrock-runtime.us-gov-west-1.vpce.amazonaws.com"
            ),
            "us-gov-west-1",
        ),
        (replace(TARGET, options={}, base_url="http://127.0.0.1:80"), "us-east-1"),
    ],
)
def test_a_region_is_said_or_stands_in_the_address(target: Target, region: str):
    assert region_of(target) == region


def test_without_botocore_the_chain_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "botocore.session", None)

    with pytest.raises(OperatorError, match=r"quorate\[bedrock\]"):
        from_chain("")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of AWS's files, and nothing else for the chain to find."""
    pytest.importorskip("botocore", reason="botocore comes with the `bedrock` extra")
    for name in [*KEYS, "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    return tmp_path


def test_the_chain_finds_a_profiles_key(home: Path):
    (home / "credentials").write_text(
        f"[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = {CANARY}\n"
        f"[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = {CANARY}\naws_session_token = tok\n"
    )
    usual, work = from_chain(""), from_chain("work")

    assert (usual.access_key, usual.expires, usual.source) == ("AKIADEFAULT", None, "shared-credentials-file")
    assert (work.access_key, work.token) == ("AKIAWORK", "tok")


@pytest.mark.long
def test_the_chain_runs_a_program_and_knows_when_its_key_ends(home: Path):
    said = {
        "Version": 1,
        "AccessKeyId": "ASIAPROGRAM",
        "SecretAccessKey": CANARY,
        "SessionToken": "tok",
        "Expiration": "2099-01-01T00:00:00Z",
    }
    (home / "said.json").write_text(json.dumps(said))
    (home / "config").write_text(f"[default]\ncredential_process = cat {home / 'said.json'}\n")
    found = from_chain("")

    assert (found.access_key, found.expires, found.source) == ("ASIAPROGRAM", 4070908800.0, "custom-process")


def broken_profile(home: Path) -> None:
    (home / "config").write_text("[default]\ncredential_process = false\n")


def no_profile(home: Path) -> None:
    """Nothing at all."""


@pytest.mark.parametrize(
    ("prepare", "profile", "words"),
    [
        (no_profile, "", "AWS_BEARER_TOKEN_BEDROCK"),
        (no_profile, "nobody", "The config profile (nobody) could not be found"),
        pytest.param(broken_profile, "", "chain of credentials failed", marks=pytest.mark.long),
    ],
)
def test_a_chain_that_finds_nothing_says_what_to_do(
    home: Path, prepare: Callable[[Path], None], profile: str, words: str
):
    prepare(home)
    with pytest.raises(KeyInvalid) as caught:
        from_chain(profile)

    assert words in str(caught.value)


def test_no_secret_shows(capsys: pytest.CaptureFixture[str]):
    cloud: Any = Aws(KEYS)
    print(cloud, cloud._find(TARGET), vars(aws))

    assert CANARY not in capsys.readouterr().out
