"""Hooks by their names: shipped ones, those of packages, wrong ones; and a change of the settings while it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import pytest

from quorate.errors import HookFailed, SettingsInvalid, UpstreamBroken
from quorate.gateway.hooks import book
from quorate.gateway.hooks.book import Hooks
from quorate.gateway.hooks.seam import Asked, Guard
from quorate.settings.settings import HookSettings, ServerSettings, Settings
from quorate.types.chat import ChatReply
from quorate.types.events import Event, PartDelta
from quorate.types.parts import Text
from quorate.types.value import replace
from tests.gateway.house import ask, call, written

from .echo import PROTOCOLS, Echo, provider, settings_for
from .test_mask import asking


class Shouting(Guard):
    """Makes answers loud; knows nothing of questions."""

    def on_event(self, event: Event) -> Iterable[Event]:
        return [replace(event, text=event.text.upper()) if isinstance(event, PartDelta) else event]

    async def after(self, reply: ChatReply) -> ChatReply:
        parts = tuple(
            replace(each, text=each.text.upper()) for each in reply.message.parts if isinstance(each, Text)
        )
        return replace(reply, message=replace(reply.message, parts=parts))


class Broken(Guard):
    """Quotes in its failure what it must not."""

    def on_event(self, event: Event) -> Iterable[Event]:
        raise KeyError("a secret")

    async def after(self, reply: ChatReply) -> ChatReply:
        raise KeyError("a secret")


class Made:
    """A hook that makes the guard of the test's choice."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._kind: type[Guard] = {"shout": Shouting, "break": Broken}[options["kind"]]

    def begin(self, asked: Asked) -> Guard:
        return self._kind()


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an installed package would offer it."""
    point = EntryPoint(name="mine", group="quorate.hooks", value=f"{__name__}:Made")
    monkeypatch.setattr(book, "entry_points", lambda group: EntryPoints([point]).select(group=group))
    monkeypatch.setitem(__import__("sys").modules, __name__, __import__("types").SimpleNamespace(Made=Made))


def mine(kind: str) -> HookSettings:
    return HookSettings(use="mine", options={"kind": kind})


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_package_s_hook_is_found_by_its_entry_point(offered: None, stream: bool):
    gateway = Echo().gateway(settings_for(mine("shout")))

    reply, _ = await ask(gateway, "openai_chat", asking("hello", f"{provider('gemini')}/m"), stream=stream)

    assert reply.text.startswith("YOU SAID: HELLO" if not stream else "YOU SAID")


@pytest.mark.parametrize("front", PROTOCOLS)
async def test_a_hook_that_breaks_is_told_of_without_its_words(
    offered: None, front: str, caplog: pytest.LogCaptureFixture
):
    gateway = Echo().gateway(settings_for(mine("break")))
    asked = asking("hello", f"{provider('gemini')}/m", max_output=9)
    streamed = written(front, asked, stream=True)

    with pytest.raises(UpstreamBroken):
        await ask(gateway, front, asked)
    answered = await call(gateway, streamed.path, streamed.body, query=streamed.query)

    assert b"the hook 'mine' failed" in answered.body
    assert b"secret" not in answered.body
    assert "KeyError at test_book.py" in caplog.text
    assert "secret" not in caplog.text


def settings(*hooks: HookSettings) -> Settings:
    return Settings(server=ServerSettings(hooks=hooks))


def test_all_that_is_wrong_is_told_at_once(offered: None):
    wrong = HookSettings(use="mask", options={"kinds": ["dna"]}), HookSettings(use="none"), mine("nothing")

    with pytest.raises(SettingsInvalid) as caught:
        Hooks().learn(settings(*wrong))

    assert [place for place, _ in caught.value.problems] == [
        "server.hooks.0.options.kinds",
        "server.hooks.1.use",
        "server.hooks.2",
    ]


def test_of_a_faulty_change_nothing_is_taken(caplog: pytest.LogCaptureFixture):
    hooks = Hooks()
    hooks.learn(settings(HookSettings(use="mask")))

    hooks.learn(settings(HookSettings(use="none")))

    assert hooks
    assert "are not taken" in caplog.text


def test_a_sound_change_is_taken():
    hooks = Hooks()
    hooks.learn(settings(HookSettings(use="mask")))

    hooks.learn(settings())

    assert not hooks


def test_what_a_hook_breaks_with_needs_the_operator():
    assert HookFailed("the hook 'x' failed", hook="x").http_status == 500
