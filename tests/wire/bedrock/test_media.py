"""Images, documents, films and sounds, inline and in Amazon's storage."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.types.parts import Media, Text

from .making import ask, departures, said, written


def sent(media: Media) -> list[dict[str, Any]]:
    return written(ask(said("user", Text(text="See"), media)))["messages"][0]["content"][1:]


def told(*media: Media) -> dict[str, str]:
    return departures(ask(said("user", Text(text="See"), *media)))


@pytest.mark.parametrize(
    ("media", "block"),
    [
        (Media(kind="image", media_type="image/jpeg", data=b"j"), {"image": {"format": "jpeg"}}),
        (Media(kind="image", data=b"\x89PNG"), {"image": {"format": "png"}}),
        (Media(kind="video", media_type="video/3gpp", data=b"v"), {"video": {"format": "three_gp"}}),
        (Media(kind="audio", media_type="audio/mpeg", data=b"a"), {"audio": {"format": "mp3"}}),
        (
            Media(kind="file", media_type="text/csv", data=b"a,b", name="table"),
            {"document": {"format": "csv", "name": "table"}},
        ),
        (Media(kind="file", data=b"%PDF-1.7"), {"document": {"format": "pdf", "name": "document 1"}}),
        (
            Media(kind="file", media_type="text/x-python", data=b"x = 1", name="x"),
            {"document": {"format": "txt", "name": "x"}},
        ),
    ],
)
def test_a_medium_has_a_block_and_a_format(media: Media, block: dict[str, dict[str, str]]):
    (found,) = sent(media)
    ((kind, fields),) = found.items()

    assert {kind: {name: value for name, value in fields.items() if name != "source"}} == block
    assert list(fields["source"]) == ["bytes"]


def test_what_lies_in_storage_goes_by_its_address():
    media = Media(
        kind="video",
        url="s3://b/film.mp4",
        vendor={"bedrock": {"s3Location": {"bucketOwner": "123456789012"}}},
    )

    assert sent(media) == [
        {
            "video": {
                "format": "mp4",
                "source": {"s3Location": {"uri": "s3://b/film.mp4", "bucketOwner": "123456789012"}},
            }
        }
    ]


@pytest.mark.parametrize(
    "media",
    [
        Media(kind="image", url="https://a.test/x.png"),
        Media(kind="file", file_id="file-1"),
        Media(kind="image", media_type="image/tiff", data=b"II*"),
        Media(kind="file", media_type="application/zip", data=b"PK\x03\x04\x00\xff"),
    ],
)
def test_what_cannot_be_sent_is_reported(media: Media):
    assert sent(media) == []
    assert told(media) == {"messages.0.parts.1": "dropped"}


def test_names_of_documents_are_narrow_and_no_two_alike():
    def paper(name: str) -> Media:
        return Media(kind="file", media_type="application/pdf", data=b"%PDF-", name=name)

    asked = ask(said("user", Text(text="See"), paper("my report.pdf"), paper("my report.pdf"), paper("\n")))
    names = [each["document"]["name"] for each in written(asked)["messages"][0]["content"][1:]]

    assert names == ["my report-pdf", "my report-pdf (2)", "document 3"]
    assert departures(asked) == dict.fromkeys(
        ("messages.0.parts.1.name", "messages.0.parts.2.name", "messages.0.parts.3.name"), "changed"
    )


def test_what_is_lost_of_a_medium_is_told():
    image = Media(kind="image", media_type="image/png", data=b"p", detail="high")
    code = Media(kind="file", media_type="text/x-python", data=b"x", name="x")

    assert told(image, code) == {
        "messages.0.parts.1.detail": "dropped",
        "messages.0.parts.2.media_type": "changed",
    }


def test_an_assistant_and_a_system_say_no_media_of_others():
    image = Media(kind="image", media_type="image/png", data=b"p")

    assert departures(ask(said("system", Text(text="S"), image), said("user", Text(text="Hi")))) == {
        "messages.0.parts.1": "dropped"
    }
