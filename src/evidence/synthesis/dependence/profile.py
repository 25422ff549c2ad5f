"""Profile-likelihood intervals of variances and correlations, and likelihood-ratio tests.

References
----------
Hardy RJ, Thompson SG (1996). A likelihood approach to meta-analysis with random effects.
Statistics in Medicine 15:619-629.
Self SG, Liang KY (1987). Asymptotic properties of maximum likelihood estimators and
likelihood ratio tests under nonstandard conditions. Journal of the American Statistical
Association 82:605-610.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from scipy.special import chdtrc, chdtri

from evidence.display import Display, format_number, format_p

__all__ = ["LikelihoodRatioTest", "likelihood_ratio", "profile_interval"]


@dataclass(frozen=True, slots=True)
class LikelihoodRatioTest(Display):
    """A model against a simpler one with fewer variances.

    Attributes
    ----------
    name
        What is tested.
    statistic, df, p_value
        Twice the difference of the log-likelihoods, against chi-square.
    boundary_p_value
        Where one variance is tested against 0, the edge of its range: half of `p_value`,
        since half of the time the estimate would be 0 (Self and Liang 1987); NaN otherwise.
    """

    name: str
    statistic: float
    df: int
    p_value: float
    boundary_p_value: float

    def summary(self) -> str:
        """Return the test in one line."""
        line = (
            f"{self.name}: \N{GREEK SMALL LETTER CHI}² {format_number(self.statistic)} on "
            f"{self.df} df, {format_p(self.p_value)}"
        )
        if math.isfinite(self.boundary_p_value):
            line += f" ({format_p(self.boundary_p_value)} with the edge allowed for)"
        return line

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame([self.to_dict()])

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "name": self.name,
            "statistic": self.statistic,
            "df": self.df,
            "p_value": self.p_value,
            "boundary_p_value": (
                self.boundary_p_value if math.isfinite(self.boundary_p_value) else None
            ),
        }


def likelihood_ratio(
    name: str, full: float, reduced: float, df: int, *, boundary: bool = False
) -> LikelihoodRatioTest:
    """Return the test of two maximal log-likelihoods.

    Parameters
    ----------
    name
        What is tested.
    full, reduced
        The log-likelihoods.
    df
        How many parameters the simpler model has less.
    boundary
        Whether it is one variance against 0.
    """
    statistic = max(0.0, 2 * (full - reduced))
    p_value = float(chdtrc(df, statistic))
    half = (p_value / 2 if statistic > 0 else 1.0) if boundary else math.nan
    return LikelihoodRatioTest(name, statistic, df, p_value, half)


def profile_interval(
    profile: Callable[[float], float],
    estimate: float,
    *,
    top: float,
    level: float,
    scale: float,
    bounds: tuple[float, float],
) -> tuple[float, float]:
    """Return where the profile log-likelihood has dropped by half a chi-square quantile.

    Parameters
    ----------
    profile
        The highest log-likelihood with the parameter held at a value.
    estimate, top
        The estimate and the log-likelihood there.
    level
        Confidence level.
    scale
        A size on which the parameter is resolved.
    bounds
        Its range; the upper one may be infinite.

    Returns
    -------
    low, high : float
        An end of the range where the profile does not drop as far before it.
    """
    target = top - float(chdtri(1, 1 - level)) / 2
    return (
        _crossing(profile, target, estimate, bounds[0], scale),
        _crossing(profile, target, estimate, bounds[1], scale),
    )


def _crossing(
    profile: Callable[[float], float], target: float, start: float, bound: float, scale: float
) -> float:
    from scipy.optimize import brentq

    if start == bound or (math.isfinite(bound) and profile(bound) >= target):
        return bound
    down = bound < start
    inside, outside = start, bound
    # Steps that grow, so that the first crossing is the one that is found.
    reach = max(abs(start) / 4, scale) if math.isinf(bound) else abs(bound - start) / 8
    if down and bound == 0.0 and start > 64 * scale:
        reach = start / 2
    for step in range(400):
        if down and bound == 0.0 and start > 64 * scale:
            place = start * 0.5 ** (step + 1)
            if place < scale / 64:
                break
        else:
            place = inside + (-reach if down else reach)
        if math.isfinite(bound) and (place <= bound if down else place >= bound):
            break
        if profile(place) < target:
            outside = place
            break
        inside = place
        if math.isinf(bound):
            reach *= 2
    low, high = sorted((inside, outside))
    found = brentq(
        lambda value: profile(value) - target,
        low,
        high,
        xtol=max(1e-300, 1e-12 * max(abs(low), abs(high))),
        rtol=1e-12,
        maxiter=200,
    )
    return float(found)
