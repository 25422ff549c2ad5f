"""Results to draw: as many rows as wanted, harmless and nasty labels, one and two readings."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from evidence.data import Analysis
from evidence.effects.derivation.derive import Derivation
from evidence.effects.derivation.readings import Comparison, Reading
from evidence.plots.rows import ForestRow, ForestRows
from evidence.synthesis.body import Scenario, Synthesis
from evidence.synthesis.direction import DirectionSynthesis
from evidence.synthesis.pool import pool
from evidence.synthesis.result import PooledResult

#: Every label is drawn as itself, but for the signs that no font has.
NASTY = (
    "cost $5 and $6_x^2$",
    "a_b_c \\frac{1}{2} \\n",
    "<script>alert('x')</script> & \"quotes\"",
    "pill \N{PILL} and \N{GRINNING FACE} face",
    "\N{WOMAN}\u200d\N{MICROSCOPE}\ufe0f et al. 2020",
    "تجربة المغنيسيوم 2020",
    "镁与睡眠的随机对照试验 2021 年 在北京进行 的 大型 研究",
    "अध्ययन 2019",
    (
        "A very long label that goes on about a randomised, double-blind, placebo-controlled "
        "trial of magnesium in older adults with insomnia, and then goes on some more"
    ),
    "W" * 70,
    "",
    "  \t tabs\nand\r\nnew lines  ",
    "\u202ereversed\x00 \ud800",
    "%s {0} 100% ~ # ^",
    "Ångström-Müller Ấ ǰ 2001",
)

WORDS = {
    "title": "Insomnia severity",
    "xlabel": "difference in points",
    "favours": ("← favours magnesium", "favours placebo →"),
    "threshold": 0.5,
}


def table(k: int, *, scale: float = 1.0, shift: float = 0.0, seed: int = 1) -> pd.DataFrame:
    """Return k effects around `shift`, all multiplied by `scale`."""
    random = np.random.default_rng(seed)
    estimate = (random.normal(0, 1, k) + shift) * scale
    reach = 1.96 * random.uniform(0.2, 0.9, k) * scale
    return pd.DataFrame(
        {
            "label": [f"Author {i} {1960 + i}" for i in range(k)],
            "estimate": estimate,
            "ci_low": estimate - reach,
            "ci_high": estimate + reach,
            "people": random.integers(10, 5000, k),
            "weight": np.full(k, 100 / max(k, 1)),
            "tier": np.where(np.arange(k) % 3 == 1, "secondary", "primary"),
        }
    )


def pooled(k: int, labels: tuple[str, ...] = (), *, seed: int = 3) -> PooledResult:
    """Return k studies and what they come to."""
    effects = table(k, seed=seed)
    errors = (effects["ci_high"] - effects["ci_low"]) / 3.92
    return pool(
        effects["estimate"].to_numpy(),
        standard_errors=errors.to_numpy(),
        labels=labels or tuple(effects["label"]),
    )


def ratios(k: int, *, scale: float = 1.0, shift: float = 0.0) -> ForestRows:
    """Return log ratios with a pooled row."""
    rows = [
        ForestRow("study", row.label, row.estimate, row.ci_low, row.ci_high, weights=(100 / k,))
        for row in table(k, scale=scale, shift=shift).itertuples()
    ]
    mean = float(np.mean([row.estimate for row in rows]))
    total = ForestRow("pooled", "Pooled", mean, mean - 0.3 * scale, mean + 0.3 * scale)
    return ForestRows((*rows, total), log=True, weight_heads=("Weight",))


def reading(name: str, estimate: float, error: float, kind: str = "arms", **more) -> Reading:
    statistic = abs(estimate / error)
    given = {
        "study_id": name,
        "outcome_id": "isi",
        "timepoint": "week 4",
        "measure": "standardised mean difference",
        "kind": kind,
        "estimate": estimate,
        "standard_error": error,
        "n_treatment": 40.0,
        "n_control": 42.0,
        "path": f"worked out from the {kind}",
        "tier": "primary",
        "rows": (("arms", 2),),
        "source_ids": ("source",),
        "statistic_low": statistic * 0.99,
        "statistic_high": statistic * 1.01,
    }
    return Reading(**{**given, **more})


def comparison(name: str, *readings: Reading) -> Comparison:
    first = readings[0]
    return Comparison(name, "isi", "week 4", first.measure, f"{name.title()} 2020", readings)


def synthesis(*comparisons: Comparison, measure: str = "standardised mean difference") -> Synthesis:
    """Pool comparisons under every combination of their readings."""
    analysis = Analysis("sleep", "Sleep", ("isi",), measure)
    labels = [c.label for c in comparisons]
    scenarios = tuple(
        Scenario("" if len(taken) < 1 else "one way", taken, pool(taken, labels=labels))
        for taken in product(*(c.usable for c in comparisons))
    )
    return Synthesis(analysis, Derivation(analysis, comparisons, ()), scenarios)


def plain(name: str, estimate: float, error: float = 0.3) -> Comparison:
    return comparison(name, reading(name, estimate, error))


def twofold(name: str, estimate: float) -> Comparison:
    """Return a trial whose reports contradict each other."""
    return comparison(
        name,
        reading(name, estimate, 0.4, "arms", tier="secondary"),
        reading(name, estimate * 2, 0.15, "interval"),
    )


def directions(
    trials: int,
    domains: int,
    names: tuple[str, ...] = (),
    heads: tuple[str, ...] = (),
    *,
    seed: int = 0,
) -> DirectionSynthesis:
    """Return marks of every kind, about half of all cells filled."""
    random = np.random.default_rng(seed)
    rows = [
        {
            "study_id": f"s{t}",
            "label": names[t] if names else f"Author {t} {1990 + t}",
            "domain": heads[d] if heads else f"domain {d}",
            "direction": random.choice(["treatment", "control", "none", "mixed", "not reported"]),
            "significant": random.choice(["yes", "no", "some", "not reported"]),
            "comparisons": int(random.integers(1, 4)),
            "n": None if t % 5 == 4 else int(random.integers(10, 5000)),
            "tier": random.choice(["primary", "secondary"]),
        }
        for t in range(trials)
        for d in range(domains)
        if random.random() < 0.5 or d == t % domains or t == d % trials
    ]
    columns = [
        "study_id",
        "label",
        "domain",
        "direction",
        "significant",
        "comparisons",
        "n",
        "tier",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    for_it, against = trials // 2, trials // 3
    return DirectionSynthesis(frame, for_it, against, trials - for_it - against, 0.5)
