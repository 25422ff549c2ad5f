"""What the methods for one trial say equals what R says (trial.json; needs no R)."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from evidence.appraisal import (
    design_errors,
    false_positive_risk,
    informed_bayes_factor,
    jzs_bayes_factor,
    sceptical_p_value,
    shrink_trial,
    size_for_power,
)

FIXTURE = json.loads((Path(__file__).parent / "trial.json").read_text(encoding="utf-8"))
#: BayesFactor's quadrature states errors up to about this.
QUADRATURE = 2e-4
#: R's integrate() and uniroot(), and its noncentral t, whose series stops early.
INTEGRALS = 1e-7


def cases(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=case["id"]) for case in FIXTURE[kind]]
    )


def test_what_is_compared() -> None:
    kinds = set(FIXTURE) - {"written_by", "versions"}
    counts = {kind: len(FIXTURE[kind]) for kind in kinds}
    assert counts == {
        "jzs": 126, "informed": 60, "sizes": 36, "powers": 20, "risks": 32, "shrunken": 6,
        "sceptical": 36,
    }  # fmt: skip
    assert set(FIXTURE["versions"]) == {"R", "BayesFactor", "pwr", "jsonlite"}


@cases("jzs")
def test_default_bayes_factors(case: dict) -> None:
    ours = jzs_bayes_factor(case["t"], case["n1"], case["n2"] or None, scale=case["scale"])
    assert ours.log_factor == pytest.approx(case["log_factor"], abs=QUADRATURE)


@cases("informed")
def test_informed_bayes_factors(case: dict) -> None:
    root = math.sqrt(case["n1"] * case["n2"] / (case["n1"] + case["n2"]))
    ours = informed_bayes_factor(
        case["t"],
        location=case["location"] * root,
        scale=case["scale"] * root,
        prior_df=case.get("prior_df"),
        df=case["n1"] + case["n2"] - 2,
    )
    assert ours.log_factor == pytest.approx(case["log_factor"], abs=INTEGRALS)


@cases("sizes")
def test_people_for_a_power(case: dict) -> None:
    ours = size_for_power(case["d"], 1, power=case["power"], alpha=case["alpha"])
    assert ours.per_arm == math.ceil(case["n"] - 1e-6)
    assert ours.people == 2 * ours.per_arm


@cases("powers")
def test_power_and_errors_with_t(case: dict) -> None:
    ours = design_errors(case["delta"], 1, df=case["df"])
    assert ours.power == pytest.approx(case["power"], rel=INTEGRALS)
    assert ours.type_s == pytest.approx(case["type_s"], rel=1e-6, abs=1e-10)
    assert ours.type_m == pytest.approx(case["type_m"], rel=1e-6)


@cases("risks")
def test_false_positive_risks(case: dict) -> None:
    ours = false_positive_risk(
        case["t"], noncentrality=case["d"] * math.sqrt(case["n"] / 2), df=2 * case["n"] - 2
    )
    assert ours.p_value == pytest.approx(case["p"])
    assert ours.likelihood_ratio == pytest.approx(case["likelihood_ratio"], rel=INTEGRALS)
    assert ours.power == pytest.approx(case["power"], rel=INTEGRALS)


@cases("shrunken")
def test_what_trials_usually_show(case: dict) -> None:
    ours = shrink_trial(case["z"], 1)
    found = ours.estimate, ours.right_sign, ours.repeat, ours.ci_low, ours.ci_high
    wanted = [case[name] for name in ("mean", "right_sign", "repeat_", "low", "high")]
    assert found == pytest.approx(wanted, rel=INTEGRALS, abs=1e-8)


@cases("sceptical")
def test_sceptical_z_values(case: dict) -> None:
    ours = sceptical_p_value(case["z1"] * math.sqrt(case["c"]), math.sqrt(case["c"]), case["z2"], 1)
    assert ours.z_value == pytest.approx(case["z"], rel=INTEGRALS)
    assert ours.z_value < min(case["z1"], case["z2"])
