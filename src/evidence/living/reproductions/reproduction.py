"""One published analysis computed again, each printed number beside ours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from pathlib import Path

import pandas as pd

from evidence.display import MINUS, Display, capital, format_number, html_table, plural
from evidence.living.reproductions.analysing import analyse, on_scale
from evidence.living.reproductions.paper import Analysis, Paper, Printed, read_paper
from evidence.living.reproductions.tables import is_ratio

__all__ = ["ROUNDING_RULE", "Comparison", "Reproduction", "reproduce", "unbroken"]

ROUNDING_RULE = (
    "Ours agrees with a printed number when it lies within half a unit of the number's last "
    "printed digit, ends included; with a printed bound, when it lies beyond the bound."
)
#: A number exactly between two roundings is worth either; its float may fall a hair beyond.
_HAIR = 1e-9

_NAMES = {
    "standard_error": "standard error",
    "z": "z",
    "p_value": "p",
    "tau2": "tau²",
    "tau2_ci_low": "tau², lower end",
    "tau2_ci_high": "tau², upper end",
    "i2": "I²",
    "h2": "H²",
    "q": "Q",
    "q_p_value": "p of Q",
    "tau2_between": "tau² between groups",
    "tau2_within": "tau² within groups",
    "prediction_low": "prediction, lower end",
    "prediction_high": "prediction, upper end",
    "ci_low": "lower end",
    "ci_high": "upper end",
    "mu_above_0": "P(effect above 0)",
    "tau_above_1": "P(tau above 1)",
    "tau_quantile_99": "tau, 99% quantile",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A printed number and ours.

    Attributes
    ----------
    analysis
        The analysis both come from.
    printed
        What was printed, with its digits and its place.
    ours
        The same quantity computed here, on the scale it was printed on.
    """

    analysis: Analysis
    printed: Printed
    ours: float

    @property
    def agrees(self) -> bool:
        """Whether ours is the printed number at the precision it was printed with."""
        number = self.printed.number
        if self.printed.relation == "<":
            return self.ours < number.value
        reach = number.half_unit * (1 + _HAIR)
        return abs(self.ours - number.value) <= reach

    @property
    def reason(self) -> str:
        """Why ours is known to differ; empty where nobody said."""
        return self.printed.difference

    @property
    def unexplained(self) -> bool:
        """Whether it differs for no stated reason, or a reason stands where nothing differs."""
        return self.agrees == bool(self.reason)

    @property
    def mark(self) -> str:
        """What a reader sees."""
        if self.agrees:
            return "✓ agrees" if not self.reason else "✗ agrees, against the reason stated"
        return "≠ differs, reason stated" if self.reason else "✗ differs"

    @property
    def quantity(self) -> str:
        """The name of the quantity with its scale, for a reader."""
        name = self.printed.quantity
        scale = self.printed.scale
        words = _NAMES.get(name) or _posterior(name) or name
        if scale == "excess percent":
            return f"{words} (excess, %)"
        if scale in ("percent", "fraction"):
            return f"{words} ({'%' if scale == 'percent' else 'as a fraction'})"
        if scale == "analysed" and is_ratio(self.analysis.measure) and _located(name):
            return f"{words} (logarithm)"
        if scale == "analysed" and self.analysis.measure == "correlation" and _located(name):
            return f"{words} (Fisher's z)"
        return words

    @property
    def printed_text(self) -> str:
        """The printed number as a reader reads it."""
        relation = "< " if self.printed.relation == "<" else ""
        return relation + self.printed.number.text.replace("-", MINUS)

    @property
    def our_text(self) -> str:
        """Ours with two decimals more than were printed, so that its rounding can be seen."""
        number = self.printed.number
        mantissa, _, power = number.text.lower().partition("e")
        tiny = self.printed.relation == "<" and 0 < self.ours < number.value / 100
        if power or tiny:
            digits = 1 if tiny else len(mantissa.partition(".")[2]) + 2
            return f"{self.ours:.{digits}e}".replace("-", MINUS)
        whole = self.printed.quantity in ("studies", "people")
        return format_number(self.ours, 0 if whole else number.decimals + 2)


def unbroken(mark: str) -> str:
    """Return a mark whose sign stays on the line of its first word."""
    return mark.replace(" ", "\N{NO-BREAK SPACE}", 1)


def _located(name: str) -> bool:
    return name in ("estimate", "ci_low", "ci_high") or name.startswith(("mu_m", "mu_l", "mu_h"))


def _posterior(name: str) -> str:
    who, _, what = name.partition("_")
    subject = {"mu": "effect", "tau": "tau", "predictive": "further study"}.get(who, "")
    ends = {"low": "lower end", "high": "upper end"}
    return f"{subject}, {ends.get(what, what)}" if subject and what else ""


