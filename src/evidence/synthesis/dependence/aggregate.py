"""One effect a study from several of its rows, given how they are correlated.

References
----------
Borenstein M, Hedges LV, Higgins JPT, Rothstein HR (2009). Introduction to meta-analysis.
Wiley, chapters 24 (multiple outcomes or time points) and 25 (multiple comparisons).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from evidence.display import Display, format_interval, format_number, join_words, plural
from evidence.effects.arguments import Floats, check_level
from evidence.effects.conversions.spread import quantile
from evidence.effects.measures.choices import check_choice
from evidence.effects.sizes import EffectSizes
from evidence.errors import Caution, InvalidArgumentError
from evidence.synthesis.dependence.arrange import find_cluster, read_rows
from evidence.synthesis.dependence.covariance import (
    SamplingCovariance,
    covariance_from_correlation,
    group_rows,
)
from evidence.synthesis.inputs import refuse

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["AggregatedEffects", "aggregate_within"]

WEIGHTINGS = ("equal", "generalised least squares")


@dataclass(frozen=True, slots=True, eq=False)
class AggregatedEffects(Display):
    """One effect a study, and how many rows it stands for.

    Attributes
    ----------
    labels
        Names of the studies, shape (m,).
    estimate, variance
        Shape (m,).
    rows
        How many rows each stands for, shape (m,).
    weighting, correlation
        How they were brought together; the correlation in words.
    level
        Of the intervals.
    cautions
        What a reader should know.
    """

    labels: tuple[str, ...]
    estimate: Floats
    variance: Floats
    rows: tuple[int, ...]
    weighting: str
    correlation: str
    level: float
    cautions: tuple[Caution, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def standard_error(self) -> Floats:
        """Square root of the variance, shape (m,)."""
        return np.sqrt(self.variance)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per study, unrounded, as `pool` takes it."""
        reach = quantile(self.level) * self.standard_error
        return pd.DataFrame(
            {
                "label": self.labels,
                "rows": self.rows,
                "estimate": self.estimate,
                "standard_error": self.standard_error,
                "ci_low": self.estimate - reach,
                "ci_high": self.estimate + reach,
                "variance": self.variance,
            }
        )

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "weighting": self.weighting,
            "correlation": self.correlation,
            "level": self.level,
            "studies": self.to_frame().to_dict("records"),
            "cautions": [caution.message for caution in self.cautions],
        }

    def summary(self) -> str:
        """Return one line per study and the cautions."""
        head = (
            f"{sum(self.rows)} rows of {plural(len(self), 'study', 'studies')} brought to one "
            f"effect each, {self.weighting}, covariances {self.correlation}"
        )
        lines = [head]
        lines += [
            f"{row['label']}: {format_number(row['estimate'])} "
            f"({format_interval(row['ci_low'], row['ci_high'])}), {plural(row['rows'], 'row')}"
            for row in self.to_frame().to_dict("records")
        ]
        return "\n".join([*lines, *(f"Note: {c.message}" for c in self.cautions)])


