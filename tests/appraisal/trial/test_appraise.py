"""One trial, one call: from a review, from an effect, from numbers; refusals that teach."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from html import escape

import numpy as np
import pytest

import evidence
from evidence.appraisal import TrialAppraisal, TrialOptions, appraise_trial
from evidence.data import Review, load_review
from evidence.effects import derive, log_odds_ratio, mean_difference, standardised_mean_difference
from evidence.errors import EvidenceError, InsufficientEvidenceError, InvalidArgumentError
from evidence.synthesis import pool

TRIAL = ("schuster2025", "isi")
ARMS = {"sd_treatment": 4, "n_treatment": 30, "sd_control": 5, "n_control": 32}


def means(treatment, control):
    return mean_difference(**ARMS, mean_treatment=treatment, mean_control=control)


@pytest.fixture(scope="module")
def review() -> Review:
    return load_review("magnesium-sleep")


@pytest.fixture(scope="module")
def headline(review: Review) -> TrialAppraisal:
    return appraise_trial(review, *TRIAL)


def line(appraisal: TrialAppraisal, what: str, reading: str = ""):
    frame = appraisal.to_frame()
    mine = frame[frame["what"].str.contains(what, regex=False)]
    if reading:
        mine = mine[mine["reading"] == reading]
    return mine.iloc[0]


# ---------------------------------------------------------------- the headline trial


def test_both_readings_stand_beside_each_other(review: Review, headline: TrialAppraisal) -> None:
    usable = derive(review, *TRIAL, measure="mean difference").usable
    assert len(headline.readings) == len(usable) == 2
    assert headline.names == ("A", "B")
    for battery, reading in zip(headline.readings, usable, strict=True):
        assert battery.effect.estimate == reading.estimate
        assert battery.effect.standard_error == reading.standard_error
        assert battery.effect.p_value == pytest.approx(reading.p_value)
    assert [battery.effect.df for battery in headline.readings] == [153, 151]


def test_thresholds_are_those_between_groups(review: Review, headline: TrialAppraisal) -> None:
    between = review.thresholds("isi", "difference between groups")
    wanted = {one.value for one in between if one.scale == "outcome unit"}
    assert {one.value for one in headline.readings[0].thresholds} == wanted == {2.8, 4}
    standard = appraise_trial(review, *TRIAL, measure="standardised mean difference")
    assert [one.value for one in standard.readings[0].thresholds] == [0.5]
    within = {one.value for one in review.thresholds("isi", "change within a person")}
    assert not within & {one.value for one in headline.readings[0].thresholds}


def test_the_numbers_of_the_headline(headline: TrialAppraisal) -> None:
    assert round(line(headline, "How surprising", "A").value, 1) == 2.1
    assert line(headline, "fit with 2.8 points better", "A").shown == "p = 0.37"
    assert round(line(headline, "expected of the true effect", "A").value, 1) == -0.9
    assert line(headline, "power 0.8", "A").value == 139
    assert line(headline, "power 0.8", "B").value == 55
    assert round(headline.readings[0].effect.sd, 1) == 8.3


def test_every_line_has_its_paper(headline: TrialAppraisal) -> None:
    frame = headline.to_frame()
    assert (frame["reference"].str.contains(r"\b(?:19|20)\d\d\b")).all()
    assert (frame["sentence"].str.endswith((".", "!"))).all()
    assert frame.loc[frame["computed"], "assumptions"].str.len().gt(0).all()
    refused = frame[~frame["computed"]]
    assert set(refused["shown"]) == {"cannot be said"}
    assert refused["value"].isna().all()
    assert not frame["sentence"].str.contains(r"\bnan\b|None|\bprove", regex=True).any()


def test_the_printed_p_is_told(headline: TrialAppraisal) -> None:
    paragraphs = headline.paragraph().paragraphs
    assert len(paragraphs) == 3
    assert "two readings that cannot be right together" in paragraphs[0]
    assert "printed: p = 0.049" in paragraphs[2]
    assert "printed" not in paragraphs[1]


def test_all_faces(headline: TrialAppraisal) -> None:
    content = headline.to_dict()
    assert json.loads(json.dumps(content, allow_nan=False)) == content
    assert len(content["lines"]) == len(headline.lines) == len(headline.to_frame())
    html = headline._repr_html_()
    for each in headline.lines:
        assert escape(each.what) in html
    assert "<details>" in html
    assert html.endswith(headline.table._repr_html_())
    assert headline.table.summary() == headline.summary()
    for caution in headline.cautions:
        assert f"Note: {caution.message}" in headline.summary()


def test_it_takes_well_under_a_tenth_of_a_second(review: Review) -> None:
    reading = derive(review, *TRIAL, measure="mean difference").usable[0]
    appraise_trial(reading, threshold=2.8)
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        appraise_trial(reading, threshold=2.8)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.1


# ---------------------------------------------------------------- people


def test_lines_of_people(headline: TrialAppraisal) -> None:
    assert line(headline, "without the treatment").shown == "59%"
    assert {one.reading for one in headline.further} == {"", "A", "B"}
    assert line(headline, "Could those who left", "A").computed
    assert "do not differ significantly" in line(headline, "continuous fragility", "A").sentence


def test_counts_have_their_fragility(review: Review) -> None:
    found = appraise_trial(review, "schuster2025", "adverse-events")
    assert line(found, "fragility index").shown == "1 to 2"
    assert not line(found, "Could those who left").computed
    assert [round(math.exp(one.value), 2) for one in found.readings[0].thresholds] == [1.25]
    assert "a ratio of 0.80" in found.summary()
    stayed = appraise_trial(review, "schuster2025", "completed-trial")
    assert "randomised, or their leaving" in line(stayed, "Could those who left").sentence


def test_one_person_is_told_as_it_is(review: Review) -> None:
    found = appraise_trial(review, "richens_nof1", "tst")
    assert found.readings == ()
    (only,) = found.lines
    assert "that person only" in only.sentence
    assert found.paragraph().paragraphs
    assert found._repr_html_()
    json.dumps(found.to_dict(), allow_nan=False)


def test_people_who_chose_have_an_e_value(review: Review) -> None:
    studies = review.reported["studies"].copy()
    studies.loc[studies["study_id"] == "abbasi2012", "role"] = "observational"
    changed = replace(review, reported={**review.reported, "studies": studies})
    found = appraise_trial(changed, "abbasi2012", "isi", timepoint="8 weeks")
    assert found.readings[0].effect.measure == "standardised mean difference"
    value = line(found, "E-value").value
    ratio = math.exp(0.91 * abs(found.readings[0].effect.estimate))
    assert value == pytest.approx(ratio + math.sqrt(ratio * (ratio - 1)))
    trial = appraise_trial(review, "abbasi2012", "isi", timepoint="8 weeks")
    assert not any("E-value" in one.what for one in trial.lines)


def test_what_trials_show_says_nothing_of_other_designs(review: Review) -> None:
    several = appraise_trial(review, "trauer2015", "sol", timepoint="after treatment")
    refusal = line(several, "expected of the true effect")
    assert not refusal.computed
    assert "several trials and not one" in refusal.sentence
    assert several.readings[0].shrunken is None
    assert "cannot be said: it is several trials" in str(several.paragraph())
    one_group = appraise_trial(review, "gorantla2024", "rls-severity", timepoint="8 weeks")
    assert "no second group" in line(one_group, "expected of the true effect").sentence


def test_everything_in_the_review_is_appraised_or_refused(review: Review) -> None:
    keys = {
        key
        for table in ("arms", "contrasts")
        for key in zip(
            *(review.tables[table][name] for name in ("study_id", "outcome_id", "timepoint")),
            strict=True,
        )
    }
    appraised, refusals = 0, []
    for study_id, outcome_id, timepoint in sorted(keys):
        try:
            found = appraise_trial(review, study_id, outcome_id, timepoint=timepoint)
        except EvidenceError as error:
            refusals.append(str(error))
            continue
        appraised += 1
        json.dumps(found.to_dict(), allow_nan=False)
        assert "nan" not in found.summary().split()
    assert appraised > 30
    assert min(map(len, refusals)) > 20


# ---------------------------------------------------------------- other ways in


def test_an_effect_is_taken_as_it_is() -> None:
    effect = means(10, 8)
    found = appraise_trial(effect, threshold=3.0)
    assert found.readings[0].effect.estimate == pytest.approx(2)
    assert found.readings[0].effect.distribution == "normal"
    assert not line(found, "JZS").computed
    people = appraise_trial(effect, threshold=3.0, n_treatment=30, n_control=32, better="higher")
    assert people.readings[0].effect.df == 60
    assert line(people, "JZS").computed
    assert "2.00 better" in people.summary()
    pooled = appraise_trial(pool([0.3], [0.04], labels=["One 2020"]))
    assert pooled.label == "One 2020"
    assert pooled.readings[0].effect.standard_error == pytest.approx(0.2)
    smd = standardised_mean_difference(**ARMS, mean_treatment=10, mean_control=8)
    assert "standard deviations" in appraise_trial(smd).summary()


def test_ratios_are_shown_as_ratios() -> None:
    found = appraise_trial(
        log_odds_ratio(events_treatment=5, total_treatment=40, events_control=12, total_control=40),
        threshold=math.log(1.25),
        better="lower",
    )
    assert found.readings[0].effect.words.log
    estimate = found.readings[0].effect.estimate
    assert f"a ratio of {math.exp(estimate):.2f}" in found.summary()
    assert line(found, "Which effect fits best?").shown.startswith(f"{math.exp(estimate):.2f} (")


def test_numbers_and_what_is_taken_for_their_distribution() -> None:
    numbers = {"estimate": 1.0, "standard_error": 0.5, "n_treatment": 10, "n_control": 12}
    assert appraise_trial(**numbers).readings[0].effect.df is None
    means = appraise_trial(**numbers, measure="mean difference")
    assert means.readings[0].effect.df == 20
    assert "t with 20 degrees of freedom" in line(means, "Which effect").assumptions
    assert appraise_trial(**numbers, df=7).readings[0].effect.df == 7


def test_without_a_threshold_the_lines_are_there_and_say_why() -> None:
    found = appraise_trial(estimate=1.0, standard_error=0.5)
    for what in ("too small to matter", "that matter ruled out", "one that matters", "power 0.8"):
        refusal = line(found, what)
        assert not refusal.computed
        assert "threshold=" in refusal.sentence
        assert "not for the change of one person" in refusal.sentence
    assert "finds with power 0.8" in line(found, "false-positive").sentence


def test_choices_reach_the_lines() -> None:
    options = TrialOptions(
        informed_prior=(0.5, 0.2, 3), replication=(0.9, 0.4), powers=(0.95,), width=0.3, level=0.9
    )
    numbers = {"estimate": 1.0, "standard_error": 0.3, "threshold": 0.5}
    found = appraise_trial(
        **numbers, options=options, n_treatment=40, n_control=40, measure="mean difference"
    )
    assert "a prior around 0.50" in line(found, "informed prior").sentence
    assert line(found, "Does a replication").computed
    assert "power 0.95" in set(found.to_frame()["what"].str.extract(r"(power [\d.]+)")[0])
    assert "90% interval 0.3 wide" in line(found, "narrow interval").sentence


def test_a_trial_so_clear_that_every_number_is_at_its_end() -> None:
    found = appraise_trial(
        estimate=30.0, standard_error=1.0, threshold=2.0, n_treatment=500, n_control=500,
        measure="mean difference", better="higher",
    )  # fmt: skip
    assert "above 0.99" in found.summary()
    assert "more than 1,000" in found.summary()
    assert json.dumps(found.to_dict(), allow_nan=False)


@pytest.mark.parametrize("estimate", [0.0, 1e-9, -1e-12])
def test_a_trial_that_saw_nothing(estimate: float) -> None:
    found = appraise_trial(estimate=estimate, standard_error=1.0, threshold=2.0, df=30)
    assert line(found, "How surprising").value == pytest.approx(0, abs=1e-6)
    assert json.dumps(found.to_dict(), allow_nan=False)
    assert found._repr_html_()


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda r: appraise_trial(), "estimate is missing"),
        (lambda r: appraise_trial(estimate=1.0), "standard_error is missing"),
        (lambda r: appraise_trial(estimate=math.nan, standard_error=1), "estimate is nan"),
        (lambda r: appraise_trial(estimate=1, standard_error=0), "standard_error is 0"),
        (lambda r: appraise_trial(estimate=1, standard_error=1, df=-2), "df is -2"),
        (lambda r: appraise_trial(estimate=1, standard_error=1, threshold=0), "threshold is 0"),
        (lambda r: appraise_trial(estimate=1, standard_error=1, threshold=-2), "threshold is -2"),
        (lambda r: appraise_trial(estimate=1, standard_error=1, better="up"), "better is 'up'"),
        (lambda r: appraise_trial(estimate=1, standard_eror=1), "Did you mean 'standard_error'"),
        (lambda r: appraise_trial(3.0), "effect is float"),
        (appraise_trial, "give study_id and outcome_id"),
        (lambda r: appraise_trial(r, *TRIAL, estimate=1), "estimate does not go with a review"),
        (lambda r: appraise_trial(None, "a"), "go with a review"),
        (lambda r: appraise_trial(pool([0.1, 0.2], [0.1, 0.1])), "pools 2 studies"),
        (lambda r: appraise_trial(means([1, 2], 0)), "holds 2 studies"),
        (
            lambda r: appraise_trial(means(1, 0), estimate=1),
            "is in the effect already",
        ),
        (
            lambda r: appraise_trial(estimate=1, standard_error=1, n_treatment=-1),
            "n_treatment is -1",
        ),
    ],
)
def test_what_cannot_be_used_is_named(review: Review, call, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        call(review)


def test_a_reading_without_direction_or_with_a_bound_is_refused(review: Review) -> None:
    reading = derive(review, *TRIAL, measure="mean difference").readings[0]
    with pytest.raises(InsufficientEvidenceError, match="has no direction"):
        appraise_trial(replace(reading, signed=False))
    with pytest.raises(InsufficientEvidenceError, match="only a bound"):
        appraise_trial(replace(reading, bound="at most", bound_size=1.0))


def test_it_is_offered_at_the_top() -> None:
    assert evidence.appraise_trial is appraise_trial
    assert np.isfinite(evidence.appraise_trial(estimate=1, standard_error=1).lines[0].value)
