"""Our ratings beside published ones, domain by domain, and how to record a decision."""

from __future__ import annotations

from pathlib import Path

from tests.data.small import set_cell

import evidence
from evidence.data import Review, load_review
from evidence.data.tables import TABLES
from evidence.judgement import Conclusions, compare_certainty, conclude
from evidence.judgement import certainty_stories as stories


def test_the_published_ratings_of_the_worked_case(review: Review) -> None:
    found = compare_certainty(review)
    table = found.table.set_index("outcome")
    assert list(table["theirs"]) == ["low", "low", "very low", "low", "low"]
    assert set(table["review"]) == {"Mah & Pitre 2021"}
    assert table.loc["Sleep onset latency", "ours"] == "very low"
    assert table.loc["Sleep onset latency", "steps"] == 1
    assert table.loc["Sleep onset latency", "why"].startswith("Ours is one level lower. Ours rates")
    # Slow wave sleep was measured in a crossover whose effect cannot be worked out.
    slow = table.loc["Slow wave sleep"]
    assert slow["ours"] == "not rated"
    assert slow["why"].startswith("Nothing can be rated here: no trial gives an effect (Held 2002")
    assert "not readable" in slow["note"]
    assert len(found.summary().splitlines()) == 5
    assert found.to_dict()["ratings"][2]["steps"] is None
    assert "Mah &amp; Pitre 2021" in found._repr_html_()


def rated(folder: Path, level: str) -> tuple[object, str]:
    set_cell(folder, "published_certainty", 2, "certainty", level)
    row = compare_certainty(load_review(folder)).table.iloc[0]
    return row["steps"], str(row["why"])


def test_why_they_differ(small: Path) -> None:
    from evidence.appraisal import rate_certainty
    from evidence.synthesis.body import synthesise

    review = load_review(small)
    synthesis = synthesise(review, "trouble")
    ours = rate_certainty(review, synthesis, synthesis.scenarios[0], 1.5)
    assert [(d.name, d.levels) for d in ours.rated_down] == [
        ("risk of bias", 1),
        ("imprecision", 2),
    ]
    assert rated(small, "very low") == (
        0,
        (
            "The levels are the same. Ours rates down for risk of bias (one level) and "
            "imprecision (two levels)."
        ),
    )
    steps, why = rated(small, "low")
    assert steps == 1
    assert why.endswith("Without risk of bias alone the levels would be the same.")
    steps, why = rated(small, "moderate")
    assert steps == 2
    assert why.endswith("Without imprecision alone the levels would be the same.")
    steps, why = rated(small, "high")
    assert steps == 3
    assert why.endswith("It would take three levels less to agree.")


def test_ours_may_be_higher(small: Path) -> None:
    review = load_review(small)
    row = (
        conclude(review)
        .main.certainties[0]
        .decision_row("overall", level="high", reason="So be it.", who="C. Gnome", header=True)
    )
    (small / "certainty_decisions.csv").write_text(row + "\n", "utf-8")
    steps, why = rated(small, "low")
    assert steps == -2
    assert why.startswith("Ours is two levels higher.")


def test_without_published_ratings(small: Path) -> None:
    (small / "published_certainty.csv").unlink()
    found = compare_certainty(load_review(small))
    assert found.summary() == "No published rating of certainty is recorded."
    assert found._repr_html_() == "<p>No published rating of certainty is recorded.</p>"


def test_domain_by_domain_shows_suggestion_and_decision(conclusions: Conclusions) -> None:
    table = stories.domain_by_domain(conclusions)
    frame = table.to_frame()
    assert len(frame) == 5 * len(conclusions.main.certainties)
    assert set(frame["decision"]) == {"none"}
    assert table.note == "Together: very low."
    found = [d.reason for c in conclusions.main.certainties for d in c.domains]
    assert list(frame["why"]) == found


def test_a_decision_is_shown_beside_its_suggestion(small: Path) -> None:
    row = (
        conclude(load_review(small))
        .main.certainties[0]
        .decision_row("imprecision", levels=0, reason="So be it.", who="C. Gnome", header=True)
    )
    (small / "certainty_decisions.csv").write_text(row + "\n", "utf-8")
    found = conclude(load_review(small))
    frame = stories.domain_by_domain(found).to_frame().set_index("domain")
    assert frame.loc["Imprecision", "suggestion"] == "very serious"
    assert frame.loc["Imprecision", "decision"].startswith("not serious (C. Gnome, ")
    told = stories.decisions_told(found).paragraphs
    assert told[0].startswith("Nap trouble, imprecision: So be it. (C. Gnome, ")


def test_that_nothing_was_decided_is_said(conclusions: Conclusions) -> None:
    assert str(stories.decisions_told(conclusions)).startswith(
        "No reviewer's decision is recorded for this review."
    )


def test_rules_are_told_for_all_that_is_rated(conclusions: Conclusions) -> None:
    frame = stories.rules_of_certainty(conclusions).to_frame()
    assert list(frame["what is rated"]) == [
        "Starting level", "Risk of bias", "Inconsistency", "Indirectness", "Imprecision",
        "Missing evidence", "Large effect", "Dose-response", "Opposing confounding",
    ]  # fmt: skip
    assert (frame["the rule"] != "").all()
    assert frame["where it is from"].str.contains("J Clin Epidemiol").all()


def test_the_example_row_has_every_column_and_records_nothing(conclusions: Conclusions) -> None:
    table = stories.decision_example(conclusions)
    frame = table.to_frame()
    assert tuple(frame["column"]) == TABLES["certainty_decisions"].names
    assert "nothing of it is recorded" in table.note
    assert len(evidence.load_review("magnesium-sleep").certainty_decisions) == 0


def test_stories_without_any_usable_trial(small: Path) -> None:
    set_cell(small, "exclusions", 2, "study_id", "alpha2020")
    (small / "arms.csv").unlink()
    found = conclude(load_review(small))
    assert found.main.certainties == ()
    assert stories.domain_by_domain(found).to_frame().empty
    assert stories.rules_of_certainty(found).to_frame().empty
    assert "no certainty to decide on" in stories.decision_example(found).caption
