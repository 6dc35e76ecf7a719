"""Conversations: turns in order, branches, search, and that tenants never meet."""

from __future__ import annotations

from quorate.store.conversations import (
    add_turn,
    delete_conversations,
    find_conversations,
    list_conversations,
    search,
    thread,
)
from quorate.store.database import Database
from quorate.store.identity import new_identity
from quorate.store.turn import Turn
from quorate.types.chat import Message, Role
from quorate.types.parts import Text

SCOPE = "tenant"


def said(role: Role, text: str) -> Message:
    return Message(role=role, parts=(Text(text=text),))


def turn(
    question: str, answer: str, *, after: Turn | None = None, at: int = 1_000, model: str = "a/one"
) -> Turn:
    return Turn(
        conversation=after.conversation if after else new_identity(at),
        parent=after.tip if after else "",
        at=at,
        model=model,
        question=(said("user", question),),
        answer=said("assistant", answer),
        about={"cost": "0.01"},
    )


async def kept(database: Database, *turns: Turn, scope: str = SCOPE) -> None:
    async with database.write() as connection:
        for each in turns:
            await add_turn(connection, scope, each)


async def test_turns_come_back_in_order_with_what_is_known_of_them(database: Database):
    first = turn("Name a river", "The Rhine")
    second = turn("Another?", "The Po", after=first, at=2_000)
    await kept(database, first, second, first)

    async with database.read() as connection:
        (conversation,) = await list_conversations(connection, SCOPE)
        messages = await thread(connection, SCOPE, conversation.tip)

    assert [each.message.text for each in messages] == ["Name a river", "The Rhine", "Another?", "The Po"]
    assert (conversation.title, conversation.created_at) == ("Name a river", 1_000)
    assert messages[1].about == {"cost": "0.01"}
    assert messages[1].message == first.answer


async def test_a_conversation_that_branches_shares_its_beginning(database: Database):
    first = turn("Name a river", "The Rhine")
    left, right = (turn(word, word, after=first, at=2_000) for word in ("left", "right"))
    await kept(database, first, left, right)

    async with database.read() as connection:
        lines = [await thread(connection, SCOPE, each.tip) for each in (left, right)]

    assert [each.message.text for each in lines[0]] == ["Name a river", "The Rhine", "left", "left"]
    assert lines[0][:2] == lines[1][:2]


async def test_what_was_said_is_found_whatever_its_case_in_question_or_answer(database: Database):
    await kept(
        database,
        turn("Wo fließt die ELBE?", "Durch Dresden", at=1, model="openai/gpt-5"),
        turn("100% sure?", "Yes", at=2, model="ollama/llama"),
        turn("Rivers", "Elbe, Oder", at=3, model="ollama/llama"),
    )

    async with database.read() as connection:
        found = {
            words: [asked.message.text for _, asked in await search(connection, SCOPE, words) if asked]
            for words in ((), ("elbe",), ("FLIESST", "dresden"), ("100%",), ("0_",))
        }
        of_model = await search(connection, SCOPE, model="LLAMA", since=3)

    assert found == {
        (): ["Rivers", "100% sure?", "Wo fließt die ELBE?"],
        ("elbe",): ["Rivers", "Wo fließt die ELBE?"],
        ("FLIESST", "dresden"): ["Wo fließt die ELBE?"],
        ("100%",): ["100% sure?"],
        ("0_",): [],
    }
    assert [answer.message.text for answer, _ in of_model] == ["Elbe, Oder"]


async def test_tenants_see_only_their_own(database: Database):
    mine, theirs = turn("Hello", "Mine"), turn("Hello", "Theirs")
    await kept(database, mine)
    await kept(database, theirs, scope="another")

    async with database.read() as connection:
        listed = await list_conversations(connection, SCOPE)
        found = await find_conversations(connection, SCOPE, theirs.conversation)
        read = await thread(connection, SCOPE, theirs.tip)
        answers = await search(connection, SCOPE, ["hello"])

    assert [each.id for each in listed] == [mine.conversation]
    assert (found, read) == ((), ())
    assert [answer.message.text for answer, _ in answers] == ["Mine"]


async def test_what_is_deleted_is_gone_and_the_same_words_elsewhere_stay(database: Database):
    one, two = turn("Hello", "Hi", at=1), turn("Hello", "Hi", at=2)
    await kept(database, one, two)

    async with database.write() as connection:
        gone = await delete_conversations(connection, SCOPE, ids=[one.conversation])
        others = await delete_conversations(connection, "another")
    async with database.read() as connection:
        left = await list_conversations(connection, SCOPE)
        read = await thread(connection, SCOPE, two.tip)

    assert (gone, others) == (1, 0)
    assert [each.id for each in left] == [two.conversation]
    assert [each.message.text for each in read] == ["Hello", "Hi"]


async def test_those_changed_last_come_first(database: Database):
    first, second = turn("one", "1", at=1), turn("two", "2", at=2)
    await kept(database, first, second, turn("three", "3", after=first, at=3))

    async with database.read() as connection:
        listed = await list_conversations(connection, SCOPE)
        page = await list_conversations(connection, SCOPE, before=3)

    assert [each.title for each in listed] == ["one", "two"]
    assert [each.title for each in page] == ["two"]
