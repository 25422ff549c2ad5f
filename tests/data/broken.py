"""How a broken review is described in a test: what is done to it, and what must be said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.data.small import set_cells, small_review

from evidence.data import Problem, check_review, load_review
from evidence.errors import InvalidReviewError

Damage = Callable[[Path], object]


@dataclass(frozen=True)
class Says:
    """A problem that must be reported: its place exactly, its words in part.

    `do` must stand in what is accepted or in the advice.
    """

    file: str
    line: int
    column: str
    message: str
    found: str
    do: str

    def mismatch(self, problem: Problem) -> str:
        """Say what differs; empty when nothing does."""
        place = (self.file, self.line, self.column)
        if (problem.file, problem.line, problem.column) != place:
            return f"expected a problem at {place}"
        if self.message not in problem.message:
            return f"message without {self.message!r}"
        if self.found != problem.found:
            return f"found is {problem.found!r}, not {self.found!r}"
        if self.do not in f"{problem.accepted} {problem.advice}":
            return f"nothing to do like {self.do!r}"
        return ""


@dataclass(frozen=True)
class Case:
    """One kind of damage and everything that must be said about it, and nothing else."""

    name: str
    damage: Damage
    says: tuple[Says, ...]


def cell(
    name: str, table: str, line: int, column: str, text: str, message: str, do: str, **more: str
) -> Case:
    """Describe a case in which one cell (and `more` of the same line) is overwritten."""

    def damage(review: Path) -> None:
        set_cells(review, table, line, **{column: text}, **more)

    return Case(name, damage, (Says(f"{table}.csv", line, column, message, text, do),))


def row(name: str, table: str, line: int, cells: dict[str, str], *says: Says) -> Case:
    """Describe a case in which several cells of a line are overwritten."""
    return Case(name, lambda review: set_cells(review, table, line, **cells), says)


def parametrise(cases: list[Case]) -> pytest.MarkDecorator:
    """Run a test once for each case, under its name."""
    names = [case.name for case in cases]
    assert len(set(names)) == len(names), "two cases have the same name"
    return pytest.mark.parametrize("case", cases, ids=names)


def assert_says_exactly(folder: Path, case: Case) -> None:
    """Damage a small review; check that exactly the expected problems are reported."""
    review = small_review(folder)
    assert not check_review(review), "the small review is valid before"
    case.damage(review)
    damaged = {path: path.read_bytes() for path in sorted(review.iterdir()) if path.is_file()}
    problems = list(check_review(review))
    shown = "\n".join(map(str, problems))
    assert len(problems) == len(case.says), shown
    for expected, problem in zip(case.says, problems, strict=True):
        assert not expected.mismatch(problem), f"{expected.mismatch(problem)}; said is: {problem}"
        assert_reads_well(problem)
    with pytest.raises(InvalidReviewError) as refusal:
        load_review(review)
    assert list(refusal.value.problems) == problems
    assert problems[0].message[:40] in " ".join(str(refusal.value).split())
    # Nothing was written.
    assert {p: p.read_bytes() for p in sorted(review.iterdir()) if p.is_file()} == damaged


def assert_reads_well(problem: Problem) -> None:
    """Check what every problem owes a reader."""
    assert problem.message[0].isalpha()
    assert problem.message.endswith(".")
    assert not problem.advice or problem.advice[-1] in ".?!"
    assert problem.accepted or problem.advice, f"nothing to do: {problem}"
    for text in (str(problem), problem.in_file()):
        assert "None" not in text
        assert ".." not in text.replace(problem.found, "").replace("...", "")
        assert all(c.isprintable() or c == "\n" for c in text)
