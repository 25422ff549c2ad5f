"""Mantel-Haenszel and Peto: hand algebra, invariants, what is left out and what is refused."""

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evidence.errors import InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis.sparse.counts import read_tables
from evidence.synthesis.sparse.exact_odds import pool_exact_odds_ratio
from evidence.synthesis.sparse.mantel_haenszel import MH_MEASURES, pool_mantel_haenszel
from evidence.synthesis.sparse.mantel_haenszel_rates import (
    RATE_MEASURES,
    pool_mantel_haenszel_rates,
)
from evidence.synthesis.sparse.peto import pool_peto
from evidence.synthesis.sparse.stratified_tests import (
    cochran_mantel_haenszel,
    expected_events,
    homogeneity_tests,
)

NAMES = ("events_treatment", "total_treatment", "events_control", "total_control")


def counts(*rows):
    """Rows of (events treated, total treated, events control, total control) as arguments."""
    return dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))


ORDINARY = counts((4, 30, 8, 31), (6, 50, 5, 44), (2, 20, 7, 25))
WITH_SILENT = counts((0, 40, 0, 45), (4, 30, 8, 31), (2, 20, 7, 25), (9, 9, 8, 8))


@st.composite
def studies(draw, most=5):
    rows = []
    for _ in range(draw(st.integers(1, most))):
        n1, n2 = draw(st.integers(1, 60)), draw(st.integers(1, 60))
        rows.append((draw(st.integers(0, n1)), n1, draw(st.integers(0, n2)), n2))
    return rows


def fitted(function, rows, **options):
    """Return the result, or None where the method refuses these counts."""
    try:
        return function(**counts(*rows), **options)
    except InsufficientEvidenceError:
        return None


def odds(**given):
    return pool_mantel_haenszel(**given)


def risk_ratio(**given):
    return pool_mantel_haenszel(**given, measure="risk ratio")


def difference(**given):
    return pool_mantel_haenszel(**given, measure="risk difference")


def difference_gr(**given):
    return pool_mantel_haenszel(**given, measure="risk difference", variance="Greenland-Robins")


POOLERS = [odds, risk_ratio, difference, difference_gr, pool_peto]
EVERY = [*POOLERS, pool_exact_odds_ratio]


# ------------------------------------------------------------------------------- hand algebra


def test_odds_ratio_of_one_table_is_the_cross_product_with_woolf_variance():
    result = odds(**counts((7, 20, 3, 22)))
    assert result.estimate == pytest.approx(math.log(7 * 19 / (13 * 3)), rel=1e-14)
    assert result.standard_error**2 == pytest.approx(1 / 7 + 1 / 13 + 1 / 3 + 1 / 19, rel=1e-14)
    assert not result.pooled
    assert [c.code for c in result.cautions] == ["one-study"]


def test_risk_ratio_of_one_table_is_its_own_with_katz_variance():
    result = risk_ratio(**counts((7, 20, 3, 22)))
    assert result.estimate == pytest.approx(math.log((7 / 20) / (3 / 22)), rel=1e-14)
    variance = 1 / 7 - 1 / 20 + 1 / 3 - 1 / 22
    assert result.standard_error**2 == pytest.approx(variance, rel=1e-13)


def test_risk_difference_of_one_table_has_the_binomial_variance_of_greenland_and_robins():
    result = difference_gr(**counts((7, 20, 3, 22)))
    assert result.estimate == pytest.approx(7 / 20 - 3 / 22, rel=1e-14)
    assert result.standard_error**2 == pytest.approx(
        0.35 * 0.65 / 20 + (3 / 22) * (19 / 22) / 22, rel=1e-13
    )
    assert result.formula == "Greenland-Robins variance"


def test_the_two_variances_of_the_risk_difference_are_named_and_differ():
    sato, robins = difference(**ORDINARY), difference_gr(**ORDINARY)
    assert sato.estimate == robins.estimate
    assert sato.formula == "Sato variance"
    assert sato.standard_error != pytest.approx(robins.standard_error, rel=1e-6)


