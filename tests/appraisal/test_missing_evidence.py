"""The battery runs what is suitable, in order of trust, and its paragraph follows its table."""

from __future__ import annotations

import json
import math
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.papers.bcg import LABELS, TRIALS, log_risk_ratios
from tests.synthesis.specifications.made_up_review import made_up_review

import evidence
from evidence.appraisal import (
    begg_mazumdar_test,
    egger_test,
    pet_peese,
    peters_test,
    worst_case_selection,
)
from evidence.appraisal.check import CANNOT_BE_TESTED, CONTRADICTION
from evidence.appraisal.missing_evidence import NOT_RUN, missing_evidence
from evidence.errors import InvalidArgumentError
from evidence.synthesis import pool, synthesise

PASSIVE_SMOKING = Path("data/reproductions/hackshaw-1997-passive-smoking/numbers.csv")


@pytest.fixture(scope="module")
def large():
    """Thirty-seven published studies."""
    table = pd.read_csv(PASSIVE_SMOKING)
    errors = (np.log(table["ci_high"]) - np.log(table["ci_low"])) / (2 * 1.959964)
    return pool(np.log(table["ratio"]), standard_errors=errors, labels=list(table["label"]))


def names(found) -> list[str]:
    return [finding.check.name for finding in found.findings]


def test_the_order_is_that_of_trust(large):
    found = missing_evidence(large, measure="risk ratio")
    assert names(found) == [
        "the worst case of selection",
        "the selection model",
        "Egger's test",
        "PET-PEESE",
        "the adequately powered studies",
        "limit meta-analysis",
        "Trim and fill (L0)",
        "the test of excess significance",
        "the p-curve",
    ]
    assert len({finding.trust for finding in found.findings}) == 9


def test_each_check_is_the_one_that_can_be_asked_for_alone(large):
    found = {f.check.name: f.check for f in missing_evidence(large).findings}
    assert found["Egger's test"].to_dict() == egger_test(large).to_dict()
    alone = worst_case_selection(large)
    assert found["the worst case of selection"].to_dict() == alone.to_dict()


def test_the_paragraph_says_what_was_found_and_what_cannot_speak(large):
    found = missing_evidence(large)
    paragraph = found.paragraph
    for finding in found.findings:
        check = finding.check
        if check.status == CONTRADICTION:
            assert check.sentence in paragraph
            assert finding in found.found
        if check.status == CANNOT_BE_TESTED:
            assert check.name in paragraph
            assert check.sentence not in paragraph
            assert finding in found.silent
        if found_is_no_test(finding):
            assert check.sentence in paragraph
            assert finding not in found.found
    assert "37 studies" in paragraph
    assert "was not looked at here" in paragraph
    assert NOT_RUN in found.summary()
    # What is not run is said not to be.
    assert begg_mazumdar_test(large).name not in names(found)


def found_is_no_test(finding) -> bool:
    return finding.status == "no test"


def test_what_is_no_test_is_told_and_not_counted(large):
    found = missing_evidence(large)
    told = [finding.check.name for finding in found.findings if found_is_no_test(finding)]
    assert told == ["the worst case of selection", "Trim and fill (L0)"]
    (filled,) = [f.check for f in found.findings if f.check.name.startswith("Trim and fill")]
    assert filled.missing > 0
    assert "Trim and fill" not in found.paragraph.partition("Nothing was found by")[2]
    assert found._repr_html_().count(">no test<") == 2
    # What cannot speak is not told.
    few = missing_evidence(pool([0.2, 0.3, 0.9], [0.02, 0.03, 0.2]))
    assert {f.status for f in few.findings if not f.check.tested} == {"cannot say"}


def test_with_few_studies_the_refusals_are_the_finding():
    found = missing_evidence(pool([0.2, 0.3, 0.9], [0.02, 0.03, 0.2]))
    assert len(found.silent) >= 7
    assert "can say nothing with three studies" in found.paragraph
    for finding in found.silent:
        assert "instead" in finding.check.sentence
        assert math.isnan(getattr(finding.check, "p_value", math.nan))


def test_one_study():
    found = missing_evidence(pool([0.2], [0.02]))
    assert len(found.silent) == len(found.findings)
    assert "none can say anything with one study" in found.paragraph
    assert "they need about 10 that differ in precision" in found.paragraph
    assert "registered trials without results" in found.paragraph
    assert "worst-case" not in " ".join(f.check.sentence for f in found.findings)


