"""Notebooks load, call, show and narrate; they hold no analysis and no typed-in result."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
MOST_LINES = 15

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str) -> list[str]:
    return [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == kind]


def test_cells_are_short(path: Path) -> None:
    long = [s.splitlines()[0] for s in cells(path, "code") if len(s.splitlines()) > MOST_LINES]
    assert not long


def test_only_evidence_is_imported(path: Path) -> None:
    imported = set()
    for source in cells(path, "code"):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
    assert imported == {"evidence"}


def test_code_computes_nothing_itself(path: Path) -> None:
    """Arithmetic, comparisons, functions and comprehensions belong into the package."""
    forbidden = (ast.BinOp, ast.Compare, ast.FunctionDef, ast.Lambda, ast.ListComp, ast.DictComp)
    found = [
        ast.unparse(node)
        for source in cells(path, "code")
        for node in ast.walk(ast.parse(source))
        if isinstance(node, forbidden)
    ]
    assert not found


def test_prose_holds_no_typed_number(path: Path) -> None:
    """A number in prose would stay when the data change; links and code may hold digits."""
    texts = []
    for source in cells(path, "markdown"):
        plain = re.sub(r"\]\([^)]*\)", "]", source)
        texts.append(re.sub(r"`[^`]*`", "", plain))
    assert not re.findall(r"[^\n]*\d[^\n]*", "\n".join(texts))


def test_the_current_review_is_loaded(path: Path) -> None:
    assert any("evidence.current_review()" in source for source in cells(path, "code"))
