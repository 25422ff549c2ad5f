"""A standardised mean difference in the points of an instrument that readers know.

References
----------
Cochrane Handbook for Systematic Reviews of Interventions, section 15.5.3.
Thorlund K, Walter SD, Johnston BC, Furukawa TA, Guyatt GH (2011). Pooling health-related quality
of life outcomes in meta-analysis: a tutorial and review of methods for enhancing
interpretability. Research Synthesis Methods 2:188-203.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number
from evidence.effects.arguments import Floats, checked
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError

__all__ = ["Instrument", "InstrumentPoints", "smd_in_points"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument that effects are expressed in.

    Attributes
    ----------
    name, unit
        Its name, and what one of its points is called.
    sd
        The standard deviation between people, best of control groups at baseline, in points.
    source
        Where the SD is from: a reader has to be able to check it.
    low, high
        Ends of the scale, if it has ends.
    important_difference
        The smallest difference that matters to people, in points, if known.
    """

    name: str
    sd: float
    source: str
    unit: str = "points"
    low: float | None = None
    high: float | None = None
    important_difference: float | None = None

    def __post_init__(self) -> None:
        checked({"sd": 0}, strict=True, sd=self.sd)
        if not self.source.strip():
            raise InvalidArgumentError(
                "source is empty; say where the SD of the instrument is from, for example 'control "
                "group at baseline, trial of 2019'."
            )
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise InvalidArgumentError(
                f"low must be below high; found {self.low:g} and {self.high:g}."
            )
        if self.important_difference is not None:
            checked({"important_difference": 0}, important_difference=self.important_difference)


@dataclass(frozen=True, slots=True)
class InstrumentPoints(Display):
    """Standardised effects in the points of one instrument.

    Attributes
    ----------
    instrument
        What they are expressed in.
    estimate, ci_low, ci_high
        In points, shape (k,).
    level
        Confidence level of the intervals.
    cautions
        What a reader should know.
    """

    instrument: Instrument
    estimate: Floats
    ci_low: Floats
    ci_high: Floats
    level: float
    cautions: tuple[Caution, ...] = ()

    @property
    def share_of_important_difference(self) -> Floats:
        """Estimates over the smallest important difference, shape (k,); NaN if not known."""
        known = self.instrument.important_difference
        return self.estimate / known if known else np.full(self.estimate.shape, np.nan)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per effect, unrounded."""
        return pd.DataFrame(
            {
                "instrument": self.instrument.name,
                "estimate": self.estimate,
                "ci_low": self.ci_low,
                "ci_high": self.ci_high,
                "sd": self.instrument.sd,
                "source": self.instrument.source,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "level": self.level,
            "important_difference": self.instrument.important_difference,
            "effects": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return a line per effect, where the SD is from, and the cautions."""
        named, unit = self.instrument, self.instrument.unit
        lines = [f"In {unit} of {named.name} (SD {format_number(named.sd)}: {named.source})"]
        lines += [
            f"{place}: {format_number(estimate)} ({100 * self.level:g}% CI "
            f"{format_interval(low, high)})"
            for place, (estimate, low, high) in enumerate(
                zip(self.estimate, self.ci_low, self.ci_high, strict=True), start=1
            )
        ]
        if named.important_difference:
            lines.append(
                f"The smallest important difference is {format_number(named.important_difference)}."
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


def smd_in_points(effects: EffectSizes, *, instrument: Instrument) -> InstrumentPoints:
    """Return standardised mean differences in the points of an instrument.

    Estimate and ends of the interval times the SD between people (Handbook 15.5.3). The SD is
    taken as known: its own uncertainty, and that people elsewhere vary more or less, are not in
    the interval.

    Parameters
    ----------
    effects
        Standardised mean differences, of trials or pooled.
    instrument
        With its SD and where that is from.

    Returns
    -------
    InstrumentPoints

    Raises
    ------
    InvalidArgumentError
        For effects that are not standardised mean differences.
    """
    # Changes in SDs of the change are another scale: they vary less, or more, than people do.
    if not effects.measure.startswith("standardised mean difference"):
        raise InvalidArgumentError(
            f"A {effects.measure} is not in standard deviations between people; only a "
            "standardised mean difference can be turned into points with them."
        )
    sd = float(instrument.sd)
    cautions = [
        *effects.cautions,
        Caution(
            "points-from-smd",
            f"The points depend on an SD of {sd:g} ({instrument.source}), which is taken as known; "
            "with another SD they would be other points.",
            "Cochrane Handbook, section 15.5.3",
        ),
    ]
    estimate, low, high = (end * sd for end in (effects.estimate, effects.ci_low, effects.ci_high))
    if instrument.low is not None and instrument.high is not None:
        length = instrument.high - instrument.low
        if (np.maximum(np.abs(low), np.abs(high)) > length).any():
            cautions.append(
                Caution(
                    "points-beyond-scale",
                    f"An interval reaches further than the whole scale of {instrument.name}, "
                    f"{format_number(length)} {instrument.unit}: the SD or the effect does not fit "
                    "it.",
                )
            )
    return InstrumentPoints(instrument, estimate, low, high, effects.level, tuple(cautions))
