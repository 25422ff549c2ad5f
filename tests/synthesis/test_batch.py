"""Many bodies of evidence at once: each row's numbers are those of `pool`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from tests.papers.bcg import LABELS, log_risk_ratios

from evidence.display import format_interval
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.batch import (
    BATCH_CI_METHODS,
    bootstrap_pool,
    leave_one_out,
    pool_many,
    pool_subsets,
)
from evidence.synthesis.pool import pool
from evidence.synthesis.tau2 import TAU2_METHODS

NUMBERS = ("estimate", "standard_error", "ci_low", "ci_high", "p_value", "tau2", "q", "i2")


def bodies(rows: int = 30, k: int = 7) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(5)
    effects, variances = chance.normal(0.2, 0.6, (rows, k)), chance.gamma(2, 0.1, (rows, k))
    for row in range(rows):
        effects[row, : row % (k - 1)] = np.nan
    return effects, variances


@pytest.mark.parametrize(
    "chosen",
    [{"tau2_method": method} for method in (*TAU2_METHODS, 0.2)]
    + [{"ci_method": method} for method in BATCH_CI_METHODS]
    + [{"model": "common", "ci_method": "Wald", "level": 0.9}],
    ids=str,
)
def test_a_row_is_what_pool_gives(chosen) -> None:
    effects, variances = bodies()
    batch = pool_many(effects, variances, **chosen)
    for row in range(len(batch)):
        single = pool(effects[row], variances[row], **chosen)
        assert batch.k[row] == single.k
        for name in NUMBERS:
            assert_allclose(
                getattr(batch, name)[row], getattr(single, name), rtol=1e-12, atol=1e-12
            )


def test_a_row_of_one_study_and_a_row_of_none() -> None:
    batch = pool_many([[0.5, np.nan], [np.nan, np.nan]], [[0.04, 1], [1, 1]])
    assert list(batch.k) == [1, 0]
    assert_allclose((batch.estimate[0], batch.standard_error[0]), (0.5, 0.2))
    assert_allclose(batch.ci_high[0], 0.5 + 1.959963984540054 * 0.2)
    assert np.isnan(batch.estimate[1])
    assert np.isnan(batch.tau2).all()


def test_one_row_of_variances_serves_all() -> None:
    effects, variances = bodies()
    variances = variances[:1]
    wide = np.broadcast_to(variances, effects.shape)
    assert_allclose(pool_many(effects, variances).estimate, pool_many(effects, wide).estimate)


def test_threads_do_not_change_a_number() -> None:
    chance = np.random.default_rng(6)
    effects, variances = chance.normal(0, 1, (6000, 8)), chance.gamma(2, 0.1, (6000, 8))
    batch = pool_many(effects, variances)
    part = pool_many(effects[2990:3010], variances[2990:3010])
    assert (batch.estimate[2990:3010] == part.estimate).all()


def test_leaving_one_out() -> None:
    trials = log_risk_ratios()
    result = pool(trials, labels=LABELS, tau2_method="PM", ci_method="HKSJ")
    without = leave_one_out(result)
    assert without.labels == LABELS
    for place in range(len(LABELS)):
        kept = np.arange(len(LABELS)) != place
        single = pool(
            trials.estimate[kept], trials.variance[kept], tau2_method="PM", ci_method="HKSJ"
        )
        for name in NUMBERS:
            assert_allclose(
                getattr(without, name)[place], getattr(single, name), rtol=1e-9, atol=1e-12
            )


def test_subsets_by_membership_and_by_place() -> None:
    trials = log_risk_ratios()
    member = np.zeros((2, 13), dtype=bool)
    member[0, [0, 3, 7]] = member[1, [1, 2, 4]] = True
    by_member = pool_subsets(trials.estimate, trials.variance, member)
    by_place = pool_subsets(trials.estimate, trials.variance, [[0, 3, 7, -1], [4, 2, -1, 1]])
    assert_allclose(by_member.estimate, by_place.estimate, rtol=1e-12)
    single = pool(trials.estimate[[0, 3, 7]], trials.variance[[0, 3, 7]])
    assert_allclose(by_member.estimate[0], single.estimate, rtol=1e-12)


def test_the_bootstrap_repeats_itself_and_spreads_as_the_standard_error_says() -> None:
    result = pool(log_risk_ratios(), ci_method="Wald")
    first = bootstrap_pool(result, draws=4000, seed=1)
    again = bootstrap_pool(result, draws=4000, seed=1)
    assert (first.estimate == again.estimate).all()
    assert (first.estimate != bootstrap_pool(result, draws=4000, seed=2).estimate).any()
    assert_allclose(first.estimate.mean(), result.estimate, atol=0.05)
    assert_allclose(first.estimate.std(), result.standard_error, rtol=0.15)
    few = bootstrap_pool(pool([0.1, 0.5, 0.2], [0.1, 0.1, 0.1]), draws=10)
    assert [caution.code for caution in few.cautions] == ["bootstrap-few", "few-draws"]


def test_how_it_reads() -> None:
    effects, variances = bodies(3, 4)
    batch = pool_many(effects, variances, labels=["a", "b", "c"])
    assert "3 analyses" in batch.summary().casefold() or "three analyses" in batch.summary().lower()
    table = batch.to_frame()
    assert list(table["label"]) == ["a", "b", "c"]
    assert len(batch.to_dict()["analyses"]) == 3
    assert "<p>" in batch._repr_html_()


REFUSALS = {
    "variances must be above 0; found -1 in row 2, study 1": lambda: pool_many(
        [[1, 2], [3, 4]], [[1, 1], [-1, 1]]
    ),
    "effects must be finite, or NaN": lambda: pool_many([[math.inf, 2]], [[1, 1]]),
    "effects must be a table of numbers": lambda: pool_many([["a", "b"]], [[1, 1]]),
    "effects are 2 rows of 2, variances 3 rows of 2": lambda: pool_many(
        np.zeros((2, 2)), np.ones((3, 2))
    ),
    "There are 1 rows and 2 labels": lambda: pool_many([[1, 2]], [[1, 1]], labels=["a", "b"]),
    "tau2_method 'REM' is not known": lambda: pool_many([[1, 2]], [[1, 1]], tau2_method="REM"),
    "a given tau² must be a number from 0": lambda: pool_many([[1, 2]], [[1, 1]], tau2_method=-1),
    "level is 2": lambda: pool_many([[1, 2]], [[1, 1]], level=2),
    "subsets must hold places from 0 to 1": lambda: pool_subsets([1, 2], [1, 1], [[0, 2]]),
    "subsets must be rows of true and false": lambda: pool_subsets([1, 2], [1, 1], [[0.5, 1]]),
    "subsets have 3 columns": lambda: pool_subsets([1, 2], [1, 1], [[True, True, False]]),
    "'Henmi-Copas', which does not rest on one standard error": lambda: leave_one_out(
        pool([1, 2, 3], [1, 1, 1], ci_method="Henmi-Copas")
    ),
    "bootstrap_pool does. Pool again with": lambda: bootstrap_pool(
        pool([1, 2, 3], [1, 1, 1], ci_method="Henmi-Copas")
    ),
    "result is list; leave_one_out takes what pool(...)": lambda: leave_one_out([1, 2]),
    "draws is 0": lambda: bootstrap_pool(pool([1, 2], [1, 1]), draws=0),
}


def test_the_percentile_interval_is_the_middle_of_the_samples() -> None:
    result = pool(log_risk_ratios(), level=0.9)
    found = bootstrap_pool(result, draws=2000, seed=3)
    ordered = np.sort(found.estimate)
    assert ordered[98] < found.percentile_interval[0] < ordered[101]
    assert ordered[1898] < found.percentile_interval[1] < ordered[1901]
    text = found.summary()
    assert text.startswith("Nonparametric bootstrap of 13 studies, 2,000 samples, ")
    low, high = found.percentile_interval
    assert f"estimate −0.71 (90% percentile interval {format_interval(low, high)})" in text
    assert found.to_dict()["percentile_interval"] == [low, high]
    few = bootstrap_pool(result, draws=20)
    assert [caution.code for caution in few.cautions] == ["few-draws"]


def test_leaving_one_out_says_what_survives() -> None:
    trials = log_risk_ratios()
    found = leave_one_out(pool(trials, labels=LABELS))
    assert found.same_sign.all()
    assert found.same_interval.all()
    both = "the estimate keeps its sign and the interval excludes no effect."
    assert f"Whichever of 13 studies is left out, {both}" in found.summary()
    names = ["A", "B", "C", "D", "E"]
    hangs = leave_one_out(pool([0.9, 0.1, 0.0, 0.05, -0.1], [0.02] * 5, labels=names))
    assert hangs.same_sign.tolist() == [float(e) > 0 for e in hangs.estimate]
    assert hangs.to_frame()["same_sign"].tolist() == hangs.same_sign.tolist()
    turns = leave_one_out(
        pool([0.9, -0.1, -0.2, -0.05, -0.1], [0.02] * 5, labels=names, model="common")
    )
    assert turns.same_sign.tolist() == [False, True, True, True, True]
    assert "Without A the estimate changes its sign; the interval includes no effect which" in (
        turns.summary()
    )
    other = leave_one_out(
        pool([0.9, 0.1, 0.1, 0.05, 0.1], [0.02] * 5, labels=names, model="common", ci_method="Wald")
    )
    assert other.same_interval.tolist() == [False, True, True, True, True]
    assert "excludes no effect with all studies, includes it without A." in other.summary()


def test_many_omissions_that_matter_are_counted() -> None:
    effects = [0.28] * 12
    result = pool(effects, [0.25] * 12, model="common", ci_method="Wald")
    assert result.ci_low < 0
    shifted = pool([0.285] * 12, [0.25] * 12, model="common", ci_method="Wald")
    assert shifted.ci_low > 0
    text = leave_one_out(shifted).summary()
    assert "includes it without one or another of 12 of the 12 studies." in text


@pytest.mark.parametrize("push", [leave_one_out, bootstrap_pool])
def test_one_study_is_refused_with_what_to_look_at(push) -> None:
    with pytest.raises(InsufficientEvidenceError, match=r"one study \(A\).* two at least. Look at"):
        push(pool([1], [1], labels=["A"]))


@pytest.mark.parametrize("words", REFUSALS)
def test_what_is_refused(words: str) -> None:
    with pytest.raises(InvalidArgumentError) as refusal:
        REFUSALS[words]()
    assert words in str(refusal.value)
