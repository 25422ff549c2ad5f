"""The conclusions as one object: whole, plain, stable, and there whatever the data."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.data.small import change_text, copy_row, set_cell, set_cells
from tests.judgement.altered import ALTERATIONS, copy_review, drop

import evidence
from evidence.data import load_review
from evidence.errors import UnknownNameError
from evidence.judgement import Conclusions, conclude
from evidence.judgement.conclusions import AnalysisConclusion
from evidence.judgement.record import plain
from evidence.synthesis import body

Altered = Callable[[str], Conclusions]
NAMES = [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in ALTERATIONS]


def leaves(value: object) -> Iterator[object]:
    """Yield every value of a nested dict or list."""
    if isinstance(value, dict):
        for key, item in value.items():
            assert type(key) is str
            yield from leaves(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    else:
        yield value


# ---------------------------------------------------------------- as plain values


@pytest.mark.parametrize("name", NAMES)
def test_conclusions_are_plain_and_survive_json(altered: Altered, name: str) -> None:
    content = altered(name).to_dict()
    text = json.dumps(content, allow_nan=False)
    assert json.loads(text) == content
    schema = Path(evidence.__file__).parent / "living" / "conclusions.schema.json"
    assert list(Draft202012Validator(json.loads(schema.read_text())).iter_errors(content)) == []
    for value in leaves(content):
        assert value is None or type(value) in (str, bool, int, float)
        if isinstance(value, float):
            assert math.isfinite(value)
            assert not (value == 0 and math.copysign(1, value) < 0)
            # Beyond 8 digits machines need not agree.
            assert value == float(f"{value:.8g}")


@pytest.mark.xdist_group("as_it_is")
def test_two_runs_come_to_the_same(conclusions: Conclusions, tmp_path: Path) -> None:
    again = conclude(load_review(copy_review(tmp_path)))
    first, second = (json.dumps(one.to_dict()) for one in (conclusions, again))
    assert first == second
    # The order of the keys is part of it.
    assert list(conclusions.to_dict()) == [
        "schema",
        "review",
        "title",
        "question",
        "evidence_age",
        "data",
        "code",
        "answer",
        "outcomes",
        "headline",
        "analyses",
        "direction",
        "directness",
        "risk_of_bias",
        "claims",
        "missing",
        "cautions",
        "rows",
    ]


@pytest.mark.xdist_group("search_dated")
def test_the_fingerprint_and_the_date_are_those_of_the_data(altered: Altered) -> None:
    before, after = altered("as_it_is").to_dict(), altered("search_dated").to_dict()
    assert before["data"]["fingerprint"] == altered("as_it_is").review.fingerprint
    assert before["data"]["fingerprint"] != after["data"]["fingerprint"]
    files = [one["data"]["files"] for one in (before, after)]
    assert {name for name in files[0] if files[0][name] != files[1][name]} == {"review.toml"}
    searched = [one["evidence_age"]["searched_until"] for one in (before, after)]
    assert searched == [None, "2026-10-01"]
    different = {key for key in before if before[key] != after[key]}
    assert different == {"data", "evidence_age"}


@pytest.mark.xdist_group("as_it_is")
def test_the_content_is_that_of_the_results(conclusions: Conclusions) -> None:
    content = conclusions.to_dict()
    assert content["answer"] == list(conclusions.bottom_line.paragraphs)
    assert list(content["analyses"]) == list(conclusions.review.plan.analyses)
    for name, one in content["analyses"].items():
        found = conclusions.analysis(name)
        assert list(one["verdicts"]) == list(one["certainty"]) == list(one["pooled"])
        for verdict, values in zip(found.verdicts, one["verdicts"].values(), strict=True):
            assert values["benefit"] == pytest.approx(verdict.benefit, rel=1e-7)
            assert values["sentence"] == verdict.sentence()
    assert content["headline"]["contradiction"] is True
    assert len(content["headline"]["thresholds"]) == 2
    assert len(content["missing"]) == len(conclusions.review.missing)
    assert list(content["claims"]) == list(conclusions.review.claims["claim_id"])
    # What is not known is null: one trial has no heterogeneity and no prediction.
    [scenario] = content["analyses"]["falling-asleep"]["pooled"].values()
    assert scenario["k"] == 1
    assert scenario["tau2"] is scenario["prediction_low"] is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
        (-0.0, 0.0),
        (1 / 3, 0.33333333),
        (123456789.123, 123456790.0),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (True, True),
        (pd.NA, None),
        (pd.NaT, None),
        (None, None),
        (date(2026, 10, 1), "2026-10-01"),
        ((1, [math.nan, {"a": np.float64(2)}]), [1, [None, {"a": 2.0}]]),
        ({1: "x"}, {"1": "x"}),
        ("nan", "nan"),
    ],
)
def test_plain_values(value: object, expected: object) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_plain_numbers_keep_eight_digits(value: float) -> None:
    found = plain(value)
    assert found == pytest.approx(value, rel=1e-7)
    assert plain(found) == found


# ---------------------------------------------------------------- whatever the data


@pytest.mark.xdist_group("nothing_at_all")
def test_conclusions_stand_when_every_analysis_refuses(altered: Altered) -> None:
    conclusions = altered("nothing_at_all")
    assert conclusions.headline is None
    assert conclusions.usable == ()
    assert conclusions.main is conclusions.analyses[0]
    assert conclusions.cautions == ()
    assert conclusions.to_frame().empty
    for analysis in conclusions.analyses:
        assert analysis.synthesis is None
        assert analysis.refusal.startswith(f"{analysis.title}: no trial gives an effect (")
        assert "Left out to see what happens" in analysis.refusal
        assert analysis.certainty == "very low"
    content = conclusions.to_dict()
    assert content["headline"] is None
    assert (content["missing"], content["cautions"]) == ({}, [])
    assert all(not one["pooled"] and one["refusal"] for one in content["analyses"].values())
    assert len(content["analyses"]) == len(conclusions.analyses)


@pytest.mark.xdist_group("nothing_at_all")
def test_the_table_says_what_was_not_used(altered: Altered) -> None:
    frame = altered("nothing_at_all").table.frame
    assert list(frame["outcome"]) == [one.title for one in altered("nothing_at_all").analyses]
    assert set(frame["trials"]) == {"none used"}
    assert set(frame["in words"]) == {"No trial could be used."}


def test_an_analysis_that_cannot_be_is_kept_with_its_reason(small: Path) -> None:
    before, after = '["nap-trouble"]', '["nap-trouble", "nap-minutes"]'
    change_text(small, "review.toml", f"outcomes = {before}", f"outcomes = {after}")
    conclusions = conclude(load_review(small))
    first, second = conclusions.analyses
    assert first.synthesis is None
    assert first.refusal.startswith("The analysis 'trouble' mixes outcomes that are better high")
    assert second.synthesis is not None
    assert conclusions.main is second
    assert json.dumps(conclusions.to_dict(), allow_nan=False)


@pytest.mark.xdist_group("as_it_is")
def test_too_many_readings_are_a_reason_too(
    conclusions: Conclusions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "_MOST_SCENARIOS", 1)
    again = conclude(conclusions.review)
    refused = {one.analysis_id for one in again.analyses if one.synthesis is None}
    assert refused == {one.analysis_id for one in conclusions.analyses if len(one.verdicts) > 1}
    assert "combine in 2 ways" in again.analyses[0].refusal


def test_a_headline_that_nobody_compared(small: Path) -> None:
    # The week of the claim has one group only; another week has both.
    drop(small, "contrasts", study_id="alpha2020")
    copy_row(small, "arms", 3, timepoint="week 8")
    set_cells(small, "arms", 4, timepoint="week 8")
    set_cell(small, "arms", 3, "role", "all")
    conclusions = conclude(load_review(small))
    assert conclusions.headline is None
    assert conclusions.bottom_line.paragraphs[0] == (
        "From what is reported of Alpha 2020, no effect can be worked out."
    )


# ---------------------------------------------------------------- the parts


@pytest.mark.xdist_group("as_it_is")
def test_the_main_analysis_is_the_first_that_can_be(conclusions: Conclusions) -> None:
    assert conclusions.main is conclusions.usable[0]
    assert conclusions.main.analysis_id == next(iter(conclusions.review.plan.analyses))


@pytest.mark.xdist_group("as_it_is")
def test_an_unknown_analysis_is_refused(conclusions: Conclusions) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'falling-asleep'"):
        conclusions.analysis("faling-asleep")
    assert conclusions.analysis("falling-asleep").title == "Falling asleep"


def test_the_certainty_of_an_analysis_is_its_lowest(conclusions: Conclusions) -> None:
    from dataclasses import replace

    sure = replace(conclusions.main.certainties[0], domains=())
    unsure = conclusions.main.certainties[0]
    assert sure.level == "high"
    found = AnalysisConclusion("x", "X", None, certainties=(sure, unsure, sure))
    assert found.certainty == unsure.level == "very low"
    assert AnalysisConclusion("x", "X", None).certainty == "very low"


@pytest.mark.xdist_group("as_it_is")
def test_the_main_table_has_a_row_for_each_reading(conclusions: Conclusions) -> None:
    frame = conclusions.table.frame
    expected = []
    for analysis in conclusions.analyses:
        assert analysis.synthesis is not None
        for number, verdict in enumerate(analysis.verdicts):
            expected.append((analysis.title if number == 0 else "", verdict.sentence()))
    assert [*zip(frame["outcome"], frame["in words"], strict=True)] == expected
    main = conclusions.main
    assert frame.loc[0, "trials"] == "3 (258 people)"
    assert frame.loc[0, "benefit (95% CI)"].startswith(f"{main.verdicts[0].benefit:.2f} SD (")
    assert frame.loc[0, "reading"].startswith("Schuster 2025 from ")
    events = frame[frame["outcome"] == "Adverse events"].iloc[0]
    assert events["benefit (95% CI)"] == "ratio 0.29 (0.06 to 1.35)"
    assert events["reading"] == "as reported"


def test_a_table_in_the_outcomes_own_unit(small: Path) -> None:
    change_text(small, "review.toml", 'measure = "risk ratio"', 'measure = "risk difference"')
    set_cell(small, "arms", 6, "events", "1")
    frame = conclude(load_review(small)).table.frame
    assert frame.loc[0, "benefit (95% CI)"].startswith("2.20 points (")
    assert frame.loc[1, "benefit (95% CI)"].startswith("−6.67 people in 100 (")


@pytest.mark.xdist_group("as_it_is")
def test_conclusions_in_plain_text_and_html(conclusions: Conclusions) -> None:
    text = conclusions.summary()
    assert text.splitlines()[0] == conclusions.review.plan.question
    assert all(sentence in text for sentence in conclusions.bottom_line.paragraphs)
    page = conclusions._repr_html_()
    assert page.count("<li>") == 5
    assert page.count("<table") == 1


@pytest.mark.xdist_group("as_it_is")
def test_the_frame_is_unrounded(conclusions: Conclusions) -> None:
    frame = conclusions.to_frame()
    assert len(frame) == sum(len(one.verdicts) for one in conclusions.analyses)
    assert conclusions.main.synthesis is not None
    assert frame.loc[0, "estimate"] == conclusions.main.synthesis.scenarios[0].result.estimate


def test_the_words_for_what_is_counted(small: Path) -> None:
    set_cell(small, "arms", 5, "events", "20")
    first = conclude(load_review(small)).analysis("spilling").verdicts[0]
    assert first.counted == "unwanted events"
    assert first.direction == "harm"
    text = (small / "review.toml").read_text("utf-8")
    spills = text.index('id = "spills"')
    text = text[:spills] + text[spills:].replace('better = "lower"', 'better = "higher"', 1)
    (small / "review.toml").write_text(text, "utf-8")
    second = conclude(load_review(small)).analysis("spilling").verdicts[0]
    assert second.counted == "wanted events"
    assert second.direction == "benefit"


@pytest.mark.xdist_group("as_it_is")
def test_each_reading_is_recorded_under_its_own_name_and_rows(altered: Altered) -> None:
    conclusions = altered("as_it_is")
    recorded = conclusions.to_dict()
    found = [recorded["headline"]]
    for analysis in recorded["analyses"].values():
        found += analysis["effects"].values()
    comparisons = [conclusions.headline.comparison] if conclusions.headline else []
    for one in conclusions.usable:
        assert one.synthesis is not None
        comparisons += one.synthesis.derivation.comparisons
    several = 0
    for entry, comparison in zip(found, comparisons, strict=True):
        readings = {reading.path: reading for reading in comparison.readings}
        several += len({name.partition(" (")[0] for name in entry["readings"]}) > 1
        for name, values in entry["readings"].items():
            reading = readings[values["path"]]
            assert name.startswith(f"{reading.kind} (")
            assert values["estimate"] == pytest.approx(reading.estimate, rel=1e-7, nan_ok=True)
            tables = [f"{table}.csv" for table, _ in reading.rows]
            assert [row.partition(":")[0] for row in values["rows"]] == tables
            assert any(
                row.endswith(source) or source in row
                for row in values["rows"]
                for source in reading.source_ids
            )
    assert several > 2
