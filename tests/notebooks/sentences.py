"""What a notebook says, piece by piece, without a kernel: its code cells, run here.

Each code cell's last expression is what a reader sees below it. `told` runs the cells on a
review and returns every piece of text by a name that says where it stands: the section and, of
a table, the row; of prose the paragraph.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

import nbformat

import evidence
from evidence.display import Prose, Table
from evidence.judgement import Verdicts
from evidence.plots import Picture

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import pytest

    from evidence.data import Review

__all__ = ["told"]


def told(path: Path, review: Review, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Run a notebook's code cells on a review, and return what they say by where it stands."""
    patch.setattr(evidence, "current_review", lambda: review, raising=False)
    space: dict[str, Any] = {}
    section, found = "", {}
    for cell in nbformat.read(path, as_version=4).cells:
        heading = re.search(r"^##? (.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown":
            section = heading[1] if heading else section
            continue
        for place, text in _pieces(_run(cell.source, space)).items():
            name = f"{section}: {place}"
            while name in found:
                name += "'"
            found[name] = text
    return found


def _run(source: str, space: dict[str, Any]) -> object:
    """Run a cell as a kernel does: the value of its last expression is shown."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr):
        exec(compile(tree, "<cell>", "exec"), space)
        return None
    body = ast.Module(tree.body[:-1], type_ignores=[])
    exec(compile(body, "<cell>", "exec"), space)
    return eval(compile(ast.Expression(last.value), "<cell>", "eval"), space)


def _pieces(shown: object) -> dict[str, str]:
    if isinstance(shown, Prose):
        return {str(place): text for place, text in enumerate(shown.paragraphs)}
    if isinstance(shown, Verdicts):
        said = {str(place): text for place, text in enumerate(shown.sentences())}
        return {**said, **_rows(shown.table.frame, shown.table.note)}
    if isinstance(shown, Table):
        return {**_rows(shown.frame, shown.note), "caption": shown.caption}
    if isinstance(shown, Picture):
        return {"alternative text": shown.alt}
    return {"summary": shown.summary(), **_rows(shown.to_frame(), "")}  # type: ignore[attr-defined]


def _rows(frame: pd.DataFrame, note: str) -> dict[str, str]:
    """Return a table's rows by their first cell; an empty one goes on from the one above."""
    found: dict[str, str] = {}
    name = ""
    for row in frame.itertuples(index=False, name=None):
        name = str(row[0]) or name
        place = name
        while place in found:
            place += "'"
        found[place] = " | ".join(map(str, row))
    return {**found, "note": note} if note else found
