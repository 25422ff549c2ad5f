"""A difference between groups beside what counts as important, and beside nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.data.small import TOML

from evidence.data import Review, load_review
from evidence.effects.importance import smallest_threshold
from evidence.errors import InvalidArgumentError, UnknownNameError
from evidence.judgement import compare_with_thresholds
from evidence.judgement.thresholds import ThresholdComparison


@pytest.fixture
def naps(small: Path) -> Review:
    """On the Nap Trouble Scale 1.5 and 5 points are important, lower is better."""
    return load_review(small)


def without(small: Path, *names: str, extra: str = "") -> Review:
    """Load the small review without some of its thresholds, and with more."""
    head, *entries = TOML.split("[[thresholds]]\n")
    last, rest = entries[-1].split("[[analyses]]", 1)
    entries[-1] = last
    kept = [entry for entry in entries if not any(f'id = "{name}"' in entry for name in names)]
    text = "[[thresholds]]\n".join([head, *kept]) + extra + "[[analyses]]" + rest
    (small / "review.toml").write_text(text, "utf-8")
    return load_review(small)


def against(review: Review, benefit: float, low: float, high: float) -> ThresholdComparison:
    return compare_with_thresholds(
        review, "nap-trouble", estimate=-benefit, ci_low=-high, ci_high=-low
    )


IMPORTANT = "difference between groups that counts as important (1.5 and 5 points)."
NONE = f"is smaller than every {IMPORTANT}"
ALL = f"is at least as large as every {IMPORTANT}"
SOME = (
    "reaches the smaller of the differences between groups that count as important (1.5 points), "
    "but not the larger (5 points)."
)
NIL = "No difference was found, and so none that counts as important (1.5 and 5 points)."

NO_MORE = "Its uncertainty reaches none of them."
ONE_MORE = "Its uncertainty reaches 1.5 points, but not 5 points."
ALL_MORE = "Its uncertainty reaches all of them."
SAME = "The same holds for everything within its uncertainty."
LESS = "Its uncertainty includes smaller differences."
NOTHING = "Its uncertainty includes no difference at all."
LARGER = "Its uncertainty reaches 5 points as well."
BOTH = "Its uncertainty reaches 5 points as well and includes no difference at all."


@pytest.mark.parametrize(
    ("benefit", "low", "high", "size", "reach"),
    [
        (1.0, 0.6, 1.4, f"A benefit of 1.0 points {NONE}", NO_MORE),
        (1.0, -1.0, 3.0, f"A benefit of 1.0 points {NONE}", ONE_MORE),
        (1.0, -4.0, 6.0, f"A benefit of 1.0 points {NONE}", ALL_MORE),
        (-1.0, -1.4, -0.6, f"A disadvantage of 1.0 points {NONE}", NO_MORE),
        (-1.0, -3.0, 1.0, f"A disadvantage of 1.0 points {NONE}", ONE_MORE),
        (2.0, 1.5, 2.5, f"A benefit of 2.0 points {SOME}", SAME),
        (2.0, 1.0, 3.0, f"A benefit of 2.0 points {SOME}", LESS),
        (2.0, 1.5, 6.0, f"A benefit of 2.0 points {SOME}", LARGER),
        (2.0, -1.0, 5.0, f"A benefit of 2.0 points {SOME}", BOTH),
        (-2.0, -3.0, -1.0, f"A disadvantage of 2.0 points {SOME}", LESS),
        (6.0, 5.0, 7.0, f"A benefit of 6.0 points {ALL}", SAME),
        (6.0, 4.9, 7.1, f"A benefit of 6.0 points {ALL}", LESS),
        (6.0, -1.0, 13.0, f"A benefit of 6.0 points {ALL}", NOTHING),
        (-6.0, -7.1, -4.9, f"A disadvantage of 6.0 points {ALL}", LESS),
        (0.0, -1.0, 1.0, NIL, NO_MORE),
        (0.0, -2.0, 2.0, NIL, ONE_MORE),
        # Exactly at a threshold is there; a hair below it is not, and does not read so.
        (1.5, 1.5, 2.0, f"A benefit of 1.5 points {SOME}", SAME),
        (1.499, 1.4, 1.4999, f"A benefit of 1.499 points {NONE}", NO_MORE),
        (4.96, 4.9, 5.0, f"A benefit of 4.96 points {SOME}", LARGER),
    ],
)
def test_in_words(
    naps: Review, benefit: float, low: float, high: float, size: str, reach: str
) -> None:
    assert against(naps, benefit, low, high).summary() == f"{size} {reach}"


ONE = "the difference between groups that counts as important (5 points)."


@pytest.mark.parametrize(
    ("benefit", "low", "high", "size", "reach"),
    [
        (1.0, 0.0, 2.0, f"is smaller than {ONE}", "Its uncertainty does not reach it."),
        (1.0, -5.0, 7.0, f"is smaller than {ONE}", "Its uncertainty reaches it."),
        (5.0, 1.0, 9.0, f"is at least as large as {ONE}", LESS),
        (9.0, 8.0, 10.0, f"is at least as large as {ONE}", SAME),
    ],
)
def test_of_one_threshold_in_words(
    small: Path, benefit: float, low: float, high: float, size: str, reach: str
) -> None:
    found = against(without(small, "nts-small"), benefit, low, high)
    assert found.summary() == f"A benefit of {benefit} points {size} {reach}"


def test_a_better_outcome_may_be_a_higher_one(small: Path) -> None:
    extra = TOML.split("[[thresholds]]\n")[1].replace("nts-large", "nap-long")
    extra = extra.replace("nap-trouble", "nap-minutes").replace("value = 5.0", "value = 20")
    review = without(small, extra=f"[[thresholds]]\n{extra}")
    found = compare_with_thresholds(review, "nap-minutes", estimate=25, ci_low=5, ci_high=45)
    assert (found.benefit, found.benefit_low, found.benefit_high) == (25, 5, 45)
    assert found.summary().startswith("A benefit of 25.0 minutes is at least as large as the")
    found = compare_with_thresholds(review, "nap-minutes", estimate=-25, ci_low=-45, ci_high=-5)
    assert found.summary().startswith("A disadvantage of 25.0 minutes is at least as large as the")


# ---------------------------------------------------------------- what may not be compared


def test_a_persons_change_is_no_yardstick_for_groups(naps: Review) -> None:
    found = against(naps, 4.0, 3.0, 5.0)
    row = found.rows[found.rows["id"] == "nts-change"].iloc[0]
    assert not row["applies"]
    # 4 points would reach the 3 of one person; that is refused, not counted.
    assert not row["estimate_reaches"]
    assert not row["interval_reaches"]
    assert row["why"] == "for the change of one person, not for a difference between groups"
    assert len(found.applicable) == 2
    assert "3" not in found.summary().replace("A benefit of 4.0 points", "")
    page = found._repr_html_()
    assert (
        "not comparable: for the change of one person, not for a difference between groups" in page
    )
    # What applies stands first.
    assert list(found.rows["applies"]) == [True, True, False]


def test_only_thresholds_for_one_person(small: Path) -> None:
    found = against(without(small, "nts-small", "nts-large"), 4.0, 3.0, 5.0)
    assert found.summary() == (
        "Which difference between groups counts as important is not known on this scale, so the "
        "size cannot be judged; the thresholds that are known measure other things."
    )
    assert found.smallest is None
    assert not found.depends
    assert found.reach_in_words == ""


def test_no_thresholds_at_all(naps: Review) -> None:
    found = compare_with_thresholds(naps, "nap-minutes", estimate=5, ci_low=1, ci_high=9)
    assert found.summary() == (
        "Which difference between groups counts as important is not known on this scale, so the "
        "size cannot be judged."
    )
    assert found.rows.empty
    assert "<table" in found._repr_html_()


def test_scales_are_not_mixed(naps: Review) -> None:
    found = compare_with_thresholds(
        naps, "nap-trouble", estimate=-9, ci_low=-10, ci_high=-8, scale="SMD"
    )
    assert found.applicable.empty
    assert not found.rows["estimate_reaches"].any()
    assert set(found.rows["why"]) == {
        "on another scale (outcome unit)",
        "for the change of one person, not for a difference between groups",
    }
    assert found.unit == "SD"


def test_the_worked_case_on_both_scales(review: Review) -> None:
    found = compare_with_thresholds(review, "isi", estimate=-1.6, ci_low=-3.3, ci_high=0.0)
    assert [*found.applicable["value"]] == [2.8, 4.0]
    assert found.summary() == (
        "A benefit of 1.6 points is smaller than every difference between groups that counts as "
        "important (2.8 and 4 points). Its uncertainty reaches 2.8 points, but not 4 points."
    )
    within = found.rows[found.rows["why"].str.startswith("for the change of one person")]
    assert len(within) >= 5
    assert not within["applies"].any()
    states = found.rows[found.rows["why"] == "marks a state, not a difference"]
    assert len(states) >= 3
    found = compare_with_thresholds(
        review, "isi", estimate=-0.31, ci_low=-0.63, ci_high=0.01, scale="SMD"
    )
    assert found.summary() == (
        "A benefit of 0.31 SD is smaller than the difference between groups that counts as "
        "important (0.5 SD). Its uncertainty reaches it."
    )


@pytest.mark.parametrize(
    ("outcome_id", "scale", "accepted"),
    [
        ("nap-trouble", "sd", "it must be 'SMD' or 'outcome unit'"),
        ("spills", "SMD", "spills, which is dichotomous, it must be 'outcome unit'"),
    ],
)
def test_an_unknown_scale_is_refused(
    naps: Review, outcome_id: str, scale: str, accepted: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=accepted):
        compare_with_thresholds(naps, outcome_id, estimate=1, ci_low=0, ci_high=2, scale=scale)


def test_an_unknown_outcome_is_refused(naps: Review) -> None:
    with pytest.raises(UnknownNameError, match="nap-trouble"):
        compare_with_thresholds(naps, "nap-truble", estimate=1, ci_low=0, ci_high=2)


def test_people_with_an_event_are_counted_in_100(small: Path) -> None:
    extra = TOML.split("[[thresholds]]\n")[1].replace("nts-large", "spills-fewer")
    extra = extra.replace("nap-trouble", "spills").replace("value = 5.0", "value = 0.05")
    review = without(small, extra=f"[[thresholds]]\n{extra}")
    found = compare_with_thresholds(review, "spills", estimate=-0.1, ci_low=-0.2, ci_high=0.0)
    assert found.summary() == (
        "A benefit of 10.0 people in 100 is at least as large as the difference between groups "
        "that counts as important (5 people in 100). Its uncertainty includes smaller differences."
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "isi-within-yang",
            "(6: clinically meaningful improvement in primary insomnia) is for the",
        ),
        ("isi-within-morin", "A mean difference of 8.4 and a person who changes by 8.4 are differ"),
        ("isi-remission-aasm", "marks a state, not a difference. It says who is in that state"),
        ("isi-aasm", "is on the scale 'SMD', and the effect is a mean difference"),
    ],
)
def test_asked_for_by_name_what_may_not_be_compared_is_refused(
    review: Review, name: str, words: str
) -> None:
    """A change within a person is no yardstick for groups, and the code says so."""
    with pytest.raises(InvalidArgumentError) as error:
        compare_with_thresholds(
            review, "isi", estimate=-6.5, ci_low=-8, ci_high=-5, only=["isi-mcid-usual", name]
        )
    assert words in str(error.value)
    # What one can do instead.
    assert str(error.value).endswith(
        "For a difference between groups on this scale there is 'isi-mcid-lowest' (2.8) and "
        "'isi-mcid-usual' (4)."
    )


def test_only_what_is_asked_for_by_name(review: Review) -> None:
    found = compare_with_thresholds(
        review, "isi", estimate=-3, ci_low=-5, ci_high=-1, only=["isi-mcid-usual"]
    )
    assert list(found.rows["id"]) == ["isi-mcid-usual"]
    with pytest.raises(UnknownNameError, match=r"isi has no threshold .* Did you mean 'isi-mcid-u"):
        compare_with_thresholds(
            review, "isi", estimate=1, ci_low=0, ci_high=2, only=["isi-mcid-usul"]
        )


@pytest.mark.parametrize(
    ("benefit", "words"),
    [
        (
            1.0,
            "What was found is smaller than what matters, whichever threshold one takes (1.5 and 5",
        ),
        (
            2.0,
            "Whether it matters depends on the threshold: it does by 1.5 points, and not by 5 po",
        ),
        (6.0, "What was found matters, whichever threshold one takes (1.5 and 5 points)."),
    ],
)
def test_whether_it_depends_is_told(naps: Review, benefit: float, words: str) -> None:
    assert against(naps, benefit, benefit - 1, benefit + 1).depends_in_words.startswith(words)


# ---------------------------------------------------------------- questions to the comparison


@pytest.mark.parametrize(
    ("benefit", "low", "high", "depends", "settled", "nearest"),
    [
        (1.0, 0.6, 1.4, False, True, 0.6),
        (1.0, 0.6, 1.6, False, False, 0.6),
        (2.0, 1.6, 2.4, True, True, 1.6),
        (2.0, 1.4, 2.6, True, False, 1.4),
        (2.0, 1.6, 5.0, True, False, 1.6),
        (6.0, 5.0, 7.0, False, True, 5.0),
        (6.0, -1.0, 7.0, False, False, 0.0),
        (-6.0, -7.0, -5.0, False, True, 5.0),
    ],
)
def test_what_it_depends_on(
    naps: Review,
    benefit: float,
    low: float,
    high: float,
    depends: bool,
    settled: bool,
    nearest: float,
) -> None:
    found = against(naps, benefit, low, high)
    assert (found.depends, found.settled, found.nearest) == (depends, settled, nearest)
    assert found.smallest == 1.5


def test_faces(naps: Review) -> None:
    found = against(naps, 2.0, 1.0, 3.0)
    assert found.to_frame() is found.rows
    assert list(found.rows.columns) == [
        "id",
        "value",
        "unit",
        "label",
        "applies",
        "why",
        "estimate_reaches",
        "interval_reaches",
        "source",
        "tier",
    ]
    values = found.to_dict()
    assert (values["benefit"], values["unit"]) == (2.0, "points")
    assert [row["id"] for row in values["thresholds"]] == ["nts-small", "nts-large", "nts-change"]
    assert "Manual of the Nap Trouble Scale." in found._repr_html_()


def test_the_smallest_threshold_of_an_analysis(review: Review) -> None:
    found = smallest_threshold(review, ("isi", "psqi"), "SMD")
    assert found is not None
    assert found.value == 0.5
    found = smallest_threshold(review, ("isi",), "outcome unit")
    assert found is not None
    assert found.id == "isi-mcid-lowest"
    # Never one for a person or a state, however small.
    assert smallest_threshold(review, ("adverse-events",), "outcome unit") is None
    assert smallest_threshold(review, (), "SMD") is None
