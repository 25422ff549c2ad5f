"""Real results of appraising one trial and its numbers, for the test of every result's faces."""

from __future__ import annotations

from collections.abc import Iterator

import evidence
from evidence.appraisal.evidence_age import evidence_age
from evidence.appraisal.integrity.granularity import Scores
from evidence.appraisal.integrity.reconstruction import reconstruct
from evidence.appraisal.trial import (
    bayes_factors,
    confidence_curve,
    credibility,
    e_value,
    equivalence,
    false_positive,
    fragility_counts,
    fragility_means,
    fragility_splits,
    lost_counts,
    lost_means,
    responders,
    retrodesign,
    shrinkage,
    single_person,
    trial_size,
)
from evidence.data import Review
from evidence.display import Display

COUNTS = {"events_treatment": 2, "total_treatment": 77, "events_control": 7, "total_control": 76}
SEEN = {"events_treatment": 2, "seen_treatment": 69, "events_control": 7, "seen_control": 65}
GROUPS = {"sd_treatment": 5.0, "n_treatment": 77, "sd_control": 5.0, "n_control": 76}


def trial_results(review: Review) -> Iterator[Display]:
    """Yield one of each, from the headline trial where it gives one, else from its numbers."""
    headline = review.plan.headline
    appraisal = evidence.appraise_trial(
        review, headline.study_id, headline.outcome_id, timepoint=headline.timepoint
    )
    yield appraisal
    yield appraisal.table
    yield confidence_curve.confidence_curve(-1.6, 0.84, df=151, thresholds=(2.8,))
    yield equivalence.equivalence_test(-1.6, 0.84, 2.8, df=151)
    yield equivalence.minimal_effect_test(-1.6, 0.84, 2.8, df=151)
    yield bayes_factors.jzs_bayes_factor(-1.9, 77, 76)
    yield false_positive.false_positive_risk(-1.9, noncentrality=3.3, df=151)
    yield shrinkage.shrink_trial(-1.6, 0.84)
    yield retrodesign.design_errors(2.8, 0.84)
    yield trial_size.size_for_power(2.8, 5.2)
    yield credibility.analyse_credibility(-2.6, 0.84)
    yield credibility.sceptical_p_value(-2.6, 0.84, -1.6, 0.84)
    yield fragility_counts.trial_fragility(**COUNTS, lost=21)
    yield fragility_means.continuous_fragility(mean_treatment=-4.5, mean_control=-2.0, **GROUPS)
    yield fragility_splits.fragility_of_report(review, headline.study_id, "adverse-events")
    yield lost_counts.lost_counts(**SEEN, lost=(8, 13))
    yield lost_means.lost_means(estimate=-1.6, standard_error=0.84, seen=(69, 65), lost=(8, 13))
    change = responders.ArmChange
    yield responders.responders(change(-3.9, 5.2, 77), change(-2.3, 5.2, 76), threshold=6)
    yield e_value.e_value(measure="risk ratio", estimate=3.9, ci_low=1.8, ci_high=8.7)
    yield single_person.single_person_effect([6.1, 7.0, 6.6], [5.2, 5.9, 5.5])
    studies = review.studies
    for study_id in studies.loc[studies["role"] == "single person", "study_id"]:
        yield single_person.single_person_report(review, str(study_id))


def number_results(review: Review) -> Iterator[Display]:
    """Yield what is said of the review's numbers, of bias, and of age."""
    yield evidence.check_integrity(review)
    yield reconstruct("3.00", "2.31", 4, Scores(minimum=1, maximum=5))
    yield evidence.appraise_risk_of_bias(review)
    yield evidence_age(review)
