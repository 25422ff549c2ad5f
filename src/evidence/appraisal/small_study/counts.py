"""Two-by-two tables as the tests for small-study effects read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

from evidence.appraisal.small_study.guard import (
    Asked,
    SmallStudyCheck,
    heterogeneity_cautions,
    refusal,
)
from evidence.appraisal.small_study.line import Points, check_line
from evidence.display import capital, join_words, plural
from evidence.effects.arguments import check_level
from evidence.effects.measures.binary import log_odds_ratio
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError, did_you_mean
from evidence.synthesis.sparse.counts import Tables, read_tables

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Counts", "check_counts", "continuity_cautions", "ratio_heterogeneity_cautions"]


class Counts(TypedDict):
    """Two-by-two tables by name, each a number or shape (k,)."""

    events_treatment: ArrayLike
    total_treatment: ArrayLike
    events_control: ArrayLike
    total_control: ArrayLike


def check_counts(
    asked: Asked,
    labels: Sequence[str] | None,
    level: float,
    counts: Counts,
    lay: Callable[[Tables, EffectSizes], Points],
) -> SmallStudyCheck:
    """Test whether effects follow a line over a measure of size, guarded.

    Parameters
    ----------
    asked
        Name and reference of the test, and whether it was forced.
    labels
        Names of the studies.
    level
        Of intervals; refused where it is none.
    counts
        As a caller gave them by name.
    lay
        Takes the tables that say something of a ratio, and their odds ratios, and returns what
        the line is laid through.

    Returns
    -------
    SmallStudyCheck
        Refused where no study says anything of a ratio.
    """
    check_level(level)
    tables, cautions = _read(labels, counts)
    if not tables.names:
        sentence = (
            "In every study nobody or everybody had the event: no study says anything of a ratio, "
            f"and {asked.name} has nothing to compare. Look at the risk in each group with its "
            "interval, and at registered trials without results, instead."
        )
        return SmallStudyCheck(**refusal(asked, 0, sentence, cautions))
    points = lay(tables, _odds_ratios(tables))
    return check_line(replace(points, cautions=(*cautions, *points.cautions)), asked, level=level)


def _read(labels: Sequence[str] | None, counts: Counts) -> tuple[Tables, tuple[Caution, ...]]:
    """Return the tables that say something of a ratio, and what was left out."""
    known = tuple(Counts.__annotations__)
    for name in counts:
        if name not in known:
            raise InvalidArgumentError(
                f"There is no argument {name!r}. {did_you_mean(name, known)}"
            )
    lacking = [name for name in known if name not in counts]
    if lacking:
        raise InvalidArgumentError(f"The counts {join_words(lacking)} are missing.")
    tables = read_tables(labels=labels, **counts)
    silent = tables.nobody | tables.everybody
    cautions = tables.cautions
    if silent.any():
        gone = [name for name, left in zip(tables.names, silent, strict=True) if left]
        cautions += (
            Caution(
                "double-zero",
                f"{capital(plural(len(gone), 'study', 'studies'))} left out because nobody or "
                f"everybody had the event, which says nothing of a ratio: {join_words(gone)}.",
                "Cochrane Handbook, section 10.4.4",
            ),
        )
        tables = tables.take(~silent)
    return tables, cautions


def continuity_cautions(ratios: EffectSizes) -> tuple[Caution, ...]:
    """Return what was said of cells without events.

    Parameters
    ----------
    ratios
        The odds ratios.
    """
    return tuple(caution for caution in ratios.cautions if caution.code == "continuity")


def ratio_heterogeneity_cautions(ratios: EffectSizes) -> tuple[Caution, ...]:
    """Say where the odds ratios differ so much that asymmetry may be nothing else.

    Parameters
    ----------
    ratios
        The odds ratios.
    """
    if len(ratios) < 2:
        return ()
    return heterogeneity_cautions(ratios.estimate, ratios.variance)


def _odds_ratios(tables: Tables) -> EffectSizes:
    return log_odds_ratio(
        events_treatment=tables.a,
        total_treatment=tables.n1,
        events_control=tables.c,
        total_control=tables.n2,
    )
