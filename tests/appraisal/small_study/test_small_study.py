"""Small-study effects: hand algebra, guards, edges, bad input, invariants."""

import html
import json
import math
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.appraisal.small_study.binary_tests import deeks_test, harbord_test, peters_test
from evidence.appraisal.small_study.rank_test import begg_mazumdar_test, standardised_deviates
from evidence.appraisal.small_study.regression_tests import (
    egger_test,
    pustejovsky_rodgers_test,
    thompson_sharp_test,
)
from evidence.appraisal.small_study.trim_and_fill import trim_and_fill
from evidence.errors import InvalidArgumentError
from evidence.synthesis.pool import pool

R = json.loads(
    (Path(__file__).parents[2] / "reference" / "small_study.json").read_text(encoding="utf-8")
)
CHECKS = (egger_test, thompson_sharp_test, begg_mazumdar_test, trim_and_fill)
OF_COUNTS = (harbord_test, peters_test, deeks_test)
Y = [0.1, 0.35, -0.2, 0.6, 0.42, 0.15, 0.8, 0.05, 0.5, 1.1, 0.3, 0.7]
V = [0.01, 0.06, 0.03, 0.2, 0.08, 0.02, 0.3, 0.015, 0.12, 0.4, 0.05, 0.25]


def tables(k=12, seed=1):
    rng = np.random.default_rng(seed)
    n = rng.integers(20, 600, k)
    return {
        "events_treatment": rng.binomial(n, 0.2),
        "total_treatment": n,
        "events_control": rng.binomial(n, 0.3),
        "total_control": n,
    }


# ------------------------------------------------------------------------------------ hand algebra


def test_egger_is_the_intercept_of_deviates_on_precision():
    y, se = np.array(Y), np.sqrt(V)
    found = egger_test(Y, V)
    matrix = np.column_stack([np.ones(12), 1 / se])
    (bias, limit), (rest,), *_ = np.linalg.lstsq(matrix, y / se, rcond=None)
    error = math.sqrt(rest / 10 * np.linalg.inv(matrix.T @ matrix)[0, 0])
    assert found.estimate == pytest.approx(bias, rel=1e-10)
    assert found.table["estimate"].iloc[0] == pytest.approx(limit, rel=1e-10)
    assert found.statistic == pytest.approx(bias / error, rel=1e-10)
    assert found.df == 10
    assert not found.forced


def test_rank_test_counts_pairs_exactly():
    # Three studies in perfect order: one of 3! orders on each side.
    found = begg_mazumdar_test([0.0, 1.0, 3.0], [0.01, 0.1, 0.3], force=True)
    assert found.estimate == pytest.approx(1.0)
    assert found.p_value == pytest.approx(1 / 3)
    assert found.table["exact"].iloc[0]


def test_ties_are_not_exact():
    found = begg_mazumdar_test([*Y, 0.1], [*V, 0.01])
    assert not found.table["exact"].iloc[0]


def test_deviates_by_hand():
    y, v = np.array(Y), np.array(V)
    w = 1 / v
    by_hand = (y - (w @ y) / w.sum()) / np.sqrt(v - 1 / w.sum())
    assert standardised_deviates(y, v) == pytest.approx(by_hand, rel=1e-12)


def test_deviates_of_a_study_with_all_the_weight():
    y, v = np.array([0.3, 1.0, 2.0]), np.array([1e-20, 1.0, 2.0])
    found = standardised_deviates(y, v)
    # Its mean is moved by the others alone: 1e-20 (0.7 + 0.85), over 1e-20 √1.5.
    assert found[0] == pytest.approx(-1.55 / math.sqrt(1.5), rel=1e-12)