def test_the_test_of_asymmetry_is_that_of_the_measure(large):
    k = large.k
    people = np.linspace(30, 400, k)
    smd = missing_evidence(
        large, measure="standardised mean difference", n_treatment=people, n_control=people
    )
    assert "Pustejovsky and Rodgers' test" in names(smd)

    counts = TRIALS.columns
    bcg = pool(log_risk_ratios(), labels=LABELS)
    binary = missing_evidence(bcg, measure="risk ratio", counts=counts)
    (peters,) = [f.check for f in binary.findings if f.check.name == "Peters' test"]
    assert peters.to_dict() == peters_test(labels=bcg.labels, **counts).to_dict()

    for measure in ("risk ratio", "standardised mean difference"):
        plain = missing_evidence(large, measure=measure)
        (egger,) = [f.check for f in plain.findings if f.check.name == "Egger's test"]
        assert "own-error" in {caution.code for caution in egger.cautions}
    (egger,) = [f.check for f in missing_evidence(large).findings if "Egger" in f.check.name]
    assert "own-error" not in {caution.code for caution in egger.cautions}


def test_every_reservation_is_shown_where_the_check_speaks(large):
    found = missing_evidence(large, measure="risk ratio")
    frame, page = found.to_frame(), found._repr_html_()
    seen = 0
    for finding, shown in zip(found.findings, frame["reservations"], strict=True):
        for caution in finding.check.cautions:
            if not finding.check.tested:
                assert shown == ""
                continue
            seen += 1
            assert caution.message in shown
            assert escape(caution.message) in page
            if finding.check.status == CONTRADICTION:
                assert caution.message in found.paragraph
    assert seen > 3


def test_extrapolation_of_standardised_differences_goes_by_the_people(large):
    people = np.linspace(30, 400, large.k)
    groups = {"n_treatment": people, "n_control": 2 * people}
    found = missing_evidence(large, measure="standardised mean difference", **groups)
    (check,) = [f.check for f in found.findings if f.check.name == "PET-PEESE"]
    size = np.sqrt(1 / people + 1 / (2 * people))
    assert check.to_dict() == pet_peese(large, predictor=size).to_dict()
    assert "smd" not in {caution.code for caution in check.cautions}


def test_trim_and_fill_starts_from_the_mean_that_the_result_states(large):
    for choice in ({"model": "common", "ci_method": "Wald"}, {"tau2_method": "DL"}, {}):
        stated = pool(large.effects, large.variances, labels=large.labels, **choice)
        (check,) = [
            f.check
            for f in missing_evidence(stated).findings
            if f.check.name.startswith("Trim and fill")
        ]
        assert check.observed.estimate == stated.estimate
        assert check.observed.ci_low == pytest.approx(stated.ci_low, rel=1e-12)


def test_which_results_are_favoured(large):
    given = missing_evidence(large, favours="negative").findings[0].check
    assert given.sentence == worst_case_selection(large, favours="negative").sentence
    assert given.sentence != missing_evidence(large).findings[0].check.sentence


def test_a_review_brings_what_is_known_from_outside(tmp_path):
    review = made_up_review(tmp_path)
    synthesis = synthesise(review, "trouble")
    found = missing_evidence(synthesis, review=review)
    assert names(found)[0] == "planned against reported"
    assert found.reporting is not None
    assert found.findings[0].check.sentence in found.paragraph or found.paragraph.startswith(
        "Some evidence is known to be missing"
    )
    assert len(found.numeric) == len(found.findings) - 1
    # Lower is better here: results on that side are published more readily.
    worst = found.findings[1].check
    assert (
        worst.sentence
        == worst_case_selection(synthesis.scenarios[0].result, favours="negative").sentence
    )
    without = missing_evidence(synthesis)
    assert without.reporting is None
    assert len(without.findings) == len(found.findings) - 1


def test_contradictory_reports_are_checked_under_each_reading(worked):
    review, synthesis = worked
    assert len(synthesis.scenarios) > 1
    found = missing_evidence(synthesis, review=review)
    readings = {finding.reading for finding in found.findings}
    assert readings == {"", *(scenario.name for scenario in synthesis.scenarios)}
    for scenario in synthesis.scenarios:
        assert f"Reading {scenario.name}: " in found.paragraph


@pytest.fixture(scope="module")
def worked():
    review = evidence.load_review("magnesium-sleep")
    return review, synthesise(review, "insomnia-or-sleep-quality")


def test_every_face(large, worked):
    review, synthesis = worked
    for found in (missing_evidence(large), missing_evidence(synthesis, review=review)):
        assert len(found.to_frame()) == len(found.findings)
        plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert plain["paragraph"] == found.paragraph
        page = found._repr_html_()
        assert "the most trustworthy check first" in page
        assert "cannot say" in page


def test_what_is_not_accepted(large, worked):
    _, synthesis = worked
    with pytest.raises(InvalidArgumentError, match="what pool"):
        missing_evidence([0.1, 0.2])
    with pytest.raises(InvalidArgumentError, match="favours is 'up'"):
        missing_evidence(large, favours="up")
    with pytest.raises(InvalidArgumentError, match="brings its measure"):
        missing_evidence(synthesis, measure="risk ratio")
    with pytest.raises(InvalidArgumentError):
        missing_evidence(
            large, measure="standardised mean difference", n_treatment=[1, 2], n_control=[1, 2]
        )
