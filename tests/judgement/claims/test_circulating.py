"""Numbers in circulation: each refuted by what the tables have, and nobody named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.data.small import set_cell, set_cells
from tests.judgement.altered import copy_review, edit

from evidence.data import Review, load_review
from evidence.data.claim_tests import LOOKUPS
from evidence.data.tables import TABLES
from evidence.judgement import circulating_numbers
from evidence.judgement.claims.circulating import LOOKED_UP


def test_the_true_values_of_the_worked_case(review: Review) -> None:
    table = circulating_numbers(review).table.set_index("misreported_id")
    truth = table["truth"]
    assert (
        "mean difference 7.06 (95% CI 4.37 to 9.75) minutes" in truth["melatonin-interval-narrow"]
    )
    assert "risk ratio 1.37 (95% CI 1.05 to 1.78)" in truth["valerian-risk-as-odds"]
    assert truth["valerian-minutes-sign"] == (
        "mean difference 0.70 (95% CI -3.44 to 4.83) minutes; above 0 means treatment higher"
    )
    assert "mean difference 1.6 (95% CI 0.0 to 3.3) points" in truth["change-as-difference"]
    assert "60.3 percent by weight" in truth["absorption-as-content"]
    assert truth["oxide-as-glycinate"] == "magnesium oxide"
    assert truth["trial-as-cohort"] == "parallel trial"
    assert truth["placeholder-dois"] == ""
    assert table.loc["change-as-difference", "second_hand"]


def test_the_true_value_is_that_of_the_tables(tmp_path: Path) -> None:
    folder = copy_review(tmp_path)
    edit(folder, "facts", {"fact_id": "elemental-oxide"}, value="60.25")
    edit(folder, "studies", {"study_id": "abbasi2012"}, form="magnesium citrate")
    truth = circulating_numbers(load_review(folder)).table.set_index("misreported_id")["truth"]
    assert "60.25 percent" in truth["absorption-as-content"]
    assert truth["oxide-as-glycinate"] == "magnesium citrate"


def test_nobody_is_named_and_no_figure_is_data(review: Review) -> None:
    for column in ("about", "found", "source_says", "note"):
        for text in review.misreported[column]:
            assert not re.search(r"https?:|www\.|\.(com|ai|org|net)\b", text), text
    assert set(review.misreported["tier"]) == {"misreported"}
    for name, table in TABLES.items():
        if name != "misreported" and "tier" in table.names:
            assert "misreported" not in table["tier"].choices


@pytest.mark.parametrize(
    ("lookup", "text"),
    [
        (
            "contrast(study=alpha2020, outcome=nap-trouble)",
            "mean difference -2.20 (95% CI -4.34 to -0.06) points; above 0 means treatment higher",
        ),
        ("fact(fact=leaf-share)", "leaf share of moonwort tea: 0.141 g/g"),
        ("form_of(study=gamma2022)", "moonwort extract"),
        ("design_of(study=beta2021)", "crossover trial"),
        ("share_in(form='tea leaf')", "40.04% calcium by weight"),
    ],
)
def test_every_look_up(small: Path, lookup: str, text: str) -> None:
    set_cell(small, "misreported", 2, "truth", lookup)
    (row,) = circulating_numbers(load_review(small)).table.itertuples()
    assert text in row.truth
    assert set(LOOKED_UP) == set(LOOKUPS)


def test_how_they_read(small: Path) -> None:
    found = circulating_numbers(load_review(small))
    text = found.summary()
    assert "one figure is not what the source gives: 1 “wrong unit”" in text
    assert "goes round as “14.1 grams of leaf” (wrong unit); 14.1 percent." in text
    assert list(found.read().frame["goes round as"]) == ["14.1 grams of leaf"]
    set_cells(small, "misreported", 2, source_id="", quote="", truth="", wrong="invented")
    (row,) = circulating_numbers(load_review(small)).table.itertuples()
    assert (row.truth, row.source, row.second_hand) == ("", "", False)


def test_a_review_without_any(small: Path) -> None:
    (small / "misreported.csv").unlink()
    found = circulating_numbers(load_review(small))
    assert "No figure in circulation" in found.summary()
    assert found.to_dict() == {"figures": []}
    assert found._repr_html_().startswith("<")
