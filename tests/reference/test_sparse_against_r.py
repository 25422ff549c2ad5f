"""Methods for sparse counts equal R's (sparse.json; needs no R). Differences are named here."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from evidence.effects.exact.intervals import (
    exact_odds_ratio,
    miettinen_nurminen,
    proportion_interval,
)
from evidence.errors import InsufficientEvidenceError
from evidence.synthesis.sparse.exact_odds import pool_exact_odds_ratio
from evidence.synthesis.sparse.mantel_haenszel import pool_mantel_haenszel
from evidence.synthesis.sparse.mantel_haenszel_rates import pool_mantel_haenszel_rates
from evidence.synthesis.sparse.peto import pool_peto
from evidence.synthesis.sparse.stratified_tests import cochran_mantel_haenszel

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7
#: metafor's Q, when the effects agree, is rounding noise on a scale of 1.
NEGLIGIBLE = 1e-9

WRITTEN = json.loads((Path(__file__).parent / "sparse.json").read_text(encoding="utf-8"))
POOLED, RATES = WRITTEN["pooled"], WRITTEN["rates"]
SINGLE, PROPORTIONS = WRITTEN["single"], WRITTEN["proportions"]
MEASURES = ("odds ratio", "risk ratio", "risk difference")


def ids(cases):
    return [case["id"] for case in cases]


def number(value):
    """JSON has no infinity: R's is written as text."""
    return float(value.replace("Inf", "inf")) if isinstance(value, str) else value


def same(ours, theirs, rtol, size=0.0):
    """Equal but for `rtol` of the number itself, or of the natural size of what it is part of."""
    theirs = number(theirs)
    if math.isinf(theirs):
        return ours == theirs
    return abs(ours - theirs) <= rtol * max(abs(theirs), size)


def check_fit(result, fit):
    """Common effect, interval, p and Q, as every metafor fit has them."""
    se = fit["se"]
    assert same(result.estimate, fit["beta"], CLOSED_FORM, se)
    assert same(result.standard_error, se, CLOSED_FORM)
    assert same(result.ci_low, fit["ci.lb"], CLOSED_FORM, se)
    assert same(result.ci_high, fit["ci.ub"], CLOSED_FORM, se)
    z = abs(fit["beta"] / se)
    # The tail of a normal distribution magnifies the relative error of z by z².
    assert same(result.p_value, fit["pval"], CLOSED_FORM * max(1, z**2))
    q = result.heterogeneity
    if fit["k.yi"] < 2:
        assert math.isnan(q.statistic)
        assert math.isnan(q.p_value)
        assert math.isnan(result.i2)
        return
    assert q.df == fit["k.yi"] - 1
    assert abs(q.statistic - fit["QE"]) <= max(CLOSED_FORM * fit["QE"], NEGLIGIBLE)
    assert q.p_value == pytest.approx(fit["QEp"], rel=CLOSED_FORM * max(1, fit["QE"]), abs=1e-300)
    assert result.i2 == pytest.approx(fit["I2"], rel=CLOSED_FORM, abs=1e-6)


def check_test(test, statistic, p):
    assert abs(test.statistic - statistic) <= max(CLOSED_FORM * statistic, NEGLIGIBLE)
    # A statistic near 0 is rounding noise, whose square root is its p value's distance from 1.
    rtol = CLOSED_FORM * max(1, statistic) if statistic > NEGLIGIBLE else 1e-4
    assert test.p_value == pytest.approx(p, rel=rtol, abs=0)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("case", POOLED, ids=ids(POOLED))
def test_mantel_haenszel(case, measure):
    fit = case[measure.replace(" ", "_")]
    assert fit is not None
    check_fit(pool_mantel_haenszel(**case["inputs"], measure=measure), fit)


@pytest.mark.parametrize("case", POOLED, ids=ids(POOLED))
def test_homogeneity_of_the_odds_ratio(case):
    fit = case["odds_ratio"]
    result = pool_mantel_haenszel(**case["inputs"])
    assert result.test("Cochran").statistic == pytest.approx(fit["MH"], rel=CLOSED_FORM, abs=1e-12)
    breslow_day, tarone = result.tests[1:]
    if result.k < 2:
        assert math.isnan(breslow_day.statistic)
        assert math.isnan(tarone.p_value)
        return
    assert breslow_day.df == tarone.df == result.k - 1
    check_test(breslow_day, fit["BD"], fit["BDp"])
    check_test(tarone, fit["TA"], fit["TAp"])


@pytest.mark.parametrize("case", POOLED, ids=ids(POOLED))
def test_peto(case):
    check_fit(pool_peto(**case["inputs"]), case["peto"])


STRATIFIED = [case for case in POOLED if case.get("cmh")]


@pytest.mark.parametrize("case", STRATIFIED, ids=ids(STRATIFIED))
def test_cochran_mantel_haenszel(case):
    """mantelhaen.test; below half an event R drops the correction, we take off what there is."""
    check_test(cochran_mantel_haenszel(**case["inputs"]), *case["cmh"].values())
    ours = cochran_mantel_haenszel(**case["inputs"], continuity_correction=True)
    counts = {name: np.array(values) for name, values in case["inputs"].items()}
    share = counts["total_treatment"] / (counts["total_treatment"] + counts["total_control"])
    events = counts["events_treatment"] + counts["events_control"]
    if abs(np.sum(counts["events_treatment"] - events * share)) < 0.5:
        assert ours.statistic == 0
        assert ours.p_value == 1
    else:
        check_test(ours, *case["cmh_corrected"].values())


