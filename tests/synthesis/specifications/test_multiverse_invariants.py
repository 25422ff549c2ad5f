"""A multiverse does not hang on the order of lines, on units, or on which side is called which."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.effects.made_up import TROUBLE, arms, contrast, load, study

from evidence.data import load_review
from evidence.synthesis.specifications.multiverse import Multiverse, multiverse

#: Means of both groups in tenths, their standard deviation in tenths, people in each.
TRIALS = st.lists(
    st.tuples(st.integers(60, 160), st.integers(60, 160), st.integers(20, 60), st.integers(12, 80)),
    min_size=3,
    max_size=4,
)


def explored(trials, order, *, unit: float = 1.0, turned: bool = False) -> Multiverse:
    """Write trials, two of them with a second report that contradicts the first, and explore."""
    rows, names = [], []
    for place in order:
        first, second, sd, n = trials[place]
        if turned:
            first, second = second, first
        name = f"trial{place}"
        names.append(name)
        own = {"study_id": name, "outcome_id": TROUBLE, "n": str(n)}
        spread = {"sd": f"{unit * sd / 10:.4f}"}
        mean = [{"mean": f"{unit * each / 10:.4f}"} for each in (first, second)]
        rows += arms(*mean, **own, **spread)
        if place < 2:
            estimate = (-1 if turned else 1) * unit * (3 + place)
            rows.append(
                contrast(
                    "mean difference",
                    study_id=name,
                    outcome_id=TROUBLE,
                    estimate=f"{estimate:.4f}",
                    ci_low=f"{estimate - unit:.4f}",
                    ci_high=f"{estimate + unit:.4f}",
                    n_treatment=str(n),
                    n_control=str(n),
                    direction="control" if estimate > 0 else "treatment",
                )
            )
    with tempfile.TemporaryDirectory() as folder:
        review = load(Path(folder), rows, studies=[study(name) for name in names])
        # The small review's own numbers keep their units and sides: they go.
        for name in ("arms.csv", "contrasts.csv"):
            table = pd.read_csv(review.folder / name, dtype=str, keep_default_na=False)
            table[table["study_id"].isin(names)].to_csv(review.folder / name, index=False)
        plan = review.folder / "review.toml"
        text = plan.read_text(encoding="utf-8")
        head = '[headline]\nstudy_id = "{}"'.format
        assert head("alpha2020") in text
        plan.write_text(text.replace(head("alpha2020"), head("trial0")), encoding="utf-8")
        return multiverse(load_review(review.folder), outcome=TROUBLE, most=5_000)


def numbers(found: Multiverse, measure: str, sign: float = 1.0) -> np.ndarray:
    """Return estimates and intervals of one measure in an order of their own."""
    chosen = np.array([name == measure for name in found.measure])
    low, high = found.numbers["ci_low"][chosen], found.numbers["ci_high"][chosen]
    ends = (low, high) if sign > 0 else (-high, -low)
    table = np.column_stack([sign * found.numbers["estimate"][chosen], *ends])
    return table[np.lexsort(np.round(table, 6).T)]


@settings(max_examples=4, deadline=None)
@given(TRIALS, st.randoms(use_true_random=False))
def test_order_units_and_sign_do_not_matter(trials, chance):
    plain = list(range(len(trials)))
    shuffled = plain.copy()
    chance.shuffle(shuffled)
    found = explored(trials, plain)
    others = [
        (explored(trials, shuffled), 1.0, 1.0),
        (explored(trials, plain, unit=0.5), 1.0, 0.5),
        (explored(trials, plain, turned=True), -1.0, 1.0),
    ]
    assert len(found) > 10
    for other, sign, unit in others:
        assert len(other) == len(found)
        for measure in set(found.measure):
            scale = 1.0 if "standardised" in measure else unit
            first, second = numbers(found, measure), numbers(other, measure, sign)
            assert second == pytest.approx(scale * first, rel=1e-6, abs=1e-7, nan_ok=True)
