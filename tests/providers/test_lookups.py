"""Options that stand in the files of other programs: the region of an AWS profile."""

from __future__ import annotations

from pathlib import Path

import pytest

from quorate.errors import SettingsInvalid
from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry
from quorate.providers.lookups import look_up
from quorate.providers.targets import address, configured, make_target

BOOK = ProviderBook(plug_ins=dict)
ROW = BOOK.find("bedrock")
FILE = "[default]\nregion = eu-west-1\n[profile work]\nregion=ap-southeast-2\n[profile bare]\noutput = json\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(FILE)
    return tmp_path


@pytest.mark.parametrize(
    ("told", "options", "region"),
    [
        ({}, {}, "eu-west-1"),
        ({"AWS_PROFILE": "work"}, {}, "ap-southeast-2"),
        ({"AWS_DEFAULT_PROFILE": "work"}, {}, "ap-southeast-2"),
        ({"AWS_PROFILE": "default"}, {"profile": "work"}, "ap-southeast-2"),
        ({"AWS_PROFILE": "bare"}, {}, ""),
        ({"AWS_PROFILE": "nobody"}, {}, ""),
    ],
)
def test_a_region_is_that_of_the_profile_in_force(
    home: Path, told: dict[str, str], options: dict[str, str], region: str
):
    assert look_up("aws_region", {"HOME": str(home)} | told, options) == region


def test_a_file_that_is_absent_or_spoilt_has_no_region(home: Path):
    (home / "spoilt").write_bytes(b"region = \xff")
    (home / "odd").write_text("no section\n")

    for name in ("nowhere", "spoilt", "odd"):
        assert look_up("aws_region", {"AWS_CONFIG_FILE": str(home / name)}, {}) == ""
    assert look_up("aws_region", {}, {}) == ""
    assert look_up("nowhere", {}, {}) == ""


def test_a_file_that_changes_is_read_again(home: Path):
    file = home / ".aws" / "config"
    environment = {"HOME": str(home)}
    before = look_up("aws_region", environment, {})
    file.write_text("[default]\nregion = us-west-2\n")
    later = file.stat().st_mtime_ns + 1_000_000
    __import__("os").utime(file, ns=(later, later))

    assert (before, look_up("aws_region", environment, {})) == ("eu-west-1", "us-west-2")


def test_a_region_makes_the_address_and_goes_to_who_signs(home: Path):
    environment = {"HOME": str(home)}
    target = make_target(ROW, Entry(provider="bedrock"), "m", environment)
    chosen = make_target(ROW, Entry(provider="bedrock", options={"region": "us-east-2"}), "m", environment)

    assert target.base_url == "https://bedrock-runtime.eu-west-1.amazonaws.com"
    assert target.options == {"region": "eu-west-1"}
    assert chosen.base_url == "https://bedrock-runtime.us-east-2.amazonaws.com"


def test_without_a_region_it_is_said_what_is_missing():
    with pytest.raises(SettingsInvalid, match=r"bedrock\.options\.region is missing, and so is .*AWS_REGION"):
        address(ROW, Entry(provider="bedrock"), {})


@pytest.mark.parametrize(
    ("environment", "is_ready"),
    [
        ({"AWS_REGION": "us-east-1"}, False),
        ({"AWS_BEARER_TOKEN_BEDROCK": "k"}, False),
        ({"AWS_BEARER_TOKEN_BEDROCK": "k", "AWS_REGION": "us-east-1"}, True),
        ({"AWS_PROFILE": "work", "AWS_DEFAULT_REGION": "us-east-1"}, True),
        ({"AWS_ACCESS_KEY_ID": "k", "AWS_REGION": "us-east-1"}, True),
    ],
)
def test_it_is_ready_with_a_region_and_a_sign_of_a_credential(environment: dict[str, str], is_ready: bool):
    assert ("bedrock" in [entry.provider for entry in configured(BOOK, environment)]) is is_ready
