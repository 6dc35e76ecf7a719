"""`python -m tests.docs`: writes the generated blocks of the documents anew."""

from __future__ import annotations

from .makers import MAKERS
from .pages import PAGES, name_of, text_of, with_blocks

for page in PAGES:
    before = text_of(page)
    after = with_blocks(before, MAKERS)
    if after != before:
        page.write_text(after, encoding="utf-8")
        print(name_of(page))
