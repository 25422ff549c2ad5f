"""What must hold inside one row: order, sums, ranges, signs.

Reports that contradict each other are not errors: both stay, and the readings of
`evidence.effects` compare them. Only what cannot be meant is a problem here. A cell that
has a problem of its own takes no part, so that one slip is reported once.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evidence.data.csv_file import Row
from evidence.data.problems import Problem
from evidence.data.review_file import finite

__all__ = ["Scale", "Surroundings", "check_row"]

Add = Callable[..., None]
_RATIOS = {"risk ratio", "odds ratio"}
_SUMMARIES = ("mean", "median", "q1", "q3", "minimum", "maximum")


@dataclass(frozen=True, slots=True)
class Scale:
    """What an outcome's values can be, as far as `review.toml` says."""

    kind: str = ""
    better: str = ""
    low: float | None = None
    high: float | None = None

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> Scale:
        """Take what is usable from an entry of `review.toml`."""
        low, high = finite(entry.get("minimum")), finite(entry.get("maximum"))
        if low is not None and high is not None and low >= high:
            low = high = None
        return cls(str(entry.get("kind")), str(entry.get("better")), low, high)

    @property
    def width(self) -> float | None:
        """From the lowest to the highest value, where both are known."""
        return None if self.low is None or self.high is None else self.high - self.low

    @property
    def span(self) -> str:
        """The range in words."""
        low = "any" if self.low is None else f"{self.low:g}"
        high = "any" if self.high is None else f"{self.high:g}"
        return f"{low} to {high}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row is held against: scales by outcome, size and design by study."""

    scales: Mapping[str, Scale] = field(default_factory=dict)
    sizes: Mapping[str, float | None] = field(default_factory=dict)
    designs: Mapping[str, str] = field(default_factory=dict)


def check_row(table: str, file: str, row: Row, around: Surroundings) -> list[Problem]:
    """Check the numbers of one row against each other.

    Parameters
    ----------
    table
        The table's name.
    file
        Its file name, for the problems.
    row
        The row.
    around
        What the rest of the review says about its study and outcome.

    Returns
    -------
    list of Problem
    """
    problems: list[Problem] = []

    def add(
        column: str, message: str, found: str = "", accepted: str = "", advice: str = ""
    ) -> None:
        problems.append(Problem(file, row.line, column, message, found, accepted, advice))

    match table:
        case "arms":
            _check_arm(row, around, add)
        case "contrasts":
            _check_contrast(row, around, add)
        case "facts":
            _check_fact(row, add)
        case "study_facts":
            _check_order(row, ("low", "number", "high"), add)
        case "sources":
            _check_source(row, add)
    return problems


def _check_order(row: Row, names: Sequence[str], add: Add) -> None:
    present = [(name, value) for name in names if (value := row.number(name)) is not None]
    for (low_name, low), (high_name, high) in itertools.pairwise(present):
        if low > high:
            add(
                high_name,
                "the numbers are out of order.",
                f"{low_name} {row[low_name]}, {high_name} {row[high_name]}",
                f"{low_name} at most {high_name}",
                "Look for exchanged columns or a lost minus sign.",
            )


def _check_interval(row: Row, centre: str, add: Add) -> None:
    if bool(row["ci_low"]) != bool(row["ci_high"]):
        column = "ci_high" if row["ci_low"] else "ci_low"
        found = f"{row['ci_low']} to {row['ci_high']}".strip()
        accepted, advice = "both ends, or neither", "Fill the other end, or tell it in the note."
        add(column, "a confidence interval needs both ends.", found, accepted, advice)
    if row["ci_level"] and not row["ci_low"] and not row["ci_high"]:
        message = "there is a level but no confidence interval."
        add("ci_level", message, row["ci_level"], "both ends of the interval, or no level")
    low, high, middle = row.number("ci_low"), row.number("ci_high"), row.number(centre)
    if low is None or high is None:
        return
    interval = f"{row['ci_low']} to {row['ci_high']}"
    accepted = "ci_low below ci_high"
    if low > high:
        message = "the confidence interval is the wrong way round."
        add("ci_low", message, interval, accepted, "Exchange the two, or look for a lost minus.")
    elif low == high:
        advice = "Look it up; where it is printed so, leave both empty and tell it in the note."
        add("ci_low", "the confidence interval has no width.", interval, accepted, advice)
    elif not row[centre]:
        message, accepted = "there is an interval but no estimate.", f"the {centre} it is for"
        add(centre, message, interval, accepted, "Fill it, or tell the interval in the note.")
    elif middle is not None and not low <= middle <= high:
        message = "the confidence interval does not contain the estimate."
        found = f"{row[centre]}, interval {interval}"
        advice = "Look for a lost minus sign, or for numbers of two different lines."
        add(centre, message, found, "an estimate inside its interval", advice)


