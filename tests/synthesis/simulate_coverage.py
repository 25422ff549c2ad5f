"""How often do the intervals of the mean hold the truth when there are few studies?

    python -m tests.synthesis.simulate_coverage [DRAWS] [SEED]

True effects are normal around 0 with variance tau², and each study's estimate is normal around
its true effect with variance 4/n, as of a standardised mean difference in n people. All
studies have 50 people, or the first has ten times as many. Every draw goes through `pool` with
REML and each interval. Prints Markdown.
"""

from __future__ import annotations

import sys
from itertools import product

import numpy as np
import pandas as pd

from evidence.synthesis import pool

STUDIES = (2, 3, 5, 10)
#: Beside a sampling variance of 0.08: none, as much, and four times as much.
TAU2 = (0.0, 0.08, 0.32)
SIZES = {"equal": 1, "one 10 times as large": 10}
INTERVALS = ("Wald", "HKSJ", "HKSJ-adhoc")
PEOPLE = 50


def variances(studies: int, first: int) -> np.ndarray:
    """Return the sampling variances of the studies."""
    people = np.full(studies, PEOPLE)
    people[0] *= first
    return 4 / people


def coverage(
    draws: int,
    seed: int,
    *,
    studies: tuple[int, ...] = STUDIES,
    tau2: tuple[float, ...] = TAU2,
) -> pd.DataFrame:
    """Return the share of intervals that hold the true mean, in percent.

    Parameters
    ----------
    draws
        Syntheses for each combination.
    seed
        Of the random numbers; each combination has its own stream.
    studies, tau2
        Which combinations.
    """
    rows = []
    cells = list(product(studies, SIZES, tau2))
    streams = np.random.SeedSequence(seed).spawn(len(cells))
    for (k, sizes, truth), stream in zip(cells, streams, strict=True):
        rng = np.random.default_rng(stream)
        spread = variances(k, SIZES[sizes])
        effects = rng.normal(0, np.sqrt(spread + truth), size=(draws, k))
        row: dict[str, object] = {"studies": k, "sizes": sizes, "tau2": truth}
        for method in INTERVALS:
            held = 0
            for drawn in effects:
                result = pool(drawn, spread, ci_method=method)
                held += result.ci_low <= 0 <= result.ci_high
            row[method] = 100 * held / draws
        rows.append(row)
    return pd.DataFrame(rows)


def table(found: pd.DataFrame) -> str:
    """Return the shares as Markdown."""
    lines = [
        f"| studies | sizes | tau² | {' | '.join(INTERVALS)} |",
        f"|{' --- |' * (3 + len(INTERVALS))}",
    ]
    for row in found.to_dict("records"):
        shares = " | ".join(f"{row[method]:.1f}" for method in INTERVALS)
        lines.append(f"| {row['studies']} | {row['sizes']} | {row['tau2']:g} | {shares} |")
    return "\n".join(lines)


def main() -> None:
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20250101
    print(table(coverage(draws, seed)))
    error = 100 * np.sqrt(0.95 * 0.05 / draws)
    print(f"\nPercent of {draws:,} draws; Monte Carlo standard error {error:.1f} at 95%.")


if __name__ == "__main__":
    main()
