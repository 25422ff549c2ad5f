"""How a pooled mean and tau² would vary if the model with these estimates were true.

Effects are drawn from the fitted model, each study with its own variance plus tau², and pooled
again, with tau² estimated anew. `evidence.synthesis.batch.bootstrap_pool` draws studies instead.

References
----------
Efron B, Tibshirani RJ (1993). An introduction to the bootstrap. Chapman & Hall (percentile and
bootstrap-t intervals).
Van den Noortgate W, Onghena P (2005). Parametric and nonparametric bootstrap methods for
meta-analysis. Behavior Research Methods 37:11-22.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from evidence.display import Display, format_interval, format_number, plural
from evidence.errors import Caution
from evidence.synthesis.batch import pool_many
from evidence.synthesis.batch_result import BatchResult
from evidence.synthesis.checked import check_result
from evidence.synthesis.result import PooledResult, PoolingMethod
from evidence.synthesis.sensitivity.parts import check_count, random_generator

if TYPE_CHECKING:
    import pandas as pd

    from evidence.effects.arguments import Floats

__all__ = ["ParametricBootstrap", "parametric_bootstrap"]

#: With fewer the ends of a 95% interval are the outermost draws.
_FEWEST = 100
#: Below so many studies an estimate of tau² is too vague to draw from without saying so.
_FEW_STUDIES = 10


@dataclass(frozen=True, eq=False)
class ParametricBootstrap(Display):
    """A pooled result, and what samples from its model give.

    Attributes
    ----------
    method
        Model, estimator of tau², interval and level, in each sample as in the result.
    k
        How many studies.
    estimate, standard_error, tau2
        Of the result.
    samples
        The pooled samples, one a row.
    seed
        Of the draws.
    cautions
        What a reader should know.
    """

    method: PoolingMethod
    k: int
    estimate: float
    standard_error: float
    tau2: float
    samples: BatchResult
    seed: int
    cautions: tuple[Caution, ...] = ()

    @property
    def draws(self) -> int:
        """How many samples."""
        return len(self.samples)

    @property
    def estimates_tau2(self) -> bool:
        """Whether tau² is estimated, rather than given or none."""
        return self.method.model == "random" and isinstance(self.method.tau2_method, str)

    def _ends(self, values: Floats) -> tuple[float, float]:
        tail = (1 - self.method.level) / 2
        low, high = np.quantile(values, [tail, 1 - tail])
        return float(low), float(high)

    @cached_property
    def percentile_interval(self) -> tuple[float, float]:
        """Percentile interval of the mean: where the middle of the samples' means lies."""
        return self._ends(self.samples.estimate)

    @cached_property
    def studentised_interval(self) -> tuple[float, float]:
        """Bootstrap-t interval of the mean: quantiles of each sample's own t statistic."""
        # About the estimate, so that small differences keep their digits.
        away = self.samples.estimate - self.estimate
        with np.errstate(divide="ignore", invalid="ignore"):
            t = np.where(away == 0, 0.0, away / self.samples.standard_error)
        low, high = self._ends(t)
        return (
            self.estimate - high * self.standard_error,
            self.estimate - low * self.standard_error,
        )

    @cached_property
    def tau2_interval(self) -> tuple[float, float]:
        """Percentile interval of tau²; NaN where it is not estimated."""
        return self._ends(self.samples.tau2) if self.estimates_tau2 else (math.nan, math.nan)

    @cached_property
    def share_tau2_zero(self) -> float:
        """Share of the samples whose tau² is estimated as 0; NaN where it is not estimated."""
        return float((self.samples.tau2 == 0).mean()) if self.estimates_tau2 else math.nan

    def summary(self) -> str:
        """Return the intervals in rounded numbers."""
        level = f"{100 * self.method.level:g}%"
        lines = [
            (
                f"Parametric bootstrap of {plural(self.k, 'study', 'studies')}, "
                f"{self.draws:,} samples, {self.method.in_words()}"
            ),
            (
                f"estimate {format_number(self.estimate)} ({level} bootstrap-t interval "
                f"{format_interval(*self.studentised_interval)}, percentile interval "
                f"{format_interval(*self.percentile_interval)})"
            ),
        ]
        if self.estimates_tau2:
            lines.append(
                f"tau² {format_number(self.tau2, 3)} ({level} percentile interval "
                f"{format_interval(*self.tau2_interval, 3)}); it is estimated as 0 in "
                f"{format_number(100 * self.share_tau2_zero, 1)}% of the samples"
            )
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])

    def to_frame(self) -> pd.DataFrame:
        """Return one row an interval, unrounded."""
        import pandas as pd

        rows = [
            ("mean", "bootstrap-t", self.estimate, *self.studentised_interval),
            ("mean", "percentile", self.estimate, *self.percentile_interval),
        ]
        if self.estimates_tau2:
            rows.append(("tau2", "percentile", self.tau2, *self.tau2_interval))
        return pd.DataFrame(rows, columns=["of", "interval", "estimate", "ci_low", "ci_high"])

    def to_dict(self) -> dict[str, object]:
        """Return everything but the samples themselves as plain values."""
        return {
            "model": self.method.model,
            "tau2_method": self.method.tau2_method,
            "ci_method": self.method.ci_method,
            "level": self.method.level,
            "k": self.k,
            "draws": self.draws,
            "seed": self.seed,
            "intervals": self.to_frame().to_dict("records"),
            "share_tau2_zero": self.share_tau2_zero,
            "cautions": [caution.message for caution in self.cautions],
        }


