"""Images, sounds, films and files, in every form that targets take."""

from __future__ import annotations

import pytest

from quorate.types.parts import Media, MediaKind
from quorate.types.target import Quirks
from tests.wire.openai_chat.given import ask, body_of, departures, read

PDF = Media(kind="file", media_type="application/pdf", data=b"%PDF", name="a.pdf")
PDF_URL = "data:application/pdf;base64,JVBERg=="
SOUND = Media(kind="audio", media_type="audio/mpeg", data=b"abc")


def part_of(media: Media, form: str = "") -> object:
    quirks = Quirks(media={media.kind: form} if form else {})
    return body_of(ask(media), quirks)["messages"][0]["content"]


@pytest.mark.parametrize(
    ("media", "form", "part"),
    [
        (
            Media(kind="image", url="https://a.example/b.png", detail="low"),
            "",
            {"type": "image_url", "image_url": {"url": "https://a.example/b.png", "detail": "low"}},
        ),
        (SOUND, "", {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "mp3"}}),
        (SOUND, "flat", {"type": "input_audio", "input_audio": "YWJj"}),
        (SOUND, "audio_url", {"type": "audio_url", "audio_url": {"url": "data:audio/mpeg;base64,YWJj"}}),
        (
            Media(kind="video", url="https://a.example/v"),
            "",
            {"type": "video_url", "video_url": {"url": "https://a.example/v"}},
        ),
        (PDF, "", {"type": "file", "file": {"file_data": PDF_URL, "filename": "a.pdf"}}),
        (PDF, "document_url", {"type": "document_url", "document_url": PDF_URL, "document_name": "a.pdf"}),
        (PDF, "file_url", {"type": "file_url", "file_url": {"url": "JVBERg=="}}),
        (Media(kind="file", file_id="f1"), "", {"type": "file", "file": {"file_id": "f1"}}),
        (Media(kind="file", file_id="f1"), "document_url", {"type": "file", "file_id": "f1"}),
        (
            Media(kind="file", url="https://a.example/f"),
            "file_or_url",
            {"type": "file", "file": {"file_data": "https://a.example/f"}},
        ),
    ],
)
def test_each_kind_has_its_form(media: Media, form: str, part: dict):
    assert part_of(media, form) == [part]


@pytest.mark.parametrize(
    ("media", "form"),
    [
        (Media(kind="file", url="https://a.example/f"), ""),
        (Media(kind="audio", url="https://a.example/a"), ""),
        (Media(kind="image", media_type="image/png", data=b"x"), "none"),
        (SOUND, "none"),
        (PDF, "none"),
    ],
)
def test_what_a_target_cannot_take_is_reported(media: Media, form: str):
    quirks = Quirks(media={media.kind: form} if form else {})
    assert departures(ask(media), quirks) == [("messages.0.parts.0", "dropped")]


def test_a_text_file_is_told_in_words_where_files_are_not_taken():
    note = Media(kind="file", media_type="text/markdown", data=b"# hi", name="a.md")
    assert part_of(note, "none") == "a.md:\n# hi"


@pytest.mark.parametrize(
    ("part", "kind", "data", "url"),
    [
        ({"type": "image_url", "image_url": "https://a.example/b"}, "image", b"", "https://a.example/b"),
        ({"type": "image_url", "image_url": {"url": "data:image/gif;base64,YWJj"}}, "image", b"abc", ""),
        ({"type": "input_audio", "input_audio": "YWJj"}, "audio", b"abc", ""),
        ({"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}}, "audio", b"abc", ""),
        ({"type": "file", "file": {"file_data": "YWJj", "filename": "a"}}, "file", b"abc", ""),
        ({"type": "document_url", "document_url": "https://a.example/d"}, "file", b"", "https://a.example/d"),
        (
            {"type": "video_url", "video_url": {"url": "https://a.example/v"}},
            "video",
            b"",
            "https://a.example/v",
        ),
    ],
)
def test_each_form_is_read(part: dict, kind: MediaKind, data: bytes, url: str):
    (media,) = read(messages=[{"role": "user", "content": [part]}]).messages[0].parts
    assert isinstance(media, Media)
    assert (media.kind, media.data, media.url) == (kind, data, url)


def test_unknown_fields_of_media_come_back():
    sent = [
        {"type": "image_url", "image_url": {"url": "https://a.example/b", "x": 1}, "y": 2},
        {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav", "x": 1}, "y": 2},
        {"type": "file", "file": {"file_id": "f", "x": 1}, "y": 2},
    ]
    assert body_of(read(messages=[{"role": "user", "content": sent}]))["messages"][0]["content"] == sent
