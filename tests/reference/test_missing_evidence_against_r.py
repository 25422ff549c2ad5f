"""Checks for missing evidence equal R's (missing_evidence.json; needs no R).

metafor has none of these: R computed them from the formulas, with its own distributions, regression
and root finding.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from evidence.appraisal.selection.albatross import albatross
from evidence.appraisal.selection.p_curve import p_curve
from evidence.appraisal.selection.z_curve import z_curve
from evidence.appraisal.small_study.limit_meta_analysis import limit_meta_analysis
from evidence.appraisal.small_study.macaskill import macaskill_test

CLOSED_FORM = 1e-10
ITERATIVE = 1e-7
#: Below it numbers lose their digits one by one.
SMALLEST = 1e-300

WRITTEN = json.loads((Path(__file__).parent / "missing_evidence.json").read_text(encoding="utf-8"))
FIELDS = ("limit", "macaskill", "p_curve", "z_curve", "contours")


def cases(field):
    return pytest.mark.parametrize(
        "case", WRITTEN[field], ids=[case["id"] for case in WRITTEN[field]]
    )


def same(ours, theirs, rtol, size=0.0):
    """Equal but for `rtol` of the number itself, or of the size of what it is part of."""
    return abs(ours - theirs) <= rtol * max(abs(theirs), size)


def same_p(ours, theirs, rtol, statistic):
    """The tail of a distribution magnifies the relative error of a statistic by its square."""
    return max(ours, theirs) < SMALLEST or same(ours, theirs, rtol * max(1.0, statistic**2))


def test_there_are_enough_cases():
    every = [case["id"] for field in FIELDS for case in WRITTEN[field]]
    assert len(every) == len(set(every)) >= 50


@cases("limit")
def test_limit_meta_analysis(case):
    found = limit_meta_analysis(case["yi"], case["vi"], force=True)
    assert same(found.tau2, case["tau2"], ITERATIVE, min(case["vi"]))
    size = case["adjusted.se"]
    assert same(found.unadjusted, case["mean"], ITERATIVE, size)
    assert same(found.estimate, case["alpha"], ITERATIVE, case["alpha.se"])
    assert same(found.statistic, case["z"], ITERATIVE, 1.0)
    assert same_p(found.p_value, case["p"], ITERATIVE, case["z"])
    assert same(found.adjusted, case["adjusted"], ITERATIVE, size)
    assert same(found.adjusted_standard_error, size, ITERATIVE)
    terms = found.table.set_index("term")
    assert same(terms.loc["beta", "estimate"], case["beta"], ITERATIVE, case["beta.se"])
    assert same(terms.loc["beta", "standard_error"], case["beta.se"], ITERATIVE)
    assert same(terms.loc["alpha", "standard_error"], case["alpha.se"], ITERATIVE)
    for ours, theirs in (("q", "q"), ("q_small", "q.small"), ("q_residual", "q.resid")):
        assert same(getattr(found, ours), case[theirs], CLOSED_FORM, case["q"])
    # Chi-square with large Q: an error of Q is one of the logarithm of its tail.
    rtol = CLOSED_FORM * max(1.0, case["q"])
    for ours, theirs in (("q_small", "q.small.p"), ("q_residual", "q.resid.p")):
        p_value = getattr(found, f"{ours}_p_value")
        assert max(p_value, case[theirs]) < SMALLEST or same(p_value, case[theirs], rtol)
    for ours, theirs in zip(found.studies["limit_estimate"], case["limits"], strict=True):
        assert same(ours, theirs, ITERATIVE, size)


@cases("macaskill")
def test_macaskill(case):
    found = macaskill_test(
        events_treatment=case["a"],
        total_treatment=case["n1"],
        events_control=case["c"],
        total_control=case["n2"],
        force=True,
    )
    start, slope = found.table.to_dict("records")
    assert found.k == case["used"]
    assert found.df == case["df"]
    assert same(-found.estimate, case["slope"], CLOSED_FORM, case["se"])
    assert same(slope["standard_error"], case["se"], CLOSED_FORM)
    assert same(-found.statistic, case["statistic"], CLOSED_FORM, 1.0)
    assert same_p(found.p_value, case["p"], CLOSED_FORM, case["statistic"])
    assert same(start["estimate"], case["start"], CLOSED_FORM, case["start.se"])
    assert same(start["standard_error"], case["start.se"], CLOSED_FORM)


@cases("p_curve")
def test_p_curve(case):
    found = p_curve(case["z"], np.ones(len(case["z"])), force=True)
    for ours in ("skew_full", "skew_half", "flat_full", "flat_half"):
        theirs = case.get(ours.replace("_", "."))
        if theirs is None:
            assert math.isnan(getattr(found, ours))
            continue
        assert same(getattr(found, ours), theirs, CLOSED_FORM, 1.0)
        p_value = case["p"][ours.replace("_", ".")]
        assert same_p(getattr(found, f"{ours}_p_value"), p_value, CLOSED_FORM, theirs)
    assert same(found.binomial_p_value, case["binomial"], CLOSED_FORM)
    assert same(found.binomial_flat_p_value, case["binomial.flat"], 1e-9)
    for ours, theirs in (("", "power"), ("_low", "power.lb"), ("_high", "power.ub")):
        assert same(getattr(found, f"power{ours}"), case[theirs], 1e-9)
    assert found.curve["results"].tolist() == case["counts"]
    assert found.curve["share_low_power"].tolist() == pytest.approx(case["low"], rel=1e-9)
    # The same from p values.
    p_values = 2 * norm.sf(case["z"])
    again = p_curve(p_values=p_values, force=True)
    assert same(again.skew_full, found.skew_full, 1e-9, 1.0)


@cases("z_curve")
def test_z_curve(case):
    found = z_curve(case["z"], np.ones(len(case["z"])), draws=100, force=True)
    assert same(found.log_likelihood, case["loglik"], CLOSED_FORM, len(case["z"]))
    assert same(found.replication_rate, case["err"], ITERATIVE)
    assert same(found.discovery_rate, case["edr"], ITERATIVE)
    assert same(found.false_discovery_rate, case["fdr"], ITERATIVE, 0.05)
    assert found.weights["weight"].tolist() == pytest.approx(case["weights"], abs=ITERATIVE)


@cases("contours")
def test_albatross_contours(case):
    plot = albatross([0.5], [50], directions="for")
    given = {"baseline_risk": case["baseline"]} if case["baseline"] else {}
    found = plot.contours(
        [case["effect"]], measure=case["measure"], ratio=case["ratio"], sizes=case["n"], **given
    )
    for ours, theirs, n in zip(found["p_value"], case["p"], case["n"], strict=True):
        assert same(ours, theirs, 1e-9 if theirs > 1e-200 else 1e-7), n