def test_trim_and_fill_by_hand():
    # Equal weights around 0 but for two high effects without a counterpart.
    y = [-3.0, -2.0, -1.0, 0.1, 1.0, 2.0, 3.0, 40.0, 50.0]
    found = trim_and_fill(
        y, [1.0] * 9, side="left", model="common", estimator="R0", force=True, ci_method="Wald"
    )
    # All but the two: mean 0.1/7; the run of ranks at the end is 3, 40, 50 (|3 - m| < |-3 - m|).
    assert found.missing == 1
    assert found.p_value == 0.25
    assert found.missing_standard_error == 2.0
    centre = np.mean(y[:8])
    assert found.filled.effects[-1] == pytest.approx(2 * centre - 50)
    assert found.filled.k == 10
    assert found.filled.labels[-1] == "filled in for study 9"


def test_fills_the_other_side_for_mirrored_effects():
    left = trim_and_fill(Y, V, side="left")
    right = trim_and_fill([-y for y in Y], V, side="right")
    assert left.missing == right.missing > 0
    assert left.filled.estimate == pytest.approx(-right.filled.estimate, rel=1e-12)
    assert trim_and_fill(Y, V).side == "left"
    assert trim_and_fill([-y for y in Y], V).side == "right"


def test_harbord_by_hand():
    counts = tables()
    a, n, c = (counts[name] for name in ("events_treatment", "total_treatment", "events_control"))
    score = (a - c) / 2
    events = a + c
    information = n * n * events * (2 * n - events) / ((2 * n) ** 2 * (2 * n - 1.0))
    root = np.sqrt(information)
    bias = np.linalg.lstsq(np.column_stack([np.ones(12), root]), score / root, rcond=None)[0][0]
    assert harbord_test(**counts).estimate == pytest.approx(bias, rel=1e-9)


def test_published_trim_and_fill_of_37_studies():
    """Takagi et al. 2006, Lung Cancer 51:245-246: 7 filled in, 1.19 (1.08 to 1.31), p 0.0004."""
    case = next(case for case in R["cases"] if case["id"] == "smoke")
    assert len(case["yi"]) == 37
    found = trim_and_fill(case["yi"], case["vi"], tau2_method="DL", ci_method="Wald")
    filled = found.filled
    assert (found.missing, found.side, filled.k) == (7, "left", 44)
    printed = [
        round(math.exp(each), 2) for each in (filled.estimate, filled.ci_low, filled.ci_high)
    ]
    assert printed == [1.19, 1.08, 1.31]
    assert round(filled.p_value, 4) == 0.0004


# ------------------------------------------------------------------------------------- the guard


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("k", [1, 2, 3, 9])
def test_few_studies_are_refused(check, k):
    found = check(Y[:k], V[:k])
    assert found.status == "cannot be tested"
    assert not found.tested
    assert math.isnan(found.p_value)
    assert math.isnan(found.estimate)
    assert "can say nothing here; it needs about 10; look at registered trials" in found.sentence
    assert found.sentence.startswith(f"{k} stud{'y' if k == 1 else 'ies'}: ")
    assert "BMJ 343:d4002" in found.reference
    assert "p_value" not in found.to_frame()
    assert found.to_frame()["studies"][0] == k
    assert "p =" not in found.summary()
    assert " p " not in found._repr_html_()
    assert found.to_dict()["p_value"] is None


@pytest.mark.parametrize("check", OF_COUNTS)
def test_few_tables_are_refused(check):
    found = check(**tables(4))
    assert found.status == "cannot be tested"
    assert found.sentence.startswith("4 studies: ")


def test_ten_studies_are_enough():
    assert egger_test(Y[:10], V[:10]).tested


@pytest.mark.parametrize("check", CHECKS)
def test_one_size_is_refused(check):
    variances = [0.1 + 0.01 * i for i in range(12)]
    found = check(Y, variances)
    assert found.status == "cannot be tested"
    assert "of nearly one size (the largest variance is 2.1 times the smallest)" in found.sentence
    assert check(Y, variances, force=True).forced


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("k", [3, 9])
def test_force_computes_and_marks(check, k):
    found = check(Y[:k], V[:k], force=True)
    assert found.tested
    assert found.forced
    assert found.sentence.startswith("Computed although it says nothing here: ")
    assert "forced" in {caution.code for caution in found.cautions}
    assert found.to_dict()["forced"] is True


