"""The tables of the notebooks: every row of the data they promise, and nothing invented."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.data.small import add_row, copy_row, set_cell, set_cells
from tests.judgement.altered import ALTERATIONS, drop

from evidence.data import Review, load_review
from evidence.data.tables import TABLES
from evidence.display import Table
from evidence.effects import derive
from evidence.judgement import Conclusions, conclude, tables
from evidence.judgement.model_choice import models_of_main

Altered = Callable[[str], Conclusions]
pytestmark = pytest.mark.xdist_group("as_it_is")


def all_tables(conclusions: Conclusions, *, every_study: bool = False) -> Iterator[Table]:
    review = conclusions.review
    wanted = review.plan.headline
    studies = review.studies["study_id"] if every_study else [wanted.study_id]
    for study_id in studies:
        yield tables.trial_facts(review, study_id)
        yield tables.trial_outcomes(review, study_id)
    for outcome_id in review.plan.outcomes if every_study else [wanted.outcome_id]:
        yield tables.other_treatments(review, outcome_id)
    yield tables.published_pools(review)
    yield tables.trials_in_use(conclusions)
    yield tables.headline_readings(conclusions)
    yield tables.model_choice(conclusions)
    for analysis in conclusions.usable:
        assert analysis.synthesis is not None
        for comparison in analysis.synthesis.derivation.comparisons:
            yield tables.readings_table(review, comparison)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.xdist_group(n)) for n in ALTERATIONS]
)
def test_every_table_of_every_alteration_reads_properly(altered: Altered, name: str) -> None:
    for table in all_tables(altered(name), every_study=name == "as_it_is"):
        assert table.caption
        for cell in table.frame.to_numpy().ravel():
            assert isinstance(cell, str)
            assert not re.search(r"\bnan\b|\bNone\b|<NA>|\(\s*\)|  ", cell), cell
        assert re.search(r"\.\.|  ", table.note) is None
        assert not table.note or table.note.endswith(".")


# ---------------------------------------------------------------- what a study reports


def test_every_comparison_of_a_trial_appears(review: Review) -> None:
    for study_id in review.contrasts["study_id"].unique():
        table = tables.trial_outcomes(review, study_id)
        shown = [tuple(row) for row in table.frame.itertuples(index=False, name=None)]
        mine = review.contrasts[review.contrasts["study_id"] == study_id]
        told = 0
        for line, row in mine.iterrows():
            name = review.outcome(row["outcome_id"]).name
            reported = review.reported["contrasts"].loc[line]
            matching = [
                cells
                for cells in shown
                if cells[:2] == (name, row["timepoint"])
                and (not reported["estimate"] or f" {reported['estimate']}" in cells[2])
                and (not reported["ci_low"] or f"({reported['ci_low']} to" in cells[2])
                and (not reported["p"] or cells[3].endswith(f" {reported['p']}"))
            ]
            assert matching, (study_id, line)
            told += 1
        repeated = re.match(r"(\S+) more row", table.note)
        again = {None: 0, "One": 1, "Two": 2, "Three": 3}[repeated[1] if repeated else None]
        assert told == len(shown) + again


def test_the_outcomes_of_the_worked_case(review: Review) -> None:
    table = tables.trial_outcomes(review, "schuster2025")
    first = table.frame.iloc[0]
    assert list(first) == [
        "Insomnia Severity Index",
        "week 4",
        "mean difference 1.6 (0.0 to 3.3)",
        "",
        "favours the treatment",
        "second-hand",
    ]
    # Digits stay as printed: 0.20 is not 0.2.
    printed = list(table.frame["estimate as printed"])
    assert "Cohen d 0.20" in printed
    assert "Cohen d 0.2" in printed
    assert "p = 0.049" in list(table.frame["test as printed"])
    assert (table.frame["test as printed"] == "not significant").sum() == 4
    assert table.note == "One more row of the data repeats one of these."


def test_a_study_without_comparisons_has_an_empty_table(review: Review) -> None:
    silent = set(review.studies["study_id"]) - set(review.contrasts["study_id"])
    table = tables.trial_outcomes(review, min(silent))
    assert table.frame.empty
    assert len(table.frame.columns) == 6


def test_every_fact_of_a_study_appears_with_its_source(review: Review) -> None:
    table = tables.trial_facts(review, "schuster2025")
    facts = review.facts_of("schuster2025", stage="")
    assert len(table.frame) == len(facts)
    for row in facts.itertuples():
        about = TABLES["study_facts"]["item"].choices[str(row.item)]
        mine = table.frame[table.frame["about"] == about]["what is known"]
        assert any(value.startswith(str(row.value)) for value in mine)
    numbers = {int(cell.strip("[]")) for cell in table.frame["source"]}
    assert numbers == set(range(1, facts["source_id"].nunique() + 1))
    for number in numbers:
        assert f"[{number}] " in table.note
    assert set(table.frame["known from"]) == {"second-hand"}
    # In the order of the codebook, whatever the order of the file.
    order = [
        TABLES["study_facts"]["item"].choices[i] for i in TABLES["study_facts"]["item"].choices
    ]
    places = [order.index(about) for about in table.frame["about"]]
    assert places == sorted(places)


# ---------------------------------------------------------------- readings


def test_readings_are_shown_as_benefits_in_their_sets(conclusions: Conclusions) -> None:
    table = tables.headline_readings(conclusions)
    assert list(table.frame["set"]) == ["A", "A", "B", "B"]
    benefits = [float(value) for value in table.frame["benefit"]]
    assert benefits == pytest.approx([0.19, 0.20, 0.31, 0.32], abs=0.006)
    assert table.note == (
        "Reports in the same set agree within rounding and the choice of a plain test; "
        "different sets cannot both be right as "
        "printed."
    )
    assert "Schuster 2025" in table.caption
    assert "(standard deviations)" in table.caption
    assert conclusions.headline is not None
    points = tables.readings_table(conclusions.review, conclusions.headline.comparison)
    assert set(points.frame["benefit"]) == {"1.60"}
    assert "(points)" in points.caption
    assert "0.00 to 3.30" in set(points.frame["95% CI"])


def test_no_readings_of_nothing(altered: Altered) -> None:
    table = tables.headline_readings(altered("headline_without_numbers"))
    assert table.summary() == "No effect can be worked out, so there are no readings."


def test_a_reading_without_direction_shows_none(review: Review) -> None:
    comparison = derive(review, "hausenblas2024", "isi")
    table = tables.readings_table(review, comparison)
    assert list(table.frame["benefit"]) == ["0.19, which way is not said"]
    assert list(table.frame["95% CI"]) == [""]


def test_a_bound_is_shown_as_a_bound(small: Path) -> None:
    drop(small, "arms", study_id="gamma2022")
    review = load_review(small)
    comparison = derive(review, "gamma2022", "nap-trouble")
    assert comparison.sets == ()
    table = tables.readings_table(review, comparison)
    assert len(table.frame) == len(comparison.readings) == 1
    row = table.frame.iloc[0]
    assert row["set"] == ""
    assert re.fullmatch(r"at most 0\.\d\d in size", row["benefit"])
    assert (row["95% CI"], row["p that the digits allow"]) == ("", "")


def test_readings_of_counts(small: Path) -> None:
    set_cell(small, "arms", 6, "events", "1")
    review = load_review(small)
    table = tables.readings_table(review, derive(review, "alpha2020", "spills"))
    assert table.frame.loc[0, "benefit"] == "3.00"
    assert "(risk ratio, treatment over comparator)" in table.caption
    comparison = derive(review, "alpha2020", "spills", measure="risk difference")
    table = tables.readings_table(review, comparison)
    assert table.frame.loc[0, "benefit"] == "−6.67"
    assert "(people in 100)" in table.caption


# ---------------------------------------------------------------- trials in use


def test_every_trial_of_every_analysis_is_accounted_for(conclusions: Conclusions) -> None:
    frame = tables.trials_in_use(conclusions).frame
    for analysis in conclusions.analyses:
        assert analysis.synthesis is not None
        derivation = analysis.synthesis.derivation
        mine = frame[frame["analysis"] == analysis.title]
        used = mine[mine["used"] == "yes"]
        assert list(used["trial"]) == [c.label for c in derivation.comparisons]
        assert list(mine[mine["used"] == "no"]["trial"]) == [o.label for o in derivation.left_out]
        for out in derivation.left_out:
            why = mine[(mine["trial"] == out.label)]["how, or why not"].iloc[0]
            assert why == ("by decision: " if out.by_decision else "") + out.reason
    schuster = frame[(frame["trial"] == "Schuster 2025") & (frame["used"] == "yes")]
    assert set(schuster["known from"]) == {"second-hand"}
    # Both readings of a contradictory trial are named.
    assert "; or " in schuster.iloc[0]["how, or why not"]


def test_an_analysis_without_trials_says_why(altered: Altered) -> None:
    conclusions = altered("nothing_to_pool")
    frame = tables.trials_in_use(conclusions).frame
    assert list(frame["used"]) == ["no"] * len(conclusions.analyses)
    assert list(frame["how, or why not"]) == [one.refusal for one in conclusions.analyses]


# ---------------------------------------------------------------- comparators, published pools


def test_other_treatments_of_the_worked_case(review: Review) -> None:
    frame = tables.other_treatments(review, "isi").frame
    roles = dict(zip(review.studies["study_id"], review.studies["role"].astype(str), strict=True))
    table = review.contrasts
    mine = table[
        (table["outcome_id"] == "isi")
        & table["estimate"].notna()
        & (table["study_id"].map(roles) == "comparator")
    ]
    assert len(frame) == len(mine) >= 3
    cbt = frame[frame["study"] == "Seyffert 2016"].iloc[0]
    # Printed as −4.3 (−7.1 to −1.5), where lower is better.
    assert cbt["benefit (95% CI)"] == "4.3 points (1.5 to 7.1)"
    assert cbt["treatment"] == "internet CBT-I, against control"
    sol = tables.other_treatments(review, "sol").frame.set_index("study")["benefit (95% CI)"]
    assert sol["Ferracioli-Oda 2013"] == "7.1 minutes (4.4 to 9.8)"
    assert sol["Fernandez-San-Martin 2010"] == "−0.7 minutes (−4.8 to 3.4)"


def test_ratios_stay_ratios_of_treatment_over_comparator(review: Review) -> None:
    frame = tables.other_treatments(review, "improved-sleep").frame
    assert set(frame["benefit (95% CI)"]) == {
        "risk ratio 1.80 (1.20 to 2.90)",
        "risk ratio 1.37 (1.05 to 1.78)",
    }


RATE = "people in 100"
MORE = ("0.05", "0.01", "0.1")


@pytest.mark.parametrize(
    ("measure", "positive", "numbers", "shown"),
    [
        ("risk ratio", "treatment higher", ("2.0", "1.0", "4.0"), "risk ratio 2.00 (1.00 to 4.00)"),
        ("risk ratio", "treatment lower", ("2.0", "1.0", "4.0"), "risk ratio 0.50 (0.25 to 1.00)"),
        ("odds ratio", "treatment better", ("2.0", "1.0", "4.0"), "odds ratio 0.50 (0.25 to 1.00)"),
        ("risk difference", "treatment higher", MORE, f"−5.0 {RATE} (−10.0 to −1.0)"),
        ("risk difference", "treatment better", ("0.05", "", ""), f"5.0 {RATE}"),
    ],
)  # fmt: skip
def test_benefits_of_counts_as_printed(
    small: Path, measure: str, positive: str, numbers: tuple[str, str, str], shown: str
) -> None:
    estimate, low, high = numbers
    set_cell(small, "studies", 4, "role", "comparator")
    set_cells(
        small,
        "contrasts",
        4,
        outcome_id="spills",
        measure=measure,
        positive_means=positive,
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        direction="none",
        p="",
        p_relation="",
    )
    frame = tables.other_treatments(load_review(small), "spills").frame
    assert list(frame["benefit (95% CI)"]) == [shown]


def test_published_pools_of_the_worked_case(review: Review) -> None:
    frame = tables.published_pools(review).frame
    assert [tuple(row) for row in frame.itertuples(index=False, name=None)] == [
        (
            "Mah & Pitre 2021",
            "sleep onset latency",
            "17.4 minutes (7.4 to 27.3)",
            "55",
            "interval and p value agree",
            "first-hand",
        ),
        (
            "Mah & Pitre 2021",
            "total sleep time",
            "16.1 minutes (−6.0 to 38.1)",
            "55",
            "interval and p value agree",
            "first-hand",
        ),
    ]


def test_a_pool_that_contradicts_itself_is_told(small: Path) -> None:
    set_cell(small, "studies", 2, "role", "review")
    set_cell(small, "contrasts", 2, "p", "0.3")
    add_row(small, "studies", **study(small, 2), study_id="delta2023", label="Delta 2023")
    copy_row(small, "contrasts", 2, study_id="delta2023", p="", timepoint="week 8")
    frame = tables.published_pools(load_review(small)).frame
    assert list(frame["check"]) == [
        "interval and p value contradict each other",
        "no p value to compare",
    ]
    assert set(frame["benefit (95% CI)"]) == {"2.2 points (0.1 to 4.3)"}


def study(small: Path, line: int) -> dict[str, str]:
    cells = load_review(small).reported["studies"].loc[line].to_dict()
    return {name: text for name, text in cells.items() if name not in ("study_id", "label")}


def test_no_published_pool(small: Path) -> None:
    table = tables.published_pools(load_review(small))
    assert table.frame.empty
    assert isinstance(table.frame, pd.DataFrame)


def test_a_small_reviews_tables_read_as_well(small: Path) -> None:
    drop(small, "contrasts", study_id="gamma2022")
    for table in all_tables(conclude(load_review(small)), every_study=True):
        assert "nan" not in table.summary()


# ---------------------------------------------------------------- the choice of model


def test_the_models_have_columns_for_each_reading(conclusions: Conclusions) -> None:
    table = tables.model_choice(conclusions)
    readings = models_of_main(conclusions)
    assert list(table.frame.columns) == [
        "what is changed",
        "model",
        *(
            f"{letter}: {column}"
            for letter in "AB"
            for column in ("benefit (95% interval)", "tau", "prediction interval")
        ),
    ]
    assert list(table.frame["model"]) == [row.name for row in readings[0].comparison.rows]
    for letter, one in zip("AB", readings, strict=True):
        # Lower is better here, so a benefit is a negative effect.
        for row, cell in zip(
            one.comparison.rows, table.frame[f"{letter}: benefit (95% interval)"], strict=True
        ):
            assert cell.startswith(f"{-row.estimate:.2f} (")
        assert f"Reading {letter}: {one.meaning}." in table.note
    assert "standard deviations" in table.caption
    assert table.note.endswith("The planned model stays the answer.")


def test_without_a_contradiction_the_columns_have_no_letter(altered: Altered) -> None:
    table = tables.model_choice(altered("no_contradiction"))
    assert list(table.frame.columns)[2:] == ["benefit (95% interval)", "tau", "prediction interval"]


def test_models_of_ratios_are_shown_as_ratios(small: Path) -> None:
    for study, outcome in (("alpha2020", "spills"), ("gamma2022", "spills")):
        drop(small, "arms", study_id=study, outcome_id=outcome)
    given = {"outcome_id": "spills", "timepoint": "week 4", "n_basis": "analysed"}
    for study, events in (("alpha2020", (3, 9)), ("gamma2022", (2, 4))):
        for role, count in zip(("treatment", "control"), events, strict=True):
            cells = {"study_id": study, "arm": role, "role": role, "events": str(count)}
            add_row(small, "arms", **given, **cells, total="12", tier="primary",
                    source_id="alpha-article", quote="made up")  # fmt: skip
    conclusions = conclude(load_review(small))
    spills = next(one for one in conclusions.analyses if one.title == "Spilled tea")
    assert spills.synthesis is not None
    assert spills.synthesis.k == 2
    only = replace(conclusions, analyses=(spills,))
    table = tables.model_choice(only)
    assert "ratio (95% interval)" in table.frame
    assert "risk ratio" in table.caption
    ratio = math.exp(spills.synthesis.scenarios[0].result.estimate)
    assert table.frame["ratio (95% interval)"][0].startswith(f"{ratio:.2f} (")


def test_no_models_of_one_trial(altered: Altered) -> None:
    table = tables.model_choice(altered("one_trial"))
    assert table.frame.empty
    assert "there is no model to choose" in table.caption