def _check_people(row: Row, names: Sequence[str], around: Surroundings, add: Add) -> None:
    size = around.sizes.get(row["study_id"])
    for name in names:
        number = row.number(name)
        if size is not None and number is not None and number > size:
            message = "more people than the study randomised."
            accepted = f"at most {size:.0f}, the n_randomised of {row['study_id']}"
            add(name, message, row[name], accepted, "Correct one of the two.")


def _check_arm(row: Row, around: Surroundings, add: Add) -> None:
    scale = around.scales.get(row["outcome_id"], Scale())
    numbers = (*_SUMMARIES, "sd", "se", "ci_low", "ci_high", "n", "events", "total")
    if not any(row[name] for name in numbers):
        accepted = "a mean, a median, or events and total"
        add("mean", "the row carries no number.", "", accepted, "Fill one, or take the row out.")
    _check_interval(row, "mean", add)
    _check_order(row, ("minimum", "q1", "median", "q3", "maximum"), add)
    events, total = row.number("events"), row.number("total")
    if events is not None and total is not None and events > total:
        found = f"{row['events']} of {row['total']}"
        accepted, advice = "events at most total", "Count people, not episodes."
        add("events", "there are more events than people.", found, accepted, advice)
    if row["events"] and not row["total"]:
        accepted, advice = "how many people could have had it", "Fill the total."
        add("total", "there are events but no total.", f"events {row['events']}", accepted, advice)
    sd, se = row.number("sd"), row.number("se")
    if sd is not None and se is not None and se > sd:
        found = f"sd {row['sd']}, se {row['se']}"
        message = "the standard error is larger than the standard deviation."
        add("se", message, found, "se at most sd", "Exchange the two?")
    for name in ("mean", "median"):
        if row[name] and not row["kind"]:
            message = f"a {name} must say what it is a {name} of."
            add("kind", message, "", "final, change, baseline, period", "Fill the column.")
            break
    _check_fit(row, scale, add)
    if row.sound("kind"):
        _check_scale(row, scale, add)
    _check_people(row, ("n", "total"), around, add)


def _check_fit(row: Row, scale: Scale, add: Add) -> None:
    advice = "Correct the outcome_id, or the outcome's kind in review.toml."
    if scale.kind == "continuous" and row["events"]:
        message = "this outcome is continuous and has no events."
        add("events", message, row["events"], "a mean or a median", advice)
    if scale.kind == "dichotomous":
        for name in ("mean", "median"):
            if row[name]:
                message = f"this outcome is a count of people and has no {name}."
                add(name, message, row[name], "events and total", advice)


def _check_scale(row: Row, scale: Scale, add: Add) -> None:
    change = row["kind"] == "change"
    for name in _SUMMARIES:
        value = row.number(name)
        if value is None:
            continue
        if change:
            if scale.width is not None and abs(value) > scale.width:
                accepted = f"at most {scale.width:g} either way"
                advice = "If it is a value and no change, set kind to 'final'."
                add(name, "a change larger than the whole scale.", row[name], accepted, advice)
        elif (scale.low is not None and value < scale.low) or (
            scale.high is not None and value > scale.high
        ):
            advice = "If it is a change from baseline, set kind to 'change'."
            add(name, "a value that the scale does not have.", row[name], scale.span, advice)


def _check_contrast(row: Row, around: Surroundings, add: Add) -> None:
    scale = around.scales.get(row["outcome_id"], Scale())
    if row["measure"] == "none" and row["estimate"]:
        message, advice = "there is an estimate without its measure.", "Name the measure."
        found = f"estimate {row['estimate']}, measure none"
        add("measure", message, found, "the measure of the estimate", advice)
    elif row["measure"] not in ("", "none") and not row["estimate"]:
        advice = "Set the measure to 'none' where no estimate is reported."
        found = f"measure {row['measure']}"
        add("estimate", "the measure has no estimate.", found, "a number", advice)
    else:
        _check_interval(row, "estimate", add)
    if row["estimate"] and not row["positive_means"]:
        accepted = "treatment higher, treatment lower, treatment better"
        message = "an estimate must say what a positive one means."
        add("positive_means", message, f"estimate {row['estimate']}", accepted, "Fill the column.")
    _check_measure(row, scale, add)
    _check_p(row, add)
    _check_groups(row, around, add)
    _check_people(row, ("n_treatment", "n_control", "n_total"), around, add)
    says = [row[name] for name in ("estimate", "p", "t", "f", "significance")]
    if not any(says) and row["direction"] == "not reported":
        accepted = "an estimate, a test, a significance or a direction"
        advice = "Fill one of them, or move the row to missing.csv."
        add("direction", "the row says nothing.", row["direction"], accepted, advice)
    _check_direction(row, scale, add)


