"""Forms: what is written is read back equal, and what is not whole is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.errors import InvalidRequest
from quorate.wire.multipart import MOST_PARTS, FormPart, read_form, write_form

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="%\\", min_codepoint=1), max_size=12)
NAMES = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
PARTS = st.builds(
    FormPart,
    name=NAMES,
    data=st.binary(max_size=60) | st.just(b"\r\n--quorate-") | st.just(b"\r\n\r\n--"),
    filename=NAMES
    | WORDS.map(lambda word: word.strip("\x1c\x1d\x1e\x1f\x85\u2028\u2029").replace("\x00", "")),
    media_type=st.sampled_from(("", "image/png", "audio/mpeg")),
)


@settings(max_examples=30)
@given(st.lists(PARTS, max_size=5))
def test_what_is_written_is_read_back_equal(parts: list[FormPart]):
    assert read_form(*write_form(parts)) == parts


def test_equal_forms_have_equal_bytes():
    parts = [FormPart(name="a", data=b"1"), FormPart(name="file", data=b"\x00\xff", filename="x.bin")]

    assert write_form(parts) == write_form(list(parts))
    assert write_form(parts)[0] != write_form(parts[:1])[0]


def test_a_form_as_other_programs_write_it_is_read():
    body = (
        b"preamble\r\n--X y\t \r\n"
        b'content-disposition: form-data; name="a"; filename="say \\"hi\\".wav"\r\ncontent-type: audio/wav\r\n\r\n'
        b"\xff\r\n--X y\r\nContent-Disposition: form-data; name=b\r\n\r\n\r\n--X y--\r\nepilogue"
    )

    parts = read_form('Multipart/Form-Data; charset=utf-8; boundary="X y"', body)

    assert parts == [
        FormPart(name="a", data=b"\xff", filename='say "hi".wav', media_type="audio/wav"),
        FormPart(name="b", data=b""),
    ]


def field(head: bytes = b'Content-Disposition: form-data; name="a"', content: bytes = b"1") -> bytes:
    return b"--X\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


END = b"--X--\r\n"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nothing",
        field(),
        field()[:-4] + END,
        field(b"Content-Type: text/plain") + END,
        field(b'Content-Disposition: attachment; name="a"') + END,
        field(b"Content-Disposition: form-data; name=\xff") + END,
        field(b'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64') + END,
        field(b'Content-Disposition: form-data; name="a"; x="' + b"y" * 9000 + b'"') + END,
        b"--X\r\n\r\n1\r\n" + END,
        b'--Xtra\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' + END,
        field() * (MOST_PARTS + 1) + END,
    ],
)
def test_a_form_that_makes_no_sense_is_refused(body: bytes):
    with pytest.raises(InvalidRequest):
        read_form("multipart/form-data; boundary=X", body)


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/mixed; boundary=X",
        "multipart/form-data; boundary=" + "x" * 71,
        'multipart/form-data; boundary="a\nb"',
    ],
)
def test_a_type_that_names_no_boundary_is_refused(content_type: str):
    with pytest.raises(InvalidRequest):
        read_form(content_type, field() + END)