def test_peto_by_hand():
    result = pool_peto(**counts((1, 10, 4, 10), (2, 20, 3, 20)))
    off = (1 - 2.5) + (2 - 2.5)
    variance = 100 * 5 * 15 / (400 * 19) + 400 * 5 * 35 / (1600 * 39)
    assert result.estimate == pytest.approx(off / variance, rel=1e-14)
    assert result.standard_error == pytest.approx(variance**-0.5, rel=1e-14)


def test_incidence_rates_of_one_study_by_hand():
    given_rates = {
        "events_treatment": 5,
        "time_treatment": 100,
        "events_control": 9,
        "time_control": 90,
    }
    ratio = pool_mantel_haenszel_rates(**given_rates)
    assert ratio.estimate == pytest.approx(math.log((5 / 100) / (9 / 90)), rel=1e-13)
    assert ratio.standard_error**2 == pytest.approx(1 / 5 + 1 / 9, rel=1e-13)
    off = pool_mantel_haenszel_rates(**given_rates, measure="incidence rate difference")
    assert off.estimate == pytest.approx(-0.05, rel=1e-13)
    assert off.standard_error**2 == pytest.approx(5 / 100**2 + 9 / 90**2, rel=1e-13)


def test_cochran_mantel_haenszel_takes_off_at_most_the_difference_itself():
    plain = cochran_mantel_haenszel(**ORDINARY)
    corrected = cochran_mantel_haenszel(**ORDINARY, continuity_correction=True)
    root = math.sqrt(plain.statistic)
    assert 0 < corrected.statistic < plain.statistic
    # distance over its standard deviation: the half is what separates the two roots
    tables = read_tables(**ORDINARY)
    n1, n2, m, n = tables.n1, tables.n2, tables.events, tables.total
    sd = math.sqrt(float(np.sum(n1 * n2 * m * (n - m) / (n**2 * (n - 1)))))
    assert root - math.sqrt(corrected.statistic) == pytest.approx(0.5 / sd, rel=1e-12)
    balanced = counts((5, 50, 5, 51))
    assert cochran_mantel_haenszel(**balanced, continuity_correction=True).p_value == 1


# ---------------------------------------------------------------------------------- invariants


@settings(max_examples=25)
@given(studies())
@pytest.mark.parametrize("function", EVERY)
def test_swapping_the_arms_turns_the_effect_round(function, rows):
    there = fitted(function, rows)
    back = fitted(function, [(c, n2, a, n1) for a, n1, c, n2 in rows])
    assert (there is None) == (back is None)
    assume(there is not None)
    assert back.estimate == pytest.approx(-there.estimate, rel=1e-9, abs=1e-9)
    assert back.ci_low == pytest.approx(-there.ci_high, rel=1e-8, abs=1e-9)
    assert back.p_value == pytest.approx(there.p_value, rel=1e-7, abs=1e-12)


@settings(max_examples=25)
@given(studies())
@pytest.mark.parametrize(
    "function", [odds, pool_peto, pool_exact_odds_ratio, difference, difference_gr]
)
def test_swapping_the_event_turns_the_effect_round(function, rows):
    """Not for the risk ratio, which the next test shows to depend on what is called the event."""
    there = fitted(function, rows)
    back = fitted(function, [(n1 - a, n1, n2 - c, n2) for a, n1, c, n2 in rows])
    assert (there is None) == (back is None)
    assume(there is not None)
    assert back.estimate == pytest.approx(-there.estimate, rel=1e-9, abs=1e-9)
    assert back.ci_high == pytest.approx(-there.ci_low, rel=1e-8, abs=1e-9)


def test_the_risk_ratio_depends_on_what_is_called_the_event():
    there = risk_ratio(**counts((7, 20, 3, 22)))
    back = risk_ratio(**counts((13, 20, 19, 22)))
    assert there.estimate != pytest.approx(-back.estimate, rel=0.1)


