"""What a user can set, call or receive is in the documents, as the code has it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator

import pytest

import quorate
from quorate import errors, sync
from quorate.cli.ask import OF_ATTEMPTS, document
from quorate.cli.main import exit_code
from quorate.client.asking import Wishes
from quorate.errors import QuorateError
from quorate.settings import schema
from quorate.types.chat import ChatReply, Departure, Finish, Message
from quorate.types.events import Event
from quorate.types.usage import Usage
from quorate.wire.wires import WIRES

from .fidelity import targets
from .makers import MAKERS
from .of_commands import commands
from .of_providers import book
from .of_settings import PLACES, own_fields
from .pages import PAGES, ROOT, blocks, table_rows, text_of, with_blocks

BLOCKS = {name: text for page in PAGES for name, text in blocks(text_of(page)).items()}


def page(name: str) -> str:
    return text_of(ROOT / "docs" / f"{name}.md")


@pytest.mark.parametrize("name", MAKERS)
def test_a_generated_block_is_what_the_code_says(name: str):
    assert BLOCKS.get(name) == MAKERS[name](), "write it anew: python -m tests.docs"


def test_every_table_of_the_settings_is_told_of():
    tables = {
        each for _, each in inspect.getmembers(schema, inspect.isclass) if issubclass(each, schema.Table)
    }

    assert tables - set(PLACES.values()) == {schema.Table}


def test_every_setting_says_what_it_means():
    silent = [
        f"{place}.{name}" for place in PLACES for name, field in own_fields(place) if not field.description
    ]

    assert silent == []


def kinds(root: type[QuorateError]) -> Iterator[type[QuorateError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from kinds(child)


def data(kind: type[QuorateError]) -> set[str]:
    """What an error of this kind carries, but for what its parents do."""
    named = {"partial", "waited_for", "reason", "attempts"} & set(vars(kind))
    return named | (
        set(inspect.signature(kind).parameters) - {"message", "args", "kwargs"}
        if "__init__" in vars(kind)
        else set()
    )


def test_every_error_is_told_of_as_it_is():
    told = {row[0].strip("`"): row[1:4] for row in table_rows(page("errors"), "class")}

    assert told == {
        kind.__name__: [f"`{kind.code}`", kind.retry, str(kind.http_status)] for kind in kinds(QuorateError)
    }


def test_every_error_s_data_is_told_of():
    text = page("errors")

    assert {
        (kind.__name__, name)
        for kind in kinds(QuorateError)
        for name in data(kind)
        if f"`{name}`" not in text
    } == set()


def test_every_error_has_the_exit_code_that_the_page_says():
    told = {row[0]: row[2] for row in table_rows(page("cli"), "code")}
    found = {
        str(exit_code(kind(""))): kind.__name__ for kind in kinds(QuorateError) if kind is not QuorateError
    }

    assert {"0", "1", "130", *found} <= set(told)
    for kind in (
        errors.RequestError,
        errors.OperatorError,
        errors.UpstreamError,
        errors.NoAnswer,
        errors.AccessError,
    ):
        assert f"`{kind.__name__}`" in told[str(exit_code(kind("")))]


REPLY = ChatReply(
    id="", model="", message=Message(role="assistant", parts=()), finish=Finish(reason="stop"), usage=Usage()
)


def test_every_key_of_the_answer_as_json_is_told_of():
    found = document(REPLY, 1.0)
    keys = {*found, *(f"usage.{name}" for name in found["usage"])}
    keys |= {f"attempts[].{name}" for name in OF_ATTEMPTS}
    keys |= {f"fidelity[].{name}" for name in Departure.__struct_fields__}

    assert {row[0].strip("`") for row in table_rows(page("cli"), "key")} >= keys


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("argument", lambda: Wishes.__annotations__),
        ("of the reply", lambda: ChatReply.__struct_fields__),
        ("of the usage", lambda: Usage.__struct_fields__),
        ("event", lambda: [kind.__name__ for kind in Event.__args__]),
    ],
    ids=["arguments", "reply", "usage", "events"],
)
def test_the_library_page_tells_of_all(head: str, names: Callable[[], list[str]]):
    told = {word.strip("`") for row in table_rows(page("library"), head) for word in row[0].split(", ")}

    assert set(names()) - told == set()


def test_every_protocol_is_told_of():
    assert {row[0].strip("`") for row in table_rows(page("protocols"), "protocol")} == set(WIRES)
    assert [each.wire for each in targets()] == list(WIRES)


def test_the_readme_counts_right():
    rows = len(list(book()))

    assert re.findall(r"reach (\d+) providers", text_of(ROOT / "README.md")) == [str(rows)]
    assert re.findall(r"and (\d+) providers", text_of(ROOT / "CHANGELOG.md")) == [str(rows)]


def test_the_readme_names_every_command():
    state = "\n".join(line for line in text_of(ROOT / "README.md").splitlines() if line.startswith("| "))

    assert [
        name for name in commands() if f"`{name}`" not in state and f"`quorate {name}`" not in state
    ] == []


def test_a_block_is_made_without_touching_what_stands_around_it():
    blank, mark = "<!-- end -->", "<!-- made by `python -m tests.docs`:"
    text = f"a\n{mark} x -->\n{blank}\nb\n{mark} y -->\nold\n{blank}\nc\n"

    made = with_blocks(text, {"x": lambda: "X", "y": lambda: "Y"})

    assert blocks(made) == {"x": "X", "y": "Y"}
    assert re.sub(r"<!-- .* -->\n", "", made) == "a\nX\nb\nY\nc\n"


def test_every_public_name_is_told_of():
    told = page("library")
    methods = [name for name, _ in inspect.getmembers(quorate.Quorate, callable) if not name.startswith("_")]

    assert [name for name in (*quorate.__all__, *methods) if not re.search(rf"\b{name}\b", told)] == []


def test_the_blocking_client_has_what_the_other_one_has():
    public = [
        {name for name in dir(kind) if not name.startswith("_")} for kind in (quorate.Quorate, sync.Quorate)
    ]

    assert public[0] == public[1]