@pytest.mark.parametrize("check", CHECKS)
def test_force_changes_nothing_where_the_guard_agrees(check):
    plain, forced = check(Y, V), check(Y, V, force=True)
    assert plain.sentence == forced.sentence
    assert not forced.forced


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("k", [1, 2])
def test_what_cannot_be_computed_is_not_forced(check, k):
    if check is begg_mazumdar_test and k == 2:
        assert check(Y[:2], V[:2], force=True).p_value == 1.0
        return
    found = check(Y[:k], V[:k], force=True)
    assert found.status == "cannot be tested"
    assert "below" in found.sentence


@pytest.mark.parametrize("check", CHECKS)
def test_identical_effects(check):
    found = check([0.1] * 12, V)
    assert found.status == "cannot be tested"
    assert "identical" in found.sentence


@pytest.mark.parametrize("check", [egger_test, thompson_sharp_test, begg_mazumdar_test])
def test_identical_variances_are_not_forced(check):
    found = check(Y, [0.1] * 12, force=True)
    assert found.status == "cannot be tested"
    assert "same in all 12 studies" in found.sentence


def test_no_side_from_identical_variances():
    found = trim_and_fill(Y, [0.1] * 12, force=True)
    assert "give side='left' or side='right'" in found.sentence
    assert trim_and_fill(Y, [0.1] * 12, force=True, side="left").tested


def test_effects_on_one_line():
    found = egger_test([1 + 2 * math.sqrt(v) for v in V], V)
    assert found.status == "cannot be tested"
    assert "lie on one line" in found.sentence


# -------------------------------------------------------------------------------- what is said


def test_missing_studies_are_named():
    found = egger_test([*Y, math.nan], [*V, 0.1], labels=[*map(str, range(12)), "Gone"])
    assert found.k == 12
    assert "Gone" in found.cautions[0].message


def test_rows_of_one_study_are_said():
    found = egger_test(Y, V, labels=["A", "A", *map(str, range(10))])
    assert "dependent-rows" in {caution.code for caution in found.cautions}


def test_tables_that_say_nothing_are_named():
    counts = {name: np.append(values, 0) for name, values in tables().items()}
    counts["total_treatment"][-1] = counts["total_control"][-1] = 30
    for check in OF_COUNTS:
        found = check(**counts, labels=[*map(str, range(12)), "Silent"])
        assert found.k == 12
        assert any("Silent" in caution.message for caution in found.cautions)


@pytest.mark.parametrize("force", [True, False])
@pytest.mark.parametrize("check", OF_COUNTS)
@pytest.mark.parametrize("events", [0, 9])
def test_tables_that_all_say_nothing_are_refused(check, events, force):
    counts = {"events_treatment": [events] * 12, "events_control": [events] * 12}
    people = {"total_treatment": [9] * 12, "total_control": [9] * 12}
    found = check(**counts, **people, force=force)
    assert (found.status, found.k) == ("cannot be tested", 0)
    assert "no study says anything of a ratio" in found.sentence
    assert found.sentence.endswith("instead.")


def test_a_pooled_result_brings_its_differences_and_names():
    pooled = pool(Y, V, labels=[f"s{place}" for place in range(len(Y))])
    people = np.linspace(20, 200, len(Y))
    found = pustejovsky_rodgers_test(pooled, n_treatment=people, n_control=people)
    again = pustejovsky_rodgers_test(
        pooled.effects, n_treatment=people, n_control=people, labels=pooled.labels
    )
    assert found.tested
    assert found.to_dict() == again.to_dict()
    with pytest.raises(InvalidArgumentError, match="12 effects and 1 values of n_treatment"):
        pustejovsky_rodgers_test(pooled, n_treatment=[10], n_control=[10])