@settings(max_examples=25)
@given(studies(), st.randoms(use_true_random=False))
@pytest.mark.parametrize("function", EVERY)
def test_the_order_of_the_studies_does_not_matter(function, rows, random):
    other = list(rows)
    random.shuffle(other)
    one, two = fitted(function, rows), fitted(function, other)
    assert (one is None) == (two is None)
    assume(one is not None)
    assert two.estimate == pytest.approx(one.estimate, rel=1e-9, abs=1e-10)
    assert two.ci_low == pytest.approx(one.ci_low, rel=1e-8, abs=1e-9)
    for test, same in zip(one.tests, two.tests, strict=True):
        assert test.df == same.df
        assert same.statistic == pytest.approx(test.statistic, rel=1e-6, abs=1e-9, nan_ok=True)


@settings(max_examples=25)
@given(studies(most=3), st.integers(2, 4))
@pytest.mark.parametrize("function", [odds, risk_ratio, difference, difference_gr])
def test_a_study_split_into_equal_strata_is_the_same_study(function, rows, parts):
    """The estimate and its variance are those of the unsplit study: sparse strata do no harm."""
    whole = fitted(function, [tuple(parts * count for count in row) for row in rows])
    split = fitted(function, [row for row in rows for _ in range(parts)])
    assert (whole is None) == (split is None)
    assume(whole is not None)
    assert split.estimate == pytest.approx(whole.estimate, rel=1e-10, abs=1e-12)
    assert split.standard_error == pytest.approx(whole.standard_error, rel=1e-10)


@settings(max_examples=25)
@given(studies(), st.integers(1, 500), st.integers(1, 500))
@pytest.mark.parametrize("function", [odds, risk_ratio, pool_peto, pool_exact_odds_ratio])
def test_a_study_without_events_changes_no_ratio(function, rows, n1, n2):
    one, two = fitted(function, rows), fitted(function, [*rows, (0, n1, 0, n2)])
    assert (one is None) == (two is None)
    assume(one is not None)
    assert two.estimate == one.estimate
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-12, nan_ok=True)
    assert two.k == one.k
    assert two.labels[-1] in two.excluded
    assert two.studies["weight"].iloc[-1] == 0


@settings(max_examples=25)
@given(studies(), st.floats(1e-6, 1e6))
def test_the_unit_of_person_time_does_not_matter(rows, unit):
    given_rates = {
        "events_treatment": [row[0] for row in rows],
        "time_treatment": np.array([row[1] for row in rows], dtype=float),
        "events_control": [row[2] for row in rows],
        "time_control": np.array([row[3] for row in rows], dtype=float),
    }
    assume(sum(given_rates["events_treatment"]) and sum(given_rates["events_control"]))
    scaled = {k: v * unit if k.startswith("time") else v for k, v in given_rates.items()}
    one, two = pool_mantel_haenszel_rates(**given_rates), pool_mantel_haenszel_rates(**scaled)
    assert two.estimate == pytest.approx(one.estimate, rel=1e-9, abs=1e-11)
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-9)
    measure = "incidence rate difference"
    one = pool_mantel_haenszel_rates(**given_rates, measure=measure)
    two = pool_mantel_haenszel_rates(**scaled, measure=measure)
    assert two.ci_low * unit == pytest.approx(one.ci_low, rel=1e-8, abs=1e-10)


@settings(max_examples=25)
@given(studies(), st.floats(-8, 8))
def test_expected_events_solve_their_equation(rows, log_odds):
    tables = read_tables(**counts(*rows))
    tables = tables.take(~(tables.nobody | tables.everybody))
    assume(len(tables.names))
    ratio = math.exp(log_odds)
    a = expected_events(tables, ratio)
    b, c = tables.n1 - a, tables.events - a
    d = tables.n2 - c
    assert (np.minimum(np.minimum(a, b), np.minimum(c, d)) > 0).all()
    np.testing.assert_allclose(np.log(a * d / (b * c)), log_odds, atol=1e-9)


