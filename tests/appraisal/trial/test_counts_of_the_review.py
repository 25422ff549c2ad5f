"""The worked case: what its counts of people can carry."""

from __future__ import annotations

import pytest

from evidence.appraisal import (
    compare_harms,
    fragility_of_report,
    fragility_over_splits,
    lost_counts,
    lost_means,
    people_lost,
    placebo_share,
    trial_fragility,
)
from evidence.data import Review, load_review
from evidence.effects.conversions.spread import se_from_interval, t_from_p
from evidence.errors import InsufficientEvidenceError


@pytest.fixture(scope="module")
def review() -> Review:
    return load_review("magnesium-sleep")


def counts_of(review: Review, outcome: str) -> dict[str, int]:
    rows = review.rows_of("arms", "schuster2025", outcome).set_index("role")
    return {
        f"{what}_{role}": int(rows.loc[role, what])
        for role in ("treatment", "control")
        for what in ("events", "total")
    }


def test_adverse_events_two_against_seven_whatever_the_split(review: Review) -> None:
    counts = counts_of(review, "adverse-events")
    analysed = review.facts_of("schuster2025", "n_analysed")["number"].iloc[0]
    found = fragility_over_splits(
        events_treatment=counts["events_treatment"],
        events_control=counts["events_control"],
        total=int(analysed),
        most_treatment=counts["total_treatment"],
        most_control=counts["total_control"],
    )
    assert (counts["events_treatment"], counts["events_control"], int(analysed)) == (2, 7, 153)
    assert (round(found.p_low, 2), round(found.p_high, 2)) == (0.10, 0.17)
    assert found.turns == "gains"
    assert (found.index_low, found.index_high) == (1, 2)
    assert [one.total_treatment for one in found.each] == [75, 76, 77]
    harms = compare_harms(review, "schuster2025", "adverse-events")
    assert found.p_low == pytest.approx(harms.exact.p_low, rel=1e-12)
    assert found.p_high == pytest.approx(harms.exact.p_high, rel=1e-12)
    assert "it takes 1 to 2 people" in found.sentence()


def test_a_report_is_read_with_its_unknown_split_and_its_lost(review: Review) -> None:
    found = fragility_of_report(review, "schuster2025", "adverse-events")
    assert (round(found.p_low, 2), round(found.p_high, 2)) == (0.10, 0.17)
    assert found.lost == people_lost(review, "schuster2025") == 21
    assert "21 people were lost" in found.sentence()
    finished = fragility_of_report(review, "schuster2025", "completed-trial", directions="any")
    assert len(finished.each) == 1
    assert finished.sentence() == finished.each[0].sentence()
    assert round(finished.p_low, 2) == 0.35
    with pytest.raises(InsufficientEvidenceError, match="does not report"):
        fragility_of_report(review, "schuster2025", "isi")
    assert people_lost(review, "richens_nof1") is None


def test_drop_out_eight_against_thirteen(review: Review) -> None:
    finished = counts_of(review, "completed-trial")
    lost = tuple(
        finished[f"total_{role}"] - finished[f"events_{role}"] for role in ("treatment", "control")
    )
    assert lost == (8, 13)
    found = trial_fragility(
        events_treatment=lost[0],
        total_treatment=finished["total_treatment"],
        events_control=lost[1],
        total_control=finished["total_control"],
    )
    assert round(found.p_value, 2) == 0.35
    assert found.index == 4
    # Finishing is the other name of the same.
    other = trial_fragility(**finished, directions="any")
    assert other.p_value == pytest.approx(found.p_value)


def test_twenty_one_of_155_lost_against_an_interval_that_ends_at_zero(review: Review) -> None:
    row = review.rows_of("contrasts", "schuster2025", "isi").query("ci_high.notna()").iloc[0]
    error = se_from_interval(row["ci_low"], row["ci_high"])
    found = lost_means(
        estimate=(row["ci_low"] + row["ci_high"]) / 2,
        standard_error=error,
        seen=(69, 65),
        lost=(8, 13),
    )
    assert sum(found.lost) + sum(found.seen) == 155
    assert "21 of 155 people were lost" in found.sentence()
    assert "ends there: any difference of the lost from the seen would decide" in found.sentence()
    # Taken with the p value of 0.049 instead, six hundredths of a point would do.
    by_p = lost_means(
        estimate=1.6, standard_error=1.6 / t_from_p(0.049), seen=(69, 65), lost=(8, 13)
    )
    assert not by_p.includes_bound
    assert abs(by_p.tipping_opposite) < 0.06


def test_the_lost_could_turn_the_adverse_events(review: Review) -> None:
    found = lost_counts(
        events_treatment=2, seen_treatment=69, events_control=7, seen_control=65, lost=(8, 13)
    )
    assert found.conclusion == "no difference shown"
    assert found.conclusions == ("fewer events", "no difference shown")


def test_placebo_had_59_percent_of_the_change(review: Review) -> None:
    found = placebo_share(review, "schuster2025", "isi")
    assert found.share == pytest.approx(2.3 / 3.9)
    assert round(100 * found.share) == 59
    assert "59% of the change came without the treatment" in found.sentence()
    assert found.reference
    assert found.assumptions[0].endswith("being in a trial.")