def test_every_face():
    for found in (egger_test(Y, V), trim_and_fill(Y, V), egger_test(Y[:3], V[:3])):
        assert json.loads(json.dumps(found.to_dict()))["sentence"] == found.sentence
        assert found.sentence in found.summary()
        assert found.reference in found.summary()
        assert isinstance(found.to_frame(), pd.DataFrame)
        assert len(found.to_frame()) >= 1
        assert html.escape(found.sentence) in found._repr_html_()
        assert len(re.findall(r"\.(?=\s|$)", found.sentence)) == 1


# ----------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("effects", "variances", "message"),
    [
        (Y, [-0.1, *V[1:]], "variances must be above 0"),
        (Y, [0.0, *V[1:]], "variances must be above 0"),
        (Y, [math.inf, *V[1:]], "variances must be finite"),
        ([math.inf, *Y[1:]], V, "effects must be finite"),
        (Y, V[1:], "12 effects and 11 variances"),
        (["a", *Y[1:]], V, "not a number"),
        ([], [], "no study"),
        ([math.nan] * 12, V, "No study has an effect"),
        (Y, None, "Give either variances or standard_errors"),
    ],
)
def test_bad_effects(check, effects, variances, message):
    with pytest.raises(InvalidArgumentError, match=message):
        check(effects, variances)


@pytest.mark.parametrize("check", CHECKS)
def test_bad_force(check):
    with pytest.raises(InvalidArgumentError, match="force is 'yes'"):
        check(Y, V, force="yes")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"model": "weighed"}, "Did you mean 'weighted'"),
        ({"predictor": "se"}, "predictor is 'se'"),
        ({"predictor": "inverse_n"}, "needs sample_sizes"),
        ({"predictor": "inverse_n", "sample_sizes": [10] * 11}, "12 effects and 11 values"),
        ({"predictor": "inverse_n", "sample_sizes": [0] * 12}, "sample_sizes must be at least 1"),
        ({"predictor": "inverse_n", "sample_sizes": [math.inf] * 12}, "must be finite"),
        ({"level": 1.0}, "level is 1.0"),
        ({"tau2_method": "REMLL"}, "Did you mean 'REML'"),
        ({"ci_method": "wald"}, "Did you mean 'Wald'"),
        ({"models": "mixed"}, "no argument 'models'"),
    ],
)
def test_bad_choices_of_egger(choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        egger_test(Y, V, **choices)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"estimator": "L1"}, "estimator is 'L1'"),
        ({"side": "lefft"}, "Did you mean 'left'"),
        ({"ci_method": "x"}, "ci_method is 'x'"),
        ({"level": 0}, "level is 0"),
        ({"fill": True}, "no argument 'fill'"),
    ],
)
def test_bad_choices_of_trim_and_fill(choices, message):
    with pytest.raises(InvalidArgumentError, match=message):
        trim_and_fill(Y, V, **choices)


@pytest.mark.parametrize("check", OF_COUNTS)
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"events_control": [-1] * 12}, "events_control must be at least 0"),
        ({"events_control": [9999] * 12}, "at most total_control"),
        ({"events_contrl": [1] * 12}, "Did you mean 'events_control'"),
        ({"level": 2}, "level is 2"),
        ({"force": 1}, "force is 1"),
    ],
)
def test_bad_counts(check, changed, message):
    with pytest.raises(InvalidArgumentError, match=message):
        check(**{**tables(), **changed})


def test_counts_that_are_missing():
    counts = tables()
    del counts["total_control"]
    with pytest.raises(InvalidArgumentError, match="The counts total_control are missing"):
        peters_test(**counts)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_treatment": [0] * 12, "n_control": [9] * 12}, "n_treatment must be at least 1"),
        ({"n_treatment": [9] * 12, "n_control": [-1] * 12}, "n_control must be at least 1"),
        ({"n_treatment": [9] * 12, "n_control": [math.inf] * 12}, "n_control must be finite"),
        ({"n_treatment": [9] * 12, "n_control": [9] * 11}, "must be as many"),
        ({"n_treatment": ["9"] * 12, "n_control": [9] * 12}, "not a number"),
        (
            {"n_treatment": [9] * 12, "n_control": [9] * 12, "predictor": "variance"},
            "no argument 'predictor'",
        ),
    ],
)
def test_bad_group_sizes(sizes, message):
    with pytest.raises(InvalidArgumentError, match=message):
        pustejovsky_rodgers_test(Y, **sizes)


