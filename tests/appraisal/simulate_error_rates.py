"""How often does each check for missing evidence raise an alarm, with and without selection?

    python -m tests.appraisal.simulate_error_rates [DRAWS] [SEED]

Trials are simulated person by person as far as their summaries need it: means and SDs of normal
outcomes, or counts; sizes, heterogeneity and the number of studies are varied. Without selection
everything is published. With it, results that are significant (p < 0.05) in the favoured
direction are, and of the others one in five. Every synthesis goes through the public functions,
forced where a guard objects. Writes error_rates.csv, and the part of README.md below its mark.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr, stdtr
from tests.appraisal.error_rate_settings import (
    DRAWS,
    FILE,
    MARK,
    PUBLISHED,
    README,
    RISK,
    SEED,
    SIGNIFICANT,
    SMD,
    WIDE,
    Cell,
    settings,
)
from tests.appraisal.error_rate_words import report

from evidence.appraisal.check import CONTRADICTION, OK, Check
from evidence.appraisal.selection.excess import excess_significance
from evidence.appraisal.selection.p_curve import p_curve
from evidence.appraisal.selection.pet_peese import pet_peese
from evidence.appraisal.selection.selection_model import three_parameter
from evidence.appraisal.selection.waap import adequately_powered
from evidence.appraisal.selection.worst_case import worst_case_selection
from evidence.appraisal.selection.z_curve import z_curve
from evidence.appraisal.small_study.binary_tests import deeks_test, harbord_test, peters_test
from evidence.appraisal.small_study.guard import RULE
from evidence.appraisal.small_study.limit_meta_analysis import limit_meta_analysis
from evidence.appraisal.small_study.macaskill import macaskill_test
from evidence.appraisal.small_study.rank_test import begg_mazumdar_test
from evidence.appraisal.small_study.regression_tests import (
    egger_test,
    pustejovsky_rodgers_test,
    thompson_sharp_test,
)
from evidence.appraisal.small_study.trim_and_fill import trim_and_fill
from evidence.effects.measures.binary import log_odds_ratio
from evidence.effects.measures.continuous import mean_difference, standardised_mean_difference
from evidence.synthesis.p_values.combine import combine_p_values
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity.permute import permute_mean

#: Computes below the guards too.
_ANY = {"force": True}


class Tally:
    """What the checks said in one setting."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.said: dict[str, list[tuple[bool, bool, bool]]] = {}
        self.estimates: dict[str, list[tuple[float, bool]]] = {}

    def add(self, name: str, check: Check, alarm: bool | None = None) -> None:
        """Count a check: whether it spoke, raised an alarm, and did so without reservation."""
        found = check.status == CONTRADICTION if alarm is None else alarm
        codes = {caution.code for caution in check.cautions}
        few = self.cell.k < RULE.studies
        clear = not few and not codes & {"forced", "heterogeneous", "heterogeneity"}
        self.said.setdefault(name, []).append((check.tested, found, clear))

    def p(self, name: str, p_value: float) -> None:
        """Count a p value against 0.05."""
        self.said.setdefault(name, []).append((True, p_value < 0.05, True))

    def interval(self, name: str, estimate: float, low: float, high: float) -> None:
        """Count an interval for whether it misses the truth."""
        if math.isfinite(estimate):
            missed = not low <= self.cell.truth <= high
            self.estimates.setdefault(name, []).append((estimate, missed))

    def rows(self) -> list[dict[str, object]]:
        """Return one row for each check, and for each estimate."""
        found: list[dict[str, object]] = []
        for name, said in self.said.items():
            tested, alarm, clear = np.array(said).T
            counts = tested.sum(), (tested & alarm).sum(), (tested & alarm & clear).sum()
            numbers = dict(zip(("tested", "alarms", "clear_alarms"), map(int, counts), strict=True))
            found.append({**self.cell.key, "check": name, "draws": len(said), **numbers})
        for name, each in self.estimates.items():
            estimates, missed = np.array(each).T
            found.append(
                {
                    **self.cell.key,
                    "check": f"mean: {name}",
                    "draws": self.cell.draws,
                    "tested": missed.size,
                    "alarms": int(missed.sum()),
                    "clear_alarms": 0,
                    "bias": round(float(estimates.mean()) - self.cell.truth, 4),
                }
            )
        return found


