"""Reviewers' decisions: they count, they carry their facts, and they go stale."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.small import set_cell, set_cells, write_rows

from evidence.appraisal import Certainty, rate_certainty
from evidence.data import Review, load_review
from evidence.data.certainty_facts import fingerprint_of, read_facts, write_facts
from evidence.data.tables import TABLES
from evidence.errors import InvalidArgumentError, UnknownNameError
from evidence.judgement import conclude
from evidence.synthesis.body import synthesise

DAY = date(2024, 5, 6)
WHO = {"reason": "It seemed so.", "who": "C. Gnome", "when": DAY}


def rated(review: Review, analysis: str = "trouble") -> Certainty:
    synthesis = synthesise(review, analysis)
    return rate_certainty(review, synthesis, synthesis.scenarios[0], 1.5)


def decide(folder: Path, *rows: str) -> Review:
    """Paste rows into the review's file, as a person would."""
    names = list(TABLES["certainty_decisions"].names)
    write_rows(folder, "certainty_decisions", [names, *(next(csv.reader([row])) for row in rows)])
    return load_review(folder)


@pytest.fixture
def fresh(small: Path) -> Path:
    """The small review without a decision."""
    (small / "certainty_decisions.csv").unlink()
    return small


# ---------------------------------------------------------------- they count


def test_a_decision_takes_the_place_of_the_suggestion(fresh: Path) -> None:
    before = rated(load_review(fresh))
    assert not before.decided
    imprecision = before.domains[3]
    assert imprecision.levels == 2
    after = rated(decide(fresh, before.decision_row("imprecision", levels=0, **WHO)))
    assert after.decided
    assert after.suggested_level == before.level
    assert after.levels_of(after.domains[3]) == 0
    assert after.stale == ()
    row = after.to_frame().set_index("domain").loc["imprecision"]
    assert (row["levels"], row["suggested"], row["concern"]) == (0, -2, "not serious")
    assert row["reason"] == "It seemed so."
    assert row["suggestion"] == imprecision.reason
    assert row["decided by"] == "C. Gnome, 2024-05-06"
    assert "with what C. Gnome decided" in after.summary()
    shown = after._repr_html_()
    assert "It seemed so." in shown
    assert "No reviewer" not in shown
    assert "No reviewer's decision is recorded" in before._repr_html_()


@pytest.mark.parametrize("level", ["high", "moderate", "low", "very low"])
def test_the_whole_level_can_be_decided(fresh: Path, level: str) -> None:
    row = rated(load_review(fresh)).decision_row("overall", level=level, **WHO)
    after = rated(decide(fresh, row))
    assert after.level == level
    assert after.stale == ()


def test_the_starting_level_and_rating_up_can_be_decided(fresh: Path) -> None:
    found = rated(load_review(fresh))
    rows = [found.decision_row("starting level", level="low", **WHO)]
    rows += [found.decision_row(domain.name, levels=0, **WHO) for domain in found.domains]
    low = rated(decide(fresh, *rows))
    assert low.level == "low"
    up = rated(decide(fresh, *rows, found.decision_row("dose-response", levels=1, **WHO)))
    assert up.level == "moderate"
    assert "Rated up for dose-response." in up.summary()
    # What is rated down is not rated up.
    rows[1] = found.decision_row("risk of bias", levels=1, **WHO)
    down = rated(decide(fresh, *rows, found.decision_row("dose-response", levels=1, **WHO)))
    assert down.level == "very low"


def test_verdict_and_words_go_by_the_decided_level(fresh: Path) -> None:
    before = conclude(load_review(fresh))
    assert "the suggested certainty is very low" in before.bottom_line.paragraphs[-1]
    assert "computed suggestion, not a reviewer's judgement" in before.table.note
    row = before.main.certainties[0].decision_row("overall", level="high", **WHO)
    after = conclude(decide(fresh, row))
    assert after.main.verdicts[0].certainty == "high"
    assert "may" not in after.main.verdicts[0].sentence()
    assert "the certainty, with what C. Gnome decided, is high" in after.bottom_line.paragraphs[-1]
    assert "counts what C. Gnome decided on nap trouble" in after.table.note
    first = next(iter(after.to_dict()["analyses"].values()))
    (rated_one,) = first["certainty"].values()
    assert rated_one["decisions"]["overall"]["who"] == "C. Gnome"


# ---------------------------------------------------------------- they go stale


