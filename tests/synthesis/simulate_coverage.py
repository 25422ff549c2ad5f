"""How often do intervals hold the truth when there are few studies?

    python -m tests.synthesis.simulate_coverage [DRAWS] [SEED]

True effects are normal around 0 with variance tau², and each study's estimate is normal around
its true effect with variance 4/n, as of a standardised mean difference in n people. The sizes
of the studies and the I² that tau² amounts to are varied. Every draw goes through the public
functions, tau² by REML (Henmi-Copas: DerSimonian-Laird; profile likelihood: ML). Prints two
tables as Markdown, of the intervals of the mean and of those of a further setting, for README.md.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import ndtr

from evidence.synthesis.batch import pool_many
from evidence.synthesis.intervals.mean_intervals import (
    henmi_copas,
    profile_likelihood_mean,
)
from evidence.synthesis.intervals.prediction import (
    confidence_distribution_prediction,
    t_prediction,
)
from evidence.synthesis.pool import pool

STUDIES = (2, 3, 5, 10, 20)
#: Of the variance of effects, this much is between studies, in percent.
I2 = (0, 25, 50, 75, 90)
PEOPLE = 50
#: People in each study.
SIZES: dict[str, Callable[[int], np.ndarray]] = {
    "equal": lambda k: np.full(k, float(PEOPLE)),
    "20 to 200": lambda k: np.geomspace(20, 200, k),
    "one 10 times as large": lambda k: np.r_[10.0 * PEOPLE, np.full(k - 1, float(PEOPLE))],
}
#: The intervals of the mean: those that `pool` has by rows at once, and the others.
BY_ROWS = ("Wald", "HKSJ", "HKSJ-adhoc")
ONE_BY_ONE = ("t", "Henmi-Copas", "profile likelihood")
INTERVALS = ("Wald", "t", "HKSJ", "HKSJ-adhoc", "Henmi-Copas", "profile likelihood")

PREDICTED_STUDIES = (3, 5, 10, 20)
PREDICTED_I2 = (25, 50, 90)
PREDICTIONS = ("t, k-2", "t, k-1", "HKSJ, k-2", "HKSJ-adhoc, k-1", "confidence distribution")
#: Draws inside one interval of the confidence distribution.
INNER = 1000

#: Syntheses for each row of a table.
DRAWS = 1000
SEED = 20250101


@dataclass(frozen=True)
class Cell:
    """One row of a table: what is simulated, and with which stream of random numbers."""

    k: int
    sizes: str
    i2: int
    draws: int
    stream: np.random.SeedSequence

    @property
    def variances(self) -> np.ndarray:
        """The sampling variances of the studies."""
        return 4 / SIZES[self.sizes](self.k)

    @property
    def tau2(self) -> float:
        """The variance between studies: I² of Higgins and Thompson, solved for it."""
        w = 1 / self.variances
        typical = (self.k - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum())
        return float(typical * self.i2 / (100 - self.i2))

    def effects(self) -> np.ndarray:
        """Return draws of the studies' effects, shape (draws, k)."""
        spread = np.sqrt(self.variances + self.tau2)
        return np.random.default_rng(self.stream).normal(0, spread, size=(self.draws, self.k))

    def row(self) -> dict[str, object]:
        """Return what the row says of itself."""
        return {"studies": self.k, "sizes": self.sizes, "I²": self.i2, "tau²": self.tau2}


def cells(
    draws: int, seed: int, studies: tuple[int, ...], i2: tuple[int, ...], sizes: Iterable[str]
) -> list[Cell]:
    """Return the rows of a table; each has its own stream of random numbers."""
    chosen = list(product(studies, sizes, i2))
    streams = np.random.SeedSequence(seed).spawn(len(chosen))
    return [Cell(k, size, i, draws, s) for (k, size, i), s in zip(chosen, streams, strict=True)]


def of_means(cell: Cell) -> dict[str, object]:
    """Return the share of intervals of the mean that hold the truth, in percent."""
    effects, variances = cell.effects(), cell.variances
    held: dict[str, float] = {}
    for method in BY_ROWS:
        batch = pool_many(effects, variances, ci_method=method)
        held[method] = float(((batch.ci_low <= 0) & (batch.ci_high >= 0)).mean())
    inside = dict.fromkeys(ONE_BY_ONE, 0)
    for drawn, tau2 in zip(effects, batch.tau2, strict=True):
        found = (
            pool(drawn, variances, ci_method="t", tau2_method=float(tau2)),
            henmi_copas(drawn, variances),
            profile_likelihood_mean(drawn, variances),
        )
        for method, interval in zip(ONE_BY_ONE, found, strict=True):
            inside[method] += interval.ci_low <= 0 <= interval.ci_high
    held |= {method: count / cell.draws for method, count in inside.items()}
    return cell.row() | {method: 100 * held[method] for method in INTERVALS}


