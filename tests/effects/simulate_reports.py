"""How often are coherent reports of one trial said to contradict each other?

    python -m tests.effects.simulate_reports [TRIALS] [SEED]

Trials of two normal groups are simulated, analysed by one plain test and reported as papers
do: some of the groups' means with SD, SE or CI, the difference with its CI, d, t and p, each
rounded. Nothing in a trial contradicts anything, so every contradiction that `derive` declares
is a false accusation. A second run reports the difference with a standard error that belongs
to another SD, and shows how often that is found. Prints Markdown.
"""

from __future__ import annotations

import math
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm
from scipy.stats import t as t_distribution
from tests.effects.made_up import MD, MINUTES, arms, contrast, load, study

from evidence.effects import derive
from evidence.effects.conversions.spread import t_from_p

TESTS = ("Student", "Welch", "z")
#: What the report says of the people analysed.
KNOWN = ("both groups", "the total", "those randomised")
#: SDs of the two populations are apart by a factor e^±0.5 in 95 of 100 trials.
SPREAD_OF_SD_RATIO = 0.25
MOST_LOST = 0.2


@dataclass(frozen=True)
class Trial:
    """What one simulated trial found, before anything was rounded."""

    study_id: str
    test: str
    known: str
    p: float
    rows: list[dict[str, str]]


def printed(value: float, decimals: int) -> str:
    """Round as a paper does; no negative zero."""
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text


def _arm(rng: np.random.Generator, x: np.ndarray, how: str, decimals: int) -> dict[str, str]:
    mean, sd, n = x.mean(), x.std(ddof=1), x.size
    cells = {"mean": printed(mean, decimals)}
    if how == "sd":
        cells["sd"] = printed(sd, decimals)
    elif how == "se":
        cells["se"] = printed(sd / math.sqrt(n), decimals)
    elif how.startswith("ci"):
        quantile = norm.ppf(0.975) if how == "ci by z" else t_distribution.ppf(0.975, n - 1)
        reach = quantile * sd / math.sqrt(n)
        cells["ci_low"] = printed(mean - reach, decimals)
        cells["ci_high"] = printed(mean + reach, decimals)
        if float(cells["ci_low"]) >= float(cells["ci_high"]):
            return {"mean": cells["mean"]}
    return {name: text for name, text in cells.items() if name == "mean" or float(text) != 0}


def _people(rng: np.random.Generator, n: tuple[int, int], known: str) -> dict[str, str]:
    if known == "the total":
        return {"n_total": str(sum(n))}
    if known == "both groups":
        return {"n_treatment": str(n[0]), "n_control": str(n[1])}
    left = 1 - rng.uniform(0, MOST_LOST, size=2)
    return {
        "n_treatment": str(int(n[0] / left[0])),
        "n_control": str(int(n[1] / left[1])),
        "n_basis": "randomised",
    }