def _check_measure(row: Row, scale: Scale, add: Add) -> None:
    estimate = row.number("estimate")
    if row["measure"] in _RATIOS:
        for name in ("estimate", "ci_low", "ci_high"):
            value = row.number(name)
            if value is not None and value <= 0:
                advice = "Is this a log ratio? Write the ratio itself."
                add(name, "a ratio is above 0.", row[name], "a number above 0", advice)
    if estimate is None:
        return
    if row["measure"] == "risk difference" and abs(estimate) > 1:
        message, accepted = "a risk difference lies between -1 and 1.", "a proportion"
        add("estimate", message, row["estimate"], accepted, "Divide per cent by 100.")
    too_large = scale.width is not None and abs(estimate) > scale.width
    if row["measure"] == "mean difference" and scale.width is not None and too_large:
        message = "a difference larger than the whole scale."
        advice = "Check the outcome and the decimal point."
        add("estimate", message, row["estimate"], f"at most {scale.width:g} either way", advice)


def _check_p(row: Row, add: Add) -> None:
    p, relation = row.number("p"), row["p_relation"]
    if relation and not row["p"]:
        advice = "Fill the p value, or empty p_relation."
        add("p", "there is a relation but no p value.", relation, "a p value", advice)
    if p == 0:
        advice = "Write the bound that was printed, for example 0.001 with the relation <."
        add("p", "a p value is never exactly 0.", row["p"], "a number above 0", advice)
    elif p == 1 and relation == ">":
        add("p", "no p value is above 1.", f"> {row['p']}", "a number below 1", "Look it up again.")


def _check_groups(row: Row, around: Surroundings, add: Add) -> None:
    parts = [row.number("n_treatment"), row.number("n_control")]
    known, total = [part for part in parts if part is not None], row.number("n_total")
    if total is None or not known:
        return
    # In a crossover the same person is in both groups; so may it be where no design is known.
    separate = around.designs.get(row["study_id"], "crossover trial") != "crossover trial"
    whole = len(known) == 2
    fits = max(known) <= total and (not whole or total <= sum(known))
    if not fits or (whole and separate and total != sum(known)):
        found = " + ".join(row[n] for n in ("n_treatment", "n_control") if row[n])
        message = "the two groups do not add up to the total."
        accepted = f"{sum(known):.0f}" if whole else f"at least {max(known):.0f}"
        advice = "Correct one of the three numbers."
        add("n_total", message, f"{found} against {row['n_total']}", accepted, advice)


def _check_direction(row: Row, scale: Scale, add: Add) -> None:
    estimate = row.number("estimate")
    if estimate is None or not row.sound("measure", "positive_means", "direction"):
        return
    null = 1.0 if row["measure"] in _RATIOS else 0.0
    better_if = {
        "treatment better": True,
        "treatment higher": {"higher": True, "lower": False}.get(scale.better),
        "treatment lower": {"higher": False, "lower": True}.get(scale.better),
    }.get(row["positive_means"])
    if better_if is None or estimate == null or row["direction"] not in ("treatment", "control"):
        return
    expected = "treatment" if (estimate > null) == better_if else "control"
    if row["direction"] != expected:
        found = f"estimate {row['estimate']} ({row['positive_means']}), {row['direction']}"
        message = "the direction contradicts the sign of the estimate."
        advice = "Correct the sign, positive_means or the direction."
        add("direction", message, found, expected, advice)


def _check_fact(row: Row, add: Add) -> None:
    if not (row["value"] or row["low"] or row["high"]):
        message, advice = "the fact carries no number.", "Fill one, or take the row out."
        add("value", message, "", "a value or a range", advice)
    _check_order(row, ("low", "value", "high"), add)


def _check_source(row: Row, add: Add) -> None:
    if row["doi"] and not re.fullmatch(r"10\.[0-9]{4,9}/\S+", row["doi"]):
        accepted = "a DOI without address, like 10.1000/182"
        found = re.search(r"10\.[0-9]{4,9}/\S+", row["doi"])
        advice = f"Write {found[0]!r}." if found else "Leave it empty where there is none."
        add("doi", "this is not a DOI.", row["doi"], accepted, advice)
    if row["pmid"] and not re.fullmatch(r"[1-9][0-9]{0,8}", row["pmid"]):
        advice = "Leave it empty where there is none."
        add("pmid", "this is not a PubMed number.", row["pmid"], "digits only", advice)