def test_a_changed_fact_makes_a_decision_stale_and_is_named(fresh: Path) -> None:
    found = rated(load_review(fresh))
    row = found.decision_row("imprecision", levels=1, **WHO)
    other = found.decision_row("risk of bias", levels=0, **WHO)
    review = decide(fresh, row, other)
    assert rated(review).stale == ()
    # A larger trial: its interval and its people are other ones. Its bias is the same.
    for line in (3, 4):
        set_cell(fresh, "arms", line, "n", "300")
    set_cell(fresh, "studies", 2, "n_randomised", "600")
    set_cells(fresh, "contrasts", 2, estimate="", ci_low="", ci_high="", p="", measure="none")
    set_cells(fresh, "contrasts", 2, n_treatment="", n_control="", n_total="", positive_means="")
    after = rated(load_review(fresh))
    assert [one.domain for one in after.stale] == ["imprecision"]
    stale = after.stale[0]
    assert after.levels_of(after.domains[3]) == 1  # it still counts
    assert any(change.startswith("people was 59, is 600 now") for change in stale.changes)
    assert not any(change.startswith("thresholds") for change in stale.changes)
    assert "The decision on imprecision is stale: " in after.summary()
    assert "; stale: " in after._repr_html_()
    conclusions = conclude(load_review(fresh))
    assert "about imprecision" in conclusions.bottom_line.paragraphs[-1]
    assert "other facts than today's: imprecision of nap trouble" in conclusions.table.note


def test_what_no_rule_reads_makes_nothing_stale(fresh: Path) -> None:
    found = rated(load_review(fresh))
    names = [domain.name for domain in found.domains]
    rows = [found.decision_row(name, levels=1, **WHO) for name in names]
    decide(fresh, *rows, found.decision_row("overall", level="low", **WHO))
    set_cell(fresh, "arms", 3, "quote", "the same, told otherwise")
    set_cell(fresh, "studies", 2, "n_randomised", "64")
    assert rated(load_review(fresh)).stale == ()


def test_a_decision_on_the_whole_names_the_domains_that_changed(fresh: Path) -> None:
    found = rated(load_review(fresh))
    decide(fresh, found.decision_row("overall", level="low", **WHO))
    set_cell(fresh, "studies", 2, "design", "cohort")
    stale = rated(load_review(fresh)).stale
    assert len(stale) == 1
    assert [change.split(" was ")[0] for change in stale[0].changes] == ["starting level"]


def test_the_small_reviews_own_decision_is_stale(small: Path) -> None:
    """Its facts were never those of the rule: both what came and what went is told."""
    found = rated(load_review(small), "spilling")
    assert len(found.stale) == 1
    changes = " ".join(found.stale[0].changes)
    assert "another population was no, is not looked at now" in changes
    assert "was not looked at, is " in changes


# ---------------------------------------------------------------- readings


def contradictory(folder: Path) -> Review:
    cells = {"estimate": "-3.20", "ci_low": "-4.00", "ci_high": "-2.40", "p": ""}
    set_cells(folder, "contrasts", 2, **cells)
    return load_review(folder)


def both(review: Review) -> list[Certainty]:
    synthesis = synthesise(review, "trouble")
    return [rate_certainty(review, synthesis, one, 1.5) for one in synthesis.scenarios]


def test_a_decision_is_on_one_reading_or_on_all(fresh: Path) -> None:
    first, second = both(contradictory(fresh))
    assert first.reading
    row = first.decision_row("imprecision", levels=0, **WHO)
    review = decide(fresh, row)
    found = both(review)
    assert [one.decided for one in found] == [True, False]
    # Without a reading it is meant for both, and is stale where the facts are the other's.
    set_cell(fresh, "certainty_decisions", 2, "reading", "")
    found = both(load_review(fresh))
    assert [one.decided for one in found] == [True, True]
    assert [bool(one.stale) for one in found] == [False, True]
    # The row for one reading goes before the one for all.
    own = second.decision_row("imprecision", levels=3, **WHO)
    everywhere = row.replace(first.reading, "")
    assert everywhere != row
    found = both(decide(fresh, own, everywhere))
    assert [one.levels_of(one.domains[3]) for one in found] == [0, 3]