@settings(max_examples=25)
@given(studies(), st.floats(0.5, 0.9), st.floats(0.91, 0.999))
@pytest.mark.parametrize("function", EVERY)
def test_a_higher_level_never_gives_a_shorter_interval(function, rows, low, high):
    narrow, wide = fitted(function, rows, level=low), fitted(function, rows, level=high)
    assume(narrow is not None)
    assert wide.ci_low <= narrow.ci_low <= narrow.estimate <= narrow.ci_high <= wide.ci_high
    assert (wide.ci_low, wide.ci_high) != (narrow.ci_low, narrow.ci_high)


def test_tarone_only_lowers_breslow_day_and_identical_tables_are_homogeneous():
    tables = read_tables(**ORDINARY)
    breslow_day, tarone = homogeneity_tests(tables, 1.7)
    assert 0 < tarone.statistic < breslow_day.statistic
    same = odds(**counts((3, 50, 6, 50), (3, 50, 6, 50), (3, 50, 6, 50)))
    assert same.test("Tarone").statistic == pytest.approx(0, abs=1e-10)
    assert same.test("Tarone").p_value == pytest.approx(1)
    other = odds(**counts((20, 40, 4, 41), (2, 40, 18, 39)))
    assert other.test("Tarone").p_value < 1e-6


# ------------------------------------------------------------ studies without information


def test_silent_studies_stay_in_the_table_with_their_reason():
    result = odds(**WITH_SILENT, labels=["A", "B", "C", "D"])
    assert result.k == 2
    assert result.excluded == ("A", "D")
    assert list(result.studies["role"]) == [
        "nobody had the event",
        "pooled",
        "pooled",
        "everybody had it",
    ]
    assert list(result.studies["weight"][[0, 3]]) == [0, 0]
    assert result.studies["weight"].sum() == pytest.approx(100)
    assert np.isnan(result.studies["estimate"][[0, 3]]).all()
    (note,) = [c.message for c in result.cautions if c.code == "no-information"]
    assert note.startswith("Two studies carried no information about the odds ratio")
    assert "A and D" in note


def test_a_study_in_which_everybody_had_the_event_counts_for_the_risk_ratio():
    assert risk_ratio(**WITH_SILENT, labels=list("ABCD")).excluded == ("A",)
    without = counts((0, 40, 0, 45), (4, 30, 8, 31), (2, 20, 7, 25))
    assert abs(risk_ratio(**WITH_SILENT).estimate) < abs(risk_ratio(**without).estimate)


def test_the_risk_difference_keeps_every_study_and_is_pulled_towards_zero():
    result = difference(**WITH_SILENT)
    assert result.excluded == ()
    assert result.k == 4
    assert "double-zero" in [c.code for c in result.cautions]
    assert result.heterogeneity.df == 1
    assert abs(result.estimate) < abs(difference(**counts((4, 30, 8, 31), (2, 20, 7, 25))).estimate)


def test_a_half_is_added_only_for_the_studies_own_effects_and_said():
    rows = ((0, 40, 3, 41), (3, 40, 5, 41))
    result = odds(**counts(*rows))
    r, s = 0 * 38 / 81 + 3 * 36 / 81, 40 * 3 / 81 + 37 * 5 / 81
    assert result.estimate == pytest.approx(math.log(r / s), rel=1e-13)
    own = math.log(0.5 * 38.5 / (40.5 * 3.5))
    assert result.studies["estimate"][0] == pytest.approx(own, rel=1e-13)
    assert [c.code for c in result.cautions] == ["continuity"]
    assert [c.code for c in odds(**ORDINARY).cautions] == []


