"""All subsets of the studies: definitions, random ones, edges, words, refusals."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tests.papers.bcg import LABELS, log_risk_ratios
from tests.synthesis.strategies import syntheses

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.pool import pool
from evidence.synthesis.sensitivity import parts
from evidence.synthesis.sensitivity.subsets import all_subsets
from evidence.synthesis.tau2 import TAU2_METHODS

OUTLIER = [0.1, 0.2, 0.15, 0.3, 2.5, 0.05, 0.22]
VARIANCES = [0.02, 0.03, 0.05, 0.04, 0.03, 0.06, 0.02]


def members(found):
    """Which studies are in which subset, shape (n, k)."""
    return np.stack([found.including(i) for i in range(len(found.labels))], axis=1)


def many(k, seed=5):
    rng = np.random.default_rng(seed)
    return pool(rng.normal(0.3, 0.5, k), rng.uniform(0.02, 0.4, k))


@pytest.fixture(scope="module")
def bcg():
    return pool(log_risk_ratios(), labels=LABELS)


@pytest.fixture(scope="module")
def bcg_subsets(bcg):
    return all_subsets(bcg)


@pytest.mark.parametrize("tau2_method", [*TAU2_METHODS, 0.3, 0.0])
def test_each_subset_is_what_pool_gives(tau2_method) -> None:
    effects, variances = np.array(OUTLIER), np.array(VARIANCES)
    found = all_subsets(pool(effects, variances, tau2_method=tau2_method))
    assert len(found) == 2**7 - 1
    for row, kept in enumerate(members(found)):
        alone = pool(effects[kept], variances[kept], tau2_method=tau2_method)
        assert found.size[row] == alone.k
        assert_allclose(found.estimate[row], alone.estimate, rtol=1e-9, atol=1e-12)
        for name in ("tau2", "i2", "q"):
            assert_allclose(getattr(found, name)[row], getattr(alone, name), rtol=1e-9, atol=1e-12)


def test_each_subset_of_a_common_effect_is_what_pool_gives() -> None:
    effects, variances = np.array(OUTLIER), np.array(VARIANCES)
    found = all_subsets(pool(effects, variances, model="common", ci_method="Wald"))
    for row, kept in enumerate(members(found)):
        alone = pool(effects[kept], variances[kept], model="common", ci_method="Wald")
        assert_allclose(found.estimate[row], alone.estimate, rtol=1e-12)
        assert_allclose(found.i2[row], alone.i2, rtol=1e-10, atol=1e-10)
        assert found.tau2[row] == 0 or found.size[row] == 1


def test_subsets_in_threads_are_what_pool_gives(bcg_subsets) -> None:
    sizes = log_risk_ratios()
    inside = members(bcg_subsets)
    for row in np.random.default_rng(3).integers(0, len(bcg_subsets), 150):
        kept = inside[row]
        alone = pool(sizes.estimate[kept], sizes.variance[kept])
        assert_allclose(bcg_subsets.estimate[row], alone.estimate, rtol=1e-9)
        assert_allclose(bcg_subsets.tau2[row], alone.tau2, rtol=1e-9, atol=1e-12)
        assert_allclose(bcg_subsets.i2[row], alone.i2, rtol=1e-9, atol=1e-9)


def test_the_last_subset_is_the_result(bcg, bcg_subsets) -> None:
    assert bcg_subsets.size[-1] == 13
    assert bcg_subsets.estimate[-1] == bcg.estimate == bcg_subsets.full_estimate
    assert bcg_subsets.tau2[-1] == bcg.tau2 == bcg_subsets.full_tau2
    assert_allclose(bcg_subsets.i2[-1], bcg_subsets.full_i2, rtol=1e-14)


def test_each_subset_is_there_once(bcg_subsets) -> None:
    assert len(bcg_subsets) == 8191
    assert np.unique(members(bcg_subsets), axis=0).shape[0] == 8191
    assert np.bincount(bcg_subsets.size).tolist() == [0] + [math.comb(13, j) for j in range(1, 14)]


def test_what_a_study_does_by_its_definition() -> None:
    result = pool(OUTLIER, VARIANCES)
    found = all_subsets(result)
    table = found.to_frame()
    sign = found.estimate > 0
    for i in range(result.k):
        inside = found.including(i)
        for values, name in ((found.estimate, "estimate"), (found.i2, "i2")):
            known = np.isfinite(values)
            a, b = values[inside & known], values[~inside & known]
            gap = a[:, np.newaxis] - b
            tied = np.abs(gap) < 1e-9
            above = ((gap > 0) & ~tied).mean() + 0.5 * tied.mean()
            assert_allclose(table[f"{name}_with"][i], np.median(a), rtol=1e-12)
            assert_allclose(table[f"{name}_without"][i], np.median(b), rtol=1e-12, atol=1e-12)
            column = "separation" if name == "estimate" else "separation_i2"
            assert_allclose(table[column][i], abs(2 * above - 1), rtol=1e-10, atol=1e-12)
            if name == "estimate":
                assert_allclose(table["above"][i], above, rtol=1e-10)
        assert table["same_sign_with"][i] == sign[inside].mean()
        assert table["same_sign_without"][i] == sign[~inside].mean()
    assert table["separation"].idxmax() == 4
    assert table["separation_i2"].idxmax() == 4
    assert found.share_same_sign == sign.mean()
    assert_allclose(found.quantiles(), np.quantile(found.estimate, [0.025, 0.5, 0.975]))


def test_two_clouds_that_do_not_overlap() -> None:
    # Whatever else is chosen, the fourth study carries nearly all the weight.
    found = all_subsets(pool([0, 0.1, 0.2, 5], [1, 1, 1, 1e-6], tau2_method=0.0))
    assert found.separation[3] == 1
    assert found.to_frame()["above"][3] == 1


def test_studies_that_are_alike_do_not_separate() -> None:
    found = all_subsets(pool([0.3] * 5, [0.1, 0.2, 0.3, 0.4, 0.5]))
    assert np.array_equal(found.separation, np.zeros(5))
    assert np.array_equal(found.separation_i2, np.zeros(5))
    assert "separates" not in found.summary()
    assert "100% of subsets have the sign" in found.summary()


def test_two_studies() -> None:
    found = all_subsets(pool([0.1, 0.9], [0.04, 0.09], labels=["a", "b"]))
    assert found.masks[:, 0].tolist() == [1, 2, 3]
    assert found.estimate[:2].tolist() == [0.1, 0.9]
    assert np.isnan(found.tau2).tolist() == [True, True, False]
    # Of I² there is one subset only, and none without a study.
    assert np.isnan(found.separation_i2).all()
    assert "I²" not in found.summary().partition("Note")[0]
    assert found.to_frame()["estimate_without"].tolist() == [0.9, 0.1]


def test_an_estimate_of_zero_has_no_sign() -> None:
    found = all_subsets(pool([-0.5, 0.5], [0.1, 0.1]))
    assert abs(found.full_estimate) < 1e-15
    assert math.isnan(found.share_same_sign)
    assert "sign" not in found.summary()


@pytest.mark.parametrize("k", [26, 30, 33, 40, 62, 63, 64, 65, 70, 100])
def test_random_subsets_are_different_and_fair(k) -> None:
    result = many(k)
    found = all_subsets(result, subsets=4000, seed=1)
    assert not found.exact
    assert len(found) == 4000
    inside = members(found)
    assert np.unique(inside, axis=0).shape[0] == 4000
    assert np.array_equal(found.size, inside.sum(axis=1))
    assert found.size.min() > 0
    # Each study is in about half: within five standard errors.
    assert_allclose(inside.mean(axis=0), 0.5, atol=5 * 0.5 / math.sqrt(4000))
    for row in range(0, 4000, 500):
        kept = inside[row]
        alone = pool(result.effects[kept], result.variances[kept])
        assert_allclose(found.estimate[row], alone.estimate, rtol=1e-9)
        assert_allclose(found.tau2[row], alone.tau2, rtol=1e-9, atol=1e-12)


def test_random_subsets_come_from_the_seed() -> None:
    result = many(30)
    first, again, other = (all_subsets(result, subsets=3000, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.masks, again.masks)
    assert np.array_equal(first.estimate, again.estimate)
    assert not np.array_equal(first.masks, other.masks)
    assert first.seed == 1
    assert "Random 3,000 subsets of 30 studies" in first.summary()


def test_fewer_than_all_can_be_asked_for() -> None:
    result = pool(OUTLIER, VARIANCES)
    some = all_subsets(result, subsets=50)
    assert len(some) == 50
    assert not some.exact
    assert np.unique(some.masks).size == 50
    every = all_subsets(result)
    assert_allclose(some.estimate, every.estimate[some.masks[:, 0].astype(int) - 1], rtol=1e-14)
    for enough in (127, 128, 10**9):
        assert all_subsets(result, subsets=enough).exact


def test_progress_is_told_and_reaches_the_end(bcg) -> None:
    told = []
    all_subsets(bcg, progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (8191, 8191)
    assert [each for each in told if each[0] == 8191] == [(8191, 8191)]
    once = []
    all_subsets(pool([0.1, 0.2], [1, 1]), progress=lambda *each: once.append(each))
    assert once == [(3, 3)]


def test_a_bar_shows_on_a_terminal_once_it_takes_long(bcg, monkeypatch, capsys) -> None:
    from rich.console import Console

    all_subsets(bcg)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(parts, "_PATIENCE", 0.0)
    monkeypatch.setattr(Console, "is_terminal", property(lambda _: False))
    all_subsets(bcg)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(Console, "is_terminal", property(lambda _: True))
    all_subsets(bcg)
    shown = capsys.readouterr()
    assert "Pooling subsets" in shown.err
    assert shown.out == ""
    all_subsets(bcg, progress=False)
    assert capsys.readouterr().err == ""


def test_in_a_notebook_the_share_stands_in_one_output_that_goes_again(bcg, monkeypatch) -> None:
    """Without widgets rich would print a warning in red instead of a bar."""
    said: list[str] = []

    class Handle:
        def display(self, data, *, raw):
            said.append(data["text/plain"])

        update = display

    monkeypatch.setattr(parts, "_PATIENCE", 0.0)
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("IPython.display.DisplayHandle", Handle)
    all_subsets(bcg)
    assert said[0] == "Pooling subsets: 0%"
    assert said[-2:] == ["Pooling subsets: 100%", ""]


def test_what_goes_wrong_in_a_thread_is_raised(bcg) -> None:
    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        all_subsets(bcg, progress=stop)


def test_the_words() -> None:
    result = pool(OUTLIER, VARIANCES, labels=["a", "b", "c", "d", "odd trial", "f", "g"])
    found = all_subsets(result)
    table = found.to_frame()
    lines = found.summary().splitlines()
    assert table["above"][4] == 1
    assert lines[0] == "All 127 subsets of seven studies, random effects, tau² by REML"
    assert lines[1].endswith(f"with all studies {result.estimate:.2f}")
    assert lines[2] == "100% of subsets have the sign of the estimate with all studies."
    assert lines[3] == (
        "odd trial separates the estimates most: in 100% of pairs a "
        "subset with it has the higher estimate than one without it (medians "
        f"{table['estimate_with'][4]:.2f} and {table['estimate_without'][4]:.2f})."
    )
    assert lines[4] == (
        f"odd trial separates I² most: median {table['i2_with'][4]:.0f}% with it, "
        f"{table['i2_without'][4]:.0f}% without it."
    )
    assert lines[5].startswith("Note: Subsets share their studies")
    assert found.to_dict()["subsets"] == 127
    assert len(found.to_dict()["studies"]) == 7
    assert "odd trial" in found._repr_html_()


def test_the_study_that_the_sign_hangs_on() -> None:
    found = all_subsets(pool([-0.1, -0.2, 0.05, 3], [0.1] * 4, labels=["a", "b", "c", "d"]))
    table = found.to_frame()
    assert table["same_sign_without"].idxmin() == 3
    kept = 100 * table["same_sign_without"][3]
    assert f"The sign hangs most on d: {kept:.1f}% of subsets without it keep it." in (
        found.summary()
    )


def test_rows_of_one_study_are_named() -> None:
    found = all_subsets(pool([0.1, 0.2, 0.9], [0.1] * 3, labels=["a", "a", "b"]))
    assert "rows-in-subsets" in {caution.code for caution in found.cautions}
    with pytest.raises(InvalidArgumentError, match="two studies have the label 'a'"):
        found.including("a")
    assert np.array_equal(found.including("b"), found.including(2))


def test_what_including_refuses(bcg_subsets) -> None:
    with pytest.raises(InvalidArgumentError, match=r"Did you mean .*Aronson"):
        bcg_subsets.including("Aronsen 1948")
    for wrong in (13, -1, 1.5, True, None):
        with pytest.raises(InvalidArgumentError, match="a place from 0 to 12"):
            bcg_subsets.including(wrong)


@pytest.mark.parametrize("wrong", [[-0.1], [1.1], [float("nan")]])
def test_quantiles_lie_from_0_to_1(bcg_subsets, wrong) -> None:
    with pytest.raises(InvalidArgumentError, match="from 0 to 1"):
        bcg_subsets.quantiles(wrong)


def test_what_is_refused(bcg) -> None:
    for wrong in (0, -5, 1.5, "many", float("nan"), float("inf"), True):
        with pytest.raises(InvalidArgumentError, match=r"subsets is .* whole number of at least 1"):
            all_subsets(bcg, subsets=wrong)
    for wrong in (-1, 0.5, "x", None):
        with pytest.raises(InvalidArgumentError, match=r"seed is .* whole number of at least 0"):
            all_subsets(bcg, seed=wrong)
    with pytest.raises(InvalidArgumentError, match=r"all_subsets takes what pool\(\.\.\.\)"):
        all_subsets([0.1, 0.2])
    with pytest.raises(InsufficientEvidenceError, match="one study"):
        all_subsets(pool([0.1], [0.1]))
    with pytest.raises(InvalidArgumentError, match="Henmi-Copas"):
        all_subsets(pool(OUTLIER, VARIANCES, ci_method="Henmi-Copas"))


def test_huge_and_tiny_units() -> None:
    plain = all_subsets(pool(OUTLIER, VARIANCES))
    for unit in (1e-8, 1e8):
        scaled = all_subsets(
            pool(unit * np.array(OUTLIER), unit**2 * np.array(VARIANCES)),
        )
        assert_allclose(scaled.estimate, unit * plain.estimate, rtol=1e-12)
        assert_allclose(scaled.tau2, unit**2 * plain.tau2, rtol=1e-9)
        assert_allclose(scaled.separation, plain.separation, rtol=1e-12)


@settings(max_examples=40)
@given(studies=syntheses(most=6), order=st.randoms(use_true_random=False))
def test_the_order_of_studies_does_not_matter(studies, order) -> None:
    effects, variances = (np.array(each) for each in studies)
    places = list(range(effects.size))
    order.shuffle(places)
    one = all_subsets(pool(effects, variances))
    two = all_subsets(pool(effects[places], variances[places]))
    assert_allclose(np.sort(one.estimate), np.sort(two.estimate), rtol=1e-9, atol=1e-9)
    assert_allclose(one.separation[places], two.separation, atol=1e-9)
    # Where studies are equal, REML at the edge of 0 may fall to either side by rounding.
    assert_allclose(np.sort(one.tau2), np.sort(two.tau2), rtol=1e-6, atol=1e-9)


@settings(max_examples=40)
@given(studies=syntheses(most=6))
def test_turning_all_signs_mirrors_the_cloud(studies) -> None:
    effects, variances = (np.array(each) for each in studies)
    one, two = (all_subsets(pool(sign * effects, variances)) for sign in (1, -1))
    assert_allclose(one.estimate, -two.estimate, rtol=1e-12, atol=1e-12)
    assert_allclose(one.separation, two.separation, atol=1e-9)
    above = one.to_frame()["above"], two.to_frame()["above"]
    assert_allclose(above[0], 1 - above[1], atol=1e-9)
    assert one.share_same_sign == two.share_same_sign or math.isnan(one.share_same_sign)


@settings(max_examples=25)
@given(studies=syntheses(most=6))
def test_every_estimate_lies_among_the_effects(studies) -> None:
    found = all_subsets(pool(*studies))
    assert found.estimate.min() >= min(studies[0]) - 1e-12
    assert found.estimate.max() <= max(studies[0]) + 1e-12
    several = found.size > 1
    assert (found.tau2[several] >= 0).all()
    assert ((found.i2[several] >= 0) & (found.i2[several] < 100)).all()


def test_the_result_can_be_replaced_and_is_left_alone(bcg) -> None:
    before = bcg.effects.copy()
    found = all_subsets(bcg)
    assert np.array_equal(before, bcg.effects)
    assert replace(found, cautions=()).summary().count("Note") == 0


def test_a_difference_that_rounding_hides_is_not_told():
    steps = np.linspace(0, 1e-4, 9)
    found = all_subsets(pool(np.r_[0.3 + steps, -0.5], [0.2] * 10))
    table = found.to_frame()
    assert np.nanmax(table["separation_i2"]) > 0
    assert f"{table['i2_with'].max():.0f}" == f"{table['i2_without'].max():.0f}" == "0"
    assert "separates I²" not in found.summary()
    assert "separates the estimates" in found.summary()
    assert "The sign hangs most on" in found.summary()
    alike = all_subsets(pool(0.3 + steps, [0.2] * 9))
    assert alike.separation.max() > 0.5
    assert "separates" not in alike.summary()


def test_a_sign_that_hangs_on_no_study_is_not_told():
    # Two subsets of 32,767 have another sign: without any study 99.99% keep it.
    found = all_subsets(pool(np.r_[np.full(14, 0.3), -0.2], [0.2] * 15))
    table = found.to_frame()
    assert 0.9999 < found.share_same_sign < 1
    assert 0.999 < table["same_sign_without"].min() < 1
    assert "hangs most" not in found.summary()