def of_predictions(cell: Cell) -> dict[str, object]:
    """Return the probability that an interval holds a further true effect, in percent."""
    effects, variances, tau = cell.effects(), cell.variances, np.sqrt(cell.tau2)
    tau2 = pool_many(effects, variances).tau2
    held: dict[str, list[float]] = {name: [] for name in PREDICTIONS}
    for i, drawn in enumerate(effects):
        plugged = {
            name: t_prediction(
                drawn,
                variances,
                tau2=float(tau2[i]),
                variance=name.split(", ")[0].replace("t", "Wald"),
                df=name.split(", ")[1],
            )
            for name in PREDICTIONS[:-1]
        }
        drawn_tau2 = confidence_distribution_prediction(drawn, variances, draws=INNER, seed=i)
        for name, interval in (*plugged.items(), (PREDICTIONS[-1], drawn_tau2)):
            held[name].append(float(ndtr(interval.high / tau) - ndtr(interval.low / tau)))
    error = max(float(np.std(each)) for each in held.values()) / np.sqrt(cell.draws)
    shares = {name: 100 * float(np.mean(each)) for name, each in held.items()}
    return cell.row() | shares | {"standard error": 100 * error}


def coverage(
    draws: int,
    seed: int,
    *,
    studies: tuple[int, ...] = STUDIES,
    i2: tuple[int, ...] = I2,
    sizes: Iterable[str] = tuple(SIZES),
    workers: int = 1,
) -> pd.DataFrame:
    """Return how often each interval of the mean holds the truth, in percent.

    Parameters
    ----------
    draws
        Syntheses for each combination.
    seed
        Of the random numbers.
    studies, i2, sizes
        Which combinations.
    workers
        Processes.
    """
    return pd.DataFrame(run(of_means, cells(draws, seed, studies, i2, sizes), workers))


def prediction_coverage(
    draws: int,
    seed: int,
    *,
    studies: tuple[int, ...] = PREDICTED_STUDIES,
    i2: tuple[int, ...] = PREDICTED_I2,
    sizes: Iterable[str] = ("equal", "one 10 times as large"),
    workers: int = 1,
) -> pd.DataFrame:
    """Return how often each prediction interval holds a further true effect, in percent.

    Parameters
    ----------
    draws, seed, studies, i2, sizes, workers
        As in `coverage`.
    """
    return pd.DataFrame(run(of_predictions, cells(draws, seed, studies, i2, sizes), workers))


def run(
    task: Callable[[Cell], dict[str, object]], rows: list[Cell], workers: int
) -> list[dict[str, object]]:
    if workers == 1:
        return [task(cell) for cell in rows]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        return list(pool.map(task, rows))


def table(found: pd.DataFrame) -> str:
    """Return the shares as Markdown."""
    methods = [name for name in (*INTERVALS, *PREDICTIONS) if name in found]
    lines = [
        f"| studies | sizes | I² | tau² | {' | '.join(methods)} |",
        f"|{' --- |' * (4 + len(methods))}",
    ]
    for row in found.to_dict("records"):
        shares = " | ".join(f"{row[method]:.1f}" for method in methods)
        head = f"{row['studies']} | {row['sizes']} | {row['I²']} | {row['tau²']:.3f}"
        lines.append(f"| {head} | {shares} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the tables of tests/synthesis/README.md.")
    parser.add_argument("draws", nargs="?", type=int, default=DRAWS, help="of each row")
    parser.add_argument("seed", nargs="?", type=int, default=SEED)
    arguments = parser.parse_args()
    draws, seed = arguments.draws, arguments.seed
    workers = multiprocessing.cpu_count()
    print(table(coverage(draws, seed, workers=workers)))
    error = 100 * np.sqrt(0.95 * 0.05 / draws)
    print(f"\nPercent of {draws:,} draws; Monte Carlo standard error {error:.1f} at 95%.\n")
    fewer = max(1, draws // 4)
    predicted = prediction_coverage(fewer, seed, workers=workers)
    print(table(predicted))
    error = predicted["standard error"].max()
    print(f"\nMean probability over {fewer:,} draws; standard error at most {error:.1f}.")


if __name__ == "__main__":
    main()
