"""Judgements of risk of bias beside the rows of a forest plot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from evidence.appraisal.risk_of_bias import RiskOfBias, StudyBias
from evidence.data.bias_tools import OVERALL, BiasTool
from evidence.display import join_words, plural
from evidence.plots.bias_marks import BiasMark, mark_of, marks_of_words
from evidence.plots.lettering import drawable, width
from evidence.plots.rows import ForestRow, ForestRows

__all__ = ["BiasColumns", "bias_columns"]

#: Between the middles of two columns at least, and before and after all of them, inches.
_SPACING, _BEFORE, _AFTER = 0.275, 0.24, 0.05
_ALL = "All"


@dataclass(frozen=True)
class BiasColumns:
    """A column of marks for each domain, and one for the study as a whole.

    Attributes
    ----------
    columns
        Id, head and name of each.
    rows
        The marks of each row of the forest plot, one for each column; None where there is
        none, empty for a row that is no study.
    tools
        The tools that the studies were judged with.
    studies
        The appraised studies by the place of their row.
    """

    columns: tuple[tuple[str, str, str], ...]
    rows: tuple[tuple[BiasMark | None, ...], ...]
    tools: tuple[BiasTool, ...]
    studies: dict[int, StudyBias]

    @property
    def heads(self) -> tuple[str, ...]:
        """Heads of the columns."""
        return tuple(drawable(head) for _, head, _ in self.columns)

    @cached_property
    def spacing(self) -> float:
        """Between the middles of two columns, inches."""
        return max([_SPACING, *(width(head, bold=True) + 0.07 for head in self.heads)])

    @property
    def width(self) -> float:
        """Width of all columns, inches."""
        return _BEFORE + self.spacing * len(self.columns) + _AFTER

    def place(self, column: int) -> float:
        """Return the middle of a column, from where the columns begin."""
        return _BEFORE + self.spacing * (column + 0.5)

    @property
    def notes(self) -> tuple[str, ...]:
        """What heads and letters stand for."""
        if not self.tools:
            return ("Risk of bias: no study of the appraisal has a row here.",)
        names = join_words([tool.name for tool in self.tools])
        told = [f"{head}: {name}" for id_, head, name in self.columns if id_ != OVERALL]
        heads = "; ".join([*told, f"{_ALL}: the study as a whole"])
        present = {mark.word for row in self.rows for mark in row if mark is not None}
        marks = [mark for tool in self.tools for mark in marks_of_words(tool, present)]
        signs = {mark.sign: mark.word for mark in marks}
        letters = "; ".join(f"{sign}: {word}" for sign, word in signs.items())
        found = [f"Risk of bias by {names}. {heads}.", f"{letters}." if letters else ""]
        if any(mark is None for row in self.rows for mark in row):
            found.append(
                "Without a mark: the study's tool has no such domain, or nobody appraised it."
            )
        return tuple(filter(None, found))

    def in_words(self, most: int = 12) -> str:
        """Return the overall judgements: study by study where there are few."""
        if len(self.studies) <= most:
            told = [f"{s.label} {s.judgements.overall.word}" for s in self.studies.values()]
        else:
            words = [study.judgements.overall.word for study in self.studies.values()]
            told = [
                f"{plural(words.count(w), 'study', 'studies')} {w}" for w in dict.fromkeys(words)
            ]
        return f"Risk of bias beside it, overall: {join_words(told)}." if told else ""


def bias_columns(content: ForestRows, appraisal: RiskOfBias) -> BiasColumns:
    """Return the marks that stand beside the rows of a forest plot.

    A study that is read in several ways has its marks where it is named, once.

    Parameters
    ----------
    content
        The rows of the forest plot.
    appraisal
        Judgements of its studies.
    """
    by_label: dict[str, StudyBias] = {}
    for study in appraisal.studies:
        by_label.setdefault(study.label, appraisal.of(study.study_id))
    named = [_name(row) for row in content.rows]
    studies = {i: by_label[name] for i, name in enumerate(named) if name in by_label}
    tools = tuple({study.tool.name: study.tool for study in studies.values()}.values())
    columns = _columns(tools)
    rows = tuple(_marks(studies.get(i), columns) if name else () for i, name in enumerate(named))
    return BiasColumns(columns, rows, tools, studies)


def _name(row: ForestRow) -> str:
    """Return the study that a row names; empty for results, and for one of several readings."""
    if row.study:
        return row.study
    return row.label if row.kind == "study" and not row.indented else ""


def _columns(tools: tuple[BiasTool, ...]) -> tuple[tuple[str, str, str], ...]:
    """Return the columns of all tools together, where their heads agree; else that of the whole."""
    whole = (OVERALL, _ALL, OVERALL)
    found: dict[str, tuple[str, str, str]] = {}
    for tool in sorted(tools, key=lambda one: -len(one.domains)):
        for domain in tool.domains:
            column = (domain.id, domain.short, domain.name)
            if found.setdefault(domain.id, column)[1] != domain.short:
                return (whole,)
    heads = [head for _, head, _ in found.values()]
    return (*found.values(), whole) if len(set(heads)) == len(heads) else (whole,)


def _marks(
    study: StudyBias | None, columns: tuple[tuple[str, str, str], ...]
) -> tuple[BiasMark | None, ...]:
    if study is None:
        return (None,) * len(columns)
    words = {judged.domain.id: judged.word for judged in study.columns}
    return tuple(mark_of(study.tool, words[id_]) if id_ in words else None for id_, _, _ in columns)
