"""Mixed models of counts equal R's (mixed_counts.json; needs no R). Differences are named here.

Every fit is there twice: as metafor's rma.glmm gives it, and solved tightly in R from the
likelihood's definition. The second is the one to equal to 1e-7; metafor's own optimisers,
approximations and numerical Hessians go as far as the tolerances below say.
"""

import json
import math
from pathlib import Path

import pytest

from evidence.synthesis.sparse.mixed_logistic import pool_mixed_logistic, pool_mixed_proportion
from evidence.synthesis.sparse.mixed_rates import pool_mixed_incidence, pool_mixed_rates
from evidence.synthesis.sparse.mixed_result import MixedOptions

ITERATIVE = 1e-7
#: Of a correlation at its edge of -1 or 1 R's Hessian, extrapolated across the edge, is less sure.
AT_THE_EDGE = 1e-6
CLOSED_FORM = 1e-10
#: A variance or statistic that is 0 but for rounding.
NEGLIGIBLE = 1e-6

WRITTEN = json.loads((Path(__file__).parent / "mixed_counts.json").read_text(encoding="utf-8"))
CASES = WRITTEN["cases"]
TIGHT = [case for case in CASES if case["tight"]]
METAFOR = [case for case in CASES if case["metafor"] and case["metafor"]["se"] is not None]
POOL = {
    "logistic": pool_mixed_logistic,
    "rates": pool_mixed_rates,
    "proportion": pool_mixed_proportion,
    "incidence": pool_mixed_incidence,
}
#: metafor estimates log tau² in CM.EL. Where tau² is 0 that runs to minus infinity and the Hessian
#: is flat; with large counts it stops early. The standard error that comes out is impossible: far
#: below that of a common effect.
IMPOSSIBLE_ERROR = {
    "exact-two_studies-random",
    "exact-zero_both_arms-random",
    "exact-big-random",
}
#: glmer, tightened, stopped where nothing is likely.
ASTRAY = {"approximate-unbalanced-random"}
#: CM.EL's numerical Hessian, off by up to a third with a large tau² or large counts.
ROUGH_HESSIAN = {"exact-large_tau-random", "exact-big-common"}


def ids(cases):
    return [case["id"] for case in cases]


def pooled(case):
    options = MixedOptions(
        effects=case["effects"],
        coding=case["coding"],
        correlated=case["correlated"],
        test=case["test"],
    )
    model = {"model": case["model"]} if case["model"] != "one group" else {}
    return POOL[case["kind"]](**case["inputs"], options=options, **model)


def near(ours, theirs, rtol, size=0.0):
    return abs(ours - theirs) <= rtol * max(abs(theirs), size)


@pytest.mark.parametrize("case", TIGHT, ids=ids(TIGHT))
def test_the_tight_solution(case):
    result, tight = pooled(case), case["tight"]
    error = AT_THE_EDGE if case["correlated"] else ITERATIVE
    assert near(result.estimate, tight["beta"], ITERATIVE, tight["se"])
    assert near(result.standard_error, tight["se"], error)
    assert near(result.log_likelihood, tight["ll"], 1e-9, 1.0)
    assert near(result.tau2, tight["tau2"], ITERATIVE, NEGLIGIBLE)
    assert (result.tau2 == 0) == (tight["tau2"] == 0)
    if tight.get("se.tau2"):
        assert near(result.tau2_standard_error, tight["se.tau2"], error)
    else:
        assert math.isnan(result.tau2_standard_error)
    if "sigma2" in tight:
        assert near(result.sigma2, tight["sigma2"], ITERATIVE, NEGLIGIBLE)
    if "rho" in tight:
        assert near(result.correlation, tight["rho"], AT_THE_EDGE)
    if case["effects"] == "random" and len(result.tests):
        against_common = 2 * max(0.0, tight["ll"] - tight["ll.common"])
        assert near(result.test("No variance").statistic, against_common, ITERATIVE, 0.1)