EXACT = [case for case in POOLED if case.get("exact")]


@pytest.mark.parametrize("mid_p", [False, True], ids=["exact", "mid-p"])
@pytest.mark.parametrize("case", EXACT, ids=ids(EXACT))
def test_exact_conditional(case, mid_p):
    result = pool_exact_odds_ratio(**case["inputs"], mid_p=mid_p)
    tight = case["exact_mid" if mid_p else "exact"]
    assert same(result.estimate, tight["estimate"], ITERATIVE, 1e-3)
    assert same(result.ci_low, tight["low"], ITERATIVE, 1e-3)
    assert same(result.ci_high, tight["high"], ITERATIVE, 1e-3)
    assert result.p_value == pytest.approx(tight["p"], rel=1e-9)
    assert math.isnan(result.standard_error)


@pytest.mark.parametrize("case", RATES, ids=ids(RATES))
def test_rates(case):
    ratio = pool_mantel_haenszel_rates(**case["inputs"])
    check_fit(ratio, case["ratio"])
    check_test(ratio.tests[0], case["ratio"]["MH"], case["ratio"]["MHp"])
    difference = pool_mantel_haenszel_rates(**case["inputs"], measure="incidence rate difference")
    check_fit(difference, case["difference"])


@pytest.mark.parametrize("case", SINGLE, ids=ids(SINGLE))
def test_exact_odds_ratio_of_one_study(case):
    ours = exact_odds_ratio(**case["inputs"])
    mid = exact_odds_ratio(**case["inputs"], mid_p=True)
    for result, tight in ((ours, case["tight"]), (mid, case["mid"])):
        for name, column in (("estimate", "estimate"), ("ci_low", "low"), ("ci_high", "high")):
            value = getattr(result, name)
            log = -math.inf if value == 0 else math.log(value)
            assert same(log, tight[column], ITERATIVE, 1e-3), name
        assert result.p_value == pytest.approx(tight["p"], rel=1e-9)
    # fisher.test itself, as far as it goes: it stops at 1.2e-4 in the ratio or its inverse
    for name, column in (("estimate", "estimate"), ("ci_low", "low"), ("ci_high", "high")):
        value, theirs = getattr(ours, name), number(case["fisher"][column])
        if value in (0, math.inf):
            assert value == theirs
        else:
            assert min(abs(value - theirs), abs(1 / value - 1 / theirs)) < 5e-4


@pytest.mark.parametrize("measure", ["risk difference", "risk ratio"])
@pytest.mark.parametrize("case", SINGLE, ids=ids(SINGLE))
def test_miettinen_nurminen(case, measure):
    result = miettinen_nurminen(**case["inputs"], measure=measure)
    theirs = case[measure.replace(" ", "_")]
    assert same(result.estimate, theirs["estimate"], CLOSED_FORM, 1e-6)
    assert same(result.ci_low, theirs["low"], ITERATIVE, 1e-4)
    assert same(result.ci_high, theirs["high"], ITERATIVE, 1e-4)
    # The score test of no effect is prop.test's chi-square with N - 1 in the place of N.
    people = case["inputs"]["total_treatment"] + case["inputs"]["total_control"]
    z = ndtri(case["chisq_p"] / 2) * math.sqrt((people - 1) / people)
    assert result.p_value == pytest.approx(2 * ndtr(z), rel=1e-8)


@pytest.mark.parametrize("case", PROPORTIONS, ids=ids(PROPORTIONS))
def test_proportions(case):
    for method in ("Clopper-Pearson", "Wilson"):
        result = proportion_interval(events=case["events"], total=case["total"], method=method)
        low, high = case[method.lower().replace("-", "_")]
        assert result.ci_low == pytest.approx(low, rel=1e-9, abs=1e-15)
        assert result.ci_high == pytest.approx(high, rel=1e-9)


def test_breadth_of_the_fixture():
    """What these comparisons are worth depends on the edges being in them."""
    assert min(len(POOLED), len(EXACT)) >= 50
    assert len(RATES) >= 20
    assert len(SINGLE) >= 20
    assert any(case["odds_ratio"]["k.yi"] == 1 for case in POOLED)
    silent = [
        min(np.add(c["inputs"]["events_treatment"], c["inputs"]["events_control"])) == 0
        for c in POOLED
    ]
    assert sum(silent) >= 4
    assert any(max(case["inputs"]["total_control"]) >= 1e6 for case in POOLED)
    assert set(WRITTEN["versions"]) == {"R", "metafor", "metadat", "jsonlite"}


def test_where_r_gives_an_infinite_estimate_we_refuse():
    with pytest.raises(InsufficientEvidenceError, match="pool_exact_odds_ratio"):
        pool_mantel_haenszel(
            events_treatment=[0, 0],
            total_treatment=[20, 30],
            events_control=[3, 4],
            total_control=[20, 30],
        )