def aggregate_within(
    effects: ArrayLike | EffectSizes | pd.DataFrame,
    variances: ArrayLike | SamplingCovariance | None = None,
    *,
    cluster: Sequence[Any] | str | None = None,
    correlation: float | None = None,
    weighting: str = "equal",
    labels: Sequence[str] | None = None,
    level: float = 0.95,
) -> AggregatedEffects:
    """Bring the rows of each study to one effect.

    With equal weights the mean, and (1/m²) Σ Σ covᵢⱼ as its variance (Borenstein et al.
    2009, equation 24.4); by generalised least squares the mean with the smallest variance.

    Parameters
    ----------
    effects, variances, cluster, labels
        As `pool_multilevel` takes them.
    correlation
        Of the errors of any two rows of a study; not beside a `SamplingCovariance`, which
        says it.
    weighting
        ``"equal"`` or ``"generalised least squares"``.
    level
        Confidence level of the intervals.

    Returns
    -------
    AggregatedEffects
        Its `to_frame()` is a table that `pool` takes.

    Raises
    ------
    InvalidArgumentError
        Naming the argument, the row or study, and the value.
    """
    check_choice("weighting", weighting, WEIGHTINGS)
    check_level(level)
    given = find_cluster(effects, cluster)
    estimates, spread, covariance, names = read_rows(effects, variances, labels)
    cautions = list(effects.cautions) if isinstance(effects, EffectSizes) else []
    clusters, codes = group_rows("cluster", given, estimates.size)
    kept = ~(np.isnan(estimates) | np.isnan(spread))
    if not kept.any():
        raise InvalidArgumentError("No row has both an effect and a variance.")
    if not kept.all():
        gone = [name for name, stays in zip(names, kept, strict=True) if not stays]
        cautions.append(
            Caution(
                "missing",
                f"Left out for want of an effect or a variance: {plural(len(gone), 'row')} "
                f"({join_words(gone)}).",
            )
        )
    names = tuple(name for name, stays in zip(names, kept, strict=True) if stays)
    estimates, spread, codes = estimates[kept], spread[kept], codes[kept]
    refuse(names, ~np.isfinite(estimates), estimates, "effects", "finite")
    refuse(names, ~np.isfinite(spread), spread, "variances", "finite")
    refuse(names, spread <= 0, spread, "variances", "above 0")
    if (covariance is None) == (correlation is None):
        raise InvalidArgumentError(
            "Give the correlation of rows of one study, or a SamplingCovariance in place of the "
            "variances, and not both. Without either, try several correlations, for example 0.5 "
            "and 0.8, and show both."
        )
    home = [clusters[code] for code in codes]
    if covariance is None:
        covariance = covariance_from_correlation(
            spread,
            cluster=home,
            correlation=correlation,  # type: ignore[arg-type]
        )
    elif not kept.all():
        covariance = covariance.keep(kept)
    return _composites(estimates, covariance, home, (weighting, level), cautions)


def _composites(
    estimates: Floats,
    covariance: SamplingCovariance,
    home: list[str],
    choices: tuple[str, float],
    cautions: list[Caution],
) -> AggregatedEffects:
    weighting, level = choices
    blocks: dict[str, list[tuple[Floats, Floats]]] = {}
    for name, rows, block in zip(
        covariance.clusters, covariance.rows, covariance.blocks, strict=True
    ):
        homes = list(dict.fromkeys(home[row] for row in rows))
        if len(homes) > 1:
            raise InvalidArgumentError(
                f"The covariances of {name} tie rows of different studies together "
                f"({join_words(homes[:4])})."
            )
        blocks.setdefault(homes[0], []).append((estimates[rows], block))
    labels = tuple(dict.fromkeys(home))
    estimate, variance, counts = [], [], []
    for label in labels:
        parts = blocks[label]
        values = np.concatenate([each for each, _ in parts])
        if weighting == "equal":
            total = sum(float(block.sum()) for _, block in parts)
            estimate.append(float(values.mean()))
            variance.append(total / values.size**2)
        else:
            weights = np.concatenate(
                [np.linalg.solve(block, np.ones(block.shape[0])) for _, block in parts]
            )
            centre = float(values[0])
            estimate.append(centre + float(weights @ (values - centre)) / float(weights.sum()))
            variance.append(1 / float(weights.sum()))
        counts.append(values.size)
    merged = [f"{n} ({plural(c, 'row')})" for n, c in zip(labels, counts, strict=True) if c > 1]
    if merged:
        shown = (
            join_words(merged)
            if len(merged) <= 10
            else (", ".join(merged[:10]) + f" and {len(merged) - 10} more")
        )
        cautions.append(
            Caution(
                "aggregated",
                f"Rows of one study were brought to one effect: {shown}. Differences between the "
                "rows of a study are out of sight, and the variances rest on covariances "
                f"{covariance.origin}.",
                "Borenstein, Hedges, Higgins and Rothstein 2009, chapter 24",
            )
        )
    return AggregatedEffects(
        labels=labels,
        estimate=np.array(estimate),
        variance=np.array(variance),
        rows=tuple(counts),
        weighting=weighting,
        correlation=covariance.origin,
        level=level,
        cautions=tuple(cautions),
    )
