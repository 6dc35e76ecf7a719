"""What the shipped patterns find, what they leave, and that no text can make them slow."""

from __future__ import annotations

import re

import pytest

from quorate.gateway.hooks.finders import FINDERS, Detector
from quorate.gateway.hooks.own_patterns import compile_own

DETECTOR = Detector(FINDERS)


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in DETECTOR.find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Mail joe@example.com.", "EMAIL", "joe@example.com"),
        ("<j.r+x@mail.example.co.uk>", "EMAIL", "j.r+x@mail.example.co.uk"),
        ("mañana@correo.example", "EMAIL", "mañana@correo.example"),
        ("IBAN DE89 3704 0044 0532 0130 00 THEN MORE", "IBAN", "DE89 3704 0044 0532 0130 00"),
        ("gb82west12345698765432", "IBAN", "gb82west12345698765432"),
        ("4111 1111 1111 1111 12/27", "CARD", "4111 1111 1111 1111"),
        ("on 12 5555-5555-5555-4444", "CARD", "5555-5555-5555-4444"),
        ("378282246310005", "CARD", "378282246310005"),
        ("at 10.0.0.1.", "IP", "10.0.0.1"),
        ("at 2001:db8::1:", "IP", "2001:db8::1"),
        ("::ffff:192.0.2.1", "IP", "::ffff:192.0.2.1"),
        ("ssn 123-45-6789", "SSN", "123-45-6789"),
        ("call +49 170 1234567", "PHONE", "+49 170 1234567"),
        ("call +1 (415) 555-2671 today", "PHONE", "+1 (415) 555-2671"),
        ("call (415) 555-2671", "PHONE", "(415) 555-2671"),
        ("call 030/1234567", "PHONE", "030/1234567"),
        ("key AKIAIOSFODNN7EXAMPLE", "API_KEY", "AKIAIOSFODNN7EXAMPLE"),
        ("key=sk-proj-abcdefghijklmn0p", "API_KEY", "sk-proj-abcdefghijklmn0p"),
        (
            "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
            "API_KEY",
            "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----",
        ),
    ],
)
def test_a_value_is_found_whole(text: str, kind: str, value: str):
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "DE90370400440532013000",
        "4111 1111 1111 1112",
        "999.0.0.1 and 1.2.3",
        "at 12:30:45, std::vector, a::b",
        "000-12-3456 and 987-65-4321",
        "price 1,234,567.89 on 2024-01-02, order 1234567890",
        "me@localhost, @handle, a@b",
        "task-list, sk-learn-and-other-libraries, pk_of_a_table_with_a_name",
    ],
)
def test_what_only_looks_like_one_is_left(text: str):
    assert found(text) == []


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "1 ",
        "4",
        "DE89 ",
        ":",
        "a:",
        "1.",
        "+1 ",
        "-----BEGIN PRIVATE KEY-----",
        "a@a.",
        "sk-",
        "eyJaaaaaaaa.",
        "(0",
    ],
)
def test_ten_times_the_text_is_found_in_the_same_number_of_steps_a_letter(piece: str):
    """A pattern that read a place again and again would not come to an end here."""
    assert len(found(piece * (40_000 // len(piece)))) >= 0


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(r"S-\d{6}", "S-123456"), (r"\bEMP(?:-|_)?\d{4,8}\b", "EMP_12345"), ("[A-Z]{2,4}€", "AB€")],
)
def test_a_pattern_of_ones_own_fits_what_it_says(pattern: str, text: str):
    assert re.fullmatch(compile_own(pattern), text)


@pytest.mark.parametrize(
    "pattern",
    [
        "", "a*", "a+", "(a+)+", "(?:a|aa){9}", "a{1,}", "a{65}", "a{3,1}", "x?", r"\1", "(?=a)a", "a{2}?", "^a", "a$",
        "(a)", "(?:a", "a)", "[z-a]", "[a--b]", "[", "a" * 201, r"\p",
    ],
)  # fmt: skip
def test_a_pattern_that_could_take_long_is_refused(pattern: str):
    with pytest.raises(ValueError, match=r"."):
        compile_own(pattern)


def test_alternatives_in_a_row_do_not_multiply():
    pattern = compile_own("(?:a|aa)" * 20 + "b")

    assert pattern.search("a" * 2_000) is None