def simulate(rng: np.random.Generator, place: int, error: float = 1.0) -> Trial | None:
    """Simulate a trial and its report; None where rounding left fewer than two reports.

    Parameters
    ----------
    rng
        Source of chance.
    place
        Number of the trial.
    error
        Factor on the standard error that the difference is reported with; 1 is the truth.
    """
    test, known = str(rng.choice(TESTS)), str(rng.choice(KNOWN))
    first = int(rng.choice([5, 8, 12, 20, 40, 80, 200]))
    n = first, max(5, round(first * float(rng.choice([1, 1, 1, 0.9, 0.5, 2]))))
    sd = float(rng.choice([2, 8, 30]))
    ratio = math.exp(rng.normal(0, SPREAD_OF_SD_RATIO) / 2)
    x = rng.normal(300 + sd * rng.choice([0, 0, 0.2, 0.5, 1, 2]), sd * ratio, n[0])
    y = rng.normal(300, sd / ratio, n[1])

    gap, squares = x.mean() - y.mean(), (x.var(ddof=1), y.var(ddof=1))
    pooled = ((n[0] - 1) * squares[0] + (n[1] - 1) * squares[1]) / (sum(n) - 2)
    parts = squares[0] / n[0], squares[1] / n[1]
    if test == "Student":
        se, df = math.sqrt(pooled * (1 / n[0] + 1 / n[1])), sum(n) - 2
    else:
        se = math.sqrt(sum(parts))
        df = sum(parts) ** 2 / (parts[0] ** 2 / (n[0] - 1) + parts[1] ** 2 / (n[1] - 1))
    chance = norm() if test == "z" else t_distribution(df)
    p = 2 * chance.sf(abs(gap) / se)
    reach = chance.ppf(0.975) * se * error

    side = {"study_id": f"t{place}", "direction": "treatment" if gap > 0 else "control"}
    people = _people(rng, n, known)
    decimals = int(rng.choice([0, 1, 1, 1, 2]))
    rows: list[dict[str, str]] = []
    how = str(rng.choice(["sd", "se", "ci", "ci by z", "nothing"]))
    if known != "the total" and how != "nothing":
        basis = {"n_basis": people.get("n_basis", "analysed"), "study_id": side["study_id"]}
        rows += arms(
            {**_arm(rng, x, how, decimals), "n": people["n_treatment"]},
            {**_arm(rng, y, how, decimals), "n": people["n_control"]},
            **basis,
        )
    middle, low, high = (printed(gap + by, decimals) for by in (0, -reach, reach))
    if (error != 1 or rng.random() < 0.7) and float(low) < float(high):
        told = side if float(middle) else {**side, "direction": "none"}
        ends = {"estimate": middle, "ci_low": low, "ci_high": high}
        rows.append(contrast(MD, **ends, **told, **people))
    d = printed(gap / math.sqrt(pooled), 2)
    if rng.random() < 0.7 and float(d) != 0:
        rows.append(contrast("Cohen d", estimate=d, **side, **people))
    if rng.random() < 0.3:
        rows.append(contrast(t=printed(gap / se, 2), p_of="t", **side, **people))
    p_text = printed(p, int(rng.choice([3, 3, 2])))
    if rng.random() < 0.8 and 0 < float(p_text) < 1:
        rows.append(contrast(p=p_text, **side, **people))
    reports = len(rows) - (1 if len(rows) > 1 and "role" in rows[0] else 0)
    return Trial(side["study_id"], test, known, p, rows) if reports > 1 else None


def judge(trials: int, seed: int, error: float = 1.0) -> pd.DataFrame:
    """Return one row for each simulated trial.

    Columns: `known`, `test`, `readings`, `contradiction`, and `truth_excluded`: how many of
    its readings do not allow the p value that the trial had.
    """
    rng = np.random.default_rng(seed)
    drawn = (simulate(rng, place, error) for place in range(trials))
    kept = [trial for trial in drawn if trial is not None]
    with tempfile.TemporaryDirectory() as folder:
        review = load(
            Path(folder),
            *(trial.rows for trial in kept),
            studies=[study(trial.study_id) for trial in kept],
        )
    found = []
    for trial in kept:
        comparison = derive(review, trial.study_id, MINUTES)
        excluded = 0
        for reading in comparison.readings:
            true = t_from_p(trial.p, reading.df)
            slack = 1e-9 * (1 + true)
            allowed = reading.statistic_low - slack <= true <= reading.statistic_high + slack
            excluded += not allowed
        found.append(
            (
                trial.known,
                trial.test,
                len(comparison.readings),
                comparison.contradiction,
                excluded,
            )
        )
    columns = ["known", "test", "readings", "contradiction", "truth_excluded"]
    return pd.DataFrame(found, columns=columns)


def table(coherent: pd.DataFrame) -> str:
    """Return the counts as Markdown."""
    lines = [
        "| people known | test used | trials | accused | readings | excluding the truth |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (known, test), group in coherent.groupby(["known", "test"]):
        cells = (
            known,
            test,
            len(group),
            int(group["contradiction"].sum()),
            int(group["readings"].sum()),
            int(group["truth_excluded"].sum()),
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 6000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20250101
    coherent = judge(trials, seed)
    print(table(coherent))
    print()
    print("| standard error of the difference, times | trials | found to contradict |")
    print("| --- | --- | --- |")
    for error in (0.4, 0.6, 0.8):
        wrong = judge(trials // 6, seed + 1, error)
        share = 100 * wrong["contradiction"].mean()
        print(f"| {error} | {len(wrong)} | {share:.0f}% |")


if __name__ == "__main__":
    main()
