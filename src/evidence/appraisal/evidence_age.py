"""How old the evidence is: when it was searched for, and the newest trial in it.

References
----------
Shojania KG, Sampson M, Ansari MT, et al. (2007). How quickly do systematic reviews go out of
date? A survival analysis. Annals of Internal Medicine 147:224-233 (a signal for updating within
two years of the search in 11 of 100 reviews, within two years of publication in 23; in half
within 5.5 years).
Higgins JPT, Green S, Scholten RJPM (2011). Maintaining reviews: updates, amendments and feedback.
Cochrane Handbook, version 5.1, section 3.1.2 (update within two years, or say why not).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from evidence.data import Review
from evidence.data.registration import whole_months
from evidence.display import Display, few_names, plural
from evidence.errors import InvalidArgumentError

__all__ = ["OLD_MONTHS", "EvidenceAge", "evidence_age"]

#: From so many months after its search evidence is called old (Cochrane Handbook 5.1, 3.1.2).
OLD_MONTHS = 24


@dataclass(frozen=True, slots=True)
class EvidenceAge(Display):
    """When evidence was searched for, and how long ago that is.

    Attributes
    ----------
    searched_until
        The last day that the search covers; None where no date is recorded.
    newest_year
        Year of the newest trial with public results; None where no year is recorded.
    newest
        Names of the trials of that year.
    on
        The day that the age is reckoned to; None where it is not.
    """

    searched_until: date | None
    newest_year: int | None
    newest: tuple[str, ...]
    on: date | None = None

    @property
    def months(self) -> int | None:
        """Whole months from the search to the day; None where either is not known."""
        if self.searched_until is None or self.on is None:
            return None
        return whole_months(self.searched_until, self.on)

    @property
    def old(self) -> bool | None:
        """Whether the search is old; None where that cannot be said."""
        return None if self.months is None else self.months >= OLD_MONTHS

    @property
    def told(self) -> str:
        """What stands at the top: the search, and how old it is where a day is given."""
        if self.searched_until is None:
            return "No date of a search is recorded. How old this evidence is cannot be said."
        searched = f"Evidence searched for until {self.searched_until.isoformat()}."
        months = self.months
        if months is None or self.on is None:
            return searched
        day = self.on.isoformat()
        if months < 0:
            return f"{searched} That is after {day}: look whether the date is right."
        if not self.old:
            return f"{searched} That is {plural(months, 'month')} before {day}."
        return (
            f"Old evidence: it was searched for until {self.searched_until.isoformat()}, "
            f"{plural(months, 'month')} before {day}. Newer trials may be missing."
        )

    @property
    def newest_told(self) -> str:
        """The newest trial, in a sentence."""
        if self.newest_year is None:
            return "No year of a trial is recorded."
        names = few_names(self.newest, "trial", 3)
        text = f"The newest trial with results is from {self.newest_year} ({names})"
        if self.searched_until is not None and self.newest_year > self.searched_until.year:
            return f"{text}; that is after the search, so it was found in another way."
        return f"{text}."

    def summary(self) -> str:
        """Return the search and the newest trial in words."""
        return f"{self.told} {self.newest_told}"

    def to_frame(self) -> pd.DataFrame:
        """Return a table of one row."""
        return pd.DataFrame([{**self.to_dict(), "newest": ", ".join(self.newest)}])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; without a day nothing in it goes with the clock."""
        content: dict[str, object] = {
            "searched_until": self.searched_until.isoformat() if self.searched_until else None,
            "newest_trial_year": self.newest_year,
            "newest": list(self.newest),
            "old_after_months": OLD_MONTHS,
        }
        if self.on is not None:
            content |= {"on": self.on.isoformat(), "months": self.months, "old": self.old}
        return content


def evidence_age(review: Review, *, on: date | None = None) -> EvidenceAge:
    """Return how old a review's evidence is.

    Parameters
    ----------
    review
        The review; trials are the studies with the role ``trial``, and those with the status
        ``registered`` have no public results.
    on
        The day to reckon to, for example `date.today()`; without one nothing is reckoned, and
        the same data give the same words on every day.

    Returns
    -------
    EvidenceAge

    Raises
    ------
    InvalidArgumentError
        When `on` is no date.

    References
    ----------
    Shojania and others (2007): see the module.
    """
    if on is not None and not isinstance(on, date):
        raise InvalidArgumentError(f"on is {on!r}; give a date, for example date(2026, 1, 31).")
    if isinstance(on, datetime):
        on = on.date()
    studies = review.studies
    trials = studies[(studies["role"] == "trial") & (studies["status"] != "registered")]
    dated = trials[trials["year"].notna()]
    newest_year = None if dated.empty else int(dated["year"].max())
    newest = tuple(str(label) for label in dated.loc[dated["year"] == newest_year, "label"])
    return EvidenceAge(review.plan.searched_until, newest_year, newest, on)
