"""Walls that import-linter cannot see: by name in an `if`, through the front door, or through a gap in its list."""

from __future__ import annotations

import ast
import tomllib

from .tree import PACKAGE, ROOT, name_of, package_files, parsed

PROVIDERS = frozenset(
    """anthropic azure bedrock cerebras cohere deepinfra deepseek fireworks gemini google groq huggingface
    litellm llamacpp lmstudio mistral moonshot novita nvidia ollama openai openrouter perplexity portkey replicate
    sambanova together vertex vllm xai zai""".split()
)


def providers_asked_for(tree: ast.AST) -> list[str]:
    """Names of providers that a condition compares with or a `match` tells apart."""
    asked: list[ast.AST] = []
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=left, comparators=comparators):
                asked += [left, *comparators]
            case ast.MatchValue(value=value):
                asked.append(value)
            case _:
                pass
    constants = [each.value for node in asked for each in _spelt_out(node)]
    return [value for value in constants if isinstance(value, str) and value in PROVIDERS]


def _spelt_out(node: ast.AST) -> list[ast.Constant]:
    """The constant itself, or those in a tuple, list or set that is written out."""
    match node:
        case ast.Constant():
            return [node]
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return [item for item in items if isinstance(item, ast.Constant)]
        case _:
            return []


def imports_of_the_front_door(tree: ast.AST) -> list[int]:
    """Lines that import the package's public names, which lead to every floor."""
    lines: list[int] = []
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="quorate", level=0):
                lines.append(node.lineno)
            case ast.Import(names=names) if any(alias.name == "quorate" for alias in names):
                lines.append(node.lineno)
            case _:
                pass
    return lines


def test_no_provider_is_named_in_a_condition():
    found = {name_of(path): providers_asked_for(parsed(path)) for path in package_files()}

    assert {name: providers for name, providers in found.items() if providers} == {}


def test_a_provider_in_a_condition_is_seen():
    assert providers_asked_for(ast.parse("if name == 'openai': pass")) == ["openai"]
    assert providers_asked_for(ast.parse("x = 1 if name in ('a', 'groq') else 2")) == ["groq"]
    assert providers_asked_for(ast.parse("match name:\n case 'ollama': pass")) == ["ollama"]
    assert providers_asked_for(ast.parse("row = rows['openai']")) == []


def test_no_room_imports_through_the_front_door():
    found = {name_of(path): imports_of_the_front_door(parsed(path)) for path in package_files()}

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_an_import_through_the_front_door_is_seen():
    assert imports_of_the_front_door(ast.parse("from quorate import Quorate")) == [1]
    assert imports_of_the_front_door(ast.parse("import quorate")) == [1]
    assert imports_of_the_front_door(ast.parse("from quorate.types.value import Value")) == []


def test_every_protocol_stands_in_the_contract_that_keeps_protocols_apart():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["quorate.wire"])
    listed = {name.strip(" ()") for layer in layers for name in layer.split("|")}
    protocols = {path.parent.name for path in (PACKAGE / "wire").glob("*/__init__.py")}

    assert protocols <= listed