# -------------------------------------------------------------------------------------- the studies


def _normal(cell: Cell, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    n = np.round(np.exp(random.uniform(*np.log(cell.people), count)))
    effects = random.normal(cell.effect, math.sqrt(cell.tau2), count)
    means = random.normal(0, 1 / np.sqrt(n), (2, count))
    sds = np.sqrt(random.chisquare(n - 1, (2, count)) / (n - 1))
    measure = standardised_mean_difference if cell.outcome == SMD else mean_difference
    found = measure(
        mean_treatment=means[0] + effects,
        sd_treatment=sds[0],
        n_treatment=n,
        mean_control=means[1],
        sd_control=sds[1],
        n_control=n,
    )
    t = (means[0] + effects - means[1]) / np.sqrt((sds**2).sum(axis=0) / n)
    return {"y": found.estimate, "v": found.variance, "n": n, "t": t}


def _counts(cell: Cell, random: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    n = np.round(np.exp(random.uniform(*np.log(cell.people), count)))
    base = math.log(RISK[cell.outcome] / (1 - RISK[cell.outcome]))
    effects = random.normal(cell.truth, math.sqrt(cell.tau2), count)
    a = random.binomial(n.astype(int), expit(base + effects))
    c = random.binomial(n.astype(int), expit(np.full(count, base)))
    found = log_odds_ratio(events_treatment=a, total_treatment=n, events_control=c, total_control=n)
    # Studies in which nobody or everybody had the event are no part of a meta-analysis of ratios.
    kept = (a + c > 0) & (a + c < 2 * n)
    return {"y": found.estimate, "v": found.variance, "n": n, "a": a, "c": c, "kept": kept}


def published(cell: Cell) -> dict[str, np.ndarray]:
    """Return studies until each synthesis has its number, each of shape (draws, k)."""
    random = np.random.default_rng(cell.stream)
    make = _counts if cell.outcome in RISK else _normal
    wanted = np.arange(cell.draws * cell.k)
    found: dict[str, np.ndarray] = {}
    while wanted.size:
        made = make(cell, random, wanted.size)
        kept = made.pop("kept", np.ones(wanted.size, dtype=bool))
        if cell.selected:
            significant = made["y"] > SIGNIFICANT * np.sqrt(made["v"])
            kept = kept & (significant | (random.random(wanted.size) < PUBLISHED))
        for name, values in made.items():
            found.setdefault(name, np.empty(cell.draws * cell.k))[wanted[kept]] = values[kept]
        wanted = wanted[~kept]
    return {name: values.reshape(cell.draws, cell.k) for name, values in found.items()}


# --------------------------------------------------------------------------------------- the checks


def of_funnels(cell: Cell, tally: Tally) -> None:
    """Run what takes effects and their variances."""
    drawn = published(cell)
    for i in range(cell.draws):
        y, v, n = (drawn[name][i] for name in ("y", "v", "n"))
        eggers: dict[str, dict[str, Any]] = {
            "Egger": {},
            "Egger, variance": {"predictor": "variance"},
            "Egger, 1/n": {"predictor": "inverse_n"},
            "Egger, 1/√n": {"predictor": "inverse_sqrt_n"},
            "Egger, mixed": {"model": "mixed"},
            "Egger, mixed, 1/√n": {"model": "mixed", "predictor": "inverse_sqrt_n"},
        }
        for name, how in eggers.items():
            tally.add(name, egger_test(y, v, sample_sizes=2 * n, **_ANY, **how))
        tally.add("Thompson-Sharp", thompson_sharp_test(y, v, **_ANY))
        if cell.outcome == SMD:
            both: dict[str, Any] = {"n_treatment": n, "n_control": n, **_ANY}
            tally.add("Pustejovsky-Rodgers", pustejovsky_rodgers_test(y, **both))
            mixed = pustejovsky_rodgers_test(y, model="mixed", **both)
            tally.add("Pustejovsky-Rodgers, mixed", mixed)
            by_size = pet_peese(y, v, predictor=np.sqrt(2 / n), **_ANY)
            tally.add("PET slope, √(1/n₁ + 1/n₂)", by_size)
            _interval(tally, "PET-PEESE, √(1/n₁ + 1/n₂)", by_size)
        tally.add("Begg-Mazumdar", begg_mazumdar_test(y, v, **_ANY))
        for estimator in ("L0", "R0"):
            filled = trim_and_fill(y, v, estimator=estimator, **_ANY)
            tally.add(f"trim and fill, {estimator}", filled, filled.missing > 0)
            if filled.filled is not None:
                _interval(tally, f"trim and fill, {estimator}", filled.filled)
        _selection(cell, tally, i, y, v)


def _selection(cell: Cell, tally: Tally, i: int, y: np.ndarray, v: np.ndarray) -> None:
    pooled = pool(y, v)
    _interval(tally, "random effects", pooled)
    limit = limit_meta_analysis(y, v, **_ANY)
    tally.add("limit meta-analysis", limit)
    if limit.tested:
        tally.interval("limit meta-analysis", limit.adjusted, limit.ci_low, limit.ci_high)
    pet = pet_peese(y, v, **_ANY)
    tally.add("PET slope", pet)
    _interval(tally, "PET-PEESE", pet)
    tally.add("excess significance", excess_significance(y, v, fewest=2))
    tally.add("excess significance, tau² 0", excess_significance(y, v, tau2=0, fewest=2))
    _interval(tally, "WAAP", adequately_powered(y, v))
    if 3 * i < cell.draws:
        model = three_parameter(y, v, alternative="greater", fewest=2)
        tally.add("3-parameter selection model", model)
        _interval(tally, "3-parameter selection model", model)
    if cell.selected and 5 * i < cell.draws:
        worst = worst_case_selection(y, v, favours="positive").table.set_index("selection_ratio")
        _interval(tally, "at the true selection ratio", worst.loc[1 / PUBLISHED])


def _interval(tally: Tally, name: str, found: Any) -> None:
    tally.interval(name, found.estimate, found.ci_low, found.ci_high)


def of_counts(cell: Cell, tally: Tally) -> None:
    """Run what takes two-by-two tables, and Egger's test and Begg's on the log odds ratios."""
    drawn = published(cell)
    for i in range(cell.draws):
        y, v, n, a, c = (drawn[name][i] for name in ("y", "v", "n", "a", "c"))
        tally.add("Egger", egger_test(y, v, **_ANY))
        tally.add("Egger, mixed", egger_test(y, v, model="mixed", **_ANY))
        tally.add("Begg-Mazumdar", begg_mazumdar_test(y, v, **_ANY))
        tests = {
            "Harbord": harbord_test,
            "Peters": peters_test,
            "Deeks": deeks_test,
            "Macaskill": macaskill_test,
        }
        for name, test in tests.items():
            found = test(
                events_treatment=a,
                total_treatment=n,
                events_control=c,
                total_control=n,
                force=True,
            )
            tally.add(name, found)


def of_means(cell: Cell, tally: Tally) -> None:
    """Test whether there is an effect: by the mean, by turning signs, by p values alone."""
    drawn = published(cell)
    for i in range(cell.draws):
        y, v, n = (drawn[name][i] for name in ("y", "v", "n"))
        pooled = pool(y, v)
        tally.p("pooled mean (HKSJ-adhoc)", pooled.p_value)
        tally.p("permutation of signs", permute_mean(pooled, draws=999, seed=i).p_value)
        p_values = 2 * stdtr(2 * n - 2, -np.abs(drawn["t"][i]))
        tally.p("Fisher, two-sided", combine_p_values(p_values).p_value)
        towards = ["for" if value > 0 else "against" for value in y]
        for method in ("fisher", "stouffer", "edgington"):
            weights = np.sqrt(2 * n) if method == "stouffer" else None
            combined = combine_p_values(
                p_values, method=method, directions=towards, weights=weights
            )
            tally.p(f"{method.capitalize()}, directed", combined.p_value)


def _beyond(z: np.ndarray | float) -> Any:
    return ndtr(np.asarray(z) - SIGNIFICANT) + ndtr(-np.asarray(z) - SIGNIFICANT)


def _results(cell: Cell, random: np.random.Generator) -> np.ndarray:
    """Return z values until `k` are significant; `effect` is the power that studies have.

    Of sizes of all kinds the noncentrality is even from 0 to 4, whatever the power.
    """
    grid = np.linspace(0, 6, 60_001)
    shared = float(np.interp(cell.effect, _beyond(grid), grid))
    count = 80 * cell.k
    centres = random.uniform(0, 4, count) if cell.sizes == WIDE else np.full(count, shared)
    z = np.abs(random.normal(centres, 1))
    if cell.selected:
        z = z[(z > SIGNIFICANT) | (random.random(count) < PUBLISHED)]
    return np.asarray(z[: np.flatnonzero(z > SIGNIFICANT)[cell.k - 1] + 1])


def of_p_curves(cell: Cell, tally: Tally) -> None:
    """Run the p-curve on results until `k` are significant."""
    random = np.random.default_rng(cell.stream)
    for _ in range(cell.draws):
        found = p_curve(p_values=2 * ndtr(-_results(cell, random)), force=True)
        skewed, flat = found.status == OK, found.status == CONTRADICTION
        tally.p("p-curve: right skew", 0.0 if skewed else 1.0)
        tally.p("p-curve: flat", 0.0 if flat else 1.0)


def of_z_curves(cell: Cell, tally: Tally) -> None:
    """Run the z-curve on results until `k` are significant."""
    random = np.random.default_rng(cell.stream)
    truth = cell.effect
    if cell.sizes == WIDE:
        truth = float(_beyond(np.linspace(0, 4, 4001)).mean())
    for i in range(cell.draws):
        z = _results(cell, random)
        found = z_curve(p_values=2 * ndtr(-z), draws=100, seed=i, force=True)
        tally.p("z-curve: results are missing", 0.0 if found.status == CONTRADICTION else 1.0)
        held = found.discovery_low <= truth <= found.discovery_high
        tally.p("z-curve: interval of the discovery rate misses it", 1.0 if held else 0.0)


FAMILIES: Mapping[str, Callable[[Cell, Tally], None]] = {
    "funnel": of_funnels,
    "counts": of_counts,
    "means": of_means,
    "p-curve": of_p_curves,
    "z-curve": of_z_curves,
}


# ------------------------------------------------------------------------------------------ the run


def rates_of(cell: Cell) -> list[dict[str, object]]:
    """Return the rows of one setting."""
    tally = Tally(cell)
    FAMILIES[cell.family](cell, tally)
    return tally.rows()


def error_rates(cells: Iterable[Cell], *, workers: int = 1, progress: bool = False) -> pd.DataFrame:
    """Return how often each check raised an alarm in each setting.

    Parameters
    ----------
    cells
        The settings.
    workers
        Processes.
    progress
        Whether to say on standard error how far it is.
    """
    chosen, found, start = list(cells), [], time.monotonic()
    run: Iterable[list[dict[str, object]]] = map(rates_of, chosen)
    executor = None
    if workers > 1:
        executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
        run = executor.map(rates_of, chosen)
    for done, rows in enumerate(run, 1):
        found += rows
        if progress:
            spent = (time.monotonic() - start) / 60
            sys.stderr.write(f"\r{done} of {len(chosen)} settings, {spent:.1f} minutes ")
    if executor is not None:
        executor.shutdown()
    return pd.DataFrame(found)


def write(frame: pd.DataFrame, seed: int) -> None:
    """Write the file of rates, and the part of README.md below the mark."""
    frame.to_csv(FILE, index=False)
    head = README.read_text(encoding="utf-8").split(MARK)[0]
    README.write_text(head + MARK + report(pd.read_csv(FILE), seed), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Write error_rates.csv and README.md.")
    parser.add_argument("draws", nargs="?", type=int, default=DRAWS, help="of each setting")
    parser.add_argument("seed", nargs="?", type=int, default=SEED)
    arguments = parser.parse_args()
    cells = settings(arguments.draws, arguments.seed)
    workers = multiprocessing.cpu_count()
    write(error_rates(cells, workers=workers, progress=True), arguments.seed)


if __name__ == "__main__":
    main()
