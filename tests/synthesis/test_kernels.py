"""The compiled estimators: global optima, one implementation, and code that does not go stale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.synthesis.strategies import syntheses

import evidence
from evidence.synthesis.tau2 import (
    TAU2_METHODS,
    TAU2_NAMES,
    estimate_tau2,
    generalised_q,
    log_likelihood,
    q_profile,
)

LIKELIHOODS = ("REML", "ML")


def wild(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A few studies whose variances differ by orders of magnitude, some of them far off."""
    chance = np.random.default_rng(seed)
    k = chance.integers(2, 9)
    variances = np.exp(chance.normal(0, chance.choice([1, 2, 4]), k))
    effects = chance.normal(0, 1, k) * np.sqrt(variances) * chance.choice([0.5, 1, 3])
    effects += (chance.random(k) < 0.4) * chance.normal(0, chance.choice([1, 5, 20]), k)
    return effects, variances


def heights(effects: np.ndarray, variances: np.ndarray, tau2: np.ndarray, restricted: bool):
    """The log-likelihoods of many tau², from their definition."""
    total = variances + tau2[:, np.newaxis]
    mean = (effects / total).sum(1) / (1 / total).sum(1)
    squares = ((effects - mean[:, np.newaxis]) ** 2 / total).sum(1)
    logs = np.log(total).sum(1) + (np.log((1 / total).sum(1)) if restricted else 0)
    return -0.5 * (logs + squares)


@pytest.mark.parametrize("method", LIKELIHOODS)
def test_no_point_of_a_dense_grid_is_more_likely(method: str) -> None:
    several = 0
    for seed in range(300):
        effects, variances = wild(seed)
        found = estimate_tau2(effects, variances, method)
        top = 10 * (np.ptp(effects) ** 2 + variances.max())
        grid = np.r_[0, np.geomspace(variances.min() / 1e3, top, 800)]
        on_grid = heights(effects, variances, grid, method == "REML")
        best = heights(effects, variances, np.array([found]), method == "REML")[0]
        assert best >= on_grid.max() - 1e-9, seed
        rising = np.diff(on_grid) > 0
        several += bool((rising[1:] & ~rising[:-1]).any() and (~rising).any())
    # The trap is in the sample: likelihoods that fall and rise again.
    assert several >= 3


@pytest.mark.parametrize("restricted", [True, False])
def test_the_likelihood_is_the_textbook_one(restricted: bool) -> None:
    effects, variances = wild(3)
    tau2 = np.array([0.0, 0.1, 2.0, 40.0])
    ours = [log_likelihood(effects, variances, t, restricted=restricted) for t in tau2]
    assert_allclose(ours, heights(effects, variances, tau2, restricted), rtol=1e-12, atol=1e-12)


@settings(max_examples=60)
@given(syntheses(least=3), st.sampled_from(TAU2_METHODS))
def test_a_column_of_ones_is_a_mean_alone(given, method: str) -> None:
    effects, variances = np.array(given[0]), np.array(given[1])
    ones = np.ones((effects.size, 1))
    alone = estimate_tau2(effects, variances, method)
    slack = 1e-9 * (variances.min() + np.var(effects))
    assert_allclose(estimate_tau2(effects, variances, method, ones), alone, rtol=1e-6, atol=slack)
    assert_allclose(
        generalised_q(effects, variances, 0.3, ones),
        generalised_q(effects, variances, 0.3),
        rtol=1e-9,
        atol=1e-12,
    )
    assert_allclose(
        q_profile(effects, variances, design=ones),
        q_profile(effects, variances),
        rtol=1e-6,
        atol=slack,
    )


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_more_columns_of_the_same_space_change_nothing(method: str) -> None:
    chance = np.random.default_rng(4)
    effects, variances = chance.normal(0, 1, 12), chance.gamma(2, 0.2, 12)
    design = np.c_[np.ones(12), chance.normal(2000, 10, 12), chance.normal(0, 1e-4, 12)]
    turned = design @ np.array([[1.0, 2, 0], [0, 1, 1], [5, 0, 1e3]])
    assert_allclose(
        estimate_tau2(effects, variances, method, turned),
        estimate_tau2(effects, variances, method, design),
        rtol=1e-8,
        atol=1e-10,
    )


@pytest.mark.parametrize("method", TAU2_METHODS)
@pytest.mark.parametrize("unit", [1e-12, 1e-8, 1e8])
def test_any_unit(method: str, unit: float) -> None:
    effects, variances = wild(11)
    old = estimate_tau2(effects, variances, method)
    new = estimate_tau2(unit * effects, unit**2 * variances, method)
    assert_allclose(new / unit**2, old, rtol=1e-9)


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_identical_effects_have_no_variance_between_them(method: str) -> None:
    effects, variances = np.full(5, 0.3), np.array([0.1, 0.2, 0.01, 3.0, 0.5])
    assert estimate_tau2(effects, variances, method) == 0


@pytest.mark.parametrize("method", TAU2_METHODS)
def test_variance_far_beyond_the_studies_own(method: str) -> None:
    # Where v hardly counts, all but Hunter and Schmidt (divisor k) and ML tend to the sample
    # variance.
    chance = np.random.default_rng(8)
    effects, variances = chance.normal(0, 1e6, 9), chance.gamma(2, 0.2, 9)
    ours = estimate_tau2(effects, variances, method)
    if method == "ML":
        assert_allclose(ours, np.var(effects), rtol=1e-9)
    elif method in {"REML", "PM", "EB", "HE", "HE2", "DL2", "SJ"}:
        assert_allclose(ours, np.var(effects, ddof=1), rtol=1e-9)
    else:
        assert ours > 0


def test_every_estimator_has_a_name() -> None:
    assert len(set(TAU2_NAMES.values())) == len(TAU2_METHODS)


def test_a_changed_kernel_is_compiled_anew(tmp_path: Path) -> None:
    """Code kept on disk must not outlive a change in a kernel that it calls in another file."""
    source = Path(evidence.__file__).parent
    shutil.copytree(source, tmp_path / "evidence", ignore=shutil.ignore_patterns("__pycache__"))
    ask = (
        "import numpy as np\n"
        "from evidence.synthesis.kernels.estimators import solve_q\n"
        "print(solve_q(np.array([0., 3, 6]), np.ones(3), None, 2.0),"
        " sum(solve_q.stats.cache_hits.values()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    environment.pop("NUMBA_CACHE_DIR", None)

    def run() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", ask],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
            cwd=tmp_path,
        )
        return done.stdout.split()

    assert run() == ["8.0", "0"]
    assert run() == ["8.0", "1"]
    sums = tmp_path / "evidence" / "synthesis" / "kernels" / "sums.py"
    text = sums.read_text("utf-8")
    changed = text.replace("q = u1 - t1 * mean", "q = 2.0 * (u1 - t1 * mean)")
    assert changed != text
    sums.write_text(changed, "utf-8")
    # Q(t) is 18 / (1 + t), now twice that; it is 2 at t = 8, now at 17.
    found = run()
    assert float(found[0]) > 16
    assert found[1] == "0"
