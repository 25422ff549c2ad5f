"""One p value for each trial, taken by rule and not by size; what it cannot say is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tests.data.small import small_review
from tests.effects.made_up import TROUBLE, contrast, load, study
from tests.synthesis.specifications.made_up_review import made_up_review

from evidence.appraisal.p_evidence import collect_p_values
from evidence.data import load_review
from evidence.errors import InsufficientEvidenceError, UnknownNameError
from evidence.synthesis import combine_p_values


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return collect_p_values(made_up_review(tmp_path_factory.mktemp("p")))


def row(found, study_id):
    return found.table.set_index("study_id").loc[study_id]


def test_what_is_taken(found):
    assert row(found, "alpha2020")["p"] == 0.044
    assert row(found, "alpha2020")["direction"] == "for"
    assert row(found, "epsilon2024")[["p", "relation", "n", "direction"]].tolist() == [
        0.04,
        "=",
        60,
        "unknown",
    ]
    assert row(found, "theta2024")["relation"] == "<"
    # Beta reports another outcome, about the benefit too.
    assert row(found, "beta2021")["outcome"] == "minutes"


def test_only_significance_told_is_a_bound(found):
    zeta = row(found, "zeta2024")
    assert (zeta["p"], zeta["relation"]) == (0.05, ">")
    assert found.told == ("Zeta2024",)
    assert "only said whether the result was significant" in found.summary()


def test_who_has_no_say(found):
    assert "Iota2024" in found.silent
    # By decision Delta, and Gamma of the small review.
    assert set(found.excluded) == {"Gamma 2022", "Delta2024"}
    assert not set(found.table["label"]) & {*found.silent, *found.excluded}
    assert "Left out by decision" in found.summary()


def test_combined_as_the_function_combines(found):
    fisher, edgington = found.combined
    table = found.table
    direct = combine_p_values(
        table["p"], relations=list(table["relation"]), labels=list(table["label"])
    )
    assert fisher.to_dict() == direct.to_dict()
    assert fisher.sentence in found.summary()
    assert edgington.sentence in found.summary()
    # One direction is not known, so they speak of either.
    assert "in either direction" in fisher.sentence


def test_directions_are_used_where_all_are_known(tmp_path):
    rows = [
        contrast(outcome_id=TROUBLE, study_id=name, p=p, n_total="40", direction=way)
        for name, p, way in (("a1", "0.03", "treatment"), ("b1", "0.20", "control"))
    ]
    review = load(tmp_path, rows, studies=[study("a1"), study("b1")])
    found = collect_p_values(review)
    assert "unknown" not in set(found.table["direction"])
    assert "in either direction" not in found.combined[0].sentence


def test_the_report_that_claims_least_counts(tmp_path):
    rows = [
        contrast(outcome_id=TROUBLE, p=p, n_total="40", p_of=f"test {p}") for p in ("0.002", "0.37")
    ]
    found = collect_p_values(load(tmp_path, rows))
    assert row(found, "delta2024")["p"] == 0.37


def test_a_test_of_several_groups_does_not_count(tmp_path):
    many = contrast(outcome_id=TROUBLE, p="0.002", n_total="40", p_test="several groups")
    found = collect_p_values(load(tmp_path, many))
    assert "Delta2024" in found.silent


def test_the_albatross_has_the_trials_of_known_size(found):
    assert set(found.albatross.studies["label"]) <= set(found.table["label"])
    assert len(found.albatross.studies) == int(found.table["n"].notna().sum())


def test_every_face(found):
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert len(plain["trials"]) == len(found.table) == len(found.to_frame())
    assert "One p value for each trial" in found._repr_html_()
    assert not np.isnan(found.table["p"]).any()


def test_refusals(tmp_path):
    review = load_review(small_review(tmp_path))
    with pytest.raises(UnknownNameError):
        collect_p_values(review, analysis_id="troubles")
    folder = small_review(tmp_path / "b")
    (folder / "contrasts.csv").write_text(
        (folder / "contrasts.csv").read_text().splitlines()[0] + "\n"
    )
    with pytest.raises(InsufficientEvidenceError, match="no trial reports a p value"):
        collect_p_values(load_review(folder))


@pytest.mark.parametrize(
    ("reports", "taken"),
    [
        # An exact value stands for a bound that it lies within.
        ([("0.049", "="), ("0.05", "<")], (0.049, "=")),
        ([("0.20", "="), ("0.05", ">")], (0.20, "=")),
        # A bound above it contradicts it, and claims less.
        ([("0.02", "="), ("0.05", ">")], (0.05, ">")),
        ([("0.01", "<"), ("0.05", "<")], (0.05, "<")),
        ([("0.01", "<"), ("0.05", ">")], (0.05, ">")),
    ],
)
def test_which_of_several_reports_is_taken(tmp_path, reports, taken):
    rows = [
        contrast(outcome_id=TROUBLE, p=p, p_relation=way, n_total="40", p_of=f"{way} {p}")
        for p, way in reports
    ]
    found = row(collect_p_values(load(tmp_path, rows)), "delta2024")
    assert found["p"] == pytest.approx(taken[0], rel=1e-12)
    assert found["relation"] == taken[1]
