"""An exact test of two counts, also where the size of each group is not quite known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evidence.display import Display, format_p_range, plural
from evidence.errors import InvalidArgumentError

__all__ = ["ExactComparison", "fisher_over_splits"]


@dataclass(frozen=True, slots=True)
class ExactComparison(Display):
    """Fisher's exact test over every split of the total that is possible.

    Attributes
    ----------
    events_treatment, events_control
        People with the event.
    splits
        Table with `total_treatment`, `total_control`, `odds_ratio` and `p_value`.
    """

    events_treatment: int
    events_control: int
    splits: pd.DataFrame

    @property
    def p_low(self) -> float:
        """Smallest p value over the possible splits."""
        return float(self.splits["p_value"].min())

    @property
    def p_high(self) -> float:
        """Largest p value over the possible splits."""
        return float(self.splits["p_value"].max())

    def summary(self) -> str:
        """Return the comparison in one sentence."""
        splits = plural(len(self.splits), "possible split")
        return (
            f"{self.events_treatment} against {self.events_control}: Fisher's exact test gives "
            f"{format_p_range(self.p_low, self.p_high)} over {splits} of the total."
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row per split."""
        return self.splits

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "events_treatment": self.events_treatment,
            "events_control": self.events_control,
            "p_low": self.p_low,
            "p_high": self.p_high,
            "splits": self.splits.to_dict("records"),
        }


def fisher_over_splits(
    *,
    events_treatment: int,
    events_control: int,
    total: int,
    most_treatment: int,
    most_control: int,
) -> ExactComparison:
    """Run Fisher's exact test for every way the total can have split into two groups.

    A report may say that 153 people were analysed without saying how many in each group.
    Then every split that respects the numbers randomised is possible, and the p value is
    a range, not a number.

    Parameters
    ----------
    events_treatment, events_control
        People with the event in each group.
    total
        People in both groups together.
    most_treatment, most_control
        The most each group can have had: the numbers randomised.

    Returns
    -------
    ExactComparison

    Raises
    ------
    InvalidArgumentError
        When a count is not a whole number, or no split into two groups is possible.
    """
    from scipy.stats import fisher_exact

    counts: dict[str, object] = {
        "events_treatment": events_treatment,
        "events_control": events_control,
        "total": total,
        "most_treatment": most_treatment,
        "most_control": most_control,
    }
    for name, count in counts.items():
        if not isinstance(count, int | np.integer) or count < 0:
            raise InvalidArgumentError(f"{name} is {count!r}; give a whole number of people.")
    low = max(total - most_control, events_treatment, 1)
    high = min(most_treatment, total - events_control, total - 1)
    if low > high:
        raise InvalidArgumentError(
            f"No split of {total} people leaves room for {events_treatment} and "
            f"{events_control} events with at most {most_treatment} and {most_control} people."
        )
    rows = []
    for n_treatment in range(low, high + 1):
        n_control = total - n_treatment
        table = [
            [events_treatment, n_treatment - events_treatment],
            [events_control, n_control - events_control],
        ]
        odds_ratio, p_value = fisher_exact(np.array(table))
        rows.append((n_treatment, n_control, float(odds_ratio), float(p_value)))
    columns = ["total_treatment", "total_control", "odds_ratio", "p_value"]
    return ExactComparison(events_treatment, events_control, pd.DataFrame(rows, columns=columns))
