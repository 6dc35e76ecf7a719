"""The line of a setting is found in every way TOML has of writing it."""

from __future__ import annotations

from quorate.settings.lines import lines_of, place_of

TEXT = '''# comment
top = 1
[a.b]
c.d = 2
"odd key" = 3
[[list]]
x = 1
[[list]]
x = """
x = not a key
"""
y = 2
[list.inner]
z = 1
'''


def test_keys_tables_and_lists_have_their_lines():
    lines = lines_of(TEXT)
    expected = {"top": 2, "a.b": 3, "a.b.c.d": 4, "a.b.odd key": 5, "list.0": 6, "list.0.x": 7, "list.1": 8}
    assert {path: lines[path] for path in expected} == expected
    assert (lines["list.1.x"], lines["list.1.y"], lines["list.1.inner.z"]) == (9, 12, 14)


def test_what_is_not_there_is_where_it_would_stand():
    lines = lines_of(TEXT)
    assert place_of("list.1.missing", lines) == 8
    assert place_of("nowhere", lines) == 0
