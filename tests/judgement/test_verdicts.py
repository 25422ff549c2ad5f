"""The verdict on any result: one path to it, whatever is given."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import evidence
from evidence.data import Review
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError, UnknownNameError
from evidence.judgement import Conclusions, Topic, Verdicts, Yardstick
from evidence.synthesis import pool

Altered = Callable[[str], Conclusions]

NAPS = Topic(
    treatment="tea",
    comparator="water",
    outcome="nap trouble",
    better="lower",
    measure="mean difference",
    unit="points",
)


def test_every_way_to_the_same_numbers_gives_the_same_verdict(
    review: Review, conclusions: Conclusions
) -> None:
    main = conclusions.main
    assert main.synthesis is not None
    expected = evidence.verdict(main)
    assert expected.verdicts == main.verdicts
    assert evidence.verdict(review, analysis=main.analysis_id) == expected
    assert evidence.verdict(main.synthesis, review=review) == expected
    for place, scenario in enumerate(main.synthesis.scenarios):
        given = {
            "about": main.topic,
            "thresholds": main.verdicts[place].yardsticks,
            "certainty": main.certainties[place],
        }
        assert evidence.verdict(scenario, **given)[0] == expected[place]
        bare = evidence.verdict(scenario.result, **given)[0]
        assert bare.to_dict() == expected[place].to_dict()
        numbers = (scenario.result.estimate, scenario.result.ci_low, scenario.result.ci_high)
        assert evidence.verdict(numbers, **given)[0] == bare


@pytest.mark.parametrize(
    ("numbers", "thresholds", "certainty", "sentence"),
    [
        ((-3.0, -4.0, -2.0), 1.5, "high", "Tea results in a large improvement in nap trouble."),
        ((3.0, 2.0, 4.0), 1.5, "moderate", "Tea probably results in a large worsening of nap t"),
        ((-2.0, -4.0, 0.5), 1.5, "low", "Tea may improve nap trouble."),
        ((-1.0, -4.0, 2.0), 1.5, "low", "Tea may result in little to no difference in nap trou"),
        ((-2.0, -4.0, 0.5), 1.5, "very low", "The evidence is very uncertain about the effect o"),
        ((-2.0, -4.0, 0.5), None, None, "These numbers leave open which way tea changes nap tro"),
    ],
)
def test_plain_numbers(
    numbers: tuple[float, float, float], thresholds: object, certainty: str, sentence: str
) -> None:
    found = evidence.verdict(numbers, about=NAPS, thresholds=thresholds, certainty=certainty)
    assert isinstance(found, Verdicts)
    assert found[0].sentence().startswith(sentence)
    assert found.agree == ""
    assert found[0].inputs["certainty"] == (certainty or "not rated")


def test_a_ratio_reads_as_one() -> None:
    falls = Topic(treatment="tea", outcome="falls", better="lower", measure="risk ratio")
    found = evidence.verdict((-0.5, -0.9, -0.1), about=falls, thresholds=0.223, certainty="low")
    assert found.sentences()[0] == (
        "Tea may result in a large reduction in falls. What was found is large, held against a "
        "ratio of 1.25 (or 0.80). Within its uncertainty it may be anything from a trivial benefit "
        "to a large benefit."
    )
    assert "trivial short of 1.12 (or 0.89)" in found[0].rule


def test_the_headline_trial_against_its_thresholds(
    review: Review, conclusions: Conclusions
) -> None:
    found = evidence.verdict(conclusions.headline, review=review)
    assert [one.value for one in found[0].yardsticks] == [2.8, 4.0]
    assert found.sentences()[0] == (
        "These numbers leave open which way magnesium changes the Insomnia Severity Index; nobody "
        "has rated how certain they are. What was found is smaller than what matters, "
        "whichever threshold one takes (2.8 and 4 points)."
    )
    one = evidence.verdict(conclusions.headline, review=review, thresholds=(1.5, 4))
    assert one.depends_on_threshold
    assert not found.depends_on_threshold
    named = evidence.verdict(conclusions.headline, review=review, thresholds="isi-mcid-usual")
    assert [each.id for each in named[0].yardsticks] == ["isi-mcid-usual"]


def test_a_threshold_for_one_person_is_refused_by_name(
    review: Review, conclusions: Conclusions
) -> None:
    with pytest.raises(InvalidArgumentError, match="for the change of one person, not for a diff"):
        evidence.verdict(conclusions.headline, review=review, thresholds="isi-within-yang")
    threshold = next(t for t in review.plan.thresholds if t.id == "isi-within-yang")
    with pytest.raises(InvalidArgumentError, match="for the change of one person"):
        evidence.verdict((-6.0, -7.0, -5.0), about=NAPS, thresholds=[4, threshold])
    with pytest.raises(UnknownNameError, match="Did you mean 'isi-mcid-usual'"):
        evidence.verdict(conclusions.headline, review=review, thresholds="isi-mcid-usaul")


def test_readings_that_disagree_are_told_one_by_one(conclusions: Conclusions) -> None:
    found = evidence.verdict(conclusions.analysis("insomnia-severity"))
    assert found.depends_on_reading
    assert found.sentences()[-1] == "The verdict depends on how the trials' own numbers are read."
    assert all(text.startswith("Reading Schuster 2025 from") for text in found.sentences()[:-1])
    same = evidence.verdict(conclusions.main)
    assert not same.depends_on_reading
    assert same.sentences()[-1].startswith("Both readings")
    assert "; on another reading, from" in same.sentences()[1]


def test_faces(conclusions: Conclusions) -> None:
    found = evidence.verdict(conclusions.main)
    assert len(found) == len(found.to_frame()) == len(found.table.frame) == 2
    values = found.to_dict()
    assert [one["inputs"]["certainty"] for one in values["verdicts"]] == [
        one.certainty for one in found
    ]
    page = found._repr_html_()
    assert all(text.split("(")[0] in page.replace("&#x27;", "'") for text in found.sentences())
    assert "GRADE guidelines 26" in page
    assert found.summary().endswith("(standard deviations).")


@pytest.mark.parametrize(
    ("result", "more", "words"),
    [
        ((1.0, 0.0, 2.0), {}, "Which way is better is not known of these numbers"),
        ("text", {"about": NAPS}, "result is of type str, which has no one effect to judge"),
        ((1.0, 2.0), {"about": NAPS}, "result is of type tuple"),
        ((1.0, 0.0, 2.0), {"about": NAPS, "thresholds": "mcid"}, "only a review knows what that"),
        ((1.0, 0.0, 2.0), {"about": NAPS, "thresholds": -1}, "must be above 0"),
        ((5.0, 0.0, 2.0), {"about": NAPS}, "does not hold"),
    ],
)
def test_what_cannot_be_judged_is_refused(result: object, more: dict, words: str) -> None:
    with pytest.raises(InvalidArgumentError, match=words):
        evidence.verdict(result, **more)


def test_a_review_needs_the_name_of_an_analysis(review: Review) -> None:
    with pytest.raises(InvalidArgumentError, match="analysis is empty; it must be one of 'insom"):
        evidence.verdict(review)


def test_an_analysis_without_trials_is_refused(altered: Altered) -> None:
    with pytest.raises(InsufficientEvidenceError, match="no trial gives an effect"):
        evidence.verdict(altered("nothing_to_pool").main)


def test_a_topic_refuses_what_it_does_not_know() -> None:
    with pytest.raises(InvalidArgumentError, match="better is 'smaller'; it must be 'higher'"):
        Topic(better="smaller")
    with pytest.raises(UnknownNameError, match="Did you mean 'risk ratio'"):
        Topic(measure="risk ratios")


def test_yardsticks_have_names() -> None:
    pooled = pool([-3.0, -4.0], standard_errors=[0.2, 0.2])
    stick = Yardstick(1.5, "what nappers notice")
    found = evidence.verdict(pooled, about=NAPS, thresholds=stick, certainty="moderate")
    assert found[0].size_sentence() == (
        "What was found is large, held against 1.5 points: what nappers notice."
    )
