"""2x2 tables from margins and a statistic: printed examples, every solution, contradictions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from evidence.effects.conversions.tables import (
    Margins,
    tables_from_effect_and_standard_error,
    tables_from_margins,
    tables_that_print_as,
)
from evidence.effects.conversions.two_by_two import STATISTICS, table_statistic
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError

GROUPS = {"n_treatment": 20, "n_control": 30}
MARGINS = Margins(**GROUPS, events=14)


def test_printed_example_from_an_odds_ratio() -> None:
    # The manual of the R package vcmeta: margins .17 and .5 of 100 people, odds ratio 3.18,
    # cells 0.1233262, 0.04667383, 0.3766738, 0.4533262
    found = tables_from_margins(Margins(17, 83, 50), statistic="odds ratio", value=3.18)
    assert_allclose(found.events_treatment / 100, 0.1233262, atol=5e-8)
    assert_allclose(found.events_control / 100, 0.3766738, atol=5e-8)
    whole = tables_from_margins(Margins(17, 83, 50), statistic="odds ratio", value=3.18, whole=True)
    assert whole.events_treatment[0] == 12
    assert whole.events_control[0] == 38
    assert_allclose(whole.implied, 12 * 45 / (5 * 38))


def test_printed_example_from_phi() -> None:
    # likewise: margins .28 and .64 of 200 people, phi .38, cells 0.2610974, 0.3789026, ...
    found = tables_from_margins(Margins(56, 144, 128), statistic="phi", value=0.38)
    assert_allclose(found.events_treatment / 200, 0.2610974, atol=5e-8)
    assert_allclose(found.events_control / 200, 0.3789026, atol=5e-8)


counts = st.integers(1, 400)


@given(counts, counts, counts, counts, st.sampled_from(STATISTICS))
def test_any_table_is_found_again(a: int, b: int, c: int, d: int, statistic: str) -> None:
    table = {
        "events_treatment": a,
        "n_treatment": a + b,
        "events_control": c,
        "n_control": c + d,
    }
    value = table_statistic(statistic, **table)
    squared = statistic.startswith("chi-square")
    assume(not (squared and value[0] == 0))
    found = tables_from_margins(Margins(a + b, c + d, a + c), statistic=statistic, value=value)
    nearest = np.argmin(np.abs(found.events_treatment - a))
    assert_allclose(found.events_treatment[nearest], a, rtol=1e-7, atol=1e-7)
    assert_allclose(found.events_control[nearest], c, rtol=1e-7, atol=1e-7)
    assert_allclose(found.implied, value[0], rtol=1e-6, atol=1e-9)
    assert len(found) == 1 or squared


@given(counts, counts, counts, counts, st.sampled_from(STATISTICS[:3]))
def test_any_table_is_found_again_without_its_events(
    a: int, b: int, c: int, d: int, measure: str
) -> None:
    n1, n2 = a + b, c + d
    value = table_statistic(
        measure, events_treatment=a, n_treatment=n1, events_control=c, n_control=n2
    )
    p, q = a / n1, c / n2
    variance = {
        "odds ratio": 1 / a + 1 / b + 1 / c + 1 / d,
        "risk ratio": 1 / a - 1 / n1 + 1 / c - 1 / n2,
        "risk difference": p * (1 - p) / n1 + q * (1 - q) / n2,
    }[measure]
    found = tables_from_effect_and_standard_error(
        measure=measure,
        value=value,
        standard_error=math.sqrt(variance),
        n_treatment=n1,
        n_control=n2,
    )
    away = np.abs(found.events_treatment - a) + np.abs(found.events_control - c)
    # Where the two solutions nearly coincide a root has half the digits of what it is from.
    assert away.min() <= 1e-5 * (n1 + n2)
    assert_allclose(found.implied, value[0], rtol=1e-6, atol=1e-9)
    assert len(found) <= (1 if measure == "risk ratio" else 2)


def test_chi_square_leaves_two_tables_unless_the_direction_is_said() -> None:
    both = tables_from_margins(MARGINS, statistic="chi-square", value=1.0)
    assert len(both) == 2
    assert [caution.code for caution in both.cautions] == ["several-tables"]
    assert "study 1 (2 tables)" in both.summary()
    assert_allclose(both.implied, 1, rtol=1e-12)
    assert_allclose(both.events_treatment.mean(), 14 * 20 / 50)  # around the expectation
    with pytest.raises(InsufficientEvidenceError, match="More than one table fits study 1"):
        both.counts()
    up = tables_from_margins(MARGINS, statistic="chi-square", value=1.0, direction=1)
    down = tables_from_margins(MARGINS, statistic="chi-square", value=1.0, direction=-1)
    assert up.events_treatment[0] == both.events_treatment[0]
    assert down.events_treatment[0] == both.events_treatment[1]
    assert set(up.counts()) == {
        "events_treatment",
        "total_treatment",
        "events_control",
        "total_control",
    }


def test_margins_can_leave_one_of_the_two() -> None:
    # 9 expected of 10 with 18 events among 20: one event more is possible, three fewer are not
    lone = tables_from_margins(Margins(10, 30, 2), statistic="chi-square", value=6.315789473684211)
    assert len(lone) == 1
    assert_allclose(lone.events_treatment, 2, rtol=1e-12)
    assert lone.cautions == ()


def test_no_effect_is_one_table() -> None:
    found = tables_from_margins(MARGINS, statistic="chi-square", value=0.0)
    assert len(found) == 1
    assert_allclose(found.events_treatment, 14 * 20 / 50)


def test_several_studies_at_once() -> None:
    found = tables_from_margins(
        Margins([20, 40], [30, 40], [14, 20]), statistic="risk ratio", value=[2.7, 1.0]
    )
    assert_allclose(found.events_treatment, [9, 10])
    assert list(found.to_frame()["study"]) == [1, 2]
    assert "9 of 20 against 5 of 30" in found.summary()
    assert found.to_dict()["statistic"] == "risk ratio"


def test_every_whole_table_that_prints_so() -> None:
    # 14 events: odds ratios 1.8 (7 and 7 of 20 and 30), 2.7, 4.1, 6.5 by the digits
    one = tables_that_print_as(**GROUPS, events=14, statistic="odds ratio", printed="4.1")
    assert_allclose(one.events_treatment, [9])
    several = tables_that_print_as(
        n_treatment=400, n_control=410, events=160, statistic="risk ratio", printed="1.1"
    )
    assert len(several) > 2
    assert (np.abs(several.implied - 1.1) <= 0.05 + 1e-9).all()
    assert several.cautions[0].code == "several-tables"
    sided = tables_that_print_as(
        **GROUPS, events=14, statistic="chi-square", printed="4.78", direction=1
    )
    assert_allclose(sided.events_treatment, [9])


def test_a_contradiction_is_said_with_the_nearest_tables() -> None:
    with pytest.raises(InsufficientEvidenceError, match=r"nearest have 9 \(4.091\) and 10 \(6.5\)"):
        tables_that_print_as(**GROUPS, events=14, statistic="odds ratio", printed="4.8")


def test_rounding_far_from_whole_events_is_a_caution() -> None:
    found = tables_from_margins(MARGINS, statistic="odds ratio", value=5.0, whole=True)
    assert [caution.code for caution in found.cautions] == ["table-not-whole"]
    assert found.events_treatment[0] % 1 == 0


def test_odds_ratios_at_the_ends() -> None:
    for value, events in ((0.0, 0), (1.0, 5.6), (1e12, 14)):
        found = tables_from_margins(MARGINS, statistic="odds ratio", value=value)
        assert_allclose(found.events_treatment, events, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: tables_from_margins(MARGINS, statistic="OR", value=1), "statistic is 'OR'; known"),
        (lambda: tables_from_margins(MARGINS, statistic="phi", value=0.9), "lies between -0.50"),
        (lambda: tables_from_margins(MARGINS, statistic="chi-square", value=40), "between 0 and"),
        (lambda: tables_from_margins(MARGINS, statistic="phi", value=-1.5), "at least -1"),
        (lambda: tables_from_margins(MARGINS, statistic="odds ratio", value=-1), "at least 0"),
        (
            lambda: tables_from_margins(MARGINS, statistic="odds ratio", value=2, direction=1),
            "direction is for chi-square only",
        ),
        (
            lambda: tables_from_margins(MARGINS, statistic="chi-square", value=2, direction=0),
            "direction of study 1 is 0",
        ),
        (
            lambda: tables_from_margins(Margins(5, 5, 0), statistic="odds ratio", value=2),
            "events of study 1 is 0 of 10",
        ),
        (
            lambda: tables_from_margins(Margins(5, 5, 10), statistic="odds ratio", value=2),
            "events of study 1 is 10 of 10",
        ),
        (
            lambda: tables_from_margins(MARGINS, statistic="risk ratio", value=[1, math.nan]),
            "value must be a finite number",
        ),
        (
            lambda: tables_from_effect_and_standard_error(
                measure="odds ratio", value=2, standard_error=0.01, **GROUPS
            ),
            "No table fits study 1",
        ),
        (
            lambda: tables_from_effect_and_standard_error(
                measure="phi", value=2, standard_error=0.01, **GROUPS
            ),
            "measure is 'phi'",
        ),
        (
            lambda: tables_from_effect_and_standard_error(
                measure="risk ratio", value=2, standard_error=0, **GROUPS
            ),
            "standard_error must be above 0",
        ),
        (
            lambda: tables_from_effect_and_standard_error(
                measure="risk ratio", value=0, standard_error=1, **GROUPS
            ),
            "value must be above 0",
        ),
        (
            lambda: tables_that_print_as(**GROUPS, events=14.5, statistic="phi", printed="0.1"),
            "events is .14.5.; give one whole number",
        ),
        (
            lambda: tables_that_print_as(**GROUPS, events=14, statistic="phi", printed="abc"),
            "not a number",
        ),
    ],
)
def test_refusals(call: object, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call()
