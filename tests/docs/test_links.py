"""Every link between the documents leads to a page, and to a heading of it, that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pages import PAGES, ROOT, anchors, links, name_of, text_of


def lost(page: Path, link: str) -> bool:
    """Does the link lead nowhere within the project? Addresses of others are not looked at."""
    if "://" in link:
        return False
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    return not target.exists() or bool(anchor and anchor not in anchors(text_of(target)))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path):
    assert [link for link in links(text_of(page)) if lost(page, link)] == []


def test_a_lost_link_is_seen():
    readme = ROOT / "README.md"

    assert lost(readme, "docs/nowhere.md")
    assert lost(readme, "docs/cli.md#nowhere")
    assert not lost(readme, "docs/cli.md#exit-codes")


def test_the_readme_leads_to_every_page():
    led_to = set(links(text_of(ROOT / "README.md")))

    assert {name_of(page) for page in PAGES if page.parent.name == "docs"} <= led_to


def test_the_readme_is_short():
    assert len(text_of(ROOT / "README.md").splitlines()) <= 150