@pytest.mark.parametrize("case", METAFOR, ids=ids(METAFOR))
def test_metafor(case):
    result, fit = pooled(case), case["metafor"]
    assert result.k == fit["k"]
    if case["id"] in ASTRAY:
        assert abs(fit["beta"]) > 20
        return
    if case["id"] in IMPOSSIBLE_ERROR:
        common = pooled({**case, "effects": "common"})
        assert fit["se"] < common.standard_error / 1000
        return
    laplace = case["model"] == "random-studies"
    exact = case["model"] == "conditional" and case["kind"] == "logistic"
    estimate, error = (6e-3, 3e-2) if laplace else (1e-5, 2e-5)
    if case["id"].startswith(("fixed-big", "exact")):
        estimate = 5e-4
    if exact:
        error = 0.5 if case["id"] in ROUGH_HESSIAN else 3e-3
    assert near(result.estimate, fit["beta"], estimate, fit["se"])
    assert near(result.standard_error, fit["se"], error if laplace or exact else 6e-5)
    tau2 = 0.1 if laplace else 5e-5
    assert near(result.tau2, fit["tau2"], tau2, NEGLIGIBLE if not laplace else 1e-3)
    if fit["QE.LRT"] is not None:
        lrt = result.heterogeneity
        assert lrt.df == fit["QE.df"]
        assert near(lrt.statistic, fit["QE.LRT"], 2e-2 if laplace else 1e-8, 1e-3)


WALD = [
    case
    for case in METAFOR
    if case["model"] in {"fixed-studies", "conditional-approximate", "one group"}
    and case["metafor"]["QE.Wld"] is not None
]


@pytest.mark.parametrize("case", WALD, ids=ids(WALD))
def test_wald_test_of_one_effect_for_all(case):
    result, fit = pooled(case), case["metafor"]
    wald = [test for test in result.tests if "Wald" in test.name]
    if not wald or wald[0].df != fit["QE.df"]:
        # A study whose own effect is infinite: metafor counts it with a weight of nearly 0 and
        # a degree of freedom, we leave it out.
        counts = case["inputs"]
        assert any(min(counts[name]) == 0 or _full(counts) for name in counts if "events" in name)
        return
    assert near(wald[0].statistic, fit["QE.Wld"], 5e-6, 1e-3)


def _full(counts):
    return any(
        events == total
        for arm in ("_treatment", "_control", "")
        if f"events{arm}" in counts and f"total{arm}" in counts
        for events, total in zip(counts[f"events{arm}"], counts[f"total{arm}"], strict=True)
    )


T = [case for case in METAFOR if case["test"] == "t"]


@pytest.mark.parametrize("case", T, ids=ids(T))
def test_t_has_one_degree_of_freedom_fewer_than_studies(case):
    result, fit = pooled(case), case["metafor"]
    assert result.df == fit["k"] - 1
    for name, column in (("ci_low", "ci.lb"), ("ci_high", "ci.ub")):
        assert near(getattr(result, name), fit[column], 1e-5, fit["se"])
    assert near(result.p_value, fit["pval"], 1e-5 * max(1, (fit["beta"] / fit["se"]) ** 2))


Z = [
    case
    for case in METAFOR
    if case["test"] == "z"
    and "common" in case["id"]
    and case["model"] in {"fixed-studies", "conditional-approximate"}
]


@pytest.mark.parametrize("case", Z, ids=ids(Z))
def test_wald_interval_and_p(case):
    result, fit = pooled(case), case["metafor"]
    assert near(result.ci_low, fit["ci.lb"], 1e-4, fit["se"])
    assert near(result.ci_high, fit["ci.ub"], 1e-4, fit["se"])
    assert near(result.p_value, fit["pval"], 1e-4 * max(1, (fit["beta"] / fit["se"]) ** 2))


def test_breadth_of_the_fixture():
    """What these comparisons are worth depends on the edges being in them."""
    assert len(CASES) >= 180
    assert len(TIGHT) >= 160
    assert len(METAFOR) >= 170
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert {case["model"] for case in CASES} == {
        "conditional",
        "conditional-approximate",
        "fixed-studies",
        "random-studies",
        "one group",
    }
    random = [case for case in TIGHT if case["effects"] == "random"]
    assert sum(case["tight"]["tau2"] == 0 for case in random) >= 20
    assert sum(case["tight"]["tau2"] > 3 for case in random) >= 5
    sizes = [len(next(iter(case["inputs"].values()))) for case in CASES]
    assert {2, 3} <= set(sizes)
    assert max(sizes) >= 18
    assert any(max(case["inputs"].get("events_treatment", [0])) > 1000 for case in CASES)
    assert set(WRITTEN["versions"]) == {"R", "metafor", "metadat", "lme4", "jsonlite"}
