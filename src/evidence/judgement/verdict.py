"""A verdict by rule: direction and size of an effect, with its certainty.

The rules stand in `evidence.judgement.rules`.

References
----------
See `evidence.judgement.rules`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from evidence.data import Threshold
from evidence.display import Display, Table, capital, format_interval, format_number
from evidence.errors import InvalidArgumentError
from evidence.judgement import phrases
from evidence.judgement.language import english as words
from evidence.judgement.phrases import Scale
from evidence.judgement.rules import LARGE_FACTOR, RULES, TRIVIAL_SHARE, Rule, rule, rule_table
from evidence.judgement.yardsticks import Yardstick, yardsticks_of

__all__ = ["LARGE_FACTOR", "Verdict", "judge", "size_rule"]

#: The sizes that matter.
_MATTER = ("important", "large")
_BANDS = tuple(one for one in RULES if one.start is not None)
_PLAIN = Scale("", decimals=2)


def size_rule(benefit: float, threshold: float | None) -> Rule:
    """Return the rule that gives an effect its size.

    Parameters
    ----------
    benefit
        The effect; its sign does not matter.
    threshold
        The smallest difference that matters, or None.
    """
    if benefit == 0:
        # No difference at all is small on every scale.
        return rule("no-difference")
    if threshold is None:
        return rule("no-threshold")
    return [one for one in _BANDS if abs(benefit) >= (one.start or 0.0) * threshold][-1]


@dataclass(frozen=True, slots=True)
class Verdict(Display):
    """What an effect amounts to, and the inputs that decided it.

    Attributes
    ----------
    direction
        ``"benefit"`` or ``"harm"``, from the sign of the estimate.
    size
        By the smallest threshold: ``"trivial"``, ``"below what matters"``, ``"important"``
        (it matters), ``"large"``, or ``"unknown"`` where there is no threshold.
    certainty
        GRADE's level, or ``"not rated"``.
    excludes_no_effect
        Whether the interval does.
    benefit, benefit_low, benefit_high
        The effect with its interval, positive where the treatment is better.
    threshold
        The smallest of `yardsticks`, or None.
    treatment, outcome
        Names for the sentence.
    counted
        Whether the outcome is a ``"value"``, or counts ``"unwanted events"`` or
        ``"wanted events"``.
    yardsticks
        Every threshold it was held against, smallest first.
    scale
        How its numbers read.
    reading
        Which reading of contradictory reports it is of; empty where there is one.
    """

    direction: str
    size: str
    certainty: str
    excludes_no_effect: bool
    benefit: float
    benefit_low: float
    benefit_high: float
    threshold: float | None
    treatment: str
    outcome: str
    counted: str = "value"
    yardsticks: tuple[Yardstick, ...] = ()
    scale: Scale = _PLAIN
    reading: str = ""

    @property
    def matters(self) -> bool | None:
        """Whether the estimate is at least what matters; None where that is not known."""
        if self.size == "unknown":
            return None
        return self.size in _MATTER

    @property
    def sizes(self) -> tuple[str, ...]:
        """The size by each of `yardsticks`."""
        return tuple(size_rule(self.benefit, one.value).gives for one in self.yardsticks)

    @property
    def depends(self) -> bool:
        """Whether it depends on the threshold if the effect matters."""
        return len({size in _MATTER for size in self.sizes}) > 1

    @property
    def sizes_within(self) -> tuple[tuple[str, str], ...]:
        """Size and direction at both ends of the interval, the worse end first."""
        ends = (self.benefit_low, self.benefit_high)
        return tuple(
            (size_rule(end, self.threshold).gives, "benefit" if end >= 0 else "harm")
            for end in ends
        )

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that produced it: of size, direction, thresholds and statement."""
        way = "neither" if self.benefit == 0 else "better" if self.benefit > 0 else "worse"
        if len(self.yardsticks) < 2:
            several = "one" if self.yardsticks else "none-known"
        elif self.depends:
            several = "depends"
        else:
            several = "agree" if len(set(self.sizes)) == 1 else "other-word"
        told = self.certainty.replace(" ", "-")
        if told in ("very-low", "not-rated") and not self.excludes_no_effect:
            told = f"{told}-open"
        size = size_rule(self.benefit, self.threshold)
        return size, rule(way), rule(several), rule(told)

    @property
    def rule(self) -> str:
        """The rule that gave the size, in words."""
        if self.threshold is None:
            return words.NO_BANDS
        unit = self.scale.unit_of_size
        return words.BANDS.format(
            trivial=self.scale.bare(TRIVIAL_SHARE * self.threshold),
            threshold=self.scale.bare(self.threshold),
            large=self.scale.bare(LARGE_FACTOR * self.threshold),
            unit=f" ({unit})" if unit else "",
        )

    @property
    def inputs(self) -> dict[str, object]:
        """Everything the verdict was made from: the same inputs give the same verdict."""
        return {
            "benefit": self.benefit,
            "benefit_low": self.benefit_low,
            "benefit_high": self.benefit_high,
            "thresholds": [
                {"value": one.value, "label": one.label, "source": one.source, "id": one.id}
                for one in self.yardsticks
            ],
            "certainty": self.certainty,
            "treatment": self.treatment,
            "outcome": self.outcome,
            "counted": self.counted,
        }

    def clause(self) -> str:
        """Return GRADE's statement as it stands inside a sentence."""
        return phrases.clause(
            self.certainty,
            self.size,
            self.direction,
            self.treatment,
            self.outcome,
            counted=self.counted,
            open_direction=not self.excludes_no_effect,
        )

    def sentence(self) -> str:
        """Return GRADE's statement for this certainty, size and direction."""
        return f"{capital(self.clause())}."

    def size_sentence(self) -> str:
        """Return how large it is beside what matters, and whether that depends on which."""
        if not self.yardsticks:
            return words.SIZE_UNKNOWN if self.benefit else words.SIZE_NONE
        if self.benefit == 0:
            return words.SIZE_NONE
        values = [one.value for one in self.yardsticks]
        if len(values) == 1:
            label = self.yardsticks[0].label
            form = words.SIZE_ONE if label else words.SIZE_ONE_BARE
            size = self.scale.size(*values)
            return form.format(size=size, label=label, word=words.SIZES[self.size])
        if self.depends:
            reached, missed = (
                self.scale.size(
                    *(
                        value
                        for value, size in zip(values, self.sizes, strict=True)
                        if (size in _MATTER) is matter
                    )
                )
                for matter in (True, False)
            )
            return words.SIZE_DEPENDS.format(reached=reached, missed=missed)
        named = self.scale.size(*values)
        if len(set(self.sizes)) == 1:
            return words.SIZE_MANY.format(sizes=named, word=words.SIZES[self.size])
        form = words.SIZE_MANY_REACHED if self.matters else words.SIZE_MANY_MISSED
        return form.format(sizes=named)

    def ends_in_words(self) -> tuple[str, str] | None:
        """Return size and direction at both ends of the interval; None without a threshold."""
        if self.threshold is None:
            return None
        low, high = (words.WITHIN_WORDS[end] for end in self.sizes_within)
        return low, high

    def within_sentence(self) -> str:
        """Return what sizes the interval leaves open; empty where there is no threshold."""
        ends = self.ends_in_words()
        if ends is None:
            return ""
        low, high = ends
        if low == high:
            return words.WITHIN_ONE.format(word=low)
        return words.WITHIN_MANY.format(low=low, high=high)

    def summary(self) -> str:
        """Return the statement, the size beside what matters, and the rule behind it."""
        lines = [f"{self.sentence()} (Rule: {self.rule}; certainty: {self.certainty}.)"]
        lines.append(" ".join(filter(None, (self.size_sentence(), self.within_sentence()))))
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each threshold (one where there is none)."""
        sticks = self.yardsticks or (None,)
        return pd.DataFrame(
            [
                {
                    "reading": self.reading,
                    "benefit": self.benefit,
                    "benefit_low": self.benefit_low,
                    "benefit_high": self.benefit_high,
                    "threshold": None if one is None else one.value,
                    "threshold_label": "" if one is None else one.label,
                    "size": size_rule(self.benefit, None if one is None else one.value).gives,
                    "direction": self.direction,
                    "certainty": self.certainty,
                    "excludes_no_effect": self.excludes_no_effect,
                    "rule": size_rule(self.benefit, None if one is None else one.value).id,
                }
                for one in sticks
            ]
        )

    def to_dict(self) -> dict[str, object]:
        """Return the verdict and every input."""
        return {
            "direction": self.direction,
            "size": self.size,
            "certainty": self.certainty,
            "excludes_no_effect": self.excludes_no_effect,
            "benefit": self.benefit,
            "benefit_low": self.benefit_low,
            "benefit_high": self.benefit_high,
            "threshold": self.threshold,
            "thresholds": [
                {"value": one.value, "id": one.id or None, "size": size}
                for one, size in zip(self.yardsticks, self.sizes, strict=True)
            ],
            "depends_on_threshold": self.depends,
            "rule": self.rule,
            "rules": [one.id for one in self.rules],
            "sentence": self.sentence(),
        }

    @property
    def table(self) -> Table:
        """The inputs, as a table to be read."""
        factor, decimals = self.scale.factor, max(self.scale.decimals, 2)
        low, high = factor * self.benefit_low, factor * self.benefit_high
        interval = f"({format_interval(low, high, decimals)})"
        rows = [
            ("benefit (95% CI)", f"{format_number(factor * self.benefit, decimals)} {interval}")
        ]
        for one in self.yardsticks:
            label = f" ({one.label})" if one.label else ""
            rows.append(("threshold", f"{self.scale.size(one.value)}{label}"))
        rows.append(("certainty", self.certainty))
        rows += [(f"rule of {one.part}", f"{one.when}: {one.gives}") for one in self.rules]
        return Table(pd.DataFrame(rows, columns=["what", "as it is here"]), self.sentence())

    def _repr_html_(self) -> str:
        return self.table._repr_html_() + rule_table(self.rules)._repr_html_()


def judge(
    *,
    benefit: float,
    benefit_low: float,
    benefit_high: float,
    threshold: float | Yardstick | Threshold | Iterable[float | Yardstick | Threshold] | None,
    certainty: str,
    treatment: str,
    outcome: str,
    counted: str = "value",
) -> Verdict:
    """Judge an effect by its estimate, one or several thresholds and the certainty.

    The size is judged from the estimate; how far the interval leaves it open is part of
    the certainty (imprecision) and not counted twice.

    Parameters
    ----------
    benefit, benefit_low, benefit_high
        The effect with its interval, positive where the treatment is better.
    threshold
        The smallest difference that matters, above 0; several where people disagree (the
        smallest decides, and the verdict says whether it depends on which); None where none is
        known.
    certainty
        ``"high"``, ``"moderate"``, ``"low"`` or ``"very low"``; ``"not rated"`` where nobody
        rated it.
    treatment, outcome
        Names for the sentence.
    counted
        ``"value"`` where the outcome is measured, ``"unwanted events"`` or
        ``"wanted events"`` where it is counted.

    Raises
    ------
    InvalidArgumentError
        When the interval does not hold the estimate, or a threshold is not above 0 or not for
        a difference between groups.
    UnknownNameError
        When `certainty` or `counted` is none of these words.

    References
    ----------
    See `evidence.judgement.rules`.
    """
    if not benefit_low <= benefit <= benefit_high:
        raise InvalidArgumentError(
            f"The interval {benefit_low:g} to {benefit_high:g} does not hold {benefit:g}."
        )
    sticks = yardsticks_of(threshold)
    smallest = sticks[0].value if sticks else None
    verdict = Verdict(
        direction="benefit" if benefit >= 0 else "harm",
        size=size_rule(benefit, smallest).gives,
        certainty=certainty,
        excludes_no_effect=benefit_low > 0 or benefit_high < 0,
        benefit=benefit,
        benefit_low=benefit_low,
        benefit_high=benefit_high,
        threshold=smallest,
        treatment=treatment,
        outcome=outcome,
        counted=counted,
        yardsticks=sticks,
    )
    verdict.clause()  # refuses unknown words now rather than when it is shown
    return verdict
