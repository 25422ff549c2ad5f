"""Tests of one trial's counts, quick enough to search over many tables.

References
----------
Fisher RA (1935). The logic of inductive inference. Journal of the Royal Statistical Society
98:39-82.
Pearson K (1900). On the criterion that a given system of deviations can be reasonably supposed
to have arisen from random sampling. Philosophical Magazine 50:157-175.
Yates F (1934). Contingency tables involving small numbers and the chi-square test. Supplement
to the Journal of the Royal Statistical Society 1:217-235.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
from scipy.special import erfc

from evidence.effects.arguments import Floats, is_number
from evidence.effects.conversions.two_by_two import table_statistic
from evidence.effects.exact.fisher_margin import fisher_p_values
from evidence.effects.measures.choices import check_choice
from evidence.errors import InvalidArgumentError
from evidence.synthesis.sensitivity.parts import check_count

__all__ = ["TESTS", "TableTest", "check_counts", "check_significance"]

#: The tests, and what they are called in a sentence.
TESTS = MappingProxyType(
    {
        "Fisher": "Fisher's exact test",
        "chi-square": "the chi-square test without correction",
        "chi-square, Yates": "the chi-square test with Yates's correction",
    }
)


class TableTest:
    """One test of two groups of given sizes; what was computed once is kept.

    Parameters
    ----------
    test
        One of `TESTS`.
    total_treatment, total_control
        People in each group.
    """

    def __init__(self, test: str, total_treatment: int, total_control: int) -> None:
        self._test = check_choice("test", test, tuple(TESTS))
        self._sizes = (total_treatment, total_control)
        self._by_margin: dict[int, Floats] = {}

    def p(self, events_treatment: int, events_control: int) -> float:
        """Return the two-sided p value; 1 where nobody or everybody had the event.

        Parameters
        ----------
        events_treatment, events_control
            People with the event in each group.
        """
        events = events_treatment + events_control
        if events not in self._by_margin:
            self._by_margin[events] = self._of_margin(events)
        first = max(0, events - self._sizes[1])
        return float(self._by_margin[events][events_treatment - first])

    def grid(self, counts: tuple[int, int], more: tuple[int, int]) -> Floats:
        """Return p with up to so many events more in each group, shape (m + 1, k + 1).

        Parameters
        ----------
        counts
            Events to begin with, treatment first.
        more
            The most events more in each group.
        """
        found = np.empty((more[0] + 1, more[1] + 1))
        for extra in range(sum(more) + 1):
            events = sum(counts) + extra
            treated = np.arange(max(0, extra - more[1]), min(extra, more[0]) + 1)
            first = max(0, events - self._sizes[1])
            found[treated, extra - treated] = self._of_margin(events)[counts[0] + treated - first]
        return found

    def _of_margin(self, events: int) -> Floats:
        """Return p of every table with so many events, from the fewest treated on."""
        n1, n2 = self._sizes
        if self._test == "Fisher":
            return fisher_p_values(n1, n2, events)
        treated = np.arange(max(0, events - n2), min(events, n1) + 1)
        if events in (0, n1 + n2):
            return np.ones(treated.size)
        statistic = table_statistic(
            self._test,
            events_treatment=treated,
            n_treatment=n1,
            events_control=events - treated,
            n_control=n2,
        )
        return np.asarray(erfc(np.sqrt(statistic / 2)))


def check_counts(**counts: object) -> tuple[int, int, int, int]:
    """Return the counts of two groups as whole numbers once they can be right.

    Parameters
    ----------
    counts
        `events_treatment`, `total_treatment`, `events_control` and `total_control`.

    Raises
    ------
    InvalidArgumentError
        Naming the argument and the value.
    """
    found = {
        name: check_count(name, count, 0 if name.startswith("events") else 1, "77")
        for name, count in counts.items()
    }
    for group in ("treatment", "control"):
        events, total = found[f"events_{group}"], found[f"total_{group}"]
        if events > total:
            raise InvalidArgumentError(
                f"events_{group} is {events}, more than the {total} people of total_{group}. Give "
                "people with at least one event, not events."
            )
    a, n1, c, n2 = found.values()
    return a, n1, c, n2


def check_significance(significance: float) -> float:
    """Return the line that p has to cross, refusing anything outside (0, 1).

    Parameters
    ----------
    significance
        What was given.
    """
    if not is_number(significance) or not 0 < significance < 1:
        raise InvalidArgumentError(
            f"significance is {significance!r}; it must lie between 0 and 1, for example 0.05."
        )
    return float(significance)