def test_missing_counts_leave_a_study_out_by_name():
    rows = counts((4, 30, 8, 31), (6, 50, 5, 44))
    rows["events_control"] = [8, None]
    result = odds(**rows, labels=["kept", "gone"])
    assert result.labels == ("kept",)
    assert any(c.code == "missing" and "gone" in c.message for c in result.cautions)


def test_cautions_when_the_conditions_of_peto_fail():
    def codes(*rows):
        return {c.code for c in pool_peto(**counts(*rows)).cautions}

    fit = ((1, 500, 2, 510), (2, 450, 3, 440))
    assert codes(*fit) == set()
    assert codes(*fit, (40, 500, 45, 500)) == {"peto-common-events"}
    assert codes(*fit, (1, 300, 3, 900)) == {"peto-imbalance"}
    assert codes((1, 500, 9, 510), (0, 450, 5, 440)) == {"peto-large-effect"}


# --------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("function", [*EVERY, cochran_mantel_haenszel])
@pytest.mark.parametrize(
    "rows",
    [
        ((0, 10, 0, 12), (0, 30, 0, 28)),
        ((10, 10, 12, 12), (30, 30, 28, 28)),
        ((0, 10, 0, 12), (30, 30, 28, 28)),
    ],
    ids=["nobody", "everybody", "either"],
)
def test_nothing_to_compare_is_refused_with_advice(function, rows):
    with pytest.raises(InsufficientEvidenceError, match=r"(?i)body.* had the event.*Clopper"):
        function(**counts(*rows))


@pytest.mark.parametrize("function", [odds, risk_ratio])
def test_an_estimate_at_the_edge_is_refused_with_the_test_that_holds(function):
    rows = counts((0, 20, 3, 20), (0, 30, 4, 30))
    p = cochran_mantel_haenszel(**rows).p_value
    with pytest.raises(InsufficientEvidenceError, match=rf"is 0 .*pool_exact.* p = {p:.3f}"):
        function(**rows)
    with pytest.raises(InsufficientEvidenceError, match=r"is infinite .*this one study"):
        function(**counts((3, 20, 0, 20), (0, 30, 0, 30)))
    assert difference(**rows).estimate == pytest.approx(-7 / 50)
    assert math.isfinite(pool_peto(**rows).estimate)


def test_the_exact_method_answers_where_all_events_are_in_one_group():
    rows = counts((0, 20, 3, 20), (0, 30, 4, 30))
    result = pool_exact_odds_ratio(**rows)
    assert result.estimate == -math.inf
    assert result.ci_low == -math.inf
    assert 0 < math.exp(result.ci_high) < 1
    assert "no-limit" in [c.code for c in result.cautions]
    assert "odds ratio 0.00 (95% CI 0.00 to" in result.summary()
    assert result.to_dict()["estimate"] is None


def test_risk_difference_without_any_variance_is_refused():
    with pytest.raises(InsufficientEvidenceError, match="Greenland-Robins variance"):
        difference_gr(**counts((10, 10, 0, 10)))
    with pytest.raises(InsufficientEvidenceError, match="test of rates holds"):
        pool_mantel_haenszel_rates(
            events_treatment=[0, 0], time_treatment=5, events_control=[1, 2], time_control=5
        )
    with pytest.raises(InsufficientEvidenceError, match="No study had an event in 20 units"):
        pool_mantel_haenszel_rates(
            events_treatment=[0, 0], time_treatment=5, events_control=[0, 0], time_control=5
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"events_treatment": [4, -1, 2]}, "events_treatment must be at least 0; found B: -1"),
        ({"events_control": [8, 45, 7]}, "events_control must be at most .* B: 45 of 44"),
        ({"total_treatment": [30, 0, 20]}, "total_treatment must be at least 1; found B: 0"),
        ({"total_control": [31, math.inf, 25]}, "total_control must be finite; found B: inf"),
        ({"total_control": [31, 44]}, "different lengths: .*total_control 2"),
        ({"events_control": ["8", 5, 7]}, "events_control holds something that is not a number"),
        ({"events_control": []}, "events_control is empty"),
        ({"labels": ["A", "B"]}, "three studies and 2 labels"),
        ({"labels": "ABC"}, "labels is the text 'ABC'"),
        ({"level": 95}, "level is 95"),
        ({"events_control": [math.nan] * 3}, "No study has all of"),
    ],
)
@pytest.mark.parametrize("function", EVERY)
def test_bad_input_names_argument_study_and_value(function, change, message):
    with pytest.raises(InvalidArgumentError, match=message):
        function(**{**ORDINARY, "labels": ["A", "B", "C"], **change})


