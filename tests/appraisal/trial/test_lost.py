"""People lost to follow-up: every way by hand, tipping values that tip, symmetry, refusals."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from evidence.appraisal import LostCounts, LostMeans, SeenMeans, lost_counts, lost_means
from evidence.errors import InvalidArgumentError


def counts(a: int, n1: int, c: int, n2: int, lost: tuple[int, int], **how: object) -> LostCounts:
    return lost_counts(
        events_treatment=a, seen_treatment=n1, events_control=c, seen_control=n2, lost=lost, **how
    )


# ---------------------------------------------------------------- counts


def test_every_way_is_there_with_its_own_test() -> None:
    found = counts(10, 69, 24, 65, (8, 13))
    assert len(found.grid) == 9 * 14
    for row in found.grid.sample(12, random_state=1).itertuples():
        a, c = 10 + row.lost_events_treatment, 24 + row.lost_events_control
        assert row.p_value == pytest.approx(fisher_exact([[a, 77 - a], [c, 78 - c]])[1], rel=1e-9)
        assert row.risk_difference == pytest.approx(a / 77 - c / 78)
        shown = row.p_value < 0.05
        assert row.conclusion == (
            "no difference shown"
            if not shown
            else ("fewer events" if a / 77 < c / 78 else "more events")
        )
    assert found.p_seen == pytest.approx(fisher_exact([[10, 59], [24, 41]])[1], rel=1e-9)
    assert found.as_seen == (80 / 69, 13 * 24 / 65)


def test_the_tipping_point_is_the_nearest_that_turns_it() -> None:
    found = counts(10, 69, 24, 65, (8, 13))
    assert found.conclusion == "fewer events"
    assert found.can_turn
    i, j = found.tipping
    grid = found.grid.set_index(["lost_events_treatment", "lost_events_control"])
    assert grid.loc[(i, j), "conclusion"] != "fewer events"

    def away(x: int, y: int) -> float:
        return abs(x - found.as_seen[0]) + abs(y - found.as_seen[1])

    turned = [place for place, row in grid.iterrows() if row["conclusion"] != "fewer events"]
    assert away(i, j) == min(away(*place) for place in turned)
    assert f"with {i} events among the 8 lost" in found.sentence()


def test_the_extreme_cases() -> None:
    found = counts(10, 69, 24, 65, (8, 13))
    worst, best = (row for _, row in found.all_had_it.iterrows())
    assert worst["p_value"] == pytest.approx(fisher_exact([[18, 59], [24, 54]])[1], rel=1e-9)
    assert best["p_value"] == pytest.approx(fisher_exact([[10, 67], [37, 41]])[1], rel=1e-9)
    assert found.conclusions == ("fewer events", "no difference shown")


def test_what_nobody_lost_can_change() -> None:
    found = counts(10, 69, 24, 65, (0, 0))
    assert not found.can_turn
    assert found.tipping is None
    assert found.sentence() == (
        "Nobody was lost; the people seen show significantly fewer events with the treatment."
    )
    firm = counts(10, 300, 100, 300, (2, 3))
    assert not firm.can_turn
    assert "However the people lost fared, that stands" in firm.sentence()


def test_zero_and_all_events_and_one_person() -> None:
    nothing = counts(0, 40, 0, 40, (6, 0))
    assert nothing.conclusion == "no difference shown"
    assert nothing.tipping == (6, 0)
    everything = counts(40, 40, 40, 40, (0, 6))
    assert everything.tipping == (0, 0)
    alone = counts(0, 1, 1, 1, (1, 1))
    assert not alone.can_turn


TABLES = st.tuples(st.integers(1, 15), st.integers(1, 15)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


@given(TABLES, st.tuples(st.integers(0, 6), st.integers(0, 6)))
@settings(max_examples=40)
def test_swapping_the_groups_turns_the_conclusions(
    table: tuple[int, int, int, int], lost: tuple[int, int]
) -> None:
    a, n1, c, n2 = table
    found, other = counts(a, n1, c, n2, lost), counts(c, n2, a, n1, lost[::-1])
    turn = {"fewer events": "more events", "more events": "fewer events"}
    assert other.conclusion == turn.get(found.conclusion, found.conclusion)
    assert other.can_turn == found.can_turn
    assert {turn.get(each, each) for each in other.conclusions} == set(found.conclusions)


def test_unequal_loss_is_said() -> None:
    assert counts(5, 50, 5, 50, (3, 5)).cautions == ()
    (caution,) = counts(5, 50, 5, 50, (0, 20)).cautions
    assert "0% were lost with the treatment and 29% with the control" in caution.message


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        (21, "lost is 21; give two counts"),
        ((8,), "give two counts, treatment first"),
        ((8, -1), "lost is -1"),
        ((8, 1.5), r"lost is 1\.5"),
    ],
)
def test_what_was_lost_is_two_counts(lost: object, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        counts(5, 50, 5, 50, lost)


# ---------------------------------------------------------------- means


def means(estimate: float, error: float, lost: tuple[int, int], **how: object) -> LostMeans:
    return lost_means(estimate=estimate, standard_error=error, seen=(69, 65), lost=lost, **how)


@given(
    st.floats(-5, 5),
    st.floats(0.1, 3),
    st.tuples(st.integers(0, 30), st.integers(0, 30)),
    st.floats(-3, 3),
)
def test_the_tipping_values_bring_an_end_to_the_bound(
    estimate: float, error: float, lost: tuple[int, int], bound: float
) -> None:
    assume(sum(lost) > 0)
    found = means(estimate, error, lost, bound=bound)
    first, second = lost[0] / (lost[0] + 69), lost[1] / (lost[1] + 65)
    for d1, d2 in (
        (found.tipping_treatment, 0.0),
        (0.0, found.tipping_control),
        (found.tipping_opposite, -found.tipping_opposite),
    ):
        if math.isnan(d1) or math.isnan(d2):
            continue
        moved = estimate + first * d1 - second * d2
        reach = 1.959963984540054 * error
        ends = moved - reach, moved + reach
        assert min(abs(end - bound) for end in ends) == pytest.approx(0, abs=1e-9)
    assert found.includes_bound == (found.ci_low <= bound <= found.ci_high)


def test_by_hand() -> None:
    # SE 1, estimate -4: the upper end is -2.04; a tenth lost with the treatment alone.
    found = lost_means(estimate=-4, standard_error=1, seen=(90, 100), lost=(10, 0))
    assert found.shift == pytest.approx(4 - 1.959963984540054)
    assert found.tipping_treatment == pytest.approx(10 * found.shift)
    assert found.tipping_opposite == pytest.approx(found.tipping_treatment)
    assert math.isnan(found.tipping_control)
    assert "20.40 higher than the seen with the treatment." in found.sentence()
    assert "with the control" not in found.sentence()


def test_the_scale_says_what_the_lost_can_have_been() -> None:
    seen = SeenMeans(treatment=8, control=12, low=0, high=28)
    found = means(-4, 1, (8, 13), means=seen)
    low, high = found.range
    assert low == pytest.approx(-4 + 8 / 77 * (0 - 8) - 13 / 78 * (28 - 12))
    assert high == pytest.approx(-4 + 8 / 77 * (28 - 8) - 13 / 78 * (0 - 12))
    assert found.can_turn is True
    firm = means(-14, 1, (1, 1), means=seen)
    assert firm.can_turn is False
    assert "which the scale does not allow" in firm.sentence()
    assert means(-4, 1, (8, 13)).can_turn is None


def test_the_nearest_end_that_the_scale_allows_is_told() -> None:
    """The interval includes the bound; the nearer way out is closed by the scale."""
    seen = SeenMeans(treatment=0, control=0, low=0, high=10)
    found = lost_means(estimate=-0.3, standard_error=1, seen=(50, 50), lost=(50, 0), means=seen)
    # Down needs 1.66 and cannot be (the seen are at the low end); up needs 2.26.
    assert found.shift == pytest.approx(0.3 + 1.959963984540054)
    assert found.can_turn is True


@given(st.floats(-5, 5), st.floats(0.1, 3), st.integers(1, 20), st.integers(1, 20))
def test_swapping_the_groups_turns_the_signs(a: float, error: float, l1: int, l2: int) -> None:
    assume(abs(a) > 1e-9)
    found = lost_means(estimate=a, standard_error=error, seen=(60, 50), lost=(l1, l2))
    other = lost_means(estimate=-a, standard_error=error, seen=(50, 60), lost=(l2, l1))
    assert other.tipping_treatment == pytest.approx(found.tipping_control)
    assert other.tipping_opposite == pytest.approx(-found.tipping_opposite)


def test_nobody_lost_leaves_means_as_they_are() -> None:
    found = means(-4, 1, (0, 0))
    assert found.can_turn is False
    assert found.sentence().startswith("Nobody was lost")
    assert "tenth" not in found.summary()
    assert found.to_dict()["tipping_opposite"] is None


def test_a_shift_that_rounds_to_nothing_is_not_told_as_nothing() -> None:
    found = means(-1.65, 0.8418, (8, 13))
    assert "less than 0.01 higher than the seen with the treatment" in found.sentence()


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"standard_error": 0}, "standard_error must be above 0"),
        ({"estimate": math.nan}, "estimate must be a finite number"),
        ({"bound": math.inf}, "bound must be a finite number"),
        ({"seen": (0, 5)}, "both groups need somebody"),
        ({"seen": 134}, "seen is 134; give two counts"),
        ({"level": 95}, "level is 95"),
        ({"means": (1, 2)}, "means is tuple; give SeenMeans"),
    ],
)
def test_refusals_name_what_was_found(how: dict[str, object], words: str) -> None:
    right = {"estimate": -1.0, "standard_error": 1.0, "seen": (69, 65), "lost": (8, 13)}
    with pytest.raises(InvalidArgumentError, match=words):
        lost_means(**{**right, **how})


def test_means_lie_on_their_scale() -> None:
    with pytest.raises(InvalidArgumentError, match="do not lie between low 0 and high 28"):
        SeenMeans(treatment=-1, control=4, low=0, high=28)


@pytest.mark.parametrize(
    "found",
    [
        counts(10, 69, 24, 65, (8, 13)),
        counts(10, 69, 24, 65, (0, 0)),
        means(-4, 1, (8, 13), means=SeenMeans(8, 12, 0, 28)),
        means(-4, 1, (8, 0), bound=-0.5),
    ],
    ids=["counts", "counts, none lost", "means", "means, threshold"],
)
def test_faces(found: LostCounts | LostMeans) -> None:
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False)) == found.to_dict()
    assert found.sentence() in found.summary()
    assert found.sentence().endswith(".")
    assert len(found.to_frame()) >= 1
    assert found.reference
    assert found.assumptions
