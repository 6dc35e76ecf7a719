"""`python -m tests.docs`: writes the generated blocks of the documents anew.

The table of recordings is written where the tests of the recordings have left their report.
"""

from __future__ import annotations

import json

from quorate.gateway.admin.app import described

from .makers import MAKERS
from .pages import PAGES, ROOT, name_of, text_of, with_blocks
from .recorded import REPORT, recordings_table

made = dict(MAKERS) | ({"recordings": recordings_table} if REPORT.is_file() else {})
for page in PAGES:
    before = text_of(page)
    after = with_blocks(before, made)
    if after != before:
        page.write_text(after, encoding="utf-8")
        print(name_of(page))

(ROOT / "docs" / "openapi.json").write_text(json.dumps(described(), indent=1, sort_keys=True) + "\n")