def test_a_decision_on_a_reading_that_is_gone_is_told(fresh: Path) -> None:
    first, _ = both(contradictory(fresh))
    row = first.decision_row("imprecision", levels=0, **WHO)
    decide(fresh, row)
    set_cells(fresh, "contrasts", 2, estimate="-2.20", ci_low="-4.34", ci_high="-0.06")
    found = rated(load_review(fresh))
    assert not found.decided
    assert len(found.unmatched) == 1
    assert "The decision of C. Gnome on imprecision is about a reading that no longer exists" in (
        found.summary()
    )


# ---------------------------------------------------------------- the row to paste


def test_the_row_is_a_line_of_the_file(fresh: Path) -> None:
    found = rated(load_review(fresh))
    nasty = 'so, "it" seemed\nto me'
    row = found.decision_row("imprecision", levels=1, reason=nasty, who="C, Gnome", header=True)
    header, cells = csv.reader(io.StringIO(row))
    assert tuple(header) == TABLES["certainty_decisions"].names
    told = dict(zip(header, cells, strict=True))
    assert told["reason"] == 'so, "it" seemed to me'
    assert told["who"] == "C, Gnome"
    assert date.fromisoformat(told["when"])
    assert told["fingerprint"] == fingerprint_of(told["facts"])
    assert read_facts(told["facts"])["people"] == "59"
    (fresh / "certainty_decisions.csv").write_text(row + "\n", encoding="utf-8")
    assert rated(load_review(fresh)).decision("imprecision").who == "C, Gnome"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"domain": "imprecison", "levels": 1}, UnknownNameError, "Did you mean 'imprecision'"),
        ({"domain": "imprecision"}, InvalidArgumentError, "levels is None .* from 0 to 3"),
        ({"domain": "imprecision", "levels": 4}, InvalidArgumentError, "levels is 4"),
        ({"domain": "imprecision", "levels": -1}, InvalidArgumentError, "levels is -1"),
        ({"domain": "imprecision", "levels": True}, InvalidArgumentError, "levels is True"),
        (
            {"domain": "imprecision", "levels": 1, "level": "low"},
            InvalidArgumentError,
            "and no level",
        ),
        ({"domain": "overall", "levels": 1}, InvalidArgumentError, "one of high, moderate"),
        ({"domain": "overall", "level": "lowest"}, InvalidArgumentError, "level is 'lowest'"),
        ({"domain": "starting level"}, InvalidArgumentError, "decision on the starting level"),
        ({"domain": "imprecision", "levels": 1, "who": " "}, InvalidArgumentError, "who is empty"),
        (
            {"domain": "imprecision", "levels": 1, "reason": ""},
            InvalidArgumentError,
            "reason is empty",
        ),
    ],
)
def test_a_row_that_could_not_be_loaded_is_not_written(
    fresh: Path, given: dict[str, object], error: type[Exception], message: str
) -> None:
    found = rated(load_review(fresh))
    with pytest.raises(error, match=message):
        found.decision_row(**{**WHO, **given})


# ---------------------------------------------------------------- the facts as a line

words = st.text(st.characters(categories=["L", "N", "P", "S", "Z"]), max_size=20)
names = words.filter(lambda text: text.replace(";", " ").replace("=", " ").strip())


@given(st.dictionaries(names, words | st.integers() | st.floats() | st.booleans() | st.none()))
def test_facts_can_be_written_and_read(facts: dict[str, object]) -> None:
    line = write_facts(facts)
    assert "\n" not in line
    again = read_facts(line)
    assert fingerprint_of(line) == fingerprint_of("; ".join(f"{k}={v}" for k, v in again.items()))
    assert "" not in again.values()


def test_numbers_among_facts_have_three_digits() -> None:
    line = write_facts(
        {"low": -1.768221, "none": None, "zero": -0.0, "yes": True, "both": (1, 2.5)}
    )
    assert line == "low = -1.77; none = none; zero = 0; yes = yes; both = 1, 2.5"
    assert fingerprint_of("low = -1.77") == fingerprint_of(write_facts({"low": -1.7699}))
    assert fingerprint_of("low = -1.77") != fingerprint_of(write_facts({"low": -1.76}))
    # Stable over machines and versions: the first digits of SHA-256.
    assert fingerprint_of("low = -1.77") == fingerprint_of("low=-1.77 ")
    assert len(fingerprint_of("")) == 8


def test_no_decision_is_recorded_for_the_worked_case(review: Review) -> None:
    assert len(review.certainty_decisions) == 0