def parametric_bootstrap(
    result: PooledResult, *, draws: int = 10_000, seed: int = 0
) -> ParametricBootstrap:
    """Draw effects from the fitted model and pool them again, by the result's own method.

    Parameters
    ----------
    result
        What `pool` returned, of at least two studies.
    draws
        How many samples, 100 or more.
    seed
        Start of the random numbers; the same seed gives the same samples.

    Returns
    -------
    ParametricBootstrap

    Raises
    ------
    InvalidArgumentError
        For something that is no pooled result, one whose interval has no standard error, and
        counts that are no whole numbers.
    InsufficientEvidenceError
        For one study.

    References
    ----------
    Efron and Tibshirani (1993); Van den Noortgate and Onghena (2005).
    """
    check_result(result, "parametric_bootstrap")
    count = check_count("draws", draws, _FEWEST, "10_000")
    spread = np.sqrt(result.variances + result.tau2)
    drawn = random_generator(seed).standard_normal((count, result.k)) * spread
    method = result.method
    samples = pool_many(
        result.estimate + drawn,
        result.variances,
        model=method.model,
        tau2_method=method.tau2_method,
        ci_method=method.ci_method,
        level=method.level,
    )
    found = ParametricBootstrap(
        method=method,
        k=result.k,
        estimate=result.estimate,
        standard_error=result.standard_error,
        tau2=result.tau2,
        samples=samples,
        seed=int(seed),
    )
    return _with_cautions(found)


def _with_cautions(found: ParametricBootstrap) -> ParametricBootstrap:
    cautions = []
    if found.estimates_tau2 and found.tau2 == 0:
        cautions.append(
            Caution(
                "drawn-without-tau2",
                "tau² is estimated as 0, so the samples are drawn as if the studies agreed; if "
                "they do not, these intervals are too narrow.",
            )
        )
    elif found.estimates_tau2 and found.k < _FEW_STUDIES:
        cautions.append(
            Caution(
                "drawn-from-vague-tau2",
                f"The samples take tau² as estimated, which {plural(found.k, 'study', 'studies')} "
                "tell only vaguely; the bootstrap-t interval of the mean suffers less from that "
                "than the percentile interval.",
                "Van den Noortgate and Onghena 2005",
            )
        )
    return replace(found, cautions=tuple(cautions))
