"""Every result of the package has the same four faces, and all of them work."""

from __future__ import annotations

import importlib
import json
import math
import pkgutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

import pandas as pd
import pytest
from tests.judgement.trial_results import number_results, trial_results

import evidence
from evidence.appraisal import (
    adequately_powered,
    albatross,
    appraise_reporting,
    appraise_timing,
    check_contents,
    collect_p_values,
    compare_harms,
    doi_plot,
    egger_test,
    excess_significance,
    fail_safe_n,
    limit_meta_analysis,
    p_curve,
    pet_peese,
    placebo_share,
    selection_model,
    trim_and_fill,
    worst_case_selection,
    z_curve,
)
from evidence.appraisal.contradiction import reconcile
from evidence.appraisal.harms_together import harm_outcomes
from evidence.appraisal.information_reached import information_reached
from evidence.display import Display
from evidence.judgement import Conclusions
from evidence.judgement.record import plain

Altered = Callable[[str], Conclusions]


def result_classes() -> dict[str, type]:
    """Every class of a result in the package, by name."""
    for info in pkgutil.walk_packages(evidence.__path__, prefix="evidence."):
        importlib.import_module(info.name)

    def below(cls: type) -> Iterator[type]:
        for sub in cls.__subclasses__():
            yield sub
            yield from below(sub)

    return {cls.__name__: cls for cls in below(Display) if cls.__module__.startswith("evidence.")}


def real_results(conclusions: Conclusions) -> Iterator[Display]:
    """Yield real results of every kind, worked out from the worked case."""
    review = conclusions.review
    yield review
    yield review.number("contrasts", 2, "estimate")
    yield evidence.check_review("magnesium-sleep")
    yield conclusions
    yield conclusions.table
    demonstration = evidence.demonstrate_change(conclusions)
    yield demonstration
    assert demonstration.comparison is not None
    yield demonstration.comparison
    yield evidence.verdict(conclusions.main)
    yield conclusions.direction
    yield conclusions.directness
    yield conclusions.gaps
    yield evidence.audit_claims(review, conclusions=conclusions)
    yield evidence.circulating_numbers(review)
    assert conclusions.headline is not None
    yield conclusions.headline.comparison
    yield conclusions.headline.comparison.readings[0]
    yield from conclusions.headline.thresholds
    yield reconcile(conclusions.headline.comparison, "points")
    yield placebo_share(review, "schuster2025", "isi")
    harms = compare_harms(review, "schuster2025", "adverse-events")
    yield harms
    yield harms.exact
    for analysis in conclusions.analyses:
        assert analysis.synthesis is not None
        yield analysis.synthesis
        yield analysis.synthesis.derivation
        yield from (scenario.result for scenario in analysis.synthesis.scenarios)
        yield from analysis.certainties
        yield from analysis.verdicts
    assert conclusions.main.synthesis is not None
    first = conclusions.main.synthesis.scenarios[0]
    yield information_reached(review, conclusions.main.synthesis, first)
    main = first.result
    for check in (worst_case_selection, fail_safe_n, pet_peese, excess_significance):
        yield check(main)
    for test in (egger_test, trim_and_fill, limit_meta_analysis, doi_plot):
        yield test(main)
    for check in (selection_model, adequately_powered, p_curve, z_curve):
        yield check(main)
    yield albatross([0.03, 0.2], [155, 46], directions=["for", "against"])
    yield appraise_reporting(review)
    yield collect_p_values(review)
    yield evidence.compare_certainty(review)
    yield evidence.summary_of_findings(conclusions)
    yield evidence.elemental_doses(review)
    yield check_contents(review)
    yield evidence.stated_range(review, 200, 400)
    yield evidence.what_was_tested(review)
    yield evidence.absorption_studies(review)
    yield appraise_timing(review)
    yield from (evidence.pool_harms(review, harm) for harm in harm_outcomes(review))
    yield from trial_results(review)
    yield from number_results(review)
    borrowed = evidence.borrow_from_indirect(review)
    yield borrowed
    yield from (found for _, found in borrowed.scenarios)
    yield evidence.missing_evidence(conclusions.main.synthesis, review=review)
    yield evidence.mean_difference(
        mean_treatment=[1.0, 2.0],
        sd_treatment=[1.0, 1.0],
        n_treatment=[10, 20],
        mean_control=[0.0, 0.0],
        sd_control=[1.0, 1.0],
        n_control=[10, 20],
    )


class Open(HTMLParser):
    """Which tags are open; a tag that was never opened cannot be closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.tags.pop() == tag


@pytest.fixture(scope="module")
def results(altered: Altered) -> list[Display]:
    return [result for result in real_results(altered("as_it_is")) if isinstance(result, Display)]


#: The results that an answer is made of; each is looked at here with real numbers in it.
LOOKED_AT = {
    "Review",
    "Comparison",
    "Derivation",
    "EffectSizes",
    "ExactComparison",
    "Reading",
    "DirectionSynthesis",
    "PooledResult",
    "Synthesis",
    "Certainty",
    "Directness",
    "Gaps",
    "HarmsComparison",
    "PlaceboShare",
    "Reconciliation",
    "Conclusions",
    "Table",
    "ThresholdComparison",
    "Verdict",
}


@pytest.mark.xdist_group("as_it_is")
def test_there_is_a_real_result_of_every_class(results: list[Display]) -> None:
    found = {type(result).__name__ for result in results}
    assert LOOKED_AT - found == set()
    folders = ("evidence.appraisal", "evidence.judgement")
    # What is only ever built upon has no result of its own.
    classes = {n: cls for n, cls in result_classes().items() if not cls.__subclasses__()}
    assert {n for n, cls in classes.items() if cls.__module__.startswith(folders)} <= found


@pytest.mark.parametrize("face", ["summary", "to_frame", "to_dict", "_repr_html_"])
def test_every_class_has_each_face_and_says_what_it_does(face: str) -> None:
    for name, cls in result_classes().items():
        method = getattr(cls, face, None)
        assert callable(method), name
        assert method.__doc__ or face == "_repr_html_", f"{name}.{face}"
        # A result has its own; only the HTML may be made from the summary.
        assert face == "_repr_html_" or getattr(Display, face) is not method, f"{name}.{face}"


@pytest.mark.xdist_group("as_it_is")
def test_every_real_result_becomes_json(results: list[Display]) -> None:
    for result in results:
        values = result.to_dict()
        text = json.dumps(plain(values), allow_nan=False)
        assert len(text) > 2, type(result).__name__
        assert json.loads(text) == plain(values)


@pytest.mark.xdist_group("as_it_is")
def test_every_real_result_reads_and_shows(results: list[Display]) -> None:
    for result in results:
        name = type(result).__name__
        summary = result.summary()
        assert summary.strip(), name
        assert not any(word in summary.split() for word in ("nan", "None", "<NA>")), name
        frame = result.to_frame()
        assert isinstance(frame, pd.DataFrame), name
        page = result._repr_html_()
        assert Open(page).tags == [], name
        assert page.startswith("<"), name
        assert ">nan<" not in page
        assert ">None<" not in page


@pytest.mark.xdist_group("as_it_is")
def test_frames_hold_unrounded_numbers(results: list[Display]) -> None:
    def digits(value: float) -> int:
        return len(repr(value).replace("-", "").replace(".", "").lstrip("0"))

    for result in results:
        if type(result).__name__ in ("PooledResult", "Synthesis"):
            estimates = result.to_frame()["estimate"]
            assert any(digits(float(v)) > 6 for v in estimates if math.isfinite(float(v)))
