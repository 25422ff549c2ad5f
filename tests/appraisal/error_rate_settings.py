"""What is simulated to find how often checks for missing evidence are wrong: the settings."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
from scipy.special import expit

#: Syntheses for each setting; the slow checks take a share of them.
DRAWS = 500
SEED = 20250401
STUDIES = (5, 10, 20, 50)
I2 = (0, 50, 75)
#: Of results that are not significant in the favoured direction, this share is published.
PUBLISHED = 0.2
WIDE, EQUAL, SMALL = "of all sizes", "nearly equal", "small"
#: People in each group, from and to, even on the log scale.
PEOPLE = {
    ("normal", WIDE): (10, 200),
    ("normal", EQUAL): (45, 55),
    ("normal", SMALL): (5, 50),
    ("counts", WIDE): (20, 500),
    ("counts", EQUAL): (90, 110),
}
MD, SMD = "mean difference", "standardised mean difference"
COMMON, RARE = "odds ratio, 30% events", "odds ratio, 3% events"
RISK = {COMMON: 0.30, RARE: 0.03}
SIGNIFICANT = 1.959963984540054
RESULTS = "significant results"
KEY = ["family", "outcome", "effect", "sizes", "selected", "i2", "k"]
FILE = Path(__file__).with_name("error_rates.csv")
README = Path(__file__).with_name("README.md")
MARK = "<!-- written by simulate_error_rates -->\n"


@dataclass(frozen=True)
class Cell:
    """A setting: what is simulated, and with which stream of random numbers."""

    family: str
    outcome: str
    effect: float
    sizes: str
    selected: bool
    i2: int
    k: int
    draws: int = DRAWS
    stream: np.random.SeedSequence | None = None

    @property
    def key(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in KEY}

    @property
    def truth(self) -> float:
        return math.log(self.effect) if self.outcome in RISK else self.effect

    @property
    def people(self) -> tuple[int, int]:
        return PEOPLE["counts" if self.outcome in RISK else "normal", self.sizes]

    @property
    def tau2(self) -> float:
        """The variance between studies: I² of Higgins and Thompson for these sizes, solved."""
        n = np.exp(np.linspace(*np.log(self.people), 1001))
        unit = 2.0
        if self.outcome in RISK:
            odds = RISK[self.outcome] / (1 - RISK[self.outcome])
            risks = expit(math.log(odds) + np.array([0, self.truth]))
            unit = float((1 / (risks * (1 - risks))).sum())
        elif self.outcome == SMD:
            unit += self.effect**2 / 4
        return unit / float(n.mean()) * self.i2 / (100 - self.i2)


def settings(draws: int = DRAWS, seed: int = SEED) -> list[Cell]:
    """Return all settings, each with its own stream of random numbers."""
    groups: list[tuple[str, str, float, str, bool, tuple[int, ...]]] = [
        ("funnel", MD, 0.5, WIDE, False, I2),
        ("funnel", MD, 0.5, EQUAL, False, (0, 75)),
        ("funnel", SMD, 0.0, WIDE, False, I2),
        ("funnel", SMD, 0.8, WIDE, False, I2),
        ("funnel", MD, 0.2, WIDE, True, I2),
        ("funnel", MD, 0.2, EQUAL, True, (0,)),
        ("funnel", SMD, 0.2, WIDE, True, (0, 75)),
        *(("counts", odds, ratio, WIDE, False, I2) for odds in RISK for ratio in (1.0, 4.0)),
        *(("counts", odds, 1.2, WIDE, True, I2) for odds in RISK),
        ("means", MD, 0.0, WIDE, False, I2),
        ("means", MD, 0.2, WIDE, False, I2),
    ]
    chosen = [
        Cell(*each[:5], i2, k, draws) for each in groups for i2, k in product(each[5], STUDIES)
    ]
    for power, k in product((0.05, 1 / 3, 0.5), STUDIES):
        chosen.append(Cell("p-curve", RESULTS, round(power, 3), EQUAL, False, 0, k, 2 * draws))
    for selected, k in product((False, True), (20, 50, 100)):
        chosen.append(Cell("z-curve", RESULTS, 0.4, EQUAL, selected, 0, k, draws // 2))
        chosen.append(Cell("z-curve", RESULTS, 0.0, WIDE, selected, 0, k, draws // 2))
    # Last, so that the streams of the others are theirs.
    for i2, k in product(I2, STUDIES):
        chosen.append(Cell("funnel", SMD, 0.8, SMALL, False, i2, k, draws))
    streams = np.random.SeedSequence(seed).spawn(len(chosen))
    return [replace(cell, stream=each) for cell, each in zip(chosen, streams, strict=True)]
