"""What p values come to together, with the hypothesis that they test in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import pandas as pd

from evidence.display import Display, capital, format_number, format_p, format_p_range, html_table
from evidence.errors import Caution

__all__ = ["CombinedPValue"]


@dataclass(frozen=True, slots=True, eq=False)
class CombinedPValue(Display):
    """One p value from those of k independent trials.

    Attributes
    ----------
    status
        ``"contradiction"`` (the p values contradict the null hypothesis at `alpha`), ``"ok"``
        (they do not), or ``"cannot be tested"`` (bounds leave both possible, or there is
        one trial).
    method
        ``"fisher"``, ``"stouffer"`` or ``"edgington"``.
    statistic, df
        Chi-square and its degrees of freedom, z, or the sum of the p values, as the method
        has it; of the cautious ends of p values that were given as bounds.
    p_value, p_low
        The combined p value; and where some were given as bounds, the smallest that it may
        be beside the largest, which `p_value` is.
    null, sentence
        What is tested, and what came of it, in words.
    table
        One row a trial: what was given, and the p value that was combined (or its range).
    reference
        The paper of the method.
    cautions
        What a reader should know.
    """

    status: str
    method: str
    statistic: float
    df: float
    p_value: float
    p_low: float
    null: str
    sentence: str
    table: pd.DataFrame
    reference: str
    cautions: tuple[Caution, ...] = ()

    @property
    def k(self) -> int:
        """How many trials."""
        return len(self.table)

    def summary(self) -> str:
        """Return the hypothesis, the p value and what it says, in words."""
        lines = [f"Null hypothesis: {self.null}.", self.sentence]
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per trial, unrounded."""
        return self.table.copy()

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values; None for what is not finite."""
        numbers = {
            name: value if math.isfinite(value) else None
            for name, value in (("statistic", self.statistic), ("df", self.df))
        }
        return {
            "status": self.status,
            "method": self.method,
            "k": self.k,
            **numbers,
            "p_value": self.p_value,
            "p_low": self.p_low,
            "null": self.null,
            "sentence": self.sentence,
            "trials": self.table.to_dict("records"),
            "reference": self.reference,
            "cautions": [caution.message for caution in self.cautions],
        }

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(
            {
                "trial": self.table["label"],
                "reported": self.table["reported"],
                "points": self.table["direction"],
                "combined as": [
                    format_p_range(low, high)
                    for low, high in zip(self.table["p_low"], self.table["p_high"], strict=True)
                ],
                "weight": [format_number(v) for v in self.table["weight"]],
            }
        )
        head, *rest = self.summary().splitlines()
        return html_table(shown, caption=head) + "".join(f"<p>{escape(t)}</p>" for t in rest)


def p_in_words(p_low: float, p_high: float) -> str:
    """Return a combined p value, or its range, for a sentence."""
    text = format_p(p_high) if p_low == p_high else format_p_range(p_low, p_high)
    return f"combined {text}"


def outcome(status: str, name: str, k: int, p_words: str, null: str) -> str:
    """Return one sentence on what came of a combination.

    Parameters
    ----------
    status
        As `CombinedPValue` has it.
    name
        Of the method.
    k
        How many trials.
    p_words
        The p value in words.
    null
        The hypothesis.
    """
    head = f"{capital(name)} over {k} trials: {p_words}."
    if status == "contradiction":
        return (
            f"{head} The p values contradict that {null}: at least one trial has an effect, but "
            "they say neither how large it is nor in how many trials."
        )
    if status == "ok":
        return (
            f"{head} The p values are compatible with this: {null}. That does not show that it "
            "is so."
        )
    if k == 1:
        return (
            f"{capital(name)}: one trial, nothing to combine; {p_words.removeprefix('combined ')}."
        )
    return (
        f"{head} The bounds that were reported leave both possible: obtain the exact p values, "
        "or effects with their standard errors."
    )
