"""What follows from an object is worked out once for that very object."""

from __future__ import annotations

from quorate.types import recall
from quorate.types.recall import recalled
from quorate.types.target import Quirks


def test_the_same_object_is_asked_about_once():
    seen: list[Quirks] = []

    def drop_of(quirks: Quirks) -> frozenset[str]:
        seen.append(quirks)
        return quirks.drop

    look = recalled(drop_of)
    quirks, equal = Quirks(drop=frozenset({"top_k"})), Quirks(drop=frozenset({"top_k"}))

    answers = [look(quirks), look(quirks), look(equal)]

    assert answers == [quirks.drop] * 3
    assert [each is quirks for each in seen] == [True, False]


def test_memory_has_an_end_and_never_takes_one_object_for_another():
    def number_of(quirks: Quirks) -> str:
        return quirks.query["number"]

    look = recalled(number_of)

    assert [look(Quirks(query={"number": str(number)})) for number in range(recall.MOST * 2)] == [
        str(number) for number in range(recall.MOST * 2)
    ]
