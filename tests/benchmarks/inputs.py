"""The inputs of the benchmarks: the same numbers for us, for R and for the Python peers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Inputs", "draw"]

#: Thirteen trials of BCG vaccine (log risk ratios and variances, as in `tests/papers`).
BCG_K = 13


@dataclass(frozen=True)
class Inputs:
    """Everything the tasks need, drawn once with a fixed seed."""

    bcg: tuple[np.ndarray, np.ndarray]
    thousand: tuple[np.ndarray, np.ndarray]
    ten_thousand: tuple[np.ndarray, np.ndarray]
    many: tuple[np.ndarray, np.ndarray]
    samples: np.ndarray
    clustered: tuple[np.ndarray, np.ndarray, np.ndarray]
    arms: dict[str, np.ndarray]
    twenty: tuple[np.ndarray, np.ndarray]
    hundred: tuple[np.ndarray, np.ndarray]


def draw(seed: int = 20260101) -> Inputs:
    """Draw the inputs.

    Parameters
    ----------
    seed
        Start of the random numbers.
    """
    from tests.papers.bcg import log_risk_ratios

    chance = np.random.default_rng(seed)
    trials = log_risk_ratios()

    def body(k: int) -> tuple[np.ndarray, np.ndarray]:
        variances = chance.gamma(2, 0.05, k) + 0.005
        return chance.normal(0.3, np.sqrt(variances + 0.1)), variances

    many = np.stack([body(10) for _ in range(10_000)], axis=1)
    clusters, rows = 400, 5
    cluster = np.repeat(np.arange(clusters), rows)
    variances = chance.gamma(2, 0.05, clusters * rows) + 0.005
    effects = (
        chance.normal(0.3, 0.3, clusters)[cluster]
        + chance.normal(0, 0.2, clusters * rows)
        + chance.normal(0, np.sqrt(variances))
    )
    size = 1_000_000
    arms = {
        "mean_treatment": chance.normal(10, 2, size),
        "sd_treatment": chance.gamma(20, 0.2, size),
        "n_treatment": chance.integers(5, 300, size),
        "mean_control": chance.normal(9, 2, size),
        "sd_control": chance.gamma(20, 0.2, size),
        "n_control": chance.integers(5, 300, size),
    }
    return Inputs(
        bcg=(trials.estimate, trials.variance),
        thousand=body(1_000),
        ten_thousand=body(10_000),
        many=(many[0], many[1]),
        samples=chance.integers(0, BCG_K, (10_000, BCG_K)),
        clustered=(effects, variances, cluster),
        arms=arms,
        twenty=body(20),
        hundred=body(100),
    )
