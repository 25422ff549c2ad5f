"""Cheung 2024: the 56 studies of school calendars that Konstantopoulos 2011 printed."""

from __future__ import annotations

import numpy as np
import pytest
from tests.papers.published import comparison, differing, ours, reproduction

RESULT = reproduction("cheung-2024-school-calendars")


def test_estimates_and_variances_are_as_printed() -> None:
    assert RESULT.holds
    assert {quantity for _, quantity, _ in differing(RESULT)} == {
        "standard_error",
        "ci_low",
        "ci_high",
        "z",
        "p_value",
    }
    assert {name for name, _, _ in differing(RESULT)} == {"two-level", "three-level"}
    # The estimates agree to each of the seven digits that were printed.
    for quantity in ("estimate", "tau2_between", "tau2_within"):
        assert comparison(RESULT, "three-level", quantity).agrees


def test_the_printed_standard_error_is_that_of_the_joint_curvature() -> None:
    # The stated reason, checked for two levels: the inverse of the observed information.
    columns = RESULT.paper.studies.columns
    y, v = np.array(columns["estimate"]), np.array(columns["variance"])
    w = 1 / (v + ours(RESULT, "two-level", "tau2"))
    off = y - ours(RESULT, "two-level", "estimate")
    cross = (w**2 * off).sum()
    information = np.array([[w.sum(), cross], [cross, (w**3 * off**2).sum() - 0.5 * (w**2).sum()]])
    printed = comparison(RESULT, "two-level", "standard_error").printed.number
    found = np.sqrt(np.linalg.inv(information)[0, 0])
    assert found == pytest.approx(printed.value, abs=printed.half_unit)


def test_so_is_that_of_three_levels() -> None:
    columns = RESULT.paper.studies.columns
    y, v = np.array(columns["estimate"]), np.array(columns["variance"])
    groups = [np.array(columns["cluster"]) == name for name in dict.fromkeys(columns["cluster"])]

    def log_likelihood(place: np.ndarray) -> float:
        total = 0.0
        for rows in groups:
            covariance = np.diag(v[rows] + place[2]) + place[1]
            off = y[rows] - place[0]
            total -= np.linalg.slogdet(covariance)[1] + off @ np.linalg.solve(covariance, off)
        return total / 2

    names = ("estimate", "tau2_between", "tau2_within")
    best = np.array([ours(RESULT, "three-level", name) for name in names])
    steps = np.diag([1e-3, 1e-4, 1e-4])
    curvature = [
        [
            (
                log_likelihood(best + a + b)
                - log_likelihood(best + a - b)
                - log_likelihood(best - a + b)
                + log_likelihood(best - a - b)
            )
            / (4 * a.max() * b.max())
            for b in steps
        ]
        for a in steps
    ]
    found = np.sqrt(np.linalg.inv(-np.array(curvature))[0, 0])
    printed = comparison(RESULT, "three-level", "standard_error").printed.number
    assert found == pytest.approx(printed.value, rel=1e-5)
