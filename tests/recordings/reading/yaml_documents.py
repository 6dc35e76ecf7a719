"""YAML as recorders write it: safe, quick, with the tags of Ruby and Python that their files hold."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import yaml


class _Loader(yaml.CSafeLoader):
    """Dates stay text, foreign objects become what they were made of."""


def _foreign(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    match node:
        case yaml.ScalarNode():
            text = loader.construct_scalar(node)
            return base64.b64decode(text) if suffix == "binary" else text
        case yaml.SequenceNode():
            items = loader.construct_sequence(node, deep=True)
            return items[0] if len(items) == 1 and isinstance(items[0], str) else tuple(items)
        case yaml.MappingNode():
            members = loader.construct_mapping(node, deep=True)
            return _first_word(members)
        case _:
            return None


def _first_word(members: dict[Any, Any]) -> Any:
    """A case-insensitive string that was pickled by its members: the string; any other object as it is."""
    match members:
        case {"args": [str(word), *_]}:
            return word
        case _:
            return members


_Loader.add_multi_constructor("!", _foreign)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", _foreign)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def yaml_documents(data: bytes) -> Iterator[Any]:
    """Every document of a file."""
    yield from yaml.load_all(data, Loader=_Loader)
