"""What a study tells of a comparison, and what it amounts to: by hand, and at the edges."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.small import add_row, set_cells

from evidence.data import Review, load_review
from evidence.judgement.claims import rules
from evidence.judgement.claims.told import Told, amounts_to, told_of


def told(
    benefit: float,
    low: float,
    high: float,
    *,
    beyond: bool | None = None,
    thresholds: tuple[float, ...] = (2.0,),
    side: int = 0,
    measure: str = "mean difference",
) -> Told:
    if beyond is None and not math.isnan(low):
        beyond = low * high > 0
    return Told(benefit, low, high, measure, beyond, side, thresholds, "", ())


NAN = math.nan


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (told(3, 1, 5), rules.MATTERS),
        (told(2, 1, 3), rules.MATTERS),
        (told(1.99, 1, 3), rules.SMALL),
        (told(1, 0.5, 1.5), rules.SMALL),
        (told(1, 0.5, 1.5, thresholds=()), rules.UNJUDGED),
        (told(1, -1, 3), rules.NOT_SHOWN),
        (told(0, 0, 0), rules.NO_IMPORTANT),
        (told(0.5, -1, 2), rules.NOT_SHOWN),  # the end touches what matters
        (told(0.5, -1, 1.99), rules.NO_IMPORTANT),
        (told(0.5, -1, 1.99, thresholds=()), rules.NOT_SHOWN),
        (told(-3, -5, -1), rules.WORSE),
        (told(-3, -5, -1, thresholds=()), rules.WORSE),
        (told(1, NAN, NAN), rules.NO_SPREAD),
        (told(3, NAN, NAN, beyond=True), rules.MATTERS),
        # An interval that is printed as touching no effect, with a p value that leaves it out.
        (told(1.6, 0.0, 3.3, beyond=True), rules.SMALL),
        (told(NAN, NAN, NAN), rules.NO_DIRECTION),
        (told(NAN, NAN, NAN, beyond=True), rules.NO_DIRECTION),
        (told(NAN, NAN, NAN, beyond=True, side=1), rules.UNTOLD),
        (told(NAN, NAN, NAN, beyond=True, side=-1), rules.WORSE),
        (told(NAN, NAN, NAN, beyond=False, side=1), rules.NOT_SHOWN),
    ],
)
def test_what_a_result_amounts_to(result: Told, state: str) -> None:
    assert amounts_to(result) == state


@given(
    st.floats(-50, 50), st.floats(0, 20), st.lists(st.floats(0.1, 30), max_size=3),
    st.floats(0.01, 100),
)  # fmt: skip
def test_another_unit_changes_no_state(
    benefit: float, reach: float, limits: list[float], factor: float
) -> None:
    one = told(benefit, benefit - reach, benefit + reach, thresholds=tuple(limits))
    scaled = [factor * value for value in (benefit, benefit - reach, benefit + reach)]
    other = told(*scaled, thresholds=tuple(factor * each for each in limits))
    on_an_edge = [abs(benefit) - each for each in limits]
    on_an_edge += [end - each for end in (benefit + reach,) for each in limits]
    if all(abs(each) > 1e-6 for each in on_an_edge):
        assert amounts_to(one) == amounts_to(other)


@given(st.floats(0.1, 50), st.floats(0, 20), st.floats(0.1, 30))
def test_a_larger_threshold_never_makes_an_effect_larger(
    benefit: float, reach: float, limit: float
) -> None:
    order = [rules.NO_IMPORTANT, rules.NOT_SHOWN, rules.SMALL, rules.MATTERS]
    ends = (benefit, benefit - reach, benefit + reach)
    small, large = (amounts_to(told(*ends, thresholds=(each,))) for each in (limit, 2 * limit))
    assert order.index(large) <= order.index(small)


# ---------------------------------------------------------------- from the tables


@pytest.fixture
def changed(small: Path):
    """Return the small review after a change to its first contrast."""

    def change(**cells: str) -> Review:
        set_cells(small, "contrasts", 2, **cells)
        return load_review(small)

    return change


def test_a_trials_result_is_derived_and_turned_into_a_benefit(small: Path) -> None:
    (found,) = told_of(load_review(small), "alpha2020", "nap-trouble", timepoint="week 4")
    assert found.benefit == pytest.approx(2.2)
    assert found.thresholds == (1.5, 5.0)
    assert amounts_to(found) == rules.MATTERS
    assert found.text == "NTS 2.2 points better (95% CI 0.1 to 4.3)"


def test_one_threshold_only(small: Path) -> None:
    (found,) = told_of(load_review(small), "alpha2020", "nap-trouble", timepoint="week 4",
                       threshold="nts-large")  # fmt: skip
    assert found.thresholds == (5.0,)
    assert amounts_to(found) == rules.SMALL


def review_of(small: Path, **cells: str) -> Review:
    """Add a meta-analysis with one printed result."""
    add_row(
        small, "studies", study_id="meta2023", label="Meta 2023", role="comparator",
        status="published", design="meta-analysis", intervention="naps", source_id="nts-manual",
        quote="all naps", tier="primary",
    )  # fmt: skip
    row = {
        "study_id": "meta2023", "outcome_id": "nap-trouble", "treatment": "pillows",
        "comparator": "stones", "measure": "none", "direction": "not reported",
        "source_id": "nts-manual", "quote": "pillows", "tier": "primary", **cells,
    }  # fmt: skip
    add_row(small, "contrasts", **row)
    return load_review(small)


@pytest.mark.parametrize(
    ("cells", "benefit", "state"),
    [
        ({"measure": "mean difference", "positive_means": "treatment higher", "estimate": "-3.0",
          "ci_low": "-5.0", "ci_high": "-1.0", "direction": "treatment"}, 3.0, rules.MATTERS),
        ({"measure": "mean difference", "positive_means": "treatment lower", "estimate": "3.0",
          "ci_low": "1.0", "ci_high": "5.0", "direction": "treatment"}, 3.0, rules.MATTERS),
        ({"measure": "mean difference", "positive_means": "treatment better", "estimate": "1.0",
          "ci_low": "0.5", "ci_high": "1.5", "direction": "treatment"}, 1.0, rules.SMALL),
        ({"measure": "mean difference", "positive_means": "treatment better", "estimate": "-1.0",
          "ci_low": "-1.5", "ci_high": "-0.5", "direction": "control"}, -1.0, rules.WORSE),
        ({"measure": "Hedges g", "positive_means": "treatment better", "estimate": "0.4",
          "direction": "treatment"}, 0.4, rules.NO_SPREAD),
        ({"measure": "Hedges g", "positive_means": "treatment better", "estimate": "0.4",
          "p": "0.01", "direction": "treatment"}, 0.4, rules.UNJUDGED),
        ({"p": "0.01", "direction": "treatment"}, NAN, rules.UNTOLD),
        ({"p": "0.01", "direction": "control"}, NAN, rules.WORSE),
        ({"p": "0.05", "p_relation": "<"}, NAN, rules.NO_DIRECTION),
        ({"p": "0.05", "p_relation": ">", "direction": "treatment"}, NAN, rules.NOT_SHOWN),
        ({"p": "0.10", "p_relation": "<", "direction": "treatment"}, NAN, rules.NO_DIRECTION),
        ({"significance": "not significant"}, NAN, rules.NOT_SHOWN),
        ({"significance": "significant", "direction": "treatment"}, NAN, rules.UNTOLD),
    ],
)  # fmt: skip
def test_a_printed_result_is_taken_as_it_is(
    small: Path, cells: dict[str, str], benefit: float, state: str
) -> None:
    (found,) = told_of(review_of(small, **cells), "meta2023", "nap-trouble")
    assert found.benefit == pytest.approx(benefit, nan_ok=True)
    assert amounts_to(found) == state
    assert "nan" not in found.text


@pytest.mark.parametrize(
    ("estimate", "low", "high", "state", "text"),
    [
        ("0.50", "0.30", "0.80", rules.MATTERS, "spills: risk ratio 0.50 (95% CI 0.30 to 0.80)"),
        ("0.90", "0.85", "0.95", rules.SMALL, "spills: risk ratio 0.90 (95% CI 0.85 to 0.95)"),
        ("2.00", "1.20", "3.00", rules.WORSE, "spills: risk ratio 2.00 (95% CI 1.20 to 3.00)"),
        ("0.80", "0.60", "1.001", rules.NOT_SHOWN,
         "spills: risk ratio 0.80 (95% CI 0.600 to 1.001)"),
        ("0.98", "0.90", "1.05", rules.NO_IMPORTANT,
         "spills: risk ratio 0.98 (95% CI 0.90 to 1.05)"),
    ],
)  # fmt: skip
def test_a_ratio_is_judged_on_its_logarithm_and_shown_as_printed(
    small: Path, estimate: str, low: str, high: str, state: str, text: str
) -> None:
    review = review_of(
        small, outcome_id="spills", measure="risk ratio", positive_means="treatment higher",
        estimate=estimate, ci_low=low, ci_high=high,
        direction="control" if float(estimate) > 1 else "treatment",
    )  # fmt: skip
    (found,) = told_of(review, "meta2023", "spills")
    assert amounts_to(found) == state
    assert found.text == text


def test_an_interval_of_another_level_counts_as_what_it_is(small: Path) -> None:
    # 1.0 with a standard error of 0.55: at 90% the interval leaves 0 out, at 95% it does not.
    cells = {"measure": "mean difference", "positive_means": "treatment better",
             "estimate": "1.0", "ci_low": "0.0953", "ci_high": "1.9047", "ci_level": "90",
             "direction": "treatment"}  # fmt: skip
    (found,) = told_of(review_of(small, **cells), "meta2023", "nap-trouble")
    assert found.low == pytest.approx(1 - 1.96 * 0.55, abs=1e-3)
    assert found.standard_error == pytest.approx(0.55, abs=1e-3)
    assert amounts_to(found) == rules.NOT_SHOWN


def test_a_study_that_says_nothing_of_an_outcome_tells_nothing(small: Path) -> None:
    assert told_of(load_review(small), "beta2021", "nap-trouble") == ()
