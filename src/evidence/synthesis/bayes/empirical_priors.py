"""Priors of tau from the heterogeneity of thousands of Cochrane meta-analyses.

Turner et al. (2015) fitted log-normal distributions of tau² to meta-analyses of binary outcomes
on the log odds ratio scale, Rhodes et al. (2015) log-t distributions on 5 degrees of freedom to
continuous outcomes on the scale of standardised mean differences, by kind of outcome and of
comparison. The numbers are second-hand: they are what version 3.4 of the R package bayesmeta
(functions ``TurnerEtAlPrior`` and ``RhodesEtAlPrior``) answers when it is run; the papers' own
tables were not at hand. Four of them break the pattern that all others follow (locations add up
from an outcome's and a comparison's part); they are listed, marked, and not given out.

References
----------
Turner RM, Jackson D, Wei Y, Thompson SG, Higgins JPT (2015). Predictive distributions for
between-study heterogeneity and simple methods for their application in Bayesian
meta-analysis. Statistics in Medicine 34:984-998.
Rhodes KM, Turner RM, Higgins JPT (2015). Predictive distributions were developed for the
extent of heterogeneity in meta-analyses of continuous outcome data. Journal of Clinical
Epidemiology 68:52-60.
Röver C (2020). Bayesian random-effects meta-analysis using the bayesmeta R package. Journal of
Statistical Software 93(6):1-51.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from evidence.errors import InsufficientEvidenceError, UnknownNameError, did_you_mean
from evidence.synthesis.bayes.priors import LogNormal, LogStudentT
from evidence.synthesis.bayes.tau_prior import TauPrior

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "EMPIRICAL_MEASURES",
    "EmpiricalLogNormal",
    "EmpiricalLogStudentT",
    "empirical_prior",
    "list_empirical_priors",
]

#: The paper that speaks to each measure.
EMPIRICAL_MEASURES = {
    "odds ratio": "Turner 2015",
    "standardised mean difference": "Rhodes 2015",
}
_SECOND_HAND = "numbers as the R package bayesmeta 3.4 gives them"


@dataclass(frozen=True, slots=True)
class EmpiricalLogNormal(LogNormal):
    """A row of the table of Turner et al.: the logarithm of tau² is normal."""

    citation: ClassVar[str] = (
        f"Turner et al. 2015, Statistics in Medicine 34:984-998 ({_SECOND_HAND})"
    )


@dataclass(frozen=True, slots=True)
class EmpiricalLogStudentT(LogStudentT):
    """A row of the tables of Rhodes et al.: the logarithm of tau² has a t distribution."""

    citation: ClassVar[str] = (
        f"Rhodes et al. 2015, Journal of Clinical Epidemiology 68:52-60 ({_SECOND_HAND})"
    )


@cache
def _rows() -> dict[tuple[str, str, str, str], tuple[float, float, str]]:
    text = files("evidence.synthesis.bayes").joinpath("empirical_priors.csv").read_text("utf-8")
    return {
        (row["paper"], row["area"], row["outcome"], row["comparison"]): (
            float(row["location"]),
            float(row["scale"]),
            row["doubt"],
        )
        for row in csv.DictReader(text.splitlines())
    }


def empirical_prior(
    measure: str,
    *,
    outcome: str = "any",
    comparison: str = "any",
    area: str = "other",
) -> TauPrior:
    """Return the prior of tau that fits a measure, a kind of outcome and a kind of comparison.

    Parameters
    ----------
    measure
        ``"odds ratio"`` (its logarithm) or ``"standardised mean difference"``.
    outcome, comparison
        As `list_empirical_priors` names them; ``"any"`` for both is the distribution over all
        meta-analyses.
    area
        For standardised mean differences: ``"respiratory"``, ``"cancer"`` or ``"other"``.

    Returns
    -------
    TauPrior
        In the unit of the effects, with its citation.

    Raises
    ------
    UnknownNameError
        For what the tables do not have; the message names what they have.
    InsufficientEvidenceError
        For a row whose number is in doubt.
    """
    if measure not in EMPIRICAL_MEASURES:
        raise UnknownNameError(
            f"There is no empirical prior for the measure {measure!r}: the tables speak of "
            f"{' and '.join(EMPIRICAL_MEASURES)}. {did_you_mean(measure, EMPIRICAL_MEASURES)} "
            "For other measures take a weakly informative prior in their own unit, for example "
            "HalfNormal(scale)."
        )
    paper = EMPIRICAL_MEASURES[measure]
    if (outcome, comparison) == ("any", "any") or paper == "Turner 2015":
        area = "any"
    rows = [key for key in _rows() if key[0] == paper]
    for place, (name, value) in enumerate(
        (("area", area), ("outcome", outcome), ("comparison", comparison)), start=1
    ):
        known = dict.fromkeys(key[place] for key in rows)
        if value not in known:
            raise UnknownNameError(
                f"{name} {value!r} is not in the table of {paper}. {did_you_mean(value, known)} "
                f"Known are: {'; '.join(known)}."
            )
        rows = [key for key in rows if key[place] == value]
    location, scale, doubt = _rows()[rows[0]]
    if doubt:
        raise InsufficientEvidenceError(
            f"The location at hand for {outcome!r}, {comparison!r}, {location:g}, is in doubt: "
            f"{doubt}. Look it up in {paper} and give LogStudentT(location, {scale:g}); or take "
            "the prior of another setting."
        )
    return _prior(paper, location, scale)


def _prior(paper: str, location: float, scale: float) -> TauPrior:
    if paper == "Turner 2015":
        return EmpiricalLogNormal(location, scale)
    return EmpiricalLogStudentT(location, scale)


def list_empirical_priors() -> pd.DataFrame:
    """Return every row of the two tables, with the median and 95% range of tau.

    Returns
    -------
    pandas.DataFrame
        Columns measure, area, outcome, comparison, location and scale (of the logarithm of
        tau²), median, low and high (of tau), and doubt (why a number is not given out).
    """
    import pandas as pd

    measures = {paper: measure for measure, paper in EMPIRICAL_MEASURES.items()}
    listed = []
    for (paper, area, outcome, comparison), (location, scale, doubt) in _rows().items():
        prior = _prior(paper, location, scale)
        low, median, high = (float(prior.quantile(np.array([p]))[0]) for p in (0.025, 0.5, 0.975))
        listed.append(
            {
                "measure": measures[paper],
                "area": area,
                "outcome": outcome,
                "comparison": comparison,
                "location": location,
                "scale": scale,
                "median": median,
                "low": low,
                "high": high,
                "doubt": doubt,
            }
        )
    return pd.DataFrame(listed)
