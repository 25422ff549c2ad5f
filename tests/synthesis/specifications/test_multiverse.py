"""Every analysis is the one that pooling its trials by hand gives; counts and words follow."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from tests.data.small import set_cell, small_review
from tests.effects.made_up import TROUBLE, append, arms, contrast, load, study
from tests.judgement.altered import copy_review
from tests.synthesis.specifications.made_up_review import made_up_review

from evidence.data import load_review
from evidence.effects import derive
from evidence.errors import InsufficientEvidenceError, InvalidArgumentError, UnknownNameError
from evidence.synthesis import pool, synthesise
from evidence.synthesis.specifications.decisions import CORRELATIONS, model_of
from evidence.synthesis.specifications.multiverse import multiverse
from evidence.synthesis.specifications.trials import trials_of


@pytest.fixture(scope="module")
def review(tmp_path_factory):
    return made_up_review(tmp_path_factory.mktemp("made-up"))


@pytest.fixture(scope="module")
def found(review):
    return multiverse(review, outcome=TROUBLE, most=1_000_000)


def place(found, name: str) -> int:
    return [decision.id for decision in found.decisions].index(name)


def option(found, row: int, name: str) -> str:
    decision = found.decisions[place(found, name)]
    return decision.options[found.chosen[row, place(found, name)]].name


def test_every_decision_has_something_to_decide(found):
    ids = [decision.id for decision in found.decisions]
    assert ids == [
        "measure",
        "exclusions",
        "reading of delta2024",
        "direction",
        "imputation",
        "correlation",
        "design",
        "status",
        "tier",
        "form",
        "registration",
        "risk-of-bias",
        "variation",
        "interval",
    ]
    assert found.idle == (
        "which outcomes count",
        "which comparators count",
        "which populations count",
    )
    assert all(decision.planned[0] == 0 for decision in found.decisions)
    assert found.total == math.prod(len(decision.options) for decision in found.decisions)


def test_an_analysis_is_what_pooling_its_trials_gives(found):
    rng = np.random.default_rng(1)
    checked = 0
    for row in rng.integers(0, len(found), 300):
        used = [found.readings[i] for i in found.entering[row] if i >= 0]
        assert len({reading.measure for reading in used}) == 1
        assert found.measure[row] == used[0].measure
        model, tau2_method = model_of(option(found, row, "variation"))
        result = pool(
            used,
            labels=[str(i) for i in range(len(used))],
            model=model,
            tau2_method=tau2_method,
            ci_method=option(found, row, "interval"),
        )
        assert found.k[row] == result.k
        for name, values in found.numbers.items():
            assert values[row] == pytest.approx(getattr(result, name), rel=1e-9, nan_ok=True), name
        checked += result.k > 1
    assert checked > 200


def test_the_planned_analysis_is_the_planned_analysis(review, found):
    planned = synthesise(review, "trouble")
    # Delta is left out by decision, so its contradiction is not the plan's.
    (row,) = np.flatnonzero(found.planned)
    assert len(planned.scenarios) == 1
    result = planned.scenarios[0].result
    assert found.numbers["estimate"][row] == pytest.approx(result.estimate, rel=1e-12)
    assert found.numbers["ci_low"][row] == pytest.approx(result.ci_low, rel=1e-12)
    assert found.k[row] == planned.k


def test_each_decision_lets_in_what_it_says(review):
    trials = trials_of(review, TROUBLE)
    first = np.zeros((1, len(trials.decisions)), dtype=np.int16)
    column = {decision.id: i for i, decision in enumerate(trials.decisions)}
    smd = trials.measures.index("standardised mean difference")

    def entering(**options: int) -> dict[str, object]:
        codes = first.copy()
        for name, taken in options.items():
            codes[0, column[name.replace("_", "-")]] = taken
        places = trials.entering(codes)[0]
        return {
            label: trials.readings[i]
            for label, i in zip(trials.labels, places, strict=True)
            if i >= 0
        }

    plan = {"Alpha 2020", "Iota2024"}
    assert set(entering()) == plan
    # What a decision left out is Delta, and Gamma of the small review.
    both = plan | {"Gamma 2022", "Delta2024"}
    assert set(entering(exclusions=1)) == both
    assert set(entering(exclusions=1, tier=1)) == both - {"Gamma 2022"}
    assert set(entering(exclusions=1, form=1)) == {"Alpha 2020", "Delta2024"}
    assert set(entering(status=1)) == {"Alpha 2020"}
    assert set(entering(registration=1)) == {"Alpha 2020"}
    assert set(entering(risk_of_bias=1)) == {"Alpha 2020"}
    assert set(entering(risk_of_bias=2, exclusions=1)) == {"Delta2024"}
    assert set(entering(correlation=1)) == {*plan, "Eta2024"}
    assert set(entering(correlation=1, design=1)) == plan

    better = entering(measure=smd, direction=1)["Epsilon2024"]
    worse = entering(measure=smd, direction=2)["Epsilon2024"]
    # Lower is better here.
    assert better.estimate == -worse.estimate < 0
    assert better.standard_error == worse.standard_error
    assert "imputed" in {caution.code for caution in better.cautions}

    imputed = entering(measure=smd, imputation=1)
    assert imputed["Zeta2024"].estimate == 0
    assert imputed["Zeta2024"].standard_error == pytest.approx(math.sqrt(1 / 45 + 1 / 45))
    # A p value below a bound counts as one at the bound, in the direction that was reported.
    assert imputed["Theta2024"].p_value == pytest.approx(0.05, abs=0.006)
    assert imputed["Theta2024"].estimate < 0


def test_the_correlation_of_a_crossover_is_taken(review):
    trials = trials_of(review, TROUBLE)
    for r in CORRELATIONS:
        reading = derive(
            review, "eta2024", TROUBLE, measure="mean difference", correlation=r
        ).readings[0]
        assert reading.estimate == pytest.approx(-1.5)
        assert reading.standard_error == pytest.approx(math.sqrt(2 * 16 * (1 - r) / 24))
        assert reading.estimate in [each.estimate for each in trials.readings]


def test_counts_add_up(found):
    assert found.combinations.sum() + found.impossible == found.codes.shape[0] == found.total
    assert len(found) == len(found.k) == len(found.numbers["estimate"])
    assert (found.k >= 1).all()
    # The same trials, effects and method are one analysis.
    keys = {
        (*row, *option_codes)
        for row, option_codes, k in zip(
            found.entering.tolist(), found.chosen[:, -2:].tolist(), found.k, strict=True
        )
        if k > 1
    }
    assert len(keys) == int((found.k > 1).sum())
    assert np.unique(found.entering[found.k == 1], axis=0).shape[0] == int((found.k == 1).sum())


def test_what_is_shown_departs_least_from_the_plan(found):
    planned = np.flatnonzero(found.planned)
    assert (found.chosen[planned] == 0).all()
    for row in np.random.default_rng(2).integers(0, len(found), 40):
        mine = found.codes[found.of_combination == row]
        assert (mine == found.chosen[row]).all(axis=1).any()
        departures = (mine != 0).sum(axis=1)
        readings = place(found, "reading of delta2024")
        departures -= mine[:, readings] != 0
        assert (found.chosen[row] != 0).sum() - (found.chosen[row, readings] != 0) == min(
            departures
        )


def test_sides_and_sizes(found):
    estimate, low, high = found.benefit
    assert (low <= estimate).all()
    assert (estimate <= high).all()
    for side, words in zip(found.side, zip(low, high, strict=True), strict=True):
        assert side == (2 if words[0] > 0 else 0 if words[1] < 0 else 1)
    known = found.measure == "mean difference"
    assert (found.threshold[known] == 1.5).all()
    assert np.isnan(found.threshold[~known]).all()
    assert (found.size[~known] == 4).all()
    assert (found.size[known & (low >= 1.5)] == 3).all()
    assert (found.size[known & (high < 1.5) & (high > -1.5)] == 1).all()


def test_what_moves_is_what_differs_among_neighbours(found):
    table = found.moves.set_index("decision")
    name = "risk-of-bias"
    column = place(found, name)
    others = np.delete(found.codes, column, axis=1)
    seen: dict[bytes, list[int]] = {}
    for key, analysis in zip(others, found.of_combination, strict=True):
        if analysis >= 0:
            seen.setdefault(key.tobytes(), []).append(int(found.side[analysis]))
    several = [sides for sides in seen.values() if len(sides) > 1]
    share = sum(len(set(sides)) > 1 for sides in several) / len(several)
    assert table.loc[name, "share_changed"] == pytest.approx(share, rel=1e-12)
    assert table.loc["interval", "mean_move"] == 0
    assert list(found.moves["share_changed"]) == sorted(found.moves["share_changed"], reverse=True)


def test_a_sample_of_the_combinations(review, found):
    sampled = multiverse(review, outcome=TROUBLE, most=5_000, seed=4)
    assert sampled.total == found.total
    assert sampled.codes.shape[0] <= 5_000 + 1
    assert sampled.planned.sum() == 1
    assert "sampled" in {caution.code for caution in sampled.cautions}
    assert "were drawn" in sampled.summary()
    again = multiverse(review, outcome=TROUBLE, most=5_000, seed=4)
    assert again.to_dict() == sampled.to_dict()
    better = float((found.direction > 0).mean())
    assert float((sampled.direction > 0).mean()) == pytest.approx(better, abs=0.1)
    assert len(sampled.moves) == len(found.moves)


def test_the_words_follow_the_numbers(found):
    text = found.summary()
    assert f"{found.total:,} ways" in text
    assert f"{len(found):,} different analyses" in text
    assert "make no difference here" in text
    turned = replace(found, benefit_sign=-found.benefit_sign)
    assert turned.summary() != text
    assert "in favour of the treatment in none" in (turned.summary() + text)


def test_every_face(found):
    frame = found.to_frame()
    assert len(frame) == len(found)
    assert frame["planned"].sum() == 1
    assert set(frame["tier"]) <= {"all", "first-hand only", "all or first-hand only"}
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["analyses"] == len(found)
    assert 0 < plain["interval_as_planned"] <= 1
    page = found._repr_html_()
    assert "(planned)" in page
    assert found.title in page


def test_a_planned_interval_with_its_own_estimator(tmp_path):
    folder = small_review(tmp_path)
    plan = folder / "review.toml"
    plan.write_text(plan.read_text().replace('ci_method = "HKSJ"', 'ci_method = "Henmi-Copas"'))
    review = load_review(folder)
    found = multiverse(review, outcome="trouble")
    (row,) = np.flatnonzero(found.planned)
    result = synthesise(review, "trouble").scenarios[0].result
    assert found.numbers["ci_high"][row] == pytest.approx(result.ci_high, rel=1e-12)
    own = found.chosen[:, -1] == 0
    assert (found.chosen[own & (found.k > 1), -2] == 0).all()


def test_a_common_effect_can_be_the_plan(tmp_path):
    review = load_review(small_review(tmp_path))
    found = multiverse(review, outcome="spills")
    assert found.decisions[-2].options[0].name == "common effect"
    assert found.planned_measure == "risk ratio"
    assert set(found.measure) == {"risk ratio", "odds ratio", "risk difference"}
    assert (found.threshold[found.measure == "odds ratio"] == math.log(1.25)).all()


def test_refusals(tmp_path, review):
    with pytest.raises(UnknownNameError, match="no outcome or analysis 'trubble'"):
        multiverse(review, outcome="trubble")
    with pytest.raises(InvalidArgumentError, match="No analysis of 'nap-minutes' is planned"):
        multiverse(review, outcome="nap-minutes")
    for most in (0, 99, 100.5, "many", math.nan, True):
        with pytest.raises(InvalidArgumentError, match="most is"):
            multiverse(review, most=most)
    folder = small_review(tmp_path)
    for line in (2, 3, 4):
        set_cell(folder, "studies", line, "role", "comparator")
    with pytest.raises(InsufficientEvidenceError, match="no trial gives an effect"):
        multiverse(load_review(folder), outcome=TROUBLE)


def test_a_plan_that_leaves_no_trial(tmp_path):
    folder = small_review(tmp_path)
    # The one trial that the plan keeps goes out by decision, like the other.
    append(
        folder,
        "exclusions",
        [{"analysis_id": "trouble", "study_id": "alpha2020", "reason": "Its tea was cold."}],
    )
    found = multiverse(load_review(folder), outcome=TROUBLE)
    assert not found.has_plan
    assert found.planned_measure in ("mean difference", "standardised mean difference")
    assert "As planned no trial is left" in found.summary()
    assert (found.departures["k"][found.departures["decision"] == ""] == 0).all()
    assert found.to_dict()["interval_as_planned"] is None
    assert len(found.moves) == len(found.decisions)


def test_one_departure_at_a_time(found):
    table = found.departures
    planned = table.iloc[0]
    assert planned["option"] == "as planned"
    assert (table["decision"] == "").sum() == math.prod(
        len(decision.planned) for decision in found.decisions
    )
    wanted = sum(len(d.options) - len(d.planned) for d in found.decisions)
    readings = len(found.decisions[place(found, "reading of delta2024")].planned)
    assert len(table) == (wanted + 1) * readings
    common = table[(table["decision"] == "interval") & (table["option"] == "Wald")].iloc[0]
    assert common["estimate"] == planned["estimate"]
    assert common["ci_high"] - common["ci_low"] <= planned["ci_high"] - planned["ci_low"]
    moved = (table["side"] != planned["side"]) | (table["size"] != planned["size"])
    assert (table["changes"] == (moved & (table["k"] > 0))).all()


def test_two_p_values_that_contradict_each_other_are_two_readings(tmp_path):
    rows = [
        contrast(outcome_id=TROUBLE, p=p, n_total="60", p_of=f"test {p}") for p in ("0.002", "0.37")
    ]
    found = multiverse(load(tmp_path, rows), outcome=TROUBLE)
    decision = found.decisions[place(found, "reading of delta2024")]
    assert [option.name for option in decision.options] == [
        "from p = 0.37 and the group sizes, as a comparison of two groups",
        "from p = 0.002 and the group sizes, as a comparison of two groups",
    ]
    # Both are the plan's.
    assert decision.planned == (0, 1)


def test_one_analysis_is_said_to_be_one(tmp_path):
    folder = small_review(tmp_path)
    set_cell(folder, "studies", 4, "role", "comparator")
    found = multiverse(load_review(folder), outcome="spills")
    assert found.planned.sum() == 1
    assert "1 different" not in found.summary()


def test_a_small_sample_does_not_say_that_what_was_not_run_leaves_no_trial(review, found):
    sampled = multiverse(review, outcome=TROUBLE, most=100.0)
    assert sampled.codes.shape[0] <= 100
    names = ["decision", "option", "reading", "k"]
    everything = set(found.departures[names].itertuples(index=False, name=None))
    table = sampled.departures
    assert set(table[names].itertuples(index=False, name=None)) < everything
    for seed in (-1, 0.5, "many"):
        with pytest.raises(InvalidArgumentError, match="seed is"):
            multiverse(review, outcome=TROUBLE, most=100, seed=seed)


def test_two_trials_of_one_label_keep_their_readings_apart(tmp_path):
    ids = ("delta2024", "epsilon2024")
    rows = [
        contrast(outcome_id=TROUBLE, study_id=study_id, p=p, n_total="60", p_of=f"test {p}")
        for study_id, ps in zip(ids, (("0.002", "0.37"), ("0.0001", "0.04", "0.6")), strict=True)
        for p in ps
    ]
    studies = [study(study_id, label="Delta 2024") for study_id in ids]
    found = multiverse(load(tmp_path, rows, studies=studies), outcome=TROUBLE)
    options = [len(found.decisions[place(found, f"reading of {each}")].options) for each in ids]
    assert options == [2, 3]
    twins = [column for column, label in enumerate(found.labels) if label == "Delta 2024"]
    for column, count in zip(twins, options, strict=True):
        used = found.entering[:, column]
        measures = {found.readings[each].measure for each in used[used >= 0]}
        assert len(set(used[used >= 0])) == count * len(measures)


def test_a_plan_that_pools_differences_of_several_outcomes_is_carried_out(tmp_path):
    folder = copy_review(tmp_path)
    plan = folder / "review.toml"
    was = 'measure = "standardised mean difference"'
    plan.write_text(plan.read_text().replace(was, 'measure = "mean difference"', 1))
    review = load_review(folder)
    first = next(iter(review.plan.analyses.values()))
    assert (len(first.outcomes) > 1, first.measure) == (True, "mean difference")
    found = multiverse(review)
    results = {scenario.result.estimate for scenario in synthesise(review, first.id).scenarios}
    assert found.has_plan
    assert sorted(found.numbers["estimate"][found.planned]) == pytest.approx(sorted(results))


def test_outcomes_of_opposite_directions_are_no_one_question(tmp_path):
    folder = small_review(tmp_path)
    plan = folder / "review.toml"
    was = f'outcomes = ["{TROUBLE}"]'
    both = f'outcomes = ["{TROUBLE}", "nap-minutes"]'
    plan.write_text(plan.read_text().replace(was, both))
    with pytest.raises(InvalidArgumentError, match="better high and better low"):
        multiverse(load_review(folder), outcome=TROUBLE)


def test_a_share_beside_importance_is_among_those_of_which_it_is_known(found):
    known = found.measure == found.planned_measure
    partly = replace(found, threshold=np.where(known, found.threshold, math.nan))
    planned = partly.size[partly.planned]
    wanted = float(np.isin(partly.size[known], planned).mean())
    assert partly.share_as_planned("size") == wanted
    unknown = replace(found, threshold=np.full(len(found), math.nan))
    assert math.isnan(unknown.share_as_planned("size"))
    assert unknown.to_dict()["importance_as_planned"] is None


def test_many_planned_readings_are_said_as_a_range(found):
    every = replace(found, codes=np.zeros_like(found.codes))
    assert every.planned.sum() > 8
    assert "as contradictory reports are read (mean difference)" in every.summary()


def test_results_cannot_be_changed_by_accident(found):
    with pytest.raises(TypeError):
        found.numbers["estimate"] = np.zeros(len(found))


def test_first_hand_only_keeps_a_trial_whose_first_hand_report_agrees(tmp_path):
    """A second-hand summary of the groups is preferred to an interval, until it must be own."""
    named = {"study_id": "delta2024", "outcome_id": TROUBLE}
    groups = arms({"mean": "9.0"}, {"mean": "11.0"}, sd="4.0", n="40", tier="secondary", **named)
    agreeing = contrast(
        "mean difference",
        **named,
        estimate="-2.0",
        ci_low="-3.8",
        ci_high="-0.2",
        n_treatment="40",
        n_control="40",
        tier="primary",
    )
    review = load(tmp_path, [*groups, agreeing], studies=[study("delta2024")])
    trials = trials_of(review, TROUBLE)
    column = [decision.id for decision in trials.decisions].index("tier")
    codes = np.zeros((2, len(trials.decisions)), dtype=np.int16)
    codes[1, column] = 1
    both = trials.entering(codes)[:, trials.labels.index("Delta2024")]
    kinds = [(trials.readings[i].kind, trials.readings[i].tier) for i in both]
    assert kinds == [("arms", "secondary"), ("interval", "primary")]