@dataclass(frozen=True)
class Reproduction(Display):
    """A published analysis computed again.

    Attributes
    ----------
    paper
        What was read.
    comparisons
        One for each printed number, in the order of the file.
    """

    paper: Paper
    comparisons: tuple[Comparison, ...]

    @property
    def agreeing(self) -> tuple[Comparison, ...]:
        """The printed numbers that ours agree with."""
        return tuple(each for each in self.comparisons if each.agrees)

    @property
    def differing(self) -> tuple[Comparison, ...]:
        """The printed numbers that ours differ from."""
        return tuple(each for each in self.comparisons if not each.agrees)

    @property
    def unexplained(self) -> tuple[Comparison, ...]:
        """Differences without a reason, and reasons without a difference."""
        return tuple(each for each in self.comparisons if each.unexplained)

    @property
    def holds(self) -> bool:
        """Whether everything agrees, or differs for a stated reason."""
        return not self.unexplained

    @property
    def mark(self) -> str:
        """What a reader sees: agreement is claimed only where everything agrees."""
        if not self.holds:
            return "✗ does not hold"
        if not self.differing:
            return "✓ agrees"
        many = len(self.differing) > 1
        return f"≠ {len(self.differing)} {'differ, reasons' if many else 'differs, reason'} stated"

    def verdict(self) -> str:
        """Return the count of agreements in a sentence."""
        head = capital(plural(len(self.comparisons), "printed number"))
        if not self.differing:
            return f"{head}, and ours agree with all."
        stated = sum(1 for each in self.differing if each.reason)
        reasons = "no reason is known"
        if stated:
            everywhere = stated == len(self.differing)
            reasons = "the reason is stated" if everywhere else f"the reason is stated for {stated}"
        return (
            f"{head}; ours agree with {len(self.agreeing)} and differ from "
            f"{len(self.differing)} ({reasons})."
        )

    def summary(self) -> str:
        """Return the paper, the count and one line per printed number."""
        lines = [f"{self.paper.title}: {self.mark}", self.paper.citation, self.verdict()]
        lines += [
            f"{each.analysis.title}, {each.quantity}: printed {each.printed_text}, "
            f"ours {each.our_text}: {each.mark}"
            for each in self.comparisons
        ]
        return "\n".join([*lines, *self._notes()])

    def _notes(self) -> list[str]:
        tier = "" if self.paper.numbers_tier == "primary" else " (second-hand)"
        notes = [f"Numbers of the studies: {self.paper.numbers_source}{tier}."]
        sources: dict[str, str] = {}
        for each in self.comparisons:
            second = "" if each.printed.tier == "primary" else " (second-hand)"
            sources.setdefault(each.printed.source, second)
        printed = "; ".join(f"{name}{second}" for name, second in sources.items())
        notes.append(f"Printed results: {printed}.")
        # One reason can stand behind several numbers.
        reasons = dict.fromkeys(each.reason for each in self.comparisons if each.reason)
        notes += [f"Why ours differ: {reason}" for reason in reasons]
        return [*notes, self.paper.note] if self.paper.note else notes

    def to_frame(self) -> pd.DataFrame:
        """Return one row per printed number, ours unrounded."""
        return pd.DataFrame(
            [
                {
                    "analysis": each.analysis.title,
                    "quantity": each.printed.quantity,
                    "scale": each.printed.scale,
                    "relation": each.printed.relation,
                    "printed": each.printed.number.text,
                    "ours": each.ours,
                    "agrees": each.agrees,
                    "reason": each.reason,
                    "quote": each.printed.quote,
                    "source": each.printed.source,
                    "locator": each.printed.locator,
                    "tier": each.printed.tier,
                }
                for each in self.comparisons
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        rows = self.to_frame().to_dict("records")
        for row in rows:
            row["ours"] = row["ours"] if math.isfinite(row["ours"]) else None
        return {
            "name": self.paper.name,
            "title": self.paper.title,
            "citation": self.paper.citation,
            "doi": self.paper.doi,
            "numbers_source": self.paper.numbers_source,
            "numbers_tier": self.paper.numbers_tier,
            "holds": self.holds,
            "agreeing": len(self.agreeing),
            "differing": len(self.differing),
            "printed": rows,
        }

    def _repr_html_(self) -> str:
        shown = pd.DataFrame(
            {
                "analysis": [each.analysis.title for each in self.comparisons],
                "quantity": [each.quantity for each in self.comparisons],
                "printed": [each.printed_text for each in self.comparisons],
                "ours": [each.our_text for each in self.comparisons],
                "result": [unbroken(each.mark) for each in self.comparisons],
                "where": [each.printed.locator for each in self.comparisons],
            }
        )
        # An analysis is named where it begins; below, its name would only repeat.
        shown["analysis"] = shown["analysis"].where(shown["analysis"].ne(shown["analysis"].shift()))
        shown["analysis"] = shown["analysis"].fillna("")
        doi = f" doi:{self.paper.doi}" if self.paper.doi else ""
        head = f"<p><b>{escape(self.paper.title)}</b>: {escape(self.mark)}</p>"
        cited = f"<p>{escape(self.paper.citation + doi)}</p>"
        table = html_table(shown, caption=self.verdict(), align_right=["printed", "ours"])
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self._notes())
        return head + cited + table + notes


def reproduce(folder: str | Path) -> Reproduction:
    """Compute a published analysis again from the numbers it printed of its studies.

    Parameters
    ----------
    folder
        The folder of the paper; see `read_paper`.

    Returns
    -------
    Reproduction
        Every printed number beside ours.

    Raises
    ------
    ReviewNotFoundError
        When there is no such folder.
    InvalidReviewError
        With all problems of the folder.
    """
    paper = read_paper(folder)
    analyses = {each.analysis_id: each for each in paper.analyses}
    computed = {name: analyse(paper.studies, each) for name, each in analyses.items()}
    return Reproduction(
        paper,
        tuple(
            Comparison(
                analyses[each.analysis_id],
                each,
                on_scale(computed[each.analysis_id][each.quantity], each.scale),
            )
            for each in paper.printed
        ),
    )
