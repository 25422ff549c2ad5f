"""2x2 tables that fit a report, and the statistics of a table.

References
----------
Di Pietrantonj C (2006). Four-fold table cell frequencies imputation in meta analysis. Statistics
in Medicine 25:2299-2322.
Yates F (1934). Contingency tables involving small numbers and the χ² test. Supplement to the
Journal of the Royal Statistical Society 1:217-235.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evidence.display import Display, format_number, join_words
from evidence.effects.arguments import Floats, checked
from evidence.effects.measures.choices import check_choice
from evidence.errors import Caution, InsufficientEvidenceError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["STATISTICS", "Tables", "several_tables", "table_statistic"]

#: What a table can be worked out from, and summarised by.
STATISTICS = (
    "odds ratio",
    "risk ratio",
    "risk difference",
    "phi",
    "chi-square",
    "chi-square, Yates",
)


@dataclass(frozen=True, slots=True)
class Tables(Display):
    """2x2 tables that fit what was reported; several for a study where several do.

    Attributes
    ----------
    statistic
        What they were worked out from.
    study
        The study each table belongs to, counted from 0, shape (m,).
    events_treatment, n_treatment, events_control, n_control
        Counts, shape (m,); not whole unless asked for.
    reported, implied
        The statistic as it was given and that of the table, shape (m,).
    cautions
        What a reader should know.
    """

    statistic: str
    study: NDArray[np.int64]
    events_treatment: Floats
    n_treatment: Floats
    events_control: Floats
    n_control: Floats
    reported: Floats
    implied: Floats
    cautions: tuple[Caution, ...] = ()

    def __len__(self) -> int:
        return int(self.study.size)

    def counts(self) -> dict[str, Floats]:
        """Return the arguments of the binary measures, where each study has one table.

        Raises
        ------
        InsufficientEvidenceError
            Where a study has several.
        """
        places, numbers = np.unique(self.study, return_counts=True)
        if (numbers > 1).any():
            several = join_words(f"study {place + 1}" for place in places[numbers > 1][:8])
            raise InsufficientEvidenceError(
                f"More than one table fits {several}. Say which way the effect goes, give more "
                "digits, or compute the effect of each table and carry both along."
            )
        return {
            "events_treatment": self.events_treatment,
            "total_treatment": self.n_treatment,
            "events_control": self.events_control,
            "total_control": self.n_control,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row per table, unrounded; studies counted from 1."""
        return pd.DataFrame(
            {
                "study": self.study + 1,
                "events_treatment": self.events_treatment,
                "n_treatment": self.n_treatment,
                "events_control": self.events_control,
                "n_control": self.n_control,
                "reported": self.reported,
                "implied": self.implied,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "statistic": self.statistic,
            "tables": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return a line per table and the cautions."""
        lines = [f"Tables that fit the reported {self.statistic}"]
        for row in self.to_frame().to_dict("records"):
            counts = [
                f"{_count(float(row[f'events_{arm}']))} of {_count(float(row[f'n_{arm}']))}"
                for arm in ("treatment", "control")
            ]
            lines.append(
                f"study {row['study']}: {' against '.join(counts)} ({self.statistic} "
                f"{format_number(float(row['implied']))})"
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


def _count(value: float) -> str:
    return format_number(value, 0 if abs(value - round(value)) < 1e-7 else 2)


def table_statistic(
    statistic: str,
    *,
    events_treatment: ArrayLike,
    n_treatment: ArrayLike,
    events_control: ArrayLike,
    n_control: ArrayLike,
) -> Floats:
    """Return a statistic of 2x2 tables: infinite or NaN where an empty cell leaves none.

    Parameters
    ----------
    statistic
        ``"odds ratio"``, ``"risk ratio"``, ``"risk difference"``, ``"phi"``, ``"chi-square"`` or
        ``"chi-square, Yates"`` (where the correction is at most what there is to take off).
    events_treatment, n_treatment, events_control, n_control
        Counts, each a number or shape (k,).

    Returns
    -------
    array, shape (k,)
    """
    check_choice("statistic", statistic, STATISTICS)
    given = checked(
        {"events_treatment": 0, "events_control": 0, "n_treatment": 1, "n_control": 1},
        events_treatment=events_treatment,
        n_treatment=n_treatment,
        events_control=events_control,
        n_control=n_control,
    )
    a, n1, c, n2 = given.values()
    with np.errstate(divide="ignore", invalid="ignore"):
        if statistic == "odds ratio":
            return np.asarray(a * (n2 - c) / ((n1 - a) * c))
        if statistic == "risk ratio":
            return np.asarray(a / n1 / (c / n2))
        if statistic == "risk difference":
            return np.asarray(a / n1 - c / n2)
        total, events = n1 + n2, a + c
        # ad - bc, which is N (a - n₁m/N), without the loss of a difference of large products.
        surplus = a * n2 - c * n1
        product = n1 * n2 * events * (total - events)
        if statistic == "phi":
            return np.asarray(surplus / np.sqrt(product))
        size = np.abs(surplus)
        if statistic == "chi-square, Yates":
            size = np.maximum(size - total / 2, 0.0)
        return np.asarray(total * size**2 / product)


def several_tables(study: NDArray[np.int64]) -> tuple[Caution, ...]:
    """Return a caution that names the studies with more than one table, if there are any.

    Parameters
    ----------
    study
        The study each table belongs to, counted from 0, shape (m,).
    """
    places, counts = np.unique(study, return_counts=True)
    ambiguous = counts > 1
    if not ambiguous.any():
        return ()
    named = join_words(
        f"study {place + 1} ({count} tables)"
        for place, count in zip(places[ambiguous], counts[ambiguous], strict=True)
    )
    return (
        Caution(
            "several-tables",
            f"More than one table fits what is reported of {named}. Each is given; which of them "
            "it was is not known.",
            "Di Pietrantonj 2006, Statistics in Medicine 25:2299-2322",
        ),
    )
