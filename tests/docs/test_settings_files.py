"""Every settings file that the documents show is one that loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from quorate.assemble import assemble, read

from .pages import PAGES, Fence, fences

FILES = [fence for page in PAGES for fence in fences(page) if fence.language == "toml"]
SOUND = [fence for fence in FILES if not fence.told.startswith("broken")]


@pytest.mark.parametrize("fence", SOUND, ids=lambda fence: fence.told)
async def test_a_settings_file_loads_and_its_names_lead_somewhere(
    fence: Fence, folder: Path, surroundings: dict[str, str]
):
    household = assemble(read(folder / fence.told, surroundings), environment=surroundings)
    parts = household.parts
    names = [f"route/{name}" for name in parts.settings.routes]
    names += [name for name in parts.settings.aliases if "*" not in name]
    names += [
        f"{entry.name}/any" for entry in parts.settings.entries if parts.directory.problem(entry) is None
    ]

    assert all(parts.resolver(name).targets for name in names)
    await household.transport.close()


def test_each_has_a_name_of_its_own():
    names = [fence.told for fence in FILES]

    assert all(names)
    assert len(set(names)) == len(names)


def test_a_provider_is_added_in_a_few_lines():
    (acme,) = (fence for fence in FILES if fence.told == "acme.toml")

    assert len(acme.code.splitlines()) <= 15
