"""Reads a folder of recordings: source/provider/original path, eleven container formats."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from quorate.types.value import replace
from tests.recordings.exchange import Exchange

from .bodies_alone import bodies_alone
from .cassettes import cassette, is_cassette
from .httpmock import httpmock, is_httpmock
from .makers import maker
from .nock import bare_response, is_bare_response, is_nock, nock
from .yaml_documents import yaml_documents


def recorded_files(root: Path) -> list[str]:
    """Every file below the folder that holds exchanges, by its path from there."""
    paths = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if len(path.parts) > 2)


def exchanges(root: Path, file: str) -> list[Exchange]:
    """The exchanges of one file, in order."""
    folder = file.split("/")[1]
    return [
        replace(each, file=file, number=number, provider=maker(each, folder))
        for number, each in enumerate(_read(file, (root / file).read_bytes()))
    ]


def _read(file: str, data: bytes) -> Iterator[Exchange]:
    if file.endswith(".gz"):
        file, data = file.removesuffix(".gz"), gzip.decompress(data)
    if file.endswith((".yaml", ".yml")):
        for document in yaml_documents(data):
            yield from _in_document(document)
    elif found := list(_in_document(_json(data) if file.endswith(".json") else None)):
        yield from found
    else:
        yield from bodies_alone(file, data)


def _in_document(document: Any) -> Iterator[Exchange]:
    if is_cassette(document):
        yield from cassette(document)
    elif is_httpmock(document):
        yield httpmock(document)
    elif is_nock(document):
        yield from map(nock, document)
    elif is_bare_response(document):
        yield bare_response(document)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