def test_unknown_names_and_wrong_combinations():
    with pytest.raises(InvalidArgumentError, match="Did you mean 'odds ratio'"):
        pool_mantel_haenszel(**ORDINARY, measure="odd ratio")
    with pytest.raises(InvalidArgumentError, match="variance 'Sato' cannot be used with the odds"):
        pool_mantel_haenszel(**ORDINARY, variance="Sato")
    with pytest.raises(InvalidArgumentError, match="variance 'sato'"):
        pool_mantel_haenszel(**ORDINARY, measure="risk difference", variance="sato")
    with pytest.raises(InvalidArgumentError, match="whole numbers"):
        pool_exact_odds_ratio(**counts((1.5, 20, 3, 20)))
    with pytest.raises(InvalidArgumentError, match="Did you mean 'incidence rate ratio'"):
        pool_mantel_haenszel_rates(
            events_treatment=1,
            time_treatment=1,
            events_control=1,
            time_control=1,
            measure="incidence ratio",
        )
    with pytest.raises(InvalidArgumentError, match="time_control must be above 0; found B: 0"):
        pool_mantel_haenszel_rates(
            events_treatment=[1, 1],
            time_treatment=1,
            events_control=[1, 1],
            time_control=[1, 0],
            labels=["A", "B"],
        )
    with pytest.raises(InvalidArgumentError, match="pool_mantel_haenszel"):
        pool_exact_odds_ratio(**counts((15_000, 30_000, 15_000, 30_000)))


# ---------------------------------------------------------------------------------- display


@pytest.mark.parametrize("function", EVERY)
def test_faces_of_a_result(function):
    result = function(**WITH_SILENT, labels=["<b>A</b>", "B", "C", "D"])
    assert result.measure in result.summary()
    json.dumps(result.to_dict(), allow_nan=False)
    frame = result.to_frame()
    assert list(frame["label"]) == [*result.labels, "pooled"]
    assert frame["estimate"].iloc[-1] == result.estimate
    assert frame["events_control"].iloc[-1] == 23
    html = result._repr_html_()
    assert "<b>A</b>" not in html
    assert "&lt;b&gt;A&lt;/b&gt;" in html
    assert html.count("<tr>") == 6


def test_a_ratio_is_shown_as_a_ratio_and_kept_as_a_logarithm():
    result = odds(**ORDINARY)
    shown = f"odds ratio {math.exp(result.estimate):.2f} (95% CI {math.exp(result.ci_low):.2f} to"
    assert shown in result.summary()
    assert result.to_dict()["log_scale"] is True
    off = difference(**ORDINARY)
    assert f"\N{MINUS SIGN}{abs(off.estimate):.4f}" in off.summary()
    assert off.to_dict()["log_scale"] is False
    with pytest.raises(KeyError, match="Breslow"):
        result.test("nonsense")


@pytest.mark.parametrize("measure", [*MH_MEASURES, *RATE_MEASURES])
def test_every_measure_named_works(measure):
    if measure in MH_MEASURES:
        assert pool_mantel_haenszel(**ORDINARY, measure=measure).measure == measure
    else:
        rates = {k.replace("total", "time"): v for k, v in ORDINARY.items()}
        assert pool_mantel_haenszel_rates(**rates, measure=measure).measure == measure
