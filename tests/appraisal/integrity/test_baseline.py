"""How alike two groups are at the start."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind_from_stats

from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION, OK
from evidence.appraisal.integrity import BaselineVariable, baseline_table
from evidence.data import ReportedNumber


def variable(means: tuple[str, str], sds: tuple[str, str] = ("5.0", "5.0"), n: int = 40):
    first, second = (ReportedNumber(text) for text in means)
    one, other = (ReportedNumber(text) for text in sds)
    return BaselineVariable("v", (first, second), (one, other), (n, n))


def test_the_p_value_is_that_of_welch() -> None:
    low, high = variable(("12.00", "10.00"), ("5.00", "6.00")).p_range()
    p = ttest_ind_from_stats(12, 5, 40, 10, 6, 40, equal_var=False).pvalue
    assert low < p < high
    assert high - low < 0.01
    # Equal as printed: p can be 1.
    assert variable(("12", "12")).p_range()[1] == 1


def test_few_variables_say_nothing() -> None:
    found = baseline_table([variable(("12.0", "12.0"))] * 9)
    assert found.status == CANNOT_BE_TESTED
    assert "fewer than 10" in found.sentence


def test_standard_errors_typed_as_sds_are_too_unlike() -> None:
    rng = np.random.default_rng(3)
    honest, slipped = [], []
    for _ in range(14):
        x, y = rng.normal(50, 8, (2, 40))
        means = f"{x.mean():.1f}", f"{y.mean():.1f}"
        honest.append(variable(means, (f"{x.std(ddof=1):.1f}", f"{y.std(ddof=1):.1f}")))
        errors = (x.std(ddof=1) / 40**0.5, y.std(ddof=1) / 40**0.5)
        slipped.append(variable(means, (f"{errors[0]:.2f}", f"{errors[1]:.2f}")))
    assert baseline_table(honest).status == OK
    found = baseline_table(slipped)
    assert found.status == CONTRADICTION
    assert "more unlike" in found.sentence


def test_groups_that_are_the_same_are_too_alike() -> None:
    copied = [variable(("12.000", "12.001"), ("5.000", "5.000"))] * 20
    found = baseline_table(copied)
    assert found.status == CONTRADICTION
    assert "more alike" in found.sentence
    # In few digits that is rounding.
    assert baseline_table([variable(("12", "12"))] * 20).status == OK


@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_chance_is_not_accused(correlation: float) -> None:
    rng = np.random.default_rng(11)
    cov = np.full((12, 12), correlation) + (1 - correlation) * np.eye(12)
    wrong = 0
    for _ in range(150):
        x = rng.multivariate_normal(np.full(12, 20), 9 * cov, 30)
        y = rng.multivariate_normal(np.full(12, 20), 9 * cov, 30)
        columns = zip(x.T, y.T, strict=True)
        found = baseline_table([
            variable(
                (f"{a.mean():.1f}", f"{b.mean():.1f}"),
                (f"{a.std(ddof=1):.1f}", f"{b.std(ddof=1):.1f}"),
                30,
            )
            for a, b in columns
        ])  # fmt: skip
        wrong += found.status == CONTRADICTION
    assert wrong == 0
