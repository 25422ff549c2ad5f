"""Which way trials point where nothing can be pooled: the counting rules and the sign test."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from numpy.testing import assert_allclose
from tests.data.small import change_text
from tests.effects.made_up import MINUTES, SPILLS, TROUBLE, arms, contrast, load, study

import evidence
from evidence.errors import UnknownNameError
from evidence.synthesis import DirectionSynthesis, synthesise_direction

EXACT = 1e-12  # relative
SMALL = ("alpha2020", "beta2021", "gamma2022")


def counted(tmp_path: Path, *rows, **more) -> DirectionSynthesis:
    """Return the directions of the made-up trials alone."""
    names = dict.fromkeys(
        row["study_id"] for item in rows for row in (item if isinstance(item, list) else [item])
    )
    more.setdefault("studies", [study(name) for name in names])
    return synthesise_direction(load(tmp_path, *rows, **more), exclude=SMALL)


def told(study_id: str, direction: str, outcome: str = MINUTES, **cells: str) -> dict[str, str]:
    """Return a row that tells a direction and no more."""
    cells = {"significance": "not significant", **cells}
    return contrast(study_id=study_id, direction=direction, outcome_id=outcome, **cells)


def cell(found: DirectionSynthesis, study_id: str, domain: str = "nap duration") -> dict:
    frame = found.to_frame()
    (row,) = frame[(frame["study_id"] == study_id) & (frame["domain"] == domain)].to_dict("records")
    return row


# ------------------------------------------------------------------ the sign test


@pytest.mark.parametrize(
    ("favourable", "unfavourable", "p"),
    [
        # 2 * C(n, 0..least) / 2^n, at most 1
        (1, 0, 1),
        (4, 0, 2 / 16),
        (3, 1, 2 * (1 + 4) / 16),
        (2, 2, 1),
        (1, 5, 2 * (1 + 6) / 64),
        (8, 0, 2 / 256),
    ],
)
def test_the_sign_test_by_hand(
    favourable: int, unfavourable: int, p: float, tmp_path: Path
) -> None:
    found = counted(
        tmp_path,
        [told(f"for{i}", "treatment") for i in range(favourable)],
        [told(f"against{i}", "control") for i in range(unfavourable)],
        [told("neither", "none"), told("silent", "not reported")],
    )
    assert (found.favourable, found.unfavourable, found.undirected) == (
        favourable,
        unfavourable,
        2,
    )
    assert found.trials == favourable + unfavourable + 2
    assert_allclose(found.p_value, p, rtol=EXACT)


def test_without_a_direction_there_is_no_test(tmp_path: Path) -> None:
    found = counted(tmp_path, told("silent", "not reported"))
    assert math.isnan(found.p_value)
    assert "sign test" not in found.summary()


# ------------------------------------------------------------------ one trial, several reports


@pytest.mark.parametrize(
    ("directions", "cell_says", "counts_for"),
    [
        (["treatment"], "treatment", "for"),
        (["treatment", "treatment"], "treatment", "for"),
        (["control"], "control", "against"),
        (["treatment", "not reported"], "treatment", "for"),
        (["treatment", "control"], "mixed", "neither"),
        (["treatment", "none"], "mixed", "neither"),
        (["none"], "none", "neither"),
        (["not reported"], "not reported", "neither"),
    ],
)
def test_reports_of_one_domain(
    directions: list[str], cell_says: str, counts_for: str, tmp_path: Path
) -> None:
    rows = [told("delta", way, p_of=str(place)) for place, way in enumerate(directions)]
    found = counted(tmp_path, rows)
    row = cell(found, "delta")
    assert row["direction"] == cell_says
    assert row["comparisons"] == len(directions)
    counts = {"for": found.favourable, "against": found.unfavourable, "neither": found.undirected}
    assert counts == {**dict.fromkeys(counts, 0), counts_for: 1}


@pytest.mark.parametrize(
    ("minutes", "trouble", "counts_for"),
    [
        ("treatment", "treatment", "for"),
        ("control", "control", "against"),
        ("treatment", "not reported", "for"),
        ("not reported", "control", "against"),
        ("treatment", "control", "neither"),
        ("treatment", "none", "neither"),
        ("none", "none", "neither"),
    ],
)
def test_domains_of_one_trial(minutes: str, trouble: str, counts_for: str, tmp_path: Path) -> None:
    found = counted(tmp_path, told("delta", minutes), told("delta", trouble, TROUBLE))
    assert len(found.cells) == 2
    counts = {"for": found.favourable, "against": found.unfavourable, "neither": found.undirected}
    assert counts == {**dict.fromkeys(counts, 0), counts_for: 1}


def test_silence_is_a_caution_with_its_number(tmp_path: Path) -> None:
    found = counted(
        tmp_path, told("a", "not reported"), told("b", "not reported"), told("c", "treatment")
    )
    assert [caution.code for caution in found.cautions] == ["vote", "silent"]
    assert found.cautions[1].message.startswith("two results told only as not significant")
    loud = counted(tmp_path / "loud", told("c", "treatment"))
    assert [caution.code for caution in loud.cautions] == ["vote"]


# ------------------------------------------------------------------ from the groups' means


@pytest.mark.parametrize(
    ("outcome", "treatment", "control", "direction"),
    [
        (MINUTES, "310", "300", "treatment"),
        (MINUTES, "300", "310", "control"),
        (MINUTES, "300", "300", "none"),
        (TROUBLE, "8", "10", "treatment"),
        (TROUBLE, "10", "8", "control"),
    ],
)
def test_the_direction_of_two_means(
    outcome: str, treatment: str, control: str, direction: str, tmp_path: Path
) -> None:
    rows = arms({"mean": treatment}, {"mean": control}, study_id="delta", outcome_id=outcome)
    found = counted(tmp_path, rows)
    domain = "nap duration" if outcome == MINUTES else "nap trouble"
    assert cell(found, "delta", domain)["direction"] == direction
    assert cell(found, "delta", domain)["significant"] == "not reported"


def test_what_the_report_says_goes_before_the_means(tmp_path: Path) -> None:
    rows = arms({"mean": "310"}, {"mean": "300"}, study_id="delta")
    found = counted(tmp_path, rows, told("delta", "control"))
    assert cell(found, "delta")["direction"] == "control"
    assert cell(found, "delta")["comparisons"] == 1


def test_means_of_two_times_are_two_comparisons(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        arms({"mean": "310"}, {"mean": "300"}, study_id="delta"),
        arms({"mean": "290"}, {"mean": "300"}, study_id="delta", timepoint="week 8"),
    )
    assert cell(found, "delta")["direction"] == "mixed"
    assert cell(found, "delta")["comparisons"] == 2


def test_a_change_is_not_compared_with_a_value(tmp_path: Path) -> None:
    value, other = arms({"mean": "310"}, {"mean": "300"}, study_id="delta")
    found = counted(tmp_path, [{**value, "kind": "change"}, other])
    assert found.trials == 0


def test_baseline_values_have_no_direction(tmp_path: Path) -> None:
    rows = arms({"mean": "310"}, {"mean": "300"}, study_id="delta", kind="baseline")
    assert counted(tmp_path, rows).trials == 0


# ------------------------------------------------------------------ significance


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ({"p": "0.04"}, "yes"),
        ({"p": "0.05"}, "yes"),
        ({"p": "0.06"}, "no"),
        ({"p": "0.05", "p_relation": "<"}, "yes"),
        ({"p": "0.001", "p_relation": "<"}, "yes"),
        ({"p": "0.05", "p_relation": "<="}, "yes"),
        ({"p": "0.1", "p_relation": "<"}, "not reported"),
        ({"p": "0.05", "p_relation": ">"}, "no"),
        ({"p": "0.2", "p_relation": ">"}, "no"),
        ({"p": "0.01", "p_relation": ">"}, "not reported"),
        ({"p": "0.001", "p_test": "several groups"}, "not reported"),
        ({"significance": "significant"}, "yes"),
        ({"significance": "not significant"}, "no"),
        ({}, "not reported"),
    ],
)
def test_what_counts_as_significant(cells: dict, verdict: str, tmp_path: Path) -> None:
    found = counted(tmp_path, contrast(study_id="delta", **cells))
    assert cell(found, "delta")["significant"] == verdict


@pytest.mark.parametrize(
    ("values", "verdict"),
    [(["0.01", "0.02"], "yes"), (["0.01", "0.2"], "some"), (["0.1", "0.2"], "no")],
)
def test_several_p_values(values: list[str], verdict: str, tmp_path: Path) -> None:
    rows = [contrast(study_id="delta", p=p, p_of=p) for p in values]
    assert cell(counted(tmp_path, rows), "delta")["significant"] == verdict


# ------------------------------------------------------------------ which studies and outcomes


def test_only_trials_and_only_benefits_count(tmp_path: Path) -> None:
    def harmful(review: Path) -> None:
        change_text(
            review,
            "review.toml",
            'domain = "harms"\nkind = "dichotomous"',
            'domain = "harms"\nabout = "harm"\nkind = "dichotomous"',
        )

    found = counted(
        tmp_path,
        told("trial", "treatment"),
        told("trial", "control", SPILLS),
        told("comparator", "control"),
        studies=[study("trial"), study("comparator", role="comparator")],
        edit=harmful,
    )
    assert found.cells["study_id"].tolist() == ["trial"]
    assert (found.favourable, found.unfavourable) == (1, 0)


def test_excluded_studies_do_not_count(tmp_path: Path) -> None:
    review = load(tmp_path, told("delta", "control"), studies=[study("delta")])
    every = synthesise_direction(review)
    # Alpha (also 3 of 30 spills against none), Beta and Gamma favour the treatment.
    assert (every.favourable, every.unfavourable, every.trials) == (3, 1, 4)
    assert synthesise_direction(review, exclude=("delta",)).unfavourable == 0
    with pytest.raises(UnknownNameError, match=r"no study 'delt'.*Did you mean 'delta'"):
        synthesise_direction(review, exclude=("delt",))


def test_the_rows_are_in_the_order_of_the_studies(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        told("zeta", "treatment"),
        told("eta", "treatment"),
        studies=[study("eta", n_randomised="40"), study("zeta")],
    )
    assert found.cells["study_id"].tolist() == ["eta", "zeta"]
    assert found.cells["n"].tolist()[0] == 40
    assert found.cells["label"].tolist() == ["Eta", "Zeta"]


def test_one_second_hand_row_makes_the_cell_second_hand(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        [told("delta", "treatment"), told("delta", "treatment", tier="secondary", p_of="retold")],
        told("eta", "treatment"),
    )
    assert cell(found, "delta")["tier"] == "secondary"
    assert cell(found, "eta")["tier"] == "primary"


def test_in_words(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        [told(name, "treatment") for name in ("a", "b", "c")],
        told("d", "control"),
        told("e", "none"),
    )
    assert found.summary().splitlines()[0] == (
        "Of five trials, 3 point towards the treatment, 1 towards the comparator, and 1 state no "
        "direction or both. If the treatment did nothing, each would be as likely to point "
        "either way: sign test p = 0.62."
    )
    assert found.to_dict()["p_value"] == found.p_value
    assert len(found.to_dict()["cells"]) == 5


def test_the_real_review() -> None:
    found = synthesise_direction(evidence.load_review("magnesium-sleep"))
    by_trial = found.cells.groupby("study_id")["direction"].agg(set).to_dict()
    assert by_trial["nielsen2010"] == {"none"}
    assert by_trial["khalid2024"] == {"not reported"}
    assert by_trial["held2002"] == {"treatment"}
    assert (found.favourable, found.unfavourable, found.undirected) == (8, 0, 3)
    # 2 / 2^8
    assert_allclose(found.p_value, 2 / 256, rtol=EXACT)