def test_a_missing_group_size_leaves_the_study_out():
    n = [float(round(2 / v)) for v in V]
    found = pustejovsky_rodgers_test([*Y, 0.3], n_treatment=[*n, math.nan], n_control=[*n, 9.0])
    assert found.k == 12
    assert "study 13" in found.cautions[0].message
    assert found.name == "Pustejovsky and Rodgers' test"


# ---------------------------------------------------------------------------------- invariants

BODIES = st.integers(0, 2**32 - 1)


def body(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(10, 30))
    v = np.exp(rng.uniform(-4, 0, k))
    return rng.normal(0.3 + np.sqrt(v), np.sqrt(v + 0.02)), v, rng


@settings(max_examples=25, deadline=None)
@given(BODIES)
def test_order_units_and_sign(seed):
    y, v, rng = body(seed)
    turned = rng.permutation(y.size)
    for check in CHECKS:
        plain = check(y, v, force=True)
        mixed_up = check(y[turned], v[turned], force=True)
        mirrored = check(-y, v, force=True)
        scaled = check(y * 1e-8, v * 1e-16, force=True)
        assert plain.status == mixed_up.status == mirrored.status == scaled.status
        for other in (mixed_up, mirrored, scaled):
            assert other.p_value == pytest.approx(plain.p_value, rel=1e-6, abs=1e-12, nan_ok=True)
        if check is trim_and_fill:
            assert plain.missing == mixed_up.missing == mirrored.missing == scaled.missing
            if plain.tested:
                assert {plain.side, mirrored.side} == {"left", "right"}
                assert scaled.filled.estimate == pytest.approx(plain.filled.estimate * 1e-8)
        else:
            assert mirrored.estimate == pytest.approx(-plain.estimate, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(BODIES, st.floats(-1e3, 1e3))
def test_a_shift_of_all_effects(seed, shift):
    y, v, _ = body(seed)
    for check in CHECKS:
        plain, moved = check(y, v, force=True), check(y + shift, v, force=True)
        assert moved.p_value == pytest.approx(plain.p_value, rel=1e-6, nan_ok=True)
    assert egger_test(y + shift, v, force=True).table["estimate"].iloc[0] == pytest.approx(
        egger_test(y, v, force=True).table["estimate"].iloc[0] + shift, abs=1e-8
    )


@settings(max_examples=15, deadline=None)
@given(BODIES)
def test_swapping_the_groups_turns_the_sign(seed):
    counts = tables(15, seed)
    swapped = {
        name: counts[
            name.replace("treatment", "x").replace("control", "treatment").replace("x", "control")
        ]
        for name in counts
    }
    for check in OF_COUNTS:
        assert check(**swapped, force=True).estimate == pytest.approx(
            -check(**counts, force=True).estimate, rel=1e-7, abs=1e-9
        )


def test_the_error_rate_where_the_guard_lets_it_speak():
    rng = np.random.default_rng(4)
    rejected = {"egger": 0, "begg": 0}
    runs = 600
    for _ in range(runs):
        v = np.exp(rng.uniform(-4, 0, 12))
        y = rng.normal(0.2, np.sqrt(v))
        rejected["egger"] += egger_test(y, v, force=True).p_value < 0.1
        rejected["begg"] += begg_mazumdar_test(y, v, force=True).p_value < 0.1
    # Three binomial standard errors around the nominal rate; Begg's may be below it.
    reach = 3 * math.sqrt(0.1 * 0.9 / runs)
    assert abs(rejected["egger"] / runs - 0.1) < reach
    assert rejected["begg"] / runs < 0.1 + reach


@pytest.mark.parametrize("check", [egger_test, trim_and_fill])
def test_a_pooled_result_can_be_given(check):
    assert check(pool(Y, V)).to_dict() == check(Y, V).to_dict()
